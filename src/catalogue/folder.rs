//! A folder of the computer, or a single file, as a catalogue.

use super::copy::{self, Candidate, LOOK, Origin, SMALL};
use super::{Catalogue, Looked, Node, Problem, Role};
use zeroize::Zeroizing;

use super::assumed::AssumedFile;
use crate::image::{Folder, FolderEntry, FolderError, FolderKind};

/// Deepest folder looked into.
const MAX_DEPTH: usize = 16;

/// Finds everything in a folder, and the files a card with this folder's contents would have.
pub fn folder(folder: &Folder, looked: Looked) -> (Catalogue, Vec<AssumedFile>) {
    let mut walk = Walk {
        looked,
        catalogue: Catalogue::default(),
        assumed: Vec::new(),
    };
    walk.folder(folder, None, "", 0);
    walk.catalogue.looked = Looked::Folders;
    walk.catalogue.by_content = looked >= Looked::Deleted;
    (walk.catalogue, walk.assumed)
}

/// A single file, whatever its name; without a copy if nothing in it is or was one.
pub fn single_file(name: &str, bytes: &[u8]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    let size = bytes.len() as u64;
    let node = catalogue.push(Node {
        path: name.clone(),
        name: name.clone(),
        parent: None,
        volume: None,
        is_directory: false,
        size,
        entry: None,
        role: Role::Other,
        extents: Vec::new(),
        origin: Origin::Live,
    });
    let file = Candidate {
        node,
        name: &name,
        size,
        origin: Origin::Live,
        extents: &[],
        bytes,
    };
    let copies = file.copies();
    for (copy, bytes) in copies {
        catalogue.add_copy(copy, bytes);
    }
    catalogue.looked = Looked::Surface;
    catalogue.by_content = true;
    catalogue.complete = true;
    catalogue
}

struct Walk {
    looked: Looked,
    catalogue: Catalogue,
    assumed: Vec<AssumedFile>,
}

impl Walk {
    fn folder(&mut self, folder: &Folder, node: Option<usize>, path: &str, depth: usize) {
        if depth >= MAX_DEPTH {
            self.catalogue.note(Problem::TooMuch {
                path: path.to_owned(),
            });
            return;
        }
        let contents = folder.contents();
        if contents.more {
            self.catalogue.note(Problem::TooMuch {
                path: path.to_owned(),
            });
        }
        if let Some(trouble) = contents.trouble {
            let path = if path.is_empty() { "/" } else { path };
            self.trouble(path, trouble);
        }
        for entry in contents.entries {
            if self.catalogue.is_full() {
                self.catalogue.note(Problem::TooMuch {
                    path: path.to_owned(),
                });
                return;
            }
            self.entry(folder, &entry, node, path, depth);
        }
    }

    fn trouble(&mut self, path: &str, trouble: FolderError) {
        let path = path.to_owned();
        self.catalogue.note(Problem::InFolder { path, trouble });
    }

    fn entry(
        &mut self,
        folder: &Folder,
        entry: &FolderEntry,
        parent: Option<usize>,
        parent_path: &str,
        depth: usize,
    ) {
        let parent_role = parent
            .and_then(|parent| self.catalogue.nodes.get(parent))
            .map(|parent| parent.role);
        let is_directory = entry.kind == FolderKind::Folder;
        let role = super::walk::role(parent_role, &[&entry.name], is_directory);
        let path = format!("{parent_path}/{}", entry.name);
        let size = if entry.kind == FolderKind::File {
            entry.size
        } else {
            0
        };
        let node = self.catalogue.push(Node {
            path: path.clone(),
            name: entry.name.clone(),
            parent,
            volume: None,
            is_directory,
            size,
            entry: None,
            role,
            extents: Vec::new(),
            origin: Origin::Live,
        });
        if let Some(trouble) = entry.trouble.clone() {
            self.trouble(&path, trouble);
        }
        let in_wallet = matches!(parent_role, Some(Role::Bitbox02 | Role::Wallet(_)));
        // The device sees the root's names and two levels of bitbox02.
        let is_seen = matches!(role, Role::Bitbox02)
            || in_wallet && path.to_lowercase().starts_with("/bitbox02/");
        if is_directory {
            if is_seen {
                self.assumed.push(AssumedFile::folder(&path));
            }
            self.folder(
                &folder.folder(entry),
                Some(node),
                &path,
                depth.saturating_add(1),
            );
            return;
        }
        let expected = copy::is_expected(&entry.name, size, in_wallet);
        let small = self.looked >= Looked::Deleted && size <= SMALL;
        let wanted = entry.kind == FolderKind::File && (expected || small && size > 0);
        let most = if expected { LOOK } else { SMALL };
        let read = wanted.then(|| entry.read(most)).transpose();
        let bytes = read.unwrap_or_else(|trouble| {
            self.trouble(&path, trouble);
            None
        });
        if is_seen {
            self.assumed.push(AssumedFile::file(
                &path,
                size,
                bytes.as_ref().map(|bytes| bytes.as_slice()),
            ));
        }
        let Some(bytes) = bytes else {
            let copy = copy::examine(node, &entry.name, size, Origin::Live, Vec::new(), None);
            if let Some(copy) = copy.filter(|_| expected && entry.kind == FolderKind::File) {
                self.catalogue.add_copy(copy, Zeroizing::default());
            }
            return;
        };
        let file = Candidate {
            node,
            name: &entry.name,
            size,
            origin: Origin::Live,
            extents: &[],
            bytes: &bytes,
        };
        let copies = if self.looked >= Looked::Deleted {
            file.copies()
        } else {
            file.itself().into_iter().collect()
        };
        for (copy, bytes) in copies {
            self.catalogue.add_copy(copy, bytes);
        }
    }
}
