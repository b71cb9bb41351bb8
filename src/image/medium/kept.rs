//! A folder whose files are no files of the system: unpacked into memory, or opened by somebody else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::image::ReadAt;
use crate::image::containers::archive::error::ArchiveDamage;
use crate::image::medium::beneath::{Child, Children, FolderKind};

/// A file of such a folder.
#[derive(Clone)]
pub(in crate::image) struct Kept {
    /// How many bytes it has.
    pub(in crate::image) size: u64,
    /// Its bytes; `None` where they are not kept.
    pub(in crate::image) bytes: Option<Arc<dyn ReadAt>>,
    /// When it was last changed, where that is known.
    pub(in crate::image) modified: Option<SystemTime>,
    /// What is wrong with its bytes.
    pub(in crate::image) damage: Option<ArchiveDamage>,
}

/// Files and the folders they lie in.
pub(in crate::image) struct KeptFolder {
    pub(in crate::image) path: PathBuf,
    /// Whether it was unpacked from an archive.
    pub(in crate::image) is_archive: bool,
    /// Whether something was left out.
    pub(in crate::image) more: bool,
    /// Its number.
    number: usize,
    /// By the number of the folder they lie in, and their name: no name is held twice.
    nodes: Arc<BTreeMap<(usize, OsString), Node>>,
}

#[derive(Clone)]
enum Node {
    File(Kept),
    /// A folder, with its number.
    Folder(usize),
}

impl KeptFolder {
    pub(in crate::image) fn new(path: PathBuf, is_archive: bool) -> Self {
        Self {
            path,
            is_archive,
            more: false,
            number: 0,
            nodes: Arc::default(),
        }
    }

    /// Files and folders in it.
    pub(in crate::image) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a file and the folders above it; of two of one name the later counts, as when they are unpacked.
    pub(in crate::image) fn insert(&mut self, name: &str, file: Kept) {
        let nodes = Arc::make_mut(&mut self.nodes);
        let (above, name) = name.rsplit_once('/').unwrap_or(("", name));
        let mut number = self.number;
        for folder in above.split('/').filter(|folder| !folder.is_empty()) {
            let next = nodes.len().saturating_add(1);
            let node = nodes.entry((number, folder.into()));
            match node.or_insert(Node::Folder(next)) {
                Node::Folder(found) => number = *found,
                Node::File(_) => {
                    self.more = true;
                    return;
                }
            }
        }
        match nodes.entry((number, name.into())) {
            Entry::Occupied(known) if matches!(known.get(), Node::Folder(_)) => self.more = true,
            Entry::Occupied(mut known) => {
                known.insert(Node::File(file));
            }
            Entry::Vacant(place) => {
                place.insert(Node::File(file));
            }
        }
    }

    /// The number of the folder of these names.
    fn number(&self, names: &[OsString]) -> Option<usize> {
        names.iter().try_fold(self.number, |above, name| {
            match self.nodes.get(&(above, name.clone()))? {
                Node::Folder(number) => Some(*number),
                Node::File(_) => None,
            }
        })
    }

    pub(in crate::image) fn file(&self, names: &[OsString]) -> Option<&Kept> {
        let (name, above) = names.split_last()?;
        match self.nodes.get(&(self.number(above)?, name.clone()))? {
            Node::File(file) => Some(file),
            Node::Folder(_) => None,
        }
    }

    /// Whether there is a folder of these names.
    pub(in crate::image) fn is_folder(&self, names: &[OsString]) -> bool {
        self.number(names).is_some()
    }

    /// The folder of these names, at another path.
    pub(in crate::image) fn below(&self, names: &[OsString], path: PathBuf) -> Option<Self> {
        Some(Self {
            path,
            is_archive: self.is_archive,
            more: self.more,
            number: self.number(names)?,
            nodes: Arc::clone(&self.nodes),
        })
    }

    pub(in crate::image) fn children(&self, names: &[OsString], most: usize) -> Children {
        let Some(number) = self.number(names) else {
            return Children::default();
        };
        let first = |number: usize| (number, OsString::new());
        let inside = first(number)..first(number.saturating_add(1));
        let mut found = self
            .nodes
            .range(inside)
            .map(|((_, name), node)| child(name, node));
        let first: Vec<_> = found.by_ref().take(most).collect();
        Children {
            found: first,
            more: found.next().is_some() || names.is_empty() && self.more,
            trouble: None,
        }
    }
}

fn child(name: &OsString, node: &Node) -> Child {
    let file = match node {
        Node::File(file) => Some(file),
        Node::Folder(_) => None,
    };
    Child {
        name: name.clone(),
        kind: match file {
            Some(_) => FolderKind::File,
            None => FolderKind::Folder,
        },
        size: file.map_or(0, |file| file.size),
        modified: file.and_then(|file| file.modified),
        trouble: None,
    }
}

impl fmt::Debug for KeptFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, count) = (self.path.display(), self.count());
        write!(f, "KeptFolder({path}, {count} names)")
    }
}
