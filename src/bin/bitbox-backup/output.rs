//! Standard output. That nobody reads it any more is no error: the work goes on, and the program ends
//! with the status that the work came to.

pub(crate) mod file;

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::privacy;

/// Whether whoever read standard output is gone.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether it was said that what follows may be shared.
static SAID: AtomicBool = AtomicBool::new(false);

/// Standard output for text, with colors where the terminal wants them, and with `--redact` only what may be
/// shared.
pub(crate) fn stdout() -> Output<anstream::Stdout> {
    Output {
        out: anstream::stdout(),
        line: privacy::is_on().then(Vec::new),
        is_answer: true,
    }
}

/// Standard error for text, with `--redact` only what may be shared. Lines have to end.
pub(crate) fn stderr() -> Output<anstream::Stderr> {
    Output {
        out: anstream::stderr(),
        line: privacy::is_on().then(Vec::new),
        is_answer: false,
    }
}

/// Says something on standard error, as it may be shared. Nobody may be listening.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// The whole answer in JSON of a command that a signal ends before it answers.
static IF_CUT: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// What is to be printed if a signal ends the program before anything else is.
pub(crate) fn if_cut(answer: Vec<u8>) {
    *IF_CUT.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
}

/// Prints that. Nothing is waited for.
pub(crate) fn cut() {
    if let Some(answer) = try_lock(&IF_CUT).and_then(|mut answer| answer.take()) {
        let mut out = io::stdout();
        // Nobody may be listening.
        let _ = out.write_all(&answer);
        let _ = out.flush();
    }
}

/// Locks what another thread may hold; then nothing is waited for.
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Standard output as it is, for what other programs read.
pub(crate) fn plain() -> Output<io::Stdout> {
    // From now on there is another answer.
    drop(IF_CUT.lock().unwrap_or_else(PoisonError::into_inner).take());
    Output {
        out: io::stdout(),
        line: None,
        is_answer: false,
    }
}

/// Whether an answer in JSON is begun and not ended; locked while some of it is written.
static OPEN: Mutex<bool> = Mutex::new(false);

/// Writes some of an answer in JSON, whole where the program is ended by a signal; afterwards the answer is `open`, or
/// at its end.
pub(crate) fn piece<T>(open: bool, write: impl FnOnce() -> T) -> T {
    let mut is_open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let written = write();
    *is_open = open;
    written
}

/// Ends an answer in JSON in the midst of its sources, so that it is one object still; whether there was one. `fields`
/// are the last ones. Nothing is waited for.
pub(crate) fn end_open(fields: &str) -> bool {
    let Some(mut is_open) = try_lock(&OPEN) else {
        return false;
    };
    if !std::mem::take(&mut *is_open) {
        return false;
    }
    let mut out = plain();
    // Nobody may be listening.
    let _ = out.write_all(format!("],\n{fields}\n").as_bytes());
    let _ = out.flush();
    true
}

/// Whether whoever read standard output is gone.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Drops what is written once nobody reads it any more.
#[derive(Debug)]
pub(crate) struct Output<W> {
    out: W,
    /// The line that is not at its end yet, where lines are redacted.
    line: Option<Vec<u8>>,
    /// Whether it says first that it may be shared.
    is_answer: bool,
}

impl<W: Write> Output<W> {
    fn heard<T>(
        &mut self,
        unheard: T,
        write: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if is_closed() {
            return Ok(unheard);
        }
        match write(&mut self.out) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                CLOSED.store(true, Ordering::Relaxed);
                Ok(unheard)
            }
            written => written,
        }
    }

    /// Writes text as it may be shared; once, before everything, that it may be.
    fn redacted(&mut self, text: &[u8]) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let mut shown = privacy::text(&String::from_utf8_lossy(text));
        if self.is_answer && !SAID.swap(true, Ordering::Relaxed) {
            shown.insert_str(0, &format!("{}\n\n", privacy::first_line()));
        }
        self.heard((), |out| out.write_all(shown.as_bytes()))
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(line) = &mut self.line else {
            return self.heard(bytes.len(), |out| out.write(bytes));
        };
        line.extend_from_slice(bytes);
        let end = line.iter().rposition(|byte| *byte == b'\n');
        let rest = line.split_off(end.map_or(0, |end| end.saturating_add(1)));
        let lines = std::mem::replace(line, rest);
        self.redacted(&lines)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(line) = self.line.as_mut().map(std::mem::take) {
            self.redacted(&line)?;
        }
        self.heard((), Write::flush)
    }
}
