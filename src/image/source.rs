//! From a path to what can be examined.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file::{FileImage, open_read_only};
use super::unpack::{Packing, UnpackError, unpack};
use super::{Folder, ReadAt};

/// Most bytes of a file that may be a single copy rather than an image.
const MAX_SINGLE_FILE: u64 = 64 * 1024;

/// How much is done for one source.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
}

/// What a source is.
pub enum Source {
    /// A card: an image or a reader.
    Image(Box<dyn ReadAt>),
    /// A folder of the computer.
    Folder(Folder),
    /// One copy of a backup.
    SingleFile(Zeroizing<Vec<u8>>),
}

/// What kind of thing a source was opened from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A raw image.
    Raw,
    /// An image packed so.
    Packed(Packing),
    /// A card reader or another block device.
    BlockDevice,
    /// A folder.
    Folder,
    /// One `.bin` file.
    SingleFile,
}

impl SourceKind {
    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw image",
            Self::Packed(Packing::Gzip) => "gzip image",
            Self::Packed(Packing::Zstd) => "zstd image",
            Self::Packed(Packing::Xz) => "xz image",
            Self::BlockDevice => "block device",
            Self::Folder => "folder",
            Self::SingleFile => "single file",
        }
    }
}

/// What is known of a source beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// What kind of thing it is.
    pub kind: SourceKind,
}

/// An open source.
pub struct Opened {
    /// What it is.
    pub source: Source,
    /// What is known of it beside its bytes.
    pub identity: Identity,
}

/// Why a source cannot be examined at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing of that name.
    #[error("there is no such file, device or folder")]
    NotFound,
    /// It may not be read.
    #[error("it may not be read")]
    Denied,
    /// A reader without a card.
    #[error("there is no card in the reader")]
    NoMedium,
    /// It is empty.
    #[error("it is empty: 0 bytes")]
    Empty,
    /// A pipe, socket or terminal.
    #[error("it is neither a file, nor a block device, nor a folder")]
    NotASource,
    /// Its compressed data cannot be unpacked.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// Any other error of the system.
    #[error("it cannot be read: {0}")]
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        /// `ENOMEDIUM` on Linux.
        const NO_MEDIUM: i32 = 123;
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ if cfg!(target_os = "linux") && error.raw_os_error() == Some(NO_MEDIUM) => {
                Self::NoMedium
            }
            _ => Self::Io(error),
        }
    }
}

impl OpenError {
    /// What to do next, for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotFound => {
                "check the spelling; a card reader shows in lsblk once a card is in it"
            }
            Self::Denied => "card readers usually need sudo; a file may belong to someone else",
            Self::NoMedium => "put the card in, or take it out and in again",
            Self::Empty => "make the image again from the card",
            Self::NotASource => {
                "name a card image, a card reader such as /dev/sdb, a folder, or a .bin file"
            }
            Self::Unpack(UnpackError::Broken { .. }) => {
                "copy the file again from where it came, or unpack what is left of it with its own program"
            }
            Self::Unpack(UnpackError::TooLarge { .. }) => {
                "unpack it first and name the unpacked image, or allow more with --max-unpacked"
            }
            Self::Unpack(UnpackError::XzNotBuiltIn) => {
                "unpack it first with xz -d, or build with --features xz"
            }
            Self::Io(_) => {
                "try another reader or cable, then copy the card with GNU ddrescue and examine the image"
            }
        }
    }
}

/// Opens a source, read-only. What it is is told by its content; `is_copy` tells a single copy of a
/// backup from a small image.
pub fn open(path: &Path, limits: &Limits, is_copy: fn(&[u8]) -> bool) -> Result<Opened, OpenError> {
    let file = open_read_only(path)?;
    let metadata = file.metadata()?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        return Ok(opened(
            Source::Folder(Folder::new(path)),
            SourceKind::Folder,
        ));
    }
    if is_block_device(kind) {
        let image = FileImage::new(file)?;
        return if image.size() == 0 {
            Err(OpenError::NoMedium)
        } else {
            Ok(opened(
                Source::Image(Box::new(image)),
                SourceKind::BlockDevice,
            ))
        };
    }
    if !kind.is_file() {
        return Err(OpenError::NotASource);
    }
    if metadata.len() == 0 {
        return Err(OpenError::Empty);
    }
    let image = FileImage::new(file)?;
    let mut first = [0; 8];
    let length = usize::try_from(image.size())
        .unwrap_or(usize::MAX)
        .min(first.len());
    if let Some(first) = first.get_mut(..length) {
        image
            .read_at(0, first)
            .map_err(|error| OpenError::Io(io::Error::other(error)))?;
    }
    if let Some(packing) = Packing::of(&first) {
        let pages = unpack(packing, open_read_only(path)?, limits.max_unpacked)?;
        return Ok(opened(
            Source::Image(Box::new(pages)),
            SourceKind::Packed(packing),
        ));
    }
    if image.size() <= MAX_SINGLE_FILE {
        let mut bytes = Zeroizing::new(Vec::new());
        open_read_only(path)?
            .take(MAX_SINGLE_FILE)
            .read_to_end(&mut bytes)?;
        let named = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("bin"));
        if named || is_copy(&bytes) {
            return Ok(opened(Source::SingleFile(bytes), SourceKind::SingleFile));
        }
    }
    Ok(opened(Source::Image(Box::new(image)), SourceKind::Raw))
}

fn opened(source: Source, kind: SourceKind) -> Opened {
    Opened {
        source,
        identity: Identity { kind },
    }
}

#[cfg(unix)]
fn is_block_device(kind: std::fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    // macOS has its card readers as character devices too (/dev/rdisk2).
    kind.is_block_device() || (cfg!(target_os = "macos") && kind.is_char_device())
}

#[cfg(not(unix))]
fn is_block_device(_kind: std::fs::FileType) -> bool {
    false
}

/// Reads a list of sources, one a line; empty lines are passed over.
pub fn files_from(mut lines: impl BufRead) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        if !line.is_empty() {
            paths.push(path(&line));
        }
        line.clear();
    }
    Ok(paths)
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_folder(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn kind(path: &Path) -> Result<SourceKind, OpenError> {
        open(
            path,
            &Limits {
                max_unpacked: 1 << 20,
            },
            |bytes| bytes.starts_with(&[0x0A, 0x6C]),
        )
        .map(|opened| opened.identity.kind)
    }

    #[test]
    fn what_it_is_is_told_by_its_content() {
        for (name, bytes, expected) in [
            ("card.img", vec![0; 700], SourceKind::Raw),
            ("tiny", vec![1], SourceKind::Raw),
            ("copy", vec![0x0A, 0x6C, 0x0A], SourceKind::SingleFile),
            ("broken.BIN", vec![1, 2, 3], SourceKind::SingleFile),
        ] {
            let (_folder, path) = in_folder(name, &bytes);
            assert_eq!(kind(&path).unwrap(), expected, "{name}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(kind(folder.path()).unwrap(), SourceKind::Folder);
    }

    #[test]
    fn what_is_none_is_an_error_with_a_hint() {
        let (folder, empty) = in_folder("empty", &[]);
        assert!(matches!(kind(&empty), Err(OpenError::Empty)));
        assert!(matches!(
            kind(&folder.path().join("no")),
            Err(OpenError::NotFound)
        ));
        let (_folder, broken) = in_folder("broken.zst", &[0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3]);
        let error = kind(&broken).unwrap_err();
        assert!(
            matches!(error, OpenError::Unpack(UnpackError::Broken { .. })),
            "{error}"
        );
        assert!(!error.hint().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        assert!(matches!(kind(&path), Err(OpenError::NotASource)));
        assert!(matches!(
            kind(Path::new("/dev/null")),
            Err(OpenError::NotASource)
        ));
    }

    #[test]
    fn lists_of_sources() {
        let paths = files_from(&b"a.img\n\nb c.img\r\nlast"[..]).unwrap();
        assert_eq!(paths, ["a.img", "b c.img", "last"].map(PathBuf::from));
    }
}
