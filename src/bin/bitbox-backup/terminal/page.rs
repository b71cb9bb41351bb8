//! What is shown on a screen, and how that ends; the same on all systems.

use std::fmt::Write as _;

use zeroize::Zeroizing;

/// Most bytes of a page: it is never moved in memory while it grows.
const MAX_PAGE: usize = 16 << 10;

/// How many characters fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            rows: 24,
            columns: 80,
        }
    }
}

/// How a page was closed.
#[cfg_attr(not(unix), allow(dead_code))] // no page is shown
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
    pub(super) text: Zeroizing<String>,
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
