//! The terminal the program was started from, whatever its standard streams lead to: for questions,
//! which no pipe may answer, and for words, which no pipe may get.

mod guard;
mod page;
mod screen;
mod signals;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::tcgetwinsize;
use zeroize::{Zeroize, Zeroizing};

use guard::Guard;

pub(crate) use page::{Closed, Page, Size};

/// How often signals are looked for while nothing is typed.
const TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};
/// Most bytes of an answer.
const MAX_LINE: usize = 4096;

/// The controlling terminal.
pub(crate) struct Terminal {
    tty: File,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Somebody wanted the program to end.
    #[error("interrupted")]
    Interrupted,
    /// The terminal gives none any more.
    #[error("the terminal gives no answer")]
    Gone,
    /// It cannot be used.
    #[error("the terminal cannot be used: {0}")]
    Failed(#[from] io::Error),
}

enum Event {
    /// Bytes were typed: so many, at the beginning of the buffer.
    Typed(usize),
    /// The terminal has another size.
    Resized,
    /// The program is to stop for a while.
    Suspended,
    /// The program is to end.
    Ended,
    /// The time is over.
    Late,
    /// The terminal is gone.
    Gone,
}

impl Terminal {
    /// The controlling terminal, if there is one.
    pub(crate) fn open() -> Option<Self> {
        let tty = File::options().read(true).write(true).open("/dev/tty");
        Some(Self { tty: tty.ok()? })
    }

    /// How many characters fit; 80 by 24 if it does not say.
    pub(crate) fn size(&self) -> Size {
        size(&self.tty)
    }

    /// To write on it, in color where that is wanted.
    pub(crate) fn writer(&self) -> io::Result<anstream::AutoStream<File>> {
        Ok(anstream::AutoStream::auto(self.tty.try_clone()?))
    }

    /// Asks for a line.
    pub(crate) fn ask(&self, question: &str) -> Result<Zeroizing<String>, Unanswered> {
        let _watch = signals::watch()?;
        loop {
            (&self.tty).write_all(question.as_bytes())?;
            let line = self.line();
            if matches!(line, Err(Unanswered::Interrupted)) {
                // What comes next is not to stand behind the question.
                let _ = (&self.tty).write_all(b"\n");
            }
            match line? {
                Some(line) => return Ok(line),
                None => signals::suspend()?,
            }
        }
    }

    /// Asks for a secret until `read` takes it. Nothing of it is shown: what is typed between two questions
    /// neither, and what is typed after the last is forgotten.
    pub(crate) fn ask_secret<T>(
        &self,
        question: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Unanswered> {
        let _watch = signals::watch()?;
        loop {
            let guard = Guard::no_echo(&self.tty)?;
            loop {
                (&self.tty).write_all(question.as_bytes())?;
                let line = self.line();
                (&self.tty).write_all(b"\n")?;
                let Some(line) = line? else { break };
                match read(&line) {
                    Ok(answer) => return Ok(answer),
                    Err(error) => writeln!(&self.tty, "{error}")?,
                }
            }
            drop(guard);
            signals::suspend()?;
        }
    }

    /// Reads a line; `None` if the program is to stop for a while.
    fn line(&self) -> Result<Option<Zeroizing<String>>, Unanswered> {
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        let mut typed = Zeroizing::new([0; 256]);
        loop {
            match self.event(&mut *typed, None)? {
                Event::Typed(count) => {
                    let typed = typed.get(..count).unwrap_or_default();
                    let room = MAX_LINE.saturating_sub(line.len());
                    line.extend(typed.iter().take(room));
                    if typed.ends_with(b"\n") {
                        break;
                    }
                }
                Event::Resized | Event::Late => {}
                Event::Suspended => return Ok(None),
                Event::Ended => return Err(Unanswered::Interrupted),
                Event::Gone => return Err(Unanswered::Gone),
            }
        }
        let text = String::from_utf8(std::mem::take(&mut *line));
        let text = text.map(Zeroizing::new).map_err(|error| {
            error.into_bytes().zeroize();
            io::Error::from(io::ErrorKind::InvalidData)
        })?;
        Ok(Some(Zeroizing::new(
            text.trim_end_matches(['\n', '\r']).to_owned(),
        )))
    }

    /// Waits for what comes next, until then.
    fn event(&self, typed: &mut [u8], until: Option<Instant>) -> io::Result<Event> {
        loop {
            if signals::ended() {
                return Ok(Event::Ended);
            }
            if signals::suspended() {
                return Ok(Event::Suspended);
            }
            if signals::resized() {
                return Ok(Event::Resized);
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(Event::Late);
            }
            let mut waiting = [PollFd::new(&self.tty, PollFlags::IN)];
            match poll(&mut waiting, Some(&TICK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            // Whatever made it ready, reading tells.
            match (&self.tty).read(typed) {
                Ok(0) => return Ok(Event::Gone),
                Ok(count) => return Ok(Event::Typed(count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if signals::ended() => {
                    let _ = error; // a terminal that hung up says so by both
                    return Ok(Event::Ended);
                }
                Err(_) => return Ok(Event::Gone),
            }
        }
    }
}

fn size(tty: impl AsFd) -> Size {
    match tcgetwinsize(tty) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size {
            rows: usize::from(size.ws_row),
            columns: usize::from(size.ws_col),
        },
        _ => Size::default(),
    }
}

#[cfg(test)]
mod tests;
