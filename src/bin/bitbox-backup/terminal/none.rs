//! Systems on whose terminal the program can ask, but hide and clear nothing: there no word is shown.

mod page;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::time::Duration;

use zeroize::Zeroizing;

pub(crate) use page::{Closed, Page, Size};

/// The console, to read from and to write to.
pub(crate) struct Terminal {
    from: File,
    to: File,
}

/// Most bytes of an answer.
const MAX_LINE: usize = 4096;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Somebody wanted the program to end.
    #[error("interrupted")]
    Interrupted,
    /// It cannot be used.
    #[error("the terminal cannot be used: {0}")]
    Failed(#[from] io::Error),
}

impl Terminal {
    pub(crate) fn open() -> Option<Self> {
        let from = File::open("CONIN$").ok()?;
        let to = File::options().write(true).open("CONOUT$").ok()?;
        Some(Self { from, to })
    }

    pub(crate) fn size(&self) -> Size {
        Size::default()
    }

    pub(crate) fn writer(&self) -> io::Result<anstream::AutoStream<File>> {
        Ok(anstream::AutoStream::auto(self.to.try_clone()?))
    }

    pub(crate) fn ask(&self, question: &str) -> Result<Zeroizing<String>, Unanswered> {
        (&self.to).write_all(question.as_bytes())?;
        let mut line = Zeroizing::new(String::with_capacity(MAX_LINE));
        let mut from = BufReader::new((&self.from).take(MAX_LINE as u64));
        from.read_line(&mut line)?;
        if crate::interrupt::stopped() {
            return Err(Unanswered::Interrupted);
        }
        Ok(Zeroizing::new(
            line.trim_end_matches(['\n', '\r']).to_owned(),
        ))
    }

    pub(crate) fn ask_secret<T>(
        &self,
        _: &str,
        _: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Unanswered> {
        Err(io::Error::from(io::ErrorKind::Unsupported).into())
    }

    pub(crate) fn show(&self, _: &dyn Fn(Size) -> Page, _: Duration) -> Result<Closed, Unanswered> {
        Err(io::Error::from(io::ErrorKind::Unsupported).into())
    }
}
