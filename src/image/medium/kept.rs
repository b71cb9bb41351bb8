//! A folder whose files are no files of the system: unpacked into memory, or opened by somebody else.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::image::containers::archive::ArchiveDamage;
use crate::image::medium::beneath::{Child, Children, FolderKind};
use crate::image::{FolderError, ReadAt};

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

/// Files and the folders they lie in, by their names from the folder down.
pub(in crate::image) struct KeptFolder {
    pub(in crate::image) path: PathBuf,
    /// Whether it was unpacked from an archive.
    pub(in crate::image) is_archive: bool,
    /// `None` for a folder.
    nodes: BTreeMap<Vec<OsString>, Option<Kept>>,
}

impl KeptFolder {
    pub(in crate::image) fn new(path: PathBuf, is_archive: bool) -> Self {
        Self {
            path,
            is_archive,
            nodes: BTreeMap::new(),
        }
    }

    /// Adds a file and the folders above it; of two of one name the later counts, as when they are unpacked.
    pub(in crate::image) fn insert(&mut self, name: &str, file: Kept) {
        let names: Vec<OsString> = name.split('/').map(OsString::from).collect();
        for depth in 1..names.len() {
            let above = names.get(..depth).unwrap_or_default().to_vec();
            self.nodes.entry(above).or_insert(None);
        }
        // A folder of that name has files in it already.
        if !matches!(self.nodes.get(&names), Some(None)) {
            self.nodes.insert(names, Some(file));
        }
    }

    pub(in crate::image) fn file(&self, names: &[OsString]) -> Option<&Kept> {
        self.nodes.get(names)?.as_ref()
    }

    /// Whether there is a folder of these names.
    pub(in crate::image) fn is_folder(&self, names: &[OsString]) -> bool {
        names.is_empty() || matches!(self.nodes.get(names), Some(None))
    }

    /// What is below a folder, at another path.
    pub(in crate::image) fn below(&self, names: &[OsString], path: PathBuf) -> Self {
        let all = self.nodes.iter();
        let inside = all.filter_map(|(name, node)| {
            let below = name.strip_prefix(names)?;
            (!below.is_empty()).then(|| (below.to_vec(), node.clone()))
        });
        Self {
            path,
            is_archive: self.is_archive,
            nodes: inside.collect(),
        }
    }

    pub(in crate::image) fn children(&self, names: &[OsString], most: usize) -> Children {
        let depth = names.len().saturating_add(1);
        let behind = (std::ops::Bound::Excluded(names), std::ops::Bound::Unbounded);
        let inside = self.nodes.range::<[OsString], _>(behind);
        let inside = inside.take_while(|(below, _)| below.starts_with(names));
        let mut found = inside
            .filter(|(below, _)| below.len() == depth)
            .map(|(below, node)| Child {
                name: below.last().cloned().unwrap_or_default(),
                kind: if node.is_some() {
                    FolderKind::File
                } else {
                    FolderKind::Folder
                },
                size: node.as_ref().map_or(0, |file| file.size),
                modified: node.as_ref().and_then(|file| file.modified),
                trouble: node
                    .as_ref()
                    .and_then(|file| file.damage)
                    .map(FolderError::Damaged),
            });
        let first: Vec<_> = found.by_ref().take(most).collect();
        Children {
            found: first,
            more: found.next().is_some(),
            trouble: None,
        }
    }
}

impl fmt::Debug for KeptFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "KeptFolder({}, {} names)",
            self.path.display(),
            self.nodes.len()
        )
    }
}
