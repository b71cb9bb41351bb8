//! What can go wrong between a path and its bytes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::unpack::UnpackError;

/// Why bytes of an image could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    #[error("{length} bytes at offset {offset} cannot be read: {cause}", cause = Cause { kind: *kind, os_error: *os_error })]
    Unreadable {
        /// Where the unreadable part begins, in bytes.
        offset: u64,
        /// How many bytes of it were asked for.
        length: u64,
        /// What kind of failure.
        kind: io::ErrorKind,
        /// The system's own number for it.
        os_error: Option<i32>,
    },
}

impl ReadError {
    /// Whether the device itself is gone (unplugged, card taken out), so that further reads are
    /// in vain.
    pub fn device_is_gone(&self) -> bool {
        match self {
            Self::PastEnd { .. } => false,
            Self::Unreadable { os_error, .. } => os_error.is_some_and(is_gone),
        }
    }

    pub(super) fn unreadable(offset: u64, length: usize, cause: Cause) -> Self {
        Self::Unreadable {
            offset,
            length: length as u64,
            kind: cause.kind,
            os_error: cause.os_error,
        }
    }
}

#[cfg(unix)]
fn is_gone(os_error: i32) -> bool {
    use rustix::io::Errno;
    #[cfg(target_os = "linux")]
    let no_medium = os_error == Errno::NOMEDIUM.raw_os_error();
    #[cfg(not(target_os = "linux"))]
    let no_medium = false;
    no_medium
        || os_error == Errno::NODEV.raw_os_error()
        || os_error == Errno::NXIO.raw_os_error()
        || os_error == Errno::SHUTDOWN.raw_os_error()
}

#[cfg(not(unix))]
fn is_gone(os_error: i32) -> bool {
    const ERROR_NOT_READY: i32 = 21;
    const ERROR_NO_MEDIA_IN_DRIVE: i32 = 1112;
    const ERROR_DEVICE_NOT_CONNECTED: i32 = 1167;
    matches!(
        os_error,
        ERROR_NOT_READY | ERROR_NO_MEDIA_IN_DRIVE | ERROR_DEVICE_NOT_CONNECTED
    )
}

/// What the system said: the part of an `io::Error` that can be copied and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) kind: io::ErrorKind,
    pub(super) os_error: Option<i32>,
}

impl From<&io::Error> for Cause {
    fn from(error: &io::Error) -> Self {
        Self {
            kind: error.kind(),
            os_error: error.raw_os_error(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.os_error {
            Some(number) => io::Error::from_raw_os_error(number).fmt(f),
            None => self.kind.fmt(f),
        }
    }
}

/// What kind of thing a path names, where it is none to examine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// A directory.
    Directory,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A character device, such as a terminal.
    CharacterDevice,
    /// Something this system has and we do not know.
    Unknown,
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a directory",
            Self::Pipe => "a named pipe",
            Self::Socket => "a socket",
            Self::CharacterDevice => "a character device",
            Self::Unknown => "a special file",
        })
    }
}

/// Why a source could not be opened. The message names the path, with control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Nothing is there.
    #[error("{}: there is no such file or device", Shown(path))]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The system does not let this person read it.
    #[error("{}: permission to read this {} is denied", Shown(path), if *device { "device" } else { "file" })]
    Denied {
        /// The path as given.
        path: PathBuf,
        /// Whether it is a device rather than a file.
        device: bool,
    },
    /// A file, or what a compressed file unpacks to, of no bytes.
    #[error("{}: the file is empty", Shown(path))]
    Empty {
        /// The path as given.
        path: PathBuf,
    },
    /// A card reader without a card in it.
    #[error("{}: there is no card in this reader", Shown(path))]
    NoMedium {
        /// The path as given.
        path: PathBuf,
    },
    /// Something that holds no image: a pipe, a socket, a terminal.
    #[error("{}: this is {found}, not an image, block device or folder", Shown(path))]
    NotASource {
        /// The path as given.
        path: PathBuf,
        /// What it is.
        found: FileType,
    },
    /// A compressed image that cannot be unpacked.
    #[error("{}: {error}", Shown(path))]
    Packed {
        /// The path as given.
        path: PathBuf,
        /// Why not.
        error: UnpackError,
    },
    /// Its first bytes, needed to tell what it is, cannot be read.
    #[error("{}: {error}", Shown(path))]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// Which bytes, and why.
        error: ReadError,
    },
    /// Anything else the system answered.
    #[error("{}: {cause}", Shown(path), cause = Cause { kind: *kind, os_error: *os_error })]
    Refused {
        /// The path as given.
        path: PathBuf,
        /// What kind of failure.
        kind: io::ErrorKind,
        /// The system's own number for it.
        os_error: Option<i32>,
    },
}

impl OpenError {
    /// What a person can do next, one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "check the spelling; for a card reader, check that it is plugged in and the card is in it"
            }
            Self::Denied { device: true, .. } => {
                "run it again with sudo, or add yourself to the group that owns the device (often `disk`); nothing is written and no network is used"
            }
            Self::Denied { device: false, .. } => {
                "make the file readable for yourself, or run it again with sudo; nothing is written"
            }
            Self::Empty { .. } => {
                "make the image or the copy again, and check that there was space for it"
            }
            Self::NoMedium { .. } => "put the card in, wait a moment, and try again",
            Self::NotASource { .. } => {
                "give an image file, a block device such as /dev/sdX, the folder of a mounted card, or one .bin file"
            }
            Self::Packed { error, .. } => error.hint(),
            Self::Unreadable { .. } => {
                "take the card out and in again or try another reader; then copy what can be read to an image and examine that"
            }
            Self::Refused { .. } => "check that the path can be read with other programs",
        }
    }

    /// The path as given.
    pub fn path(&self) -> &Path {
        match self {
            Self::NotFound { path }
            | Self::Denied { path, .. }
            | Self::Empty { path }
            | Self::NoMedium { path }
            | Self::NotASource { path, .. }
            | Self::Packed { path, .. }
            | Self::Unreadable { path, .. }
            | Self::Refused { path, .. } => path,
        }
    }

    /// Names what the system answered when `path` was opened or asked about.
    pub(super) fn from_io(path: &Path, error: &io::Error, device: bool) -> Self {
        let path = path.to_path_buf();
        let cause = Cause::from(error);
        #[cfg(target_os = "linux")]
        if cause.os_error == Some(rustix::io::Errno::NOMEDIUM.raw_os_error()) {
            return Self::NoMedium { path };
        }
        match cause.kind {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::Denied { path, device },
            kind => Self::Refused {
                path,
                kind,
                os_error: cause.os_error,
            },
        }
    }
}

/// A path for people: control, bidirectional and undecodable characters as `\xNN` or `\u{…}`.
pub(super) struct Shown<'a>(pub(super) &'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for chunk in self.0.as_os_str().as_encoded_bytes().utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\0'..='\x1f' | '\x7f' => write!(f, "\\x{:02x}", u32::from(c))?,
                    '\u{80}'..='\u{9f}'
                    | '\u{61c}'
                    | '\u{200e}'
                    | '\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2066}'..='\u{2069}' => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    _ => f.write_char(c)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
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
        let cause = Cause {
            kind: io::ErrorKind::UnexpectedEof,
            os_error: None,
        };
        assert_eq!(
            ReadError::unreadable(512, 512, cause).to_string(),
            "512 bytes at offset 512 cannot be read: unexpected end of file"
        );
    }

    #[test]
    fn every_error_has_a_path_and_a_hint() {
        let denied = OpenError::Denied {
            path: "/dev/sdx".into(),
            device: true,
        };
        assert_eq!(
            denied.to_string(),
            "/dev/sdx: permission to read this device is denied"
        );
        assert!(denied.hint().contains("sudo"));
        assert_eq!(denied.path(), Path::new("/dev/sdx"));
    }

    #[test]
    fn hostile_names_cannot_move_the_cursor() {
        let shown = |s: &str| Shown(Path::new(s)).to_string();
        assert_eq!(shown("a\u{1b}[2Jb"), "a\\x1b[2Jb");
        assert_eq!(shown("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(shown("\u{9b}ä日"), "\\u{9b}ä日");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_text_are_shown_by_byte() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"a\xffb\xc3"));
        assert_eq!(Shown(path).to_string(), "a\\xffb\\xc3");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_missing_device_is_told_from_a_bad_sector() {
        let with = |os_error| ReadError::Unreadable {
            offset: 0,
            length: 512,
            kind: io::ErrorKind::Other,
            os_error: Some(os_error),
        };
        assert!(with(19).device_is_gone() && with(6).device_is_gone());
        assert!(with(123).device_is_gone());
        assert!(!with(5).device_is_gone() && !with(61).device_is_gone());
        let none = io::Error::from_raw_os_error(123);
        assert!(matches!(
            OpenError::from_io(Path::new("x"), &none, true),
            OpenError::NoMedium { .. }
        ));
    }
}
