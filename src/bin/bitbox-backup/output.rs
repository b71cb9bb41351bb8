//! Standard output. That nobody reads it any more is no error: the work goes on, and the program ends
//! with the status that the work came to.

pub(crate) mod file;

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether whoever read standard output is gone.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Standard output, with colors where the terminal wants them.
pub(crate) fn stdout() -> Output<anstream::Stdout> {
    Output(anstream::stdout())
}

/// Standard output as it is, for what other programs read.
pub(crate) fn plain() -> Output<io::Stdout> {
    Output(io::stdout())
}

/// Whether whoever read standard output is gone.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Drops what is written once nobody reads it any more.
#[derive(Debug)]
pub(crate) struct Output<W>(W);

impl<W: Write> Output<W> {
    fn heard<T>(
        &mut self,
        unheard: T,
        write: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if is_closed() {
            return Ok(unheard);
        }
        match write(&mut self.0) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                CLOSED.store(true, Ordering::Relaxed);
                Ok(unheard)
            }
            written => written,
        }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.heard((), Write::flush)
    }
}
