//! Ctrl-C where there are no signals.

use std::io;

/// Ctrl-C is acted upon.
pub(crate) struct Handlers;

impl Handlers {
    /// Nothing has to be done beforehand.
    #[allow(clippy::unnecessary_wraps)] // as on systems with signals
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self)
    }

    /// Acts upon Ctrl-C from now on.
    pub(crate) fn watch(self) -> io::Result<()> {
        ctrlc::set_handler(|| super::arrived(super::INTERRUPT)).map_err(io::Error::other)
    }
}
