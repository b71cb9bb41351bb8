//! Why bytes of an image cannot be read.

use std::fmt;
use std::io;

/// Why bytes of an image could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The range does not lie inside the image.
    #[error("{length} bytes at offset {offset} reach past the end of the image at {size}")]
    PastEnd {
        /// Where the read began, in bytes.
        offset: u64,
        /// How many bytes were asked for.
        length: u64,
        /// The size of the image in bytes.
        size: u64,
    },
    /// The range lies inside the image, but the medium or the system refused it.
    #[error("{length} bytes at offset {offset} cannot be read: {cause}")]
    Unreadable {
        /// Where the unreadable part begins, in bytes.
        offset: u64,
        /// How many bytes of it were asked for.
        length: u64,
        /// What the system said.
        #[source]
        cause: SystemError,
    },
}

impl ReadError {
    /// Whether the device itself is gone (unplugged, card taken out), or reading was stopped, so that further
    /// reads are in vain.
    pub fn device_is_gone(&self) -> bool {
        match self {
            Self::PastEnd { .. } => false,
            Self::Unreadable { cause, .. } => {
                cause.kind == io::ErrorKind::Interrupted || cause.os_error.is_some_and(is_gone)
            }
        }
    }

    /// What refused.
    pub fn fault(&self) -> Fault {
        match self {
            Self::PastEnd { .. } => Fault::CutShort,
            Self::Unreadable { cause, .. } => Fault::of(*cause),
        }
    }

    /// The same in an image in which this offset is another one.
    pub(super) fn moved(mut self, to: impl Fn(u64) -> u64) -> Self {
        if let Self::Unreadable { offset, .. } = &mut self {
            *offset = to(*offset);
        }
        self
    }

    pub(super) fn unreadable(offset: u64, length: usize, cause: SystemError) -> Self {
        Self::Unreadable {
            offset,
            length: length as u64,
            cause,
        }
    }
}

/// Why bytes of an image cannot be read, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The card itself says that its memory is bad.
    Medium,
    /// What the card sent did not arrive as it was sent.
    Transfer,
    /// The card did not answer.
    Silent,
    /// The card or its reader is gone.
    Gone,
    /// The reader reports an error and not which.
    Reader,
    /// It was not read when the image was made.
    NotRead,
    /// The copy that the image is was not finished: it was not tried there, or not as patiently as it is.
    NotCopied,
    /// The image is damaged: its own checksum of it is wrong.
    Damaged,
    /// The card or the file ends before them.
    CutShort,
    /// Anything else.
    Other,
}

impl Fault {
    fn of(cause: SystemError) -> Self {
        match cause.os_error {
            _ if cause == SystemError::NOT_READ => Self::NotRead,
            _ if cause == SystemError::NOT_COPIED => Self::NotCopied,
            _ if cause == SystemError::DAMAGED => Self::Damaged,
            _ if cause.kind == io::ErrorKind::UnexpectedEof => Self::CutShort,
            _ if cause.kind == io::ErrorKind::TimedOut => Self::Silent,
            Some(number) if is_gone(number) => Self::Gone,
            Some(number) => Self::by_number(number),
            None => Self::Other,
        }
    }

    /// By what the block layer of Linux answers for each kind of failure.
    #[cfg(unix)]
    fn by_number(number: i32) -> Self {
        use rustix::io::Errno;
        match Errno::from_raw_os_error(number) {
            #[cfg(target_os = "linux")]
            Errno::NODATA => Self::Medium,
            Errno::ILSEQ | Errno::BADMSG => Self::Transfer,
            #[cfg(target_os = "linux")]
            Errno::REMOTEIO | Errno::NOLINK | Errno::PROTO => Self::Reader,
            Errno::IO => Self::Reader,
            _ => Self::Other,
        }
    }

    #[cfg(not(unix))]
    fn by_number(number: i32) -> Self {
        match number {
            23 => Self::Transfer,            // ERROR_CRC
            27 => Self::Medium,              // ERROR_SECTOR_NOT_FOUND
            30 | 483 | 1117 => Self::Reader, // ERROR_READ_FAULT, ERROR_DEVICE_HARDWARE_ERROR, ERROR_IO_DEVICE
            _ => Self::Other,
        }
    }

    /// What it is, as a person says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Medium => "the card reports that its memory is bad there",
            Self::Transfer => "what the card sent arrived damaged",
            Self::Silent => "the card did not answer",
            Self::Gone => "the card or its reader was gone",
            Self::Reader => "the reader reports an error",
            Self::NotRead => "it was not read when the image was made",
            Self::NotCopied => "the copy of the card is not finished",
            Self::Damaged => "the image is damaged there, by its own checksum",
            Self::CutShort => "the card or its image ends before it",
            Self::Other => "the system refuses",
        }
    }
}

#[cfg(unix)]
fn is_gone(os_error: i32) -> bool {
    use rustix::io::Errno;
    is_no_medium(os_error)
        || os_error == Errno::NODEV.raw_os_error()
        || os_error == Errno::NXIO.raw_os_error()
        || os_error == Errno::SHUTDOWN.raw_os_error()
}

#[cfg(not(unix))]
fn is_gone(os_error: i32) -> bool {
    const ERROR_DEVICE_NOT_CONNECTED: i32 = 1167;
    is_no_medium(os_error) || os_error == ERROR_DEVICE_NOT_CONNECTED
}

/// Whether it says that a reader has no card in it.
pub(crate) fn is_no_medium(os_error: i32) -> bool {
    #[cfg(target_os = "linux")]
    const SAID: &[i32] = &[rustix::io::Errno::NOMEDIUM.raw_os_error()];
    #[cfg(windows)]
    const SAID: &[i32] = &[21, 1112]; // ERROR_NOT_READY, ERROR_NO_MEDIA_IN_DRIVE
    #[cfg(not(any(target_os = "linux", windows)))]
    const SAID: &[i32] = &[];
    SAID.contains(&os_error)
}

/// What the system said: the part of an `io::Error` that can be copied and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemError {
    /// What kind of failure.
    pub kind: io::ErrorKind,
    /// The system's own number for it.
    pub os_error: Option<i32>,
}

impl std::error::Error for SystemError {}

impl SystemError {
    /// It was not read when the image was made. No system answers with this kind and no number.
    pub(super) const NOT_READ: Self = Self::own(io::ErrorKind::Other);
    /// The copy that the image is was not finished. No system answers with this kind and no number.
    pub(super) const NOT_COPIED: Self = Self::own(io::ErrorKind::NotFound);
    /// Somebody stopped the reading.
    pub(super) const STOPPED: Self = Self::own(io::ErrorKind::Interrupted);
    /// The image ends before it.
    pub(super) const CUT: Self = Self::own(io::ErrorKind::UnexpectedEof);
    /// The image's own checksum of it is wrong.
    pub(super) const DAMAGED: Self = Self::own(io::ErrorKind::InvalidData);

    const fn own(kind: io::ErrorKind) -> Self {
        let os_error = None;
        Self { kind, os_error }
    }
}

impl From<&io::Error> for SystemError {
    fn from(error: &io::Error) -> Self {
        Self {
            kind: error.kind(),
            os_error: error.raw_os_error(),
        }
    }
}

impl From<SystemError> for io::Error {
    fn from(cause: SystemError) -> Self {
        match cause.os_error {
            Some(number) => Self::from_raw_os_error(number),
            None => cause.kind.into(),
        }
    }
}

impl fmt::Display for SystemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Fault::of(*self) {
            fault @ (Fault::NotRead | Fault::NotCopied | Fault::Damaged) => {
                f.write_str(fault.as_str())
            }
            _ => io::Error::from(*self).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_where_and_why() {
        let past = ReadError::PastEnd {
            offset: 1000,
            length: 100,
            size: 1024,
        };
        assert_eq!(
            past.to_string(),
            "100 bytes at offset 1000 reach past the end of the image at 1024"
        );
        let cause = SystemError {
            kind: io::ErrorKind::UnexpectedEof,
            os_error: None,
        };
        assert_eq!(
            ReadError::unreadable(512, 512, cause).to_string(),
            "512 bytes at offset 512 cannot be read: unexpected end of file"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_missing_device_is_told_from_a_bad_sector() {
        let with = |os_error| ReadError::Unreadable {
            offset: 0,
            length: 512,
            cause: SystemError {
                kind: io::ErrorKind::Other,
                os_error: Some(os_error),
            },
        };
        for gone in [6, 19, 108, 123] {
            assert!(with(gone).device_is_gone(), "{gone}");
        }
        // EIO, ENODATA, ETIMEDOUT, EREMOTEIO: the next sector may be fine.
        for bad in [5, 61, 110, 121] {
            assert!(!with(bad).device_is_gone(), "{bad}");
        }
        // What refused, by the numbers of the block layer.
        let faults = [
            (5, Fault::Reader),
            (121, Fault::Reader),
            (61, Fault::Medium),
            (84, Fault::Transfer),
            (110, Fault::Silent),
            (19, Fault::Gone),
            (123, Fault::Gone),
            (12, Fault::Other),
        ];
        for (number, fault) in faults {
            let cause = SystemError::from(&io::Error::from_raw_os_error(number));
            let error = ReadError::unreadable(0, 512, cause);
            assert_eq!(error.fault(), fault, "{number}");
        }
        let not_read = ReadError::unreadable(0, 512, SystemError::NOT_READ);
        assert_eq!(not_read.fault(), Fault::NotRead);
    }
}
