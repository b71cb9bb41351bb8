//! A page on the alternate screen, which no scrolling brings back.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use rustix::termios::{InputModes, LocalModes, Termios};
use zeroize::Zeroizing;

use super::guard::Guard;
use super::{Event, Size, Terminal, Unanswered, signals};

/// Most bytes of a page: it is never moved in memory while it grows.
const MAX_PAGE: usize = 16 << 10;

/// How a page was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// By a key.
    Key,
    /// By itself, since nobody pressed one.
    Late,
    /// By Ctrl-C, by a signal, or with the terminal.
    Interrupted,
}

/// Lines for a screen; wiped on drop.
pub(crate) struct Page {
    text: Zeroizing<String>,
    rows: usize,
}

impl Page {
    pub(crate) fn new() -> Self {
        let text = Zeroizing::new(String::with_capacity(MAX_PAGE));
        Self { text, rows: 0 }
    }

    /// Adds a line made of these parts. It must fit.
    pub(crate) fn line<'a>(&mut self, parts: impl IntoIterator<Item = &'a str>) {
        self.rows += 1;
        // Writing to a String does not fail.
        let _ = write!(self.text, "\x1b[{};1H", self.rows);
        for part in parts {
            if self.text.len() + part.len() <= MAX_PAGE {
                self.text.push_str(part);
            }
        }
    }
}

/// What a key means.
enum Meaning {
    Close,
    Interrupt,
    Suspend,
    Redraw,
    Nothing,
}

/// A key sends one byte; several at once are one of the keys that mean nothing here, or are pasted.
fn meaning(typed: &[u8]) -> Meaning {
    match typed {
        b"q" | b"Q" | b"\r" | b"\n" => Meaning::Close,
        [0x03 | 0x1C] => Meaning::Interrupt, // Ctrl-C, Ctrl-backslash
        [0x1A] => Meaning::Suspend,          // Ctrl-Z
        [0x0C] => Meaning::Redraw,           // Ctrl-L
        _ => Meaning::Nothing,
    }
}

/// No echo, no lines, no signals by keys; what is written stays as it is.
fn keys(mode: &mut Termios) {
    use LocalModes as Local;
    mode.local_modes
        .remove(Local::ECHO | Local::ICANON | Local::ISIG | Local::IEXTEN);
    mode.input_modes
        .remove(InputModes::IXON | InputModes::ICRNL);
}

/// Shows a page until it is closed; it is laid out again for every size.
pub(super) fn show(
    terminal: &Terminal,
    page: &dyn Fn(Size) -> Page,
    idle: Duration,
) -> Result<Closed, Unanswered> {
    let _watch = signals::watch()?;
    loop {
        let guard = Guard::screen(&terminal.tty, keys)?;
        let closed = until_closed(terminal, &guard, page, idle)?;
        drop(guard);
        match closed {
            Some(closed) => return Ok(closed),
            None => signals::suspend()?,
        }
    }
}

/// `None` if the program is to stop for a while.
fn until_closed(
    terminal: &Terminal,
    guard: &Guard,
    page: &dyn Fn(Size) -> Page,
    idle: Duration,
) -> Result<Option<Closed>, Unanswered> {
    let draw = || {
        // Never on the screen the person had before.
        if guard.holds() {
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
        if !guard.holds() {
            return Ok(Some(Closed::Interrupted));
        }
        match event {
            Event::Typed(count) => {
                until = Instant::now() + idle;
                match meaning(typed.get(..count).unwrap_or_default()) {
                    Meaning::Close => return Ok(Some(Closed::Key)),
                    Meaning::Interrupt => return Ok(Some(Closed::Interrupted)),
                    Meaning::Suspend => return Ok(None),
                    Meaning::Redraw => draw()?,
                    Meaning::Nothing => {}
                }
            }
            Event::Resized => draw()?,
            Event::Suspended => return Ok(None),
            Event::Late => return Ok(Some(Closed::Late)),
            Event::Ended | Event::Gone => return Ok(Some(Closed::Interrupted)),
        }
    }
}
