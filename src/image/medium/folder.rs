//! A folder of the computer: a mounted card, or a copy of one.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::image::medium::confined_folder::{Child, Children, RootFolder};
use crate::image::medium::memory_folder::{Kept, KeptFolder};
use crate::image::{ArchiveDamage, FileNumber, FolderKind, OpenError, SystemError};

const MAX_ENTRIES: usize = 100_000;

/// A folder, held open. What lies in it is reached without following links.
#[derive(Debug, Clone)]
pub struct Folder {
    root: Base,
    below: Vec<OsString>,
}

/// What a folder and those below it lie in.
#[derive(Debug, Clone)]
enum Base {
    /// A folder of the system.
    System(Arc<RootFolder>),
    /// An archive that was unpacked.
    Kept(Arc<KeptFolder>),
}

/// What was found in a folder.
#[derive(Debug)]
pub struct FolderContents {
    /// The entries, in byte order of their names.
    pub entries: Vec<FolderEntry>,
    /// Whether there are more than are taken from one folder.
    pub more: bool,
    /// Why not all names in it could be read.
    pub trouble: Option<FolderError>,
}

/// An entry of a folder.
#[derive(Clone)]
pub struct FolderEntry {
    /// Its name; bytes that are no text are replaced.
    pub name: String,
    /// The names from the opened folder down to it, its own last, as the system has them.
    pub components: Vec<OsString>,
    /// What it is.
    pub kind: FolderKind,
    /// Bytes of a file, else 0.
    pub size: u64,
    /// When it was last changed.
    pub modified: Option<SystemTime>,
    /// What could not be learnt of it: its size and time, or the names in it; or what is wrong with a member of an
    /// archive. It is listed nevertheless.
    pub trouble: Option<FolderError>,
    root: Base,
}

/// What could not be read in a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The system does not say what an entry is.
    #[error("its kind and size are unknown: {0}")]
    Unknown(#[source] SystemError),
    /// The names in a folder cannot be read, or not all of them.
    #[error("not all names in it can be read: {0}")]
    Unlisted(#[source] SystemError),
    /// The contents of a file cannot be read; `InvalidInput` if it is no regular file beneath the
    /// folder.
    #[error("its contents cannot be read: {0}")]
    Unreadable(#[source] SystemError),
    /// It is a member of an archive of which bytes are missing or wrong.
    #[error("it is damaged in its archive: {0}")]
    Damaged(#[source] ArchiveDamage),
}

impl Folder {
    /// Opens a folder. A link is followed here, and nowhere below.
    ///
    /// # Errors
    /// [`OpenError`] if it cannot be opened for listing.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let root = RootFolder::open(path).map_err(|e| OpenError::from_io(&e, false))?;
        Ok(Self::at(Base::System(Arc::new(root))))
    }

    pub(crate) fn kept(folder: KeptFolder) -> Self {
        Self::at(Base::Kept(Arc::new(folder)))
    }

    fn at(root: Base) -> Self {
        let below = Vec::new();
        Self { root, below }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        path(&self.root, &self.below)
    }

    /// What is in it. What cannot be read is part of the answer.
    pub fn contents(&self) -> FolderContents {
        let children = match &self.root {
            Base::System(root) => root.children(&self.below, MAX_ENTRIES),
            Base::Kept(kept) => Ok(kept.children(&self.below, MAX_ENTRIES)),
        };
        let children = children.unwrap_or_else(|error| Children {
            trouble: Some(SystemError::from(&error)),
            ..Children::default()
        });
        let mut found = children.found;
        found.sort_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
        FolderContents {
            entries: found.into_iter().map(|child| self.entry(child)).collect(),
            more: children.more,
            trouble: children.trouble.map(FolderError::Unlisted),
        }
    }

    /// The folder of an entry. It is opened when it is listed.
    pub fn folder(&self, entry: &FolderEntry) -> Self {
        Self {
            root: entry.root.clone(),
            below: entry.components.clone(),
        }
    }

    fn entry(&self, child: Child) -> FolderEntry {
        let mut components = self.below.clone();
        let name = child.name.to_string_lossy().into_owned();
        components.push(child.name);
        let damage = match &self.root {
            Base::System(_) => None,
            Base::Kept(kept) => kept.file(&components).and_then(|file| file.damage),
        };
        let unknown = child.trouble.map(FolderError::Unknown);
        FolderEntry {
            name,
            components,
            kind: child.kind,
            size: child.size,
            modified: child.modified,
            trouble: unknown.or(damage.map(FolderError::Damaged)),
            root: self.root.clone(),
        }
    }

    /// Which folder it is, whatever its path, and when it was last changed.
    pub(crate) fn identity(&self) -> (Option<FileNumber>, Option<SystemTime>) {
        let metadata = match &self.root {
            Base::System(root) => root.metadata().ok(),
            Base::Kept(_) => None,
        };
        let metadata = metadata.as_ref();
        let modified = metadata.and_then(|metadata| metadata.modified().ok());
        (metadata.and_then(FileNumber::of), modified)
    }
}

impl FolderEntry {
    pub(crate) fn is_kept(&self) -> bool {
        matches!(&self.root, Base::Kept(kept) if kept.is_archive)
    }

    /// Whether it lies in an archive, and its bytes were not taken out of it.
    pub(crate) fn is_left_out(&self) -> bool {
        let bytes = |kept: &KeptFolder| Some(kept.file(&self.components)?.bytes.is_some());
        matches!(&self.root, Base::Kept(kept) if kept.is_archive && bytes(kept) != Some(true))
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        path(&self.root, &self.components)
    }

    /// Reads the first `most` bytes of a file.
    ///
    /// # Errors
    /// [`FolderError::Unreadable`], also if it is no regular file.
    pub fn read(&self, most: u64) -> Result<Zeroizing<Vec<u8>>, FolderError> {
        match &self.root {
            Base::System(root) => read(root, &self.components, most),
            Base::Kept(kept) => read_kept(kept.file(&self.components), most),
        }
    }
}

impl fmt::Debug for FolderEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderEntry")
            .field("components", &self.components)
            .field("kind", &self.kind)
            .field("size", &self.size)
            .field("trouble", &self.trouble)
            .finish_non_exhaustive()
    }
}

fn path(root: &Base, names: &[OsString]) -> PathBuf {
    let mut path = match root {
        Base::System(root) => root.path().to_path_buf(),
        Base::Kept(kept) => kept.path.clone(),
    };
    path.extend(names);
    path
}

/// At most `most` bytes from the start of a file that is no file of the system.
fn read_kept(file: Option<&Kept>, most: u64) -> Result<Zeroizing<Vec<u8>>, FolderError> {
    let failed = |kind: io::ErrorKind| FolderError::Unreadable(SystemError::from(&kind.into()));
    let bytes = file.and_then(|file| file.bytes.as_ref());
    let bytes = bytes.ok_or_else(|| failed(io::ErrorKind::InvalidData))?;
    let length = usize::try_from(bytes.size().min(most)).unwrap_or(usize::MAX);
    let mut read = Zeroizing::new(vec![0; length]);
    match bytes.read_at(0, &mut read) {
        Ok(()) => Ok(read),
        Err(_) => Err(failed(io::ErrorKind::Other)),
    }
}

fn read(
    root: &RootFolder,
    names: &[OsString],
    most: u64,
) -> Result<Zeroizing<Vec<u8>>, FolderError> {
    let read = || {
        let mut file = root.file(names)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let length = usize::try_from(metadata.len().min(most)).unwrap_or(usize::MAX);
        // Of the final size at once: a vector that grows leaves its bytes behind.
        let mut bytes = Zeroizing::new(Vec::new());
        bytes.try_reserve_exact(length)?;
        bytes.resize(length, 0);
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| FolderError::Unreadable(SystemError::from(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn card() -> (tempfile::TempDir, Folder) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("bitbox02/id")).unwrap();
        for path in ["Z", "a", "bitbox02/id/0.bin"] {
            fs::write(folder.path().join(path), path).unwrap();
        }
        let opened = Folder::open(folder.path()).unwrap();
        (folder, opened)
    }

    fn names(entries: &[FolderEntry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn entries_lead_down_in_byte_order() {
        let (_folder, folder) = card();
        let entries = folder.contents().entries;
        assert_eq!(names(&entries), ["Z", "a", "bitbox02"]);
        assert_eq!((entries[0].kind, entries[0].size), (FolderKind::File, 1));
        assert_eq!((entries[2].kind, entries[2].size), (FolderKind::Folder, 0));
        let bitbox02 = folder.folder(&entries[2]);
        assert_eq!(bitbox02.path(), folder.path().join("bitbox02"));
        let id = bitbox02.folder(&bitbox02.contents().entries[0]);
        let file = &id.contents().entries[0];
        assert_eq!(file.components, ["bitbox02", "id", "0.bin"]);
        assert_eq!(file.components[2].as_encoded_bytes(), b"0.bin");
        assert!(file.modified.is_some() && file.trouble.is_none());
        assert_eq!(file.read(8).unwrap().as_slice(), b"bitbox02");
        assert_eq!(file.read(u64::MAX).unwrap().len(), 17);
        assert_eq!(fs::read(file.path()).unwrap(), b"bitbox02/id/0.bin");
    }

    #[test]
    fn what_vanished_is_said() {
        let (folder, opened) = card();
        let bitbox02 = opened.folder(&opened.contents().entries[2]);
        fs::remove_dir_all(folder.path().join("bitbox02")).unwrap();
        let contents = bitbox02.contents();
        assert!(contents.entries.is_empty());
        let kind = io::ErrorKind::NotFound;
        assert!(matches!(
            contents.trouble,
            Some(FolderError::Unlisted(cause)) if cause.kind == kind
        ));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_named_and_not_followed() {
        let (folder, opened) = card();
        std::os::unix::fs::symlink("a", folder.path().join("b")).unwrap();
        let entries = opened.contents().entries;
        assert_eq!(names(&entries), ["Z", "a", "b", "bitbox02"]);
        let link = &entries[2];
        assert_eq!((link.kind, link.size), (FolderKind::Other, 0));
        assert!(link.trouble.is_none());
        assert!(link.read(10).is_err());
        assert!(opened.folder(link).contents().trouble.is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_no_text_are_kept() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let name = std::ffi::OsStr::from_bytes(b"a\xff.bin");
        fs::write(folder.path().join(name), "x").unwrap();
        let entries = Folder::open(folder.path()).unwrap().contents().entries;
        assert_eq!(entries[0].name, "a\u{fffd}.bin");
        assert_eq!(entries[0].components[0].as_encoded_bytes(), b"a\xff.bin");
        assert_eq!(entries[0].read(9).unwrap().as_slice(), b"x");
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_opened_stays_the_folder_read() {
        let (folder, opened) = card();
        let moved = folder.path().with_extension("moved");
        fs::rename(folder.path(), &moved).unwrap();
        fs::create_dir(folder.path()).unwrap();
        assert_eq!(opened.contents().entries.len(), 3);
        let node = opened.identity().0;
        assert_eq!(node, FileNumber::of(&fs::metadata(&moved).unwrap()));
        fs::remove_dir_all(moved).unwrap();
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Folder::open(file.path()).is_err());
    }
}
