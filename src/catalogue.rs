//! Our eye: everything on a card that is, was or could be part of a backup.
//!
//! [`locate`] always returns a value; damage is in it as data. The catalogue alone owns the bytes of
//! copies; what it says of them in [`BackupCopy`] holds no secret.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod assumed;
mod copy;
mod folder;
mod lost;
mod orphan;
mod owner;
mod sighting;
mod surface;
mod upper_half;
mod volume;
mod walk;

pub use assumed::AssumedFile;
pub use copy::{BackupCopy, CopyState, Facts, Health, Origin};
pub use folder::{folder, single_file};
pub use sighting::{Sighting, TimeSeen};
pub use surface::surface;
pub use volume::{BootRecord, Volume};

use std::collections::HashMap;

use zeroize::Zeroizing;

use self::owner::Owners;
use crate::backup::Id;
use crate::fat::directory::Entry;
use crate::fat::table::{ChainEnd, Difference};
use crate::image::{Extent, Fault, FolderError, ReadAt, Sectors};
use crate::partition::{self, Table};

/// Most files and folders taken from one card.
const MAX_NODES: usize = 20_000;
/// Most copies taken from one card; a device sees at most 600.
const MAX_COPIES: usize = 6000;
/// Most problems noted of one card.
const MAX_PROBLEMS: usize = 1000;

/// How far a source is looked at; each depth includes the ones before it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Looked {
    /// Live folders, and the files in them that are named as copies or lie where copies do.
    Folders,
    /// Every small file by its contents, deleted entries, and what lies below deleted folders.
    #[default]
    Deleted,
    /// Every byte, for copies, directories and volumes that nothing leads to.
    Surface,
}

/// What a file or folder has to do with backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A folder `bitbox02` in the root, whatever its case.
    Bitbox02,
    /// A folder for one wallet: in `bitbox02`, or with a name of 64 hex digits.
    Wallet(Option<Id>),
    /// A copy of a backup: the index in [`Catalogue::copies`].
    Copy(usize),
    /// A file or folder among backups that is none.
    Stray,
    /// A file of the BitBox01, another format.
    BitBox01,
    /// Anything else.
    Other,
}

/// A file or folder found.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its path from the root of its volume or folder, as stored.
    pub path: String,
    /// Its name, as stored.
    pub name: String,
    /// The folder it lies in: an index in [`Catalogue::nodes`]; `None` in the root.
    pub parent: Option<usize>,
    /// Which volume, `None` for a folder of the computer.
    pub volume: Option<usize>,
    /// Whether it is a folder.
    pub is_directory: bool,
    /// Bytes of a file, as its entry says.
    pub size: u64,
    /// Its directory entry, `None` for a folder of the computer.
    pub entry: Option<Entry>,
    /// What it has to do with backups.
    pub role: Role,
    /// Where its contents lie, as far as that was looked at.
    pub extents: Vec<Extent>,
    /// How it was found. Everything below a deleted folder is deleted.
    pub origin: Origin,
}

impl Node {
    /// Whether it is deleted, or no live folder leads to it.
    pub fn is_deleted(&self) -> bool {
        self.origin != Origin::Live
    }

    /// Where its entry lies: bytes from the start of the card.
    pub fn offset(&self) -> Option<u64> {
        self.entry.as_ref().map(|entry| entry.offset)
    }
}

/// Something wrong with the card that is not yet a verdict on any backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The card ends within a sector.
    PartialSector {
        /// Where the last whole sector ends.
        offset: u64,
    },
    /// Something cannot be read.
    Unreadable {
        /// What: a path, or a part of the volume.
        what: String,
        /// Where.
        extent: Extent,
        /// What refused.
        fault: Option<Fault>,
    },
    /// The computer cannot read something in a folder.
    InFolder {
        /// Which file or folder.
        path: String,
        /// Why.
        trouble: FolderError,
    },
    /// A volume claims to be longer than the card.
    VolumePastEnd {
        /// Which volume.
        volume: usize,
        /// Bytes missing.
        missing: u64,
    },
    /// The boot sector is unusable and its backup was used, which no device does.
    BackupBootSector {
        /// Which volume.
        volume: usize,
        /// Where the backup lies.
        offset: u64,
    },
    /// The boot sector and its backup disagree.
    BootSectorsDiffer {
        /// Which volume.
        volume: usize,
        /// Where the backup lies.
        offset: u64,
    },
    /// The two FATs disagree about a file or folder.
    FatsDiffer {
        /// Which volume.
        volume: usize,
        /// Whose chain.
        path: String,
        /// Where.
        difference: Difference,
    },
    /// A chain of clusters does not end as it should.
    Chain {
        /// Whose chain.
        path: String,
        /// How it ends.
        end: ChainEnd,
        /// Where its directory entry lies: bytes from the start of the card.
        offset: Option<u64>,
    },
    /// A folder's chain leads into a copy of a backup.
    NotADirectory {
        /// Which folder.
        path: String,
        /// Where the copy begins: bytes from the start of the card.
        offset: u64,
    },
    /// Two files or folders share a cluster.
    CrossLink {
        /// The second to claim it.
        path: String,
        /// The first.
        other: String,
        /// Where the cluster lies: bytes from the start of the card.
        offset: u64,
    },
    /// The FAT marks a cluster of a live file as free.
    FreeCluster {
        /// Which file.
        path: String,
        /// Where its entry in the FAT lies: bytes from the start of the card.
        offset: u64,
    },
    /// There was more than is looked at.
    TooMuch {
        /// Where.
        path: String,
    },
    /// The first FAT breaks a folder's or file's chain off and the second was used, which no device
    /// does.
    SecondFat {
        /// Which volume.
        volume: usize,
        /// Whose chain.
        path: String,
        /// Where the second FAT lies: bytes from the start of the card.
        offset: u64,
    },
    /// FSInfo claims that nothing is free, so a device creates no backup.
    NothingFree {
        /// Which volume.
        volume: usize,
        /// Where FSInfo lies: bytes from the start of the card.
        offset: u64,
    },
}

impl Problem {
    /// A part of an image that was asked for in vain. What refused is asked once more of the image, which
    /// remembers it.
    fn unreadable(what: impl Into<String>, extent: Extent, image: &dyn ReadAt) -> Self {
        let length = usize::try_from(extent.length).unwrap_or(ASKED_AGAIN);
        let mut bytes = Zeroizing::new(vec![0; length.min(ASKED_AGAIN)]);
        let error = image.read_at(extent.offset, &mut bytes).err();
        Self::Unreadable {
            what: what.into(),
            extent,
            fault: error.map(|error| error.fault()),
        }
    }
}

/// Most bytes of an unreadable part that are asked for once more.
const ASKED_AGAIN: usize = 4096;

/// Everything found.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The division of the card; `None` for a folder or a file.
    pub table: Option<Table>,
    /// Its volumes, FAT or not.
    pub volumes: Vec<Volume>,
    /// Files and folders.
    pub nodes: Vec<Node>,
    /// Copies of backups, in the order they were found: by volume and directory.
    pub copies: Vec<BackupCopy>,
    /// What is wrong, in the order it was found.
    pub problems: Vec<Problem>,
    /// Every id in a name, live, deleted or left over: what a damaged copy can be tried against.
    pub ids: Vec<Sighting>,
    /// Every time in the name of a copy.
    pub times: Vec<TimeSeen>,
    /// How far was looked.
    pub looked: Looked,
    /// Whether small files were searched by their contents, whatever their names.
    pub by_content: bool,
    /// Whether everything there is was searched, and could be read.
    pub complete: bool,
    /// The parts of the card that were read as directories.
    directories: Vec<Extent>,
    contents: Vec<Zeroizing<Vec<u8>>>,
    /// The copy that begins at a place: bytes from the start of the card, and its index.
    places: HashMap<u64, usize>,
    /// Which live file or folder owns which cluster, by volume.
    owners: Vec<Owners>,
}

impl Catalogue {
    /// The bytes of a copy, a secret. Empty for one that cannot be read.
    pub fn bytes(&self, copy: usize) -> &[u8] {
        self.contents
            .get(copy)
            .map_or(&[], |bytes| bytes.as_slice())
    }

    /// The wallet folder a node lies in or is.
    pub fn wallet_of(&self, node: usize) -> Option<(usize, Option<Id>)> {
        let found = self.nodes.get(node)?;
        match found.role {
            Role::Wallet(id) => Some((node, id)),
            _ => self.wallet_of(found.parent?),
        }
    }

    /// Notes a problem; when there are too many, that there are more.
    fn note(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else if self.problems.len() == MAX_PROBLEMS {
            self.problems.push(Problem::TooMuch {
                path: "/".to_owned(),
            });
        }
    }

    /// Whether no more files and folders are taken.
    fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES
    }

    fn push(&mut self, node: Node) -> usize {
        self.see(&node.name, node.offset(), node.origin);
        self.nodes.push(node);
        self.nodes.len().saturating_sub(1)
    }

    /// Adds a copy. Copies are counted by place: of two that begin at one place a whole one counts,
    /// otherwise the first.
    fn add_copy(&mut self, copy: BackupCopy, bytes: Zeroizing<Vec<u8>>) {
        let place = copy.extents.first().map(|extent| extent.offset);
        if let Some(known) = place.and_then(|place| self.places.get(&place)).copied() {
            self.same_place(known, copy, bytes);
            return;
        }
        if self.copies.len() >= MAX_COPIES {
            let more = Problem::TooMuch {
                path: "/".to_owned(),
            };
            if !self.problems.contains(&more) {
                self.note(more);
            }
            return;
        }
        self.holds(copy.node, self.copies.len());
        if let Some(place) = place {
            self.places.insert(place, self.copies.len());
        }
        self.copies.push(copy);
        self.contents.push(bytes);
    }

    /// A second name, entry or finding of a place at which a copy is known.
    fn same_place(&mut self, known: usize, copy: BackupCopy, bytes: Zeroizing<Vec<u8>>) {
        self.holds(copy.node, known);
        let fits = self.fit(&copy);
        let known_fits = self.copies.get(known).map_or(0, |first| self.fit(first));
        let (Some(first), Some(contents)) =
            (self.copies.get_mut(known), self.contents.get_mut(known))
        else {
            return;
        };
        if first.state != CopyState::Valid && copy.state == CopyState::Valid {
            let (node, origin) = (first.node, first.origin);
            let file_name = first.file_name;
            *first = copy;
            if origin < first.origin {
                (first.node, first.origin, first.file_name) = (node, origin, file_name);
            }
            *contents = bytes;
        } else if first.state == copy.state && copy.origin <= first.origin && fits > known_fits {
            (first.node, first.origin, first.file_name) = (copy.node, copy.origin, copy.file_name);
        }
    }

    /// How well the name of a copy fits it: best in the folder of its own wallet, then under a copy's name.
    fn fit(&self, copy: &BackupCopy) -> u8 {
        let own = copy.facts.as_ref().and_then(|facts| facts.id);
        let folder = self.wallet_of(copy.node).and_then(|(_, id)| id);
        match (own, folder) {
            (Some(own), Some(folder)) if own == folder => 2,
            _ => u8::from(copy.file_name.is_some()),
        }
    }

    /// Notes that a file holds a copy; of several the first.
    fn holds(&mut self, node: usize, copy: usize) {
        if let Some(node) = self.nodes.get_mut(node)
            && !matches!(node.role, Role::Copy(_))
        {
            node.role = Role::Copy(copy);
        }
    }

    /// The live file that owns the cluster at a place: bytes from the start of the card.
    fn owner(&self, offset: u64) -> Option<usize> {
        let volumes = self.volumes.iter().zip(&self.owners);
        let mut owners = volumes.filter_map(|(volume, owners)| {
            let cluster = volume.geometry?.cluster_at(offset)?;
            owners.of(cluster)
        });
        owners.next()
    }
}

impl Catalogue {
    /// Whether a file's contents were searched for copies.
    pub fn is_searched(&self, node: &Node) -> bool {
        let unread = |problem: &Problem| match problem {
            Problem::Unreadable { what, .. } => *what == node.path,
            Problem::InFolder { path, .. } | Problem::TooMuch { path } => *path == node.path,
            _ => false,
        };
        let size = node.size == 0
            || self.by_content && node.size <= copy::SMALL
            || self.looked == Looked::Surface && self.complete;
        size && !self.problems.iter().any(unread)
    }
}

/// Finds everything on a card.
pub fn locate(sectors: &Sectors<'_>, looked: Looked) -> Catalogue {
    let table = partition::read(sectors);
    let mut catalogue = Catalogue::default();
    let size = sectors.image().size();
    if !size.is_multiple_of(512) {
        let offset = size.saturating_sub(size % 512);
        catalogue.note(Problem::PartialSector { offset });
    }
    for partition in &table.partitions {
        volume::open(sectors, *partition, &mut catalogue);
    }
    catalogue.table = Some(table);
    if looked >= Looked::Deleted {
        volume::look_elsewhere(sectors, &mut catalogue);
    }
    for index in 0..catalogue.volumes.len() {
        walk::volume(sectors, index, looked, &mut catalogue);
    }
    let surface = match looked {
        Looked::Folders => None,
        Looked::Deleted => Some(lost::surface(sectors, &mut catalogue)),
        Looked::Surface => Some(surface::surface(sectors.image())),
    };
    if let Some(surface) = surface {
        surface::add(sectors, looked, &surface, &mut catalogue);
    }
    let cut = |problem: &Problem| {
        matches!(
            problem,
            Problem::TooMuch { .. } | Problem::Unreadable { .. }
        )
    };
    catalogue.looked = looked;
    catalogue.by_content = looked >= Looked::Deleted;
    catalogue.complete = looked == Looked::Surface
        && sectors.image().gaps().is_empty()
        && sectors.failed().is_empty()
        && !catalogue.problems.iter().any(cut);
    catalogue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_beyond_the_bound_are_said_once_and_not_kept() {
        let mut catalogue = single_file("backup_Mon_2020-09-28T08-30-09Z_0.bin", b"x");
        let copy = catalogue.copies[0].clone();
        for _ in 0..MAX_COPIES + 10 {
            catalogue.add_copy(copy.clone(), Zeroizing::new(Vec::new()));
        }
        assert_eq!(catalogue.copies.len(), MAX_COPIES);
        let path = "/".to_owned();
        assert_eq!(catalogue.problems, [Problem::TooMuch { path }]);
    }
}
