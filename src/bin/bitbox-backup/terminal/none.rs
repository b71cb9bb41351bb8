//! Systems on which the program knows no terminal: there nothing is asked, and no word is shown.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use zeroize::Zeroizing;

/// The controlling terminal, of which there is none.
pub(crate) struct Terminal(Infallible);

/// How many characters fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Somebody wanted the program to end.
    #[error("interrupted")]
    Interrupted,
}

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

/// Lines for a screen.
pub(crate) struct Page;

impl Page {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn line<'a>(&mut self, _: impl IntoIterator<Item = &'a str>) {}
}

impl Terminal {
    pub(crate) fn open() -> Option<Self> {
        None
    }

    pub(crate) fn size(&self) -> Size {
        match self.0 {}
    }

    pub(crate) fn writer(&self) -> io::Result<anstream::Stderr> {
        match self.0 {}
    }

    pub(crate) fn ask(&self, _: &str, _: bool) -> Result<Zeroizing<String>, Unanswered> {
        match self.0 {}
    }

    pub(crate) fn show(&self, _: &dyn Fn(Size) -> Page, _: Duration) -> Result<Closed, Unanswered> {
        match self.0 {}
    }
}
