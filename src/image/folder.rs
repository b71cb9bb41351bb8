//! A folder of the computer: a mounted card, or a copy of one.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file::open_read_only;

/// Most entries taken from one folder.
const MAX_ENTRIES: usize = 100_000;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, device or pipe: named, never followed or opened.
    Other,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name; bytes that are no text are replaced.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file.
    pub size: u64,
}

/// A folder of the computer.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at a path.
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Its entries, in byte order of their names.
    pub fn entries(&self) -> io::Result<Vec<FolderEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.0)?.take(MAX_ENTRIES) {
            let entry = entry?;
            let metadata = entry.metadata()?; // of a link itself, not of what it leads to
            let kind = match metadata.file_type() {
                kind if kind.is_file() => Kind::File,
                kind if kind.is_dir() => Kind::Folder,
                _ => Kind::Other,
            };
            entries.push((
                entry.file_name(),
                FolderEntry {
                    name: entry.file_name().to_string_lossy().into_owned(),
                    path: entry.path(),
                    kind,
                    size: metadata.len(),
                },
            ));
        }
        entries.sort_by(|(a, _), (b, _)| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    /// The folder of an entry.
    pub fn folder(&self, entry: &FolderEntry) -> Self {
        Self(entry.path.clone())
    }
}

impl FolderEntry {
    /// The first `most` bytes of a file.
    pub fn read(&self, most: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        let file = open_read_only(&self.path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let length = usize::try_from(metadata.len().min(most)).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
