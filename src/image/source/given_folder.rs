//! Folders of files that somebody else has opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::archives;
use crate::image::medium::beneath::{Child, FolderKind};
use crate::image::medium::kept::{Kept, KeptFolder};
use crate::image::named::{has_archive_name, is_image_name};
use crate::image::{Folder, ReadAt};

/// A folder of files that somebody else has opened.
#[derive(Debug)]
pub struct GivenFolder(KeptFolder);

impl GivenFolder {
    /// An empty folder of this name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(KeptFolder::new(path.into()))
    }

    /// Adds a file by its names below the folder, with `/` between them.
    pub fn add(&mut self, name: &str, bytes: Arc<dyn ReadAt>) {
        let size = bytes.size();
        let bytes = Some(bytes);
        self.0.insert(name, Kept { size, bytes });
    }

    /// The names of the images and archives in it, in byte order; none where a folder `bitbox02` lies in it, as
    /// in a card and in a copy of one.
    pub fn images(&self) -> Vec<String> {
        let entries = self.0.children(&[], usize::MAX).found;
        let is_card = |entry: &Child| entry.name.eq_ignore_ascii_case("bitbox02");
        if entries.iter().any(is_card) {
            return Vec::new();
        }
        let files = entries
            .into_iter()
            .filter(|one| one.kind == FolderKind::File);
        let mut names: Vec<_> = files
            .filter(|one| {
                let path = Path::new(&one.name);
                is_image_name(path, one.size) || self.holds_cards(path)
            })
            .filter_map(|one| one.name.into_string().ok())
            .collect();
        names.sort();
        names
    }

    fn holds_cards(&self, path: &Path) -> bool {
        let file = self.0.file(&[path.as_os_str().to_owned()]);
        let bytes = file.and_then(|file| file.bytes.as_ref());
        has_archive_name(path) && bytes.is_some_and(|bytes| archives::is_of_cards(path, bytes))
    }

    /// The folder, to be read as any other.
    pub fn into_folder(self) -> Folder {
        Folder::kept(self.0)
    }
}
