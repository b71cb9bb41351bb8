//! A page on the alternate screen, which no scrolling brings back.

use std::io::Write as _;
use std::time::{Duration, Instant};

use rustix::termios::{InputModes, LocalModes, Termios};

use super::guard::{Guard, is_held};
use super::{Closed, Event, Page, Size, Terminal, Unanswered, signals};

const CTRL_C: u8 = 0x03;
const CTRL_L: u8 = 0x0C;
const CTRL_Z: u8 = 0x1A;
const CTRL_BACKSLASH: u8 = 0x1C;

/// No echo, no lines, no signals by keys; what is written stays as it is.
fn keys(mode: &mut Termios) {
    use LocalModes as Local;
    mode.local_modes
        .remove(Local::ECHO | Local::ICANON | Local::ISIG | Local::IEXTEN);
    mode.input_modes
        .remove(InputModes::IXON | InputModes::ICRNL);
}

impl Terminal {
    /// Shows a page on the alternate screen until it is closed, for so long without a key at most; it is laid out
    /// again for every size.
    pub(crate) fn show(
        &self,
        page: &dyn Fn(Size) -> Page,
        idle: Duration,
    ) -> Result<Closed, Unanswered> {
        let _watch = signals::watch()?;
        loop {
            let guard = Guard::screen(&self.tty, keys)?;
            let closed = until_closed(self, page, idle)?;
            drop(guard);
            match closed {
                Some(closed) => return Ok(closed),
                None => signals::suspend()?,
            }
        }
    }
}

/// `None` if the program is to stop for a while.
fn until_closed(
    terminal: &Terminal,
    page: &dyn Fn(Size) -> Page,
    idle: Duration,
) -> Result<Option<Closed>, Unanswered> {
    let draw = || {
        // Never on the screen the person had before.
        if is_held() {
            let page = page(terminal.size());
            (&terminal.tty).write_all(b"\x1b[2J")?;
            (&terminal.tty).write_all(page.text.as_bytes())?;
        }
        std::io::Result::Ok(())
    };
    draw()?;
    let mut until = Instant::now() + idle;
    let mut typed = [0; 256];
    loop {
        let event = terminal.event(&mut typed, Some(until))?;
        if !is_held() {
            return Ok(Some(Closed::Interrupted));
        }
        match event {
            Event::Typed(count) => {
                until = Instant::now() + idle;
                // A key sends one byte; several at once are one of the keys that mean nothing here, or are pasted.
                match typed.get(..count).unwrap_or_default() {
                    b"q" | b"Q" | b"\r" | b"\n" => return Ok(Some(Closed::Key)),
                    [CTRL_C | CTRL_BACKSLASH] => return Ok(Some(Closed::Interrupted)),
                    [CTRL_Z] => return Ok(None),
                    [CTRL_L] => draw()?,
                    _ => {}
                }
            }
            Event::Resized => draw()?,
            Event::Suspended => return Ok(None),
            Event::Late => return Ok(Some(Closed::Late)),
            Event::Ended | Event::Gone => return Ok(Some(Closed::Interrupted)),
        }
    }
}
