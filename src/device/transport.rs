//! Reports of 64 bytes to a device and back.

use std::io;
use std::time::Duration;

/// Bytes of a report.
pub const REPORT: usize = 64;
/// Longest message: one first report and 128 next ones.
pub(super) const LONGEST: usize = 7609;
/// What goes over the cable at once.
pub type Report = [u8; REPORT];

/// A cable to a device.
pub trait Transport: Send {
    /// Writes one report.
    ///
    /// # Errors
    /// If the device is gone or the system refuses.
    fn write(&mut self, report: &Report) -> Result<(), TransportError>;

    /// Reads one report; `None` if none came in that time.
    ///
    /// # Errors
    /// If the device is gone or the system refuses.
    fn read(&mut self, within: Duration) -> Result<Option<Report>, TransportError>;
}

/// Why no report went over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The device is not there any more.
    #[error("the device is gone")]
    Gone,
    /// The system refused.
    #[error("{0}")]
    System(#[source] io::Error),
    /// A report has another length.
    #[error("a report of {0} bytes came instead of {REPORT}")]
    Length(usize),
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => Self::Gone,
            _ => Self::System(error),
        }
    }
}
