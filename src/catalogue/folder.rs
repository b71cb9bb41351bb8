//! A folder of the computer, or a single file, as a catalogue.

use super::copy::{self, CopyState, LOOK, Origin};
use super::{Catalogue, Node, Problem, Role, Scope};
use crate::export::AssumedFile;
use crate::image::{Folder, FolderEntry, FolderError, FolderKind};

/// Deepest folder looked into.
const MAX_DEPTH: usize = 16;

/// Finds everything in a folder, and the files a card with this folder's contents would have.
pub fn folder(folder: &Folder, scope: Scope) -> (Catalogue, Vec<AssumedFile>) {
    let mut walk = Walk {
        scope,
        catalogue: Catalogue::default(),
        assumed: Vec::new(),
    };
    walk.folder(folder, None, "", 0);
    (walk.catalogue, walk.assumed)
}

/// A single file that is or was a copy.
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
        carved: false,
    });
    // Even a file without any trace is what we were asked about.
    let copy = copy::examine(node, &name, size, Origin::Live, Vec::new(), Some(bytes)).unwrap_or(
        copy::Copy {
            node,
            origin: Origin::Live,
            extents: Vec::new(),
            size,
            state: CopyState::Foreign,
            health: copy::Health::Foreign,
            facts: None,
            file_name: None,
        },
    );
    catalogue.add_copy(copy, bytes.to_vec().into());
    catalogue
}

struct Walk {
    scope: Scope,
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
            carved: false,
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
            if self.scope.whole_tree
                || matches!(role, Role::Bitbox02 | Role::Wallet(_) | Role::BitBox01)
            {
                self.folder(
                    &folder.folder(entry),
                    Some(node),
                    &path,
                    depth.saturating_add(1),
                );
            }
            return;
        }
        let wanted =
            entry.kind == FolderKind::File && copy::is_candidate(&entry.name, size, in_wallet);
        let read = wanted.then(|| entry.read(LOOK)).transpose();
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
        if wanted {
            let seen = bytes.as_ref().map(|bytes| bytes.as_slice());
            if let Some(copy) =
                copy::examine(node, &entry.name, size, Origin::Live, Vec::new(), seen)
            {
                self.catalogue.add_copy(copy, bytes.unwrap_or_default());
            }
        }
    }
}
