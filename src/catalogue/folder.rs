//! A folder of the computer, or a single file, as a catalogue.

mod within;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::absent::NotHeld;
use super::copy::{LARGE, LOOK, Looked, Origin, SMALL};
use super::found::Catalogue;
use super::node::{Node, Role, is_expected};
use super::problem::{Problem, shown};
use crate::backup::MAX_FILE_SIZE;
use crate::image::{Folder, FolderEntry, FolderError, FolderKind};

/// Deepest folder looked into.
const MAX_DEPTH: usize = 16;
/// Most archives within archives looked into: each may hold many that unpack to much more.
const MOST_NESTED: usize = 16;
/// Most bytes of large files that are searched.
const MOST_LARGE: u64 = 1 << 30;

/// A file or folder of an assumed card.
pub struct AssumedFile {
    /// Its path from the root.
    pub path: String,
    /// Its bytes; `None` for a folder.
    pub bytes: Option<Zeroizing<Vec<u8>>>,
}

impl AssumedFile {
    /// A folder, by its path from the root.
    pub fn folder(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            bytes: None,
        }
    }

    /// A file of this size. A device reads none over 1024 bytes, so of a longer one only that it is
    /// longer is kept; one that cannot be read is taken for such.
    pub fn file(path: &str, size: u64, bytes: Option<&[u8]>) -> Self {
        let most = usize::try_from(size.min(MAX_FILE_SIZE.saturating_add(1))).unwrap_or(0);
        let mut kept = Zeroizing::new(vec![0; most]);
        match bytes {
            Some(bytes) => kept
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from),
            None if size > 0 => kept.resize((MAX_FILE_SIZE as usize).saturating_add(1), 0),
            None => {}
        }
        Self {
            path: path.to_owned(),
            bytes: Some(kept),
        }
    }
}

/// Finds everything in a folder, and the files a card with this folder's contents would have. `cards` are files and
/// folders in it that are cards of their own, which are not looked into.
pub fn folder(folder: &Folder, looked: Looked, cards: &[PathBuf]) -> (Catalogue, Vec<AssumedFile>) {
    let mut catalogue = Catalogue::default();
    let mut walk = Walk {
        cards: cards.iter().map(PathBuf::as_path).collect(),
        own_role: Role::of_bitbox01(&folder.path()),
        ..Walk::new(looked, None, &mut catalogue)
    };
    let root = Place {
        node: None,
        path: "",
        depth: 0,
    };
    walk.folder(folder, &root);
    let (assumed, seen) = (walk.assumed, walk.seen);
    seen.note(&mut catalogue);
    catalogue.looked = Looked::Folders;
    catalogue.by_content = looked >= Looked::Deleted;
    (catalogue, assumed)
}

/// Finds everything in an archive that lies on a card: what is in it is as live as this node of it.
pub(super) fn inside(catalogue: &mut Catalogue, archive: &Folder, node: usize) {
    below(catalogue, node, |walk, place| walk.folder(archive, place));
}

/// Finds everything in the archives that a text carries, as a mail does: the same.
pub(super) fn attached(catalogue: &mut Catalogue, text: &[u8], node: usize) {
    below(catalogue, node, |walk, place| walk.attached(text, place));
}

fn below(catalogue: &mut Catalogue, node: usize, walk: impl FnOnce(&mut Walk<'_>, &Place<'_>)) {
    let Some(of) = catalogue.nodes.get(node) else {
        return;
    };
    let (volume, origin, path) = (of.volume, of.origin, of.path.clone());
    let place = Place {
        node: Some(node),
        path: &path,
        depth: MAX_DEPTH / 2,
    };
    let mut below = Walk {
        origin,
        ..Walk::new(Looked::Deleted, volume, catalogue)
    };
    walk(&mut below, &place);
}

/// A single file, whatever its name; without a copy if nothing in it is or was one.
pub fn single_file(name: &str, bytes: &[u8]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    let size = bytes.len() as u64;
    let node = catalogue.push(Node {
        size,
        ..Node::new(name.clone(), name, Origin::Live)
    });
    let file = catalogue.candidate(node, &[], bytes);
    let copies = match size > SMALL {
        true => file.parts(),
        false => file.copies(),
    };
    attached(&mut catalogue, bytes, node);
    catalogue.add_others(node, copies);
    catalogue.looked = Looked::Surface;
    catalogue.by_content = true;
    catalogue.complete = true;
    catalogue
}

/// A folder we are in.
struct Place<'a> {
    /// Its node; `None` for the folder given.
    node: Option<usize>,
    /// Its path from the folder given.
    path: &'a str,
    depth: usize,
}

struct Walk<'a> {
    looked: Looked,
    /// The volume of the card, if what is walked through lies on one.
    volume: Option<usize>,
    /// The role of the folder that is walked through, where it is one itself of which files are.
    own_role: Option<Role>,
    /// How what is walked through was found.
    origin: Origin,
    /// How many archives within archives are looked into.
    nested: usize,
    /// How many bytes of large files are still searched.
    large: u64,
    cards: HashSet<&'a Path>,
    seen: NotHeld,
    catalogue: &'a mut Catalogue,
    assumed: Vec<AssumedFile>,
}

impl<'a> Walk<'a> {
    fn new(looked: Looked, volume: Option<usize>, catalogue: &'a mut Catalogue) -> Self {
        Self {
            looked,
            volume,
            own_role: None,
            origin: Origin::Live,
            nested: MOST_NESTED,
            large: MOST_LARGE,
            cards: HashSet::new(),
            seen: NotHeld::default(),
            catalogue,
            assumed: Vec::new(),
        }
    }

    fn folder(&mut self, folder: &Folder, place: &Place<'_>) {
        if place.depth >= MAX_DEPTH {
            self.catalogue.too_much(place.path);
            return;
        }
        let contents = folder.contents();
        if contents.more {
            self.catalogue.too_much(place.path);
        }
        if let Some(trouble) = contents.trouble {
            self.trouble(place.path, trouble);
        }
        for entry in contents.entries {
            if self.catalogue.is_full() {
                self.catalogue.too_much(place.path);
                return;
            }
            self.entry(folder, &entry, place);
        }
    }

    fn trouble(&mut self, path: &str, trouble: FolderError) {
        let path = shown(path);
        self.catalogue.note(Problem::InFolder { path, trouble });
    }

    fn entry(&mut self, folder: &Folder, entry: &FolderEntry, place: &Place<'_>) {
        let above = place.node.and_then(|node| self.catalogue.nodes.get(node));
        let is_directory = entry.kind == FolderKind::Folder;
        let own_role = self.own_role.filter(|_| !is_directory);
        let parent_role = above.map(|above| above.role).or(own_role);
        let is_file = entry.kind == FolderKind::File;
        let role = Role::of(parent_role, &[&entry.name], is_directory);
        let path = format!("{}/{}", place.path, entry.name);
        let size = if is_file { entry.size } else { 0 };
        let node = self.catalogue.push(Node {
            parent: place.node,
            volume: self.volume,
            is_directory,
            size,
            role,
            ..Node::new(path.clone(), entry.name.clone(), self.origin)
        });
        if let Some(trouble) = entry.trouble.clone() {
            self.trouble(&path, trouble);
        }
        let in_wallet = matches!(parent_role, Some(Role::Bitbox02 | Role::Wallet(_)));
        if self.cards.contains(entry.path().as_path()) {
            return;
        }
        self.seen
            .entry(entry, &path, in_wallet || matches!(role, Role::Bitbox02));
        // The device sees the root's names and two levels of bitbox02.
        let is_seen = matches!(role, Role::Bitbox02)
            || in_wallet && path.to_lowercase().starts_with("/bitbox02/");
        let below = Place {
            node: Some(node),
            path: &path,
            depth: place.depth.saturating_add(1),
        };
        if is_directory {
            if is_seen {
                self.assumed.push(AssumedFile::folder(&path));
            }
            self.folder(&folder.folder(entry), &below);
            return;
        }
        let expected = is_expected(&entry.name, size, parent_role);
        let bytes = self.read(entry, &path, expected);
        let bytes = bytes.as_ref().map(|bytes| bytes.as_slice());
        if is_seen {
            self.assumed.push(AssumedFile::file(&path, size, bytes));
        }
        match bytes {
            _ if self.archive(entry, &below, bytes) => {}
            Some(bytes) => {
                self.attached(bytes, &below);
                self.add(node, bytes);
            }
            None if expected && is_file => {
                let unread = self.catalogue.candidate(node, &[], &[]).unread();
                unread
                    .into_iter()
                    .for_each(|copy| self.catalogue.add_copy(copy));
            }
            None => self.large(entry, node, &below),
        }
    }

    /// Adds the copies in a file that is too large to be one: what a recovery program took for another kind of file,
    /// or a check of the file system put together.
    fn large(&mut self, entry: &FolderEntry, node: usize, below: &Place<'_>) {
        let is_large = entry.size > SMALL && entry.size <= LARGE && !entry.is_left_out();
        if self.looked < Looked::Deleted || entry.kind != FolderKind::File || !is_large {
            return;
        }
        let Some(left) = self.large.checked_sub(entry.size) else {
            self.catalogue.too_much(below.path);
            return;
        };
        self.large = left;
        match entry.read(LARGE) {
            Ok(bytes) => {
                self.attached(&bytes, below);
                let parts = self.catalogue.candidate(node, &[], &bytes).parts();
                self.catalogue.add_others(node, parts);
            }
            Err(trouble) => self.trouble(below.path, trouble),
        }
    }

    /// The bytes of a file that is looked into, as far as they can be read.
    fn read(
        &mut self,
        entry: &FolderEntry,
        path: &str,
        expected: bool,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let size = entry.size;
        let small = self.looked >= Looked::Deleted && size <= SMALL;
        if entry.kind != FolderKind::File || !(expected || small && size > 0) {
            return None;
        }
        let read = entry.read(if expected { LOOK } else { SMALL });
        read.map_err(|trouble| self.trouble(path, trouble)).ok()
    }

    /// Adds the copies in the bytes of a file.
    fn add(&mut self, node: usize, bytes: &[u8]) {
        self.catalogue.see_in_file(bytes, self.origin);
        self.catalogue.note_text(node, bytes);
        let file = self.catalogue.candidate(node, &[], bytes);
        let copies = match self.looked {
            Looked::Folders => file.itself().into_iter().collect(),
            Looked::Deleted | Looked::Surface => file.copies(),
        };
        self.catalogue.add_others(node, copies);
    }
}
