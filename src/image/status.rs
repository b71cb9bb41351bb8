//! What the system says of a path before it is opened.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::image::named::{has_archive_name, is_image_name};
use crate::image::source::holds_cards;
use crate::image::{FileImage, FileNumber, ReadAt, belongings};

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
/// exchanged, as far as sizes and times tell.
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

/// The files of a folder, told apart by whether they are card images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Images {
    /// The images, in byte order of their names.
    pub images: Vec<PathBuf>,
    /// What else lies there and belongs to none of them, in the same order.
    pub others: Vec<PathBuf>,
}

/// The images in a folder; `None` where it holds a folder `bitbox02`, as a card and a copy of one
/// do, or no image. Folders within are not entered.
///
/// An archive counts where card images, or a folder `bitbox02`, are in it.
/// An image is a file of at least a sector with an extension of an image, or a compressed file with
/// such an extension before its own; what it holds is told when it is opened.
///
/// # Errors
/// The system's, where the folder cannot be listed.
pub fn images_in(folder: &Path) -> io::Result<Option<Images>> {
    let mut found = Images::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().eq_ignore_ascii_case("bitbox02") {
            return Ok(None);
        }
        let path = entry.path();
        let is_image = fs::metadata(&path)
            .is_ok_and(|metadata| metadata.is_file() && is_image_name(&path, metadata.len()))
            || has_archive_name(&path) && holds_cards(&path);
        if is_image {
            found.images.push(path);
        } else {
            found.others.push(path);
        }
    }
    found.images.sort();
    if !found.others.is_empty() {
        // What belongs to an image is looked at with it.
        let known: HashSet<_> = found
            .images
            .iter()
            .flat_map(|image| belongings(image))
            .collect();
        found.others.retain(|other| !known.contains(other));
    }
    found.others.sort();
    Ok((!found.images.is_empty()).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_from_what_lies_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, length: usize| {
            fs::write(folder.path().join(name), vec![0; length]).unwrap();
        };
        make("b.img", 512);
        make("a.IMG.zst", 20);
        make("c.dd", 70_000);
        make("large.bin", 70_000);
        make("d.E01", 700);
        make("d.E02", 700);
        make("d.E04", 700);
        make("b.img.map", 70);
        assert_eq!(images_in(Path::new("/no/such/folder")).ok(), None);
        make("backup_0.bin", 131);
        make("README.txt", 700);
        make("empty.img", 0);
        make("notes.zst", 20);
        fs::create_dir(folder.path().join("older")).unwrap();
        let names = |paths: &[PathBuf]| -> Vec<String> {
            let names = paths.iter().map(|path| path.file_name().unwrap());
            names
                .map(|name| name.to_str().unwrap().to_owned())
                .collect()
        };
        let found = images_in(folder.path()).unwrap().unwrap();
        assert_eq!(
            names(&found.images),
            ["a.IMG.zst", "b.img", "c.dd", "d.E01", "large.bin"]
        );
        assert_eq!(
            names(&found.others),
            [
                "README.txt",
                "backup_0.bin",
                "d.E04",
                "empty.img",
                "notes.zst",
                "older"
            ]
        );
        fs::create_dir(folder.path().join("BITBOX02")).unwrap();
        assert_eq!(images_in(folder.path()).unwrap(), None);
    }

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
