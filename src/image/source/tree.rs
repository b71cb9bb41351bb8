//! Folders in which cards are looked for: those of the system, and others.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::belongings;
use crate::image::containers::parts;
use crate::image::{FileImage, ReadAt};

/// Folders that can be looked into.
pub(super) trait Tree {
    /// What lies in a folder, at most so many, and whether each is itself a folder and no link to one.
    fn list(&self, folder: &Path, most: usize) -> io::Result<Vec<(PathBuf, bool)>>;
    /// Whether this is a folder, or a link to one.
    fn is_folder(&self, path: &Path) -> bool;
    /// Bytes of a regular file; 0 for anything else.
    fn size(&self, path: &Path) -> u64;
    /// The bytes of a regular file.
    fn open(&self, path: &Path) -> Option<Arc<dyn ReadAt>>;
    /// What belongs to a card.
    fn belongings(&self, card: &Path) -> Vec<PathBuf>;
    /// Whether further parts of a split image lie beside a file that is named like its first.
    fn has_parts(&self, first: &Path) -> bool;
    /// Whether a file is a later part of a split image whose first lies beside it.
    fn is_later_part(&self, path: &Path) -> bool;
    /// Whether a file is a later part of a split image, or a part of a split ZIP archive, whose first or last does not.
    fn is_lone_part(&self, path: &Path) -> bool;
}

/// The folders of the system.
pub(super) struct SystemTree;

impl Tree for SystemTree {
    fn list(&self, folder: &Path, most: usize) -> io::Result<Vec<(PathBuf, bool)>> {
        let entries = fs::read_dir(folder)?.take(most);
        let listed = entries.map(|entry| {
            let entry = entry?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            Ok((entry.path(), is_folder))
        });
        listed.collect()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn size(&self, path: &Path) -> u64 {
        let metadata = fs::metadata(path).ok();
        metadata
            .filter(fs::Metadata::is_file)
            .map_or(0, |it| it.len())
    }

    fn open(&self, path: &Path) -> Option<Arc<dyn ReadAt>> {
        let file = FileImage::open(path).ok();
        let file = file.filter(|file| !file.is_device())?;
        Some(Arc::new(file))
    }

    fn belongings(&self, card: &Path) -> Vec<PathBuf> {
        belongings(card)
    }

    fn has_parts(&self, first: &Path) -> bool {
        parts::parts_behind(first).next().is_some()
    }

    fn is_later_part(&self, path: &Path) -> bool {
        parts::first_of(path).is_some()
    }

    fn is_lone_part(&self, path: &Path) -> bool {
        match parts::last_of_zip(path) {
            Some(last) => !last.is_file(),
            None => !self.is_later_part(path) && parts::is_later(path, Path::is_file),
        }
    }
}
