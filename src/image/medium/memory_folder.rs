//! A folder whose files are no files of the system: unpacked into memory, or opened by somebody else.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::image::medium::confined_folder::{Child, Children};
use crate::image::{ArchiveDamage, FolderKind, ReadAt};

#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) size: u64,
    /// Its bytes; `None` where they are not kept.
    pub(crate) bytes: Option<Arc<dyn ReadAt>>,
    pub(crate) modified: Option<SystemTime>,
    pub(crate) damage: Option<ArchiveDamage>,
}

impl Kept {
    pub(crate) fn of(bytes: Arc<dyn ReadAt>, modified: Option<SystemTime>) -> Self {
        Self {
            size: bytes.size(),
            bytes: Some(bytes),
            modified,
            damage: None,
        }
    }
}

/// Files and the folders they lie in.
pub(crate) struct KeptFolder {
    pub(crate) path: PathBuf,
    /// Whether it was unpacked from an archive.
    pub(crate) is_archive: bool,
    number: usize,
    /// The numbers of the folders of which something was left out.
    more: BTreeSet<usize>,
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
    pub(crate) fn new(path: PathBuf, is_archive: bool) -> Self {
        Self {
            path,
            is_archive,
            number: 0,
            more: BTreeSet::new(),
            nodes: Arc::default(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a file and the folders above it; of two of one name the later counts, as when they are unpacked.
    pub(crate) fn insert(&mut self, name: &str, file: Kept) {
        let (above, name) = name.rsplit_once('/').unwrap_or(("", name));
        let Some(number) = self.make_folder(above) else {
            return;
        };
        let nodes = Arc::make_mut(&mut self.nodes);
        let place = (number, name.into());
        if matches!(nodes.get(&place), Some(Node::Folder(_))) {
            self.more.insert(number);
        } else {
            nodes.insert(place, Node::File(file));
        }
    }

    /// Says that something in a folder was left out; without a name, in this one.
    pub(crate) fn leave_out(&mut self, folder: &str) {
        let number = self.make_folder(folder);
        self.more.extend(number);
    }

    /// The number of a folder, which is made with those above it; `None` where there is a file of such a name.
    fn make_folder(&mut self, folder: &str) -> Option<usize> {
        let nodes = Arc::make_mut(&mut self.nodes);
        let mut number = self.number;
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            let next = nodes.len().saturating_add(1);
            let node = nodes.entry((number, name.into()));
            match node.or_insert(Node::Folder(next)) {
                Node::Folder(found) => number = *found,
                Node::File(_) => {
                    self.more.insert(number);
                    return None;
                }
            }
        }
        Some(number)
    }

    fn number(&self, names: &[OsString]) -> Option<usize> {
        names.iter().try_fold(self.number, |above, name| {
            match self.nodes.get(&(above, name.clone()))? {
                Node::Folder(number) => Some(*number),
                Node::File(_) => None,
            }
        })
    }

    pub(crate) fn file(&self, names: &[OsString]) -> Option<&Kept> {
        let (name, above) = names.split_last()?;
        match self.nodes.get(&(self.number(above)?, name.clone()))? {
            Node::File(file) => Some(file),
            Node::Folder(_) => None,
        }
    }

    pub(crate) fn is_folder(&self, names: &[OsString]) -> bool {
        self.number(names).is_some()
    }

    /// The folder of these names, at another path.
    pub(crate) fn below(&self, names: &[OsString], path: PathBuf) -> Option<Self> {
        Some(Self {
            path,
            is_archive: self.is_archive,
            number: self.number(names)?,
            more: self.more.clone(),
            nodes: Arc::clone(&self.nodes),
        })
    }

    pub(crate) fn children(&self, names: &[OsString], most: usize) -> Children {
        let Some(number) = self.number(names) else {
            return Children::default();
        };
        let first = |number: usize| (number, OsString::new());
        let inside = first(number)..first(number.saturating_add(1));
        let inside = self.nodes.range(inside);
        let mut all = inside.map(|((_, name), node)| child(name, node));
        Children {
            found: all.by_ref().take(most).collect(),
            more: all.next().is_some() || self.more.contains(&number),
            trouble: None,
        }
    }
}

fn child(name: &OsString, node: &Node) -> Child {
    let (kind, size, modified) = match node {
        Node::File(file) => (FolderKind::File, file.size, file.modified),
        Node::Folder(_) => (FolderKind::Folder, 0, None),
    };
    Child {
        name: name.clone(),
        kind,
        size,
        modified,
        trouble: None,
    }
}

impl fmt::Debug for KeptFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, count) = (self.path.display(), self.count());
        write!(f, "KeptFolder({path}, {count} names)")
    }
}
