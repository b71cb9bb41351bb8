//! What the system says of a path before it is opened.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::image::{FileImage, FileNumber, ReadAt};

/// What lies at a path, told without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathStatus {
    /// A regular file, a device, a folder, or something else.
    pub lies: Lies,
    /// Bytes of a regular file; 0 for anything else.
    pub size: u64,
    /// When it was last changed, if the system knows.
    pub modified: Option<SystemTime>,
    /// Which file it is, whatever its path.
    pub node: Option<FileNumber>,
}

/// What can lie at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lies {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Neither: a card reader, or something that is no source.
    Device,
}

impl PathStatus {
    /// That of a path; `None` if the system does not say, which opening it will explain.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let lies = match () {
            () if metadata.is_file() => Lies::File,
            () if metadata.is_dir() => Lies::Folder,
            () => Lies::Device,
        };
        Some(Self {
            lies,
            size: if lies == Lies::File {
                metadata.len()
            } else {
                0
            },
            modified: metadata.modified().ok(),
            node: FileNumber::of(&metadata),
        })
    }
}

/// What can be read at a path right now: enough to see that a card was put in, taken out or
/// swapped, as far as sizes and times tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Presence {
    /// Bytes of the file or device.
    pub size: u64,
    /// When a file was last changed.
    pub modified: Option<SystemTime>,
    /// Which file it is.
    pub node: Option<FileNumber>,
}

impl Presence {
    /// That at a path; `None` where no file or device can be opened, or it has no bytes: a reader
    /// without a card.
    pub fn at(path: &Path) -> Option<Self> {
        let file = FileImage::open(path).ok()?;
        Some(Self {
            size: file.size(),
            modified: file.modified(),
            node: file.node(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_at_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let status = PathStatus::of(folder.path()).unwrap();
        assert_eq!((status.lies, status.size), (Lies::Folder, 0));
        let file = folder.path().join("a");
        fs::write(&file, "abc").unwrap();
        let status = PathStatus::of(&file).unwrap();
        assert_eq!((status.lies, status.size), (Lies::File, 3));
        assert!(status.modified.is_some());
        assert_eq!(PathStatus::of(&folder.path().join("b")), None);
        #[cfg(unix)]
        assert_eq!(
            PathStatus::of(Path::new("/dev/null")).unwrap().lies,
            Lies::Device
        );
    }
}
