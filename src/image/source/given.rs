//! Files and folders that somebody else has opened, such as a browser.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::archives::{Asking, members_in};
use super::collection::{self, Images};
use super::opening::{Neighbors, Opening, StoredFile};
use super::tree::Tree;
use super::{Limits, Opened};
use crate::image::containers::parts;
use crate::image::damage::mapped::maps_of;
use crate::image::medium::memory_folder::{Kept, KeptFolder};
use crate::image::{Folder, FolderKind, OpenError, ReadAt};
use crate::progress::Progress;

/// A file that somebody else has opened.
#[derive(Clone)]
#[non_exhaustive]
pub struct GivenFile {
    /// What it is called; reports name it so.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Arc<dyn ReadAt>,
    /// When it was last changed, where that is known.
    pub modified: Option<SystemTime>,
    /// What may be the map of GNU ddrescue that belongs to it, by its name; the first that is one counts.
    pub maps: Vec<Arc<dyn ReadAt>>,
    /// What of an archive is meant, by its name in it; `None` for all.
    pub member: Option<String>,
}

impl GivenFile {
    /// A file of this name with these bytes.
    pub fn new(path: impl Into<PathBuf>, bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            path: path.into(),
            bytes,
            modified: None,
            maps: Vec::new(),
            member: None,
        }
    }

    /// What reports call it: a member is named behind its archive.
    pub fn name(&self) -> PathBuf {
        match &self.member {
            Some(member) => self.path.join(member),
            None => self.path.clone(),
        }
    }
}

impl fmt::Debug for GivenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivenFile({})", self.name().display())
    }
}

/// Opens a file that somebody else has opened, by its content as [`open`](super::open) does. Of what may lie
/// beside it only its map is known: other parts of a split image are not, and an E01 image is not read.
///
/// # Errors
/// Those of [`open`](super::open).
pub fn open_given(
    file: &GivenFile,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> Result<Opened, OpenError> {
    let beside = Neighbors::Given(&file.maps);
    let opening = Opening::new(&file.path, limits, is_copy, progress, beside);
    if file.bytes.size() == 0 {
        return Err(OpenError::Empty);
    }
    let stored = StoredFile {
        bytes: Arc::clone(&file.bytes),
        modified: file.modified,
        node: None,
        is_device: false,
    };
    match &file.member {
        Some(member) => opening.member(&file.path, &stored, member),
        None => opening.file(&stored),
    }
}

/// The sources in an archive that somebody else has opened, each to be opened by itself.
pub fn members_of_given(
    file: &GivenFile,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> Vec<GivenFile> {
    let asking = Asking { limits, progress };
    let Ok(Some(archive)) = asking.archive(&file.path, &file.bytes) else {
        return Vec::new();
    };
    let members = members_in(&archive, &file.path, limits, is_copy).into_iter();
    let member = |path: PathBuf| {
        let name = path.strip_prefix(&file.path).ok()?.to_str()?.to_owned();
        Some(GivenFile {
            member: Some(name),
            ..file.clone()
        })
    };
    members.filter_map(member).collect()
}

/// A folder of files that somebody else has opened.
#[derive(Debug)]
pub struct GivenFolder(KeptFolder);

/// A source among what somebody else has opened.
#[derive(Debug)]
pub enum GivenSource {
    /// A file.
    File(GivenFile),
    /// A card, or a copy of one.
    Folder(GivenFolder),
}

impl GivenFolder {
    /// An empty folder of this name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(KeptFolder::new(path.into(), false))
    }

    /// What it is called.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Adds a file by its names below the folder, with `/` between them, and when it was last changed.
    pub fn add(&mut self, name: &str, bytes: Arc<dyn ReadAt>, modified: Option<SystemTime>) {
        self.0.insert(name, Kept::of(bytes, modified));
    }

    /// Says that not all names in a folder below it are known, or in itself where there is no name.
    pub fn add_unlisted(&mut self, name: &str) {
        self.0.leave_out(name);
    }

    /// The cards in it, as [`images_in`](super::images_in) finds them.
    pub fn images(
        &self,
        limits: &Limits,
        is_copy: fn(&[u8]) -> bool,
        progress: &Progress<'_>,
    ) -> Option<Images> {
        let path = &self.0.path;
        let found = collection::cards_in(&self.0, path, limits, is_copy, progress);
        found.ok().flatten()
    }

    /// What of it lies at a path.
    pub fn source(&self, path: &Path) -> Option<GivenSource> {
        let names = names(&self.0, path)?;
        if let Some(folder) = self.0.below(&names, path.to_owned()) {
            return Some(GivenSource::Folder(Self(folder)));
        }
        let kept = self.0.file(&names)?;
        let mut file = GivenFile::new(path, Arc::clone(kept.bytes.as_ref()?));
        file.modified = kept.modified;
        file.maps = maps_of(path).filter_map(|map| self.0.open(&map)).collect();
        Some(GivenSource::File(file))
    }

    /// The folder, to be read as any other.
    pub fn into_folder(self) -> Folder {
        Folder::kept(self.0)
    }
}

/// The names that lead to a path below a folder.
fn names(folder: &KeptFolder, path: &Path) -> Option<Vec<OsString>> {
    let below = path.strip_prefix(&folder.path).ok()?;
    Some(below.iter().map(OsString::from).collect())
}

impl Tree for KeptFolder {
    fn list(&self, folder: &Path, most: usize) -> io::Result<Vec<(PathBuf, bool)>> {
        let names = names(self, folder).ok_or(io::ErrorKind::NotFound)?;
        let children = self.children(&names, most).found.into_iter();
        let is_folder = |kind| kind == FolderKind::Folder;
        let listed = children.map(|child| (folder.join(child.name), is_folder(child.kind)));
        Ok(listed.collect())
    }

    fn is_folder(&self, path: &Path) -> bool {
        names(self, path).is_some_and(|names| Self::is_folder(self, &names))
    }

    fn size(&self, path: &Path) -> u64 {
        let file = names(self, path).and_then(|names| self.file(&names));
        file.map_or(0, |file| file.size)
    }

    fn open(&self, path: &Path) -> Option<Arc<dyn ReadAt>> {
        self.file(&names(self, path)?)?.bytes.clone()
    }

    fn belongings(&self, card: &Path) -> Vec<PathBuf> {
        let is_there = |map: &PathBuf| Tree::open(self, map).is_some();
        maps_of(card).filter(is_there).collect()
    }

    /// Parts are not joined here.
    fn has_parts(&self, _: &Path) -> bool {
        false
    }

    fn is_later_part(&self, _: &Path) -> bool {
        false
    }

    fn is_lone_part(&self, path: &Path) -> bool {
        parts::last_of_zip(path).is_some_and(|last| Tree::open(self, &last).is_none())
    }
}
