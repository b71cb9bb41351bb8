//! Folders that are no card but hold several: images, archives, folders with a `bitbox02` of their own.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Limits;
use super::archives::{Asking, is_card};
use super::tree::{SystemTree, Tree};
use crate::image::ReadAt;
use crate::image::containers::parts;
use crate::image::file_names::{
    has_archive_name, is_aside, is_first_part_name, is_image_name, is_short_image,
    is_surely_image_name,
};
use crate::progress::Progress;

/// Deepest folder looked into.
const MAX_DEPTH: usize = 16;
/// Most names looked at.
const MAX_NAMES: usize = 200_000;
/// Most bytes of an archive below the folder itself that is looked into.
const MOST_ARCHIVE: u64 = 64 << 20;
/// Most bytes of a file that is looked into for copies of a backup.
const SMALL: u64 = 64 << 10;
/// Most bytes of such files.
const MOST_LOOKED: u64 = 256 << 20;
/// Most files that are opened where there are neither cards nor copies.
const MOST_OPENED: usize = 1000;

/// What a folder of several cards holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Images {
    /// The images and archives at any depth, and the folders that hold a `bitbox02`, in byte order.
    pub images: Vec<PathBuf>,
    /// What may be a card too and cannot be read as it is, in the same order: folders that cannot be listed, files
    /// without a whole sector that are named like images, parts of split files without the one with which they are read, and
    /// what has to be extracted or converted first.
    pub unread: Vec<PathBuf>,
    /// What else lies there and belongs to none of them, in the same order; a folder without cards as one.
    pub others: Vec<PathBuf>,
    /// Whether copies of backups lie among the others, or that is not known: the folder is a source too.
    pub has_copies: bool,
}

/// The cards in a folder, at any depth. `None` where it stands for one card: it holds a folder `bitbox02`, as a
/// card and a copy of one do, or no image and at most one folder with a `bitbox02`. Links to folders are not
/// followed. `is_copy` tells copies of backups among small files.
///
/// An archive counts where card images, or a folder `bitbox02`, are in it. Where there are neither cards nor copies of
/// backups, all files count that are compressed, archives, or images of a kind that is not read.
/// An image is a file of at least a sector with an extension of an image, a compressed file with
/// such an extension before its own, or the first part of a split image; what it holds is told when it is opened. Of
/// other names a file counts that begins as a card or as a volume of another file system does, compressed or not. Below the folder itself, files that are
/// named like those of many programs, `.bin` and `.iso`, count only if they begin as a card does.
///
/// # Errors
/// The system's, where the folder cannot be listed.
pub fn images_in(
    folder: &Path,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> io::Result<Option<Images>> {
    cards_in(&SystemTree, folder, limits, is_copy, progress)
}

/// The same in other folders than those of the system.
pub(super) fn cards_in(
    tree: &dyn Tree,
    folder: &Path,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> io::Result<Option<Images>> {
    let asking = Asking { limits, progress };
    let mut walk = Walk::new(tree, asking);
    let is_card = walk.folder(folder, 0)?;
    // The first that is there stands for all of one file.
    walk.lone.sort();
    walk.lone.dedup_by_key(|part| parts::stem_of(part));
    let has_images = walk.folders.len() < walk.cards.len();
    let is_bare = !is_card && walk.cards.is_empty() && !walk.is_cut;
    // What of a compressed file is not compressed is no copy of its own.
    let is_own = |file: &Path, bytes: &Arc<dyn ReadAt>| !asking.is_packed(file, bytes);
    if is_bare && !has_copies(tree, &walk.others, is_copy, is_own) {
        walk.take_packed(folder);
    } else if is_card || !has_images && walk.folders.len() < 2 && walk.lone.is_empty() {
        return Ok(None);
    }
    if walk.cards.is_empty() && walk.lone.is_empty() {
        return Ok(None);
    }
    walk.end();
    // Beside what is packed, files that are too large to be looked into here.
    let has_large = is_bare && walk.others.iter().any(|file| tree.size(file) > SMALL);
    // Of what lies in the folder itself a folder without cards is named as one.
    let cards = walk.cards.iter().chain(&walk.unread);
    let tops: HashSet<PathBuf> = cards.filter_map(|card| top(folder, card)).collect();
    let mut others: Vec<PathBuf> = walk.folders_here;
    others.retain(|other| !tops.contains(other));
    let files = walk.others.iter();
    others.extend(files.filter(|file| is_named(folder, file, &tops)).cloned());
    others.sort();
    let is_any = |_: &Path, _: &Arc<dyn ReadAt>| true;
    Ok(Some(Images {
        has_copies: walk.is_cut || has_large || has_copies(tree, &walk.others, is_copy, is_any),
        images: walk.cards,
        unread: walk.unread,
        others,
    }))
}

/// The entry of a folder that a path below it is or lies in.
fn top(folder: &Path, path: &Path) -> Option<PathBuf> {
    let first = path.strip_prefix(folder).ok()?.components().next()?;
    Some(folder.join(first))
}

/// Whether a file lies in the folder itself, or beside cards in a folder below.
fn is_named(folder: &Path, file: &Path, tops: &HashSet<PathBuf>) -> bool {
    file.parent() == Some(folder) || top(folder, file).is_some_and(|top| tops.contains(&top))
}

/// Whether copies of backups are in any of these files, or they are more than are looked into.
fn has_copies(
    tree: &dyn Tree,
    files: &[PathBuf],
    is_copy: fn(&[u8]) -> bool,
    is_own: impl Fn(&Path, &Arc<dyn ReadAt>) -> bool,
) -> bool {
    let mut left = MOST_LOOKED;
    files.iter().any(|file| {
        let size = tree.size(file);
        if size == 0 || size > SMALL {
            return false;
        }
        let Some(rest) = left.checked_sub(size) else {
            return true;
        };
        left = rest;
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(size).unwrap_or(0)]);
        let opened = tree.open(file);
        opened.is_some_and(|opened| {
            let is_read = opened.read_at(0, &mut bytes).is_ok();
            is_read && is_copy(&bytes) && is_own(file, &opened)
        })
    })
}

struct Walk<'a> {
    tree: &'a dyn Tree,
    asking: Asking<'a>,
    /// The images, the archives, and the folders among them.
    cards: Vec<PathBuf>,
    /// The folders that hold a `bitbox02`.
    folders: HashSet<PathBuf>,
    /// What may be a card and cannot be read as it is.
    unread: Vec<PathBuf>,
    /// Parts of what is split without the one that is read.
    lone: Vec<PathBuf>,
    /// Regular files at any depth that are none of them.
    others: Vec<PathBuf>,
    /// The folders in the folder itself.
    folders_here: Vec<PathBuf>,
    names: usize,
    /// How many files are still opened that have no name of an image.
    left: usize,
    /// Whether there was more than is looked at.
    is_cut: bool,
}

impl<'a> Walk<'a> {
    fn new(tree: &'a dyn Tree, asking: Asking<'a>) -> Self {
        Self {
            tree,
            asking,
            cards: Vec::new(),
            folders: HashSet::new(),
            unread: Vec::new(),
            lone: Vec::new(),
            others: Vec::new(),
            folders_here: Vec::new(),
            names: 0,
            left: MOST_OPENED,
            is_cut: false,
        }
    }

    /// Looks into a folder; whether it is itself a card: `bitbox02` lies in it.
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<bool> {
        let mut folders = Vec::new();
        let mut files = Vec::new();
        let left = MAX_NAMES.saturating_sub(self.names);
        let entries = self.tree.list(folder, left.saturating_add(1))?;
        for (path, is_folder) in entries {
            self.names = self.names.saturating_add(1);
            if self.names > MAX_NAMES {
                self.is_cut = true;
                break;
            }
            let name = path.file_name().unwrap_or_default();
            if name.eq_ignore_ascii_case("bitbox02") && self.tree.is_folder(&path) {
                return Ok(true);
            }
            match is_folder {
                true => folders.push(path),
                false => files.push(path),
            }
        }
        for file in files {
            self.file(file, depth);
        }
        for path in folders {
            if depth == 0 {
                self.folders_here.push(path.clone());
            }
            if depth.saturating_add(1) >= MAX_DEPTH {
                self.is_cut = true;
                continue;
            }
            match self.folder(&path, depth.saturating_add(1)) {
                Ok(true) => {
                    self.folders.insert(path.clone());
                    self.cards.push(path);
                }
                Ok(false) => {}
                Err(_) => self.unread.push(path),
            }
        }
        Ok(false)
    }

    fn file(&mut self, path: PathBuf, depth: usize) {
        let size = self.tree.size(&path);
        let is_image = match has_archive_name(&path) {
            true if depth > 0 && size > MOST_ARCHIVE => false,
            true => self.opened(&path, |file| self.asking.holds_cards(&path, file)),
            false if depth == 0 || is_surely_image_name(&path) => is_image_name(&path, size),
            false => is_image_name(&path, size) && self.opened(&path, begins_as_a_card),
        };
        let is_first = || is_first_part_name(&path, size) && self.tree.has_parts(&path);
        let is_image = (is_image || is_first()) && !self.tree.is_later_part(&path);
        let is_near = depth == 0 || is_surely_image_name(&path);
        match is_image {
            true => self.cards.push(path),
            false if is_near && is_short_image(&path, size) => self.unread.push(path),
            false if self.holds_a_card(&path, size) => self.cards.push(path),
            false if size > 0 && !is_aside(&path) && self.tree.is_lone_part(&path) => {
                self.lone.push(path);
            }
            false => self.others.push(path),
        }
    }

    /// Sorts out what lies beside the cards: what belongs to them is looked at with them, and what has to be unpacked
    /// may be one.
    fn end(&mut self) {
        self.cards.sort();
        let belonging = self.cards.iter();
        let belonging = belonging.flat_map(|card| self.tree.belongings(card));
        let known: HashSet<PathBuf> = belonging.collect();
        self.others.retain(|other| !known.contains(other));
        let packed = self.take_others(|file| !is_aside(file), Asking::must_be_unpacked);
        self.unread.extend(packed);
        self.unread.append(&mut self.lone);
        self.unread.sort();
    }

    /// Takes the files for sources that are named, each with what to do, where they are opened.
    fn take_packed(&mut self, folder: &Path) {
        let tree = self.tree;
        let is_near =
            |file: &Path| file.parent() == Some(folder) || tree.size(file) <= MOST_ARCHIVE;
        self.cards = self.take_others(is_near, Asking::is_packed);
        self.cards.append(&mut self.lone);
    }

    /// Takes what `is` of the other files, of which not too many are opened.
    fn take_others(
        &mut self,
        may_be: impl Fn(&Path) -> bool,
        is: impl Fn(Asking<'a>, &Path, &Arc<dyn ReadAt>) -> bool,
    ) -> Vec<PathBuf> {
        let mut left = MOST_OPENED;
        let others = std::mem::take(&mut self.others).into_iter();
        let (taken, others) = others.partition(|file| {
            if left == 0 || !may_be(file) {
                return false;
            }
            left = left.saturating_sub(1);
            self.opened(file, |bytes| is(self.asking, file, bytes))
        });
        self.others = others;
        taken
    }

    fn opened(&self, path: &Path, is: impl Fn(&Arc<dyn ReadAt>) -> bool) -> bool {
        self.tree.open(path).is_some_and(|file| is(&file))
    }

    /// Whether a file with any other name begins as a card, compressed or not.
    fn holds_a_card(&mut self, path: &Path, size: u64) -> bool {
        let is_other = is_aside(path) || has_archive_name(path) || self.tree.is_later_part(path);
        if size == 0 || self.left == 0 || is_other {
            return false;
        }
        self.left = self.left.saturating_sub(1);
        self.opened(path, is_card)
    }
}

/// Whether a file begins with a boot sector or a partition table.
fn begins_as_a_card(file: &Arc<dyn ReadAt>) -> bool {
    let mut sector = [0; 512];
    file.read_at(0, &mut sector).is_ok() && sector.ends_with(&[0x55, 0xAA])
}

#[cfg(test)]
mod tests;
