//! Where the files of a new backup would go, and what stands in their way.

use std::collections::{BTreeMap, BTreeSet};

use super::obstacle::{NotErasable, Obstacle};
use crate::backup::{Id, MAX_FILE_SIZE};
use crate::fat::cluster::Cluster;
use crate::fat::entry::{DELETED, END, attr};
use crate::firmware::answer::Answer;
use crate::firmware::fatfs_directory::{Dir, Name, follow_path};
use crate::firmware::fatfs_volume::{FatError, MountedVolume};
use crate::firmware::sd::{self, path_of};
use crate::firmware::version::Version;
use crate::image::Sectors;

/// Copies of a backup, each a file of one cluster.
const COPIES: u32 = 3;
/// Entries of a copy's file: three long-name slots and the short one.
const FILE_SLOTS: usize = 4;
/// Entries of an id directory: five long-name slots and the short one.
const DIRECTORY_SLOTS: usize = 6;
/// Most entries of a directory (`MAX_DIR` of FatFs).
const MAX_SLOTS: usize = 65_536;

/// A volume that is written to in memory only.
pub(super) struct TrialWriter<'a> {
    pub(super) volume: MountedVolume<'a>,
    sectors: u64,
    /// `free_clst`: how many clusters FSInfo says are free; `None` where it says nothing.
    says: Option<u32>,
    says_at: u64,
    /// `last_clst`: behind which cluster a free one is looked for.
    last: Cluster,
    taken: BTreeSet<Cluster>,
    /// Clusters of what is there, which must not be free.
    /// Each with the first cluster of what it belongs to.
    pub(super) used: BTreeMap<Cluster, Cluster>,
    /// A cluster that belongs to two.
    crossed: Option<Cluster>,
}

/// What a directory holds, entry by entry.
#[derive(Default)]
struct Slots {
    free: Vec<bool>,
    /// How many entries a listing should return.
    live: usize,
    /// Its last cluster; 0 of a root directory of fixed size.
    last: Cluster,
}

impl<'a> TrialWriter<'a> {
    pub(super) fn new(mut volume: MountedVolume<'a>, sectors: &Sectors<'_>) -> Self {
        let (says, last) = volume.fs_info().unwrap_or((u32::MAX, Cluster(u32::MAX)));
        let says_at = volume.base().wrapping_add(1).byte().saturating_add(488);
        Self {
            says: (says <= volume.fat_entries.wrapping_sub(2)).then_some(says),
            says_at,
            last,
            sectors: sectors.count(),
            volume,
            taken: BTreeSet::new(),
            used: BTreeMap::new(),
            crossed: None,
        }
    }

    /// The first backup of a wallet: its folder and three files, and `/bitbox02` where that is missing.
    pub(super) fn first_backup(&mut self, answer: &Answer) -> Result<(), Obstacle> {
        let root = self.slots(Cluster::NONE);
        root.map_err(|error| Obstacle::Directory { id: None, error })?;
        self.note(&path_of(None, None));
        for directory in &answer.directories {
            self.note(&path_of(Some(&directory.name), None));
            for file in &directory.listing.names {
                self.note(&path_of(Some(&directory.name), Some(&file.bytes)));
            }
        }
        match follow_path(&mut self.volume, &path_of(None, None)) {
            Ok(at) if at.is_directory() => {
                let start = Dir::start_of(&self.volume, &at.entry);
                let listed = answer.directories.len();
                self.grow(start, &[DIRECTORY_SLOTS], None, Some(listed))?;
            }
            Ok(at) => return Err(Obstacle::FolderIsFile { entry: at.offset }),
            Err(FatError::NoFile) => {
                self.folder()?;
                self.grow(Cluster::NONE, &[1], None, None)?;
            }
            Err(error) => return Err(Obstacle::Directory { id: None, error }),
        }
        if let Some(cluster) = self.crossed {
            return Err(Obstacle::Cluster { cluster });
        }
        self.folder()?;
        self.files()
    }

    /// Another backup of a wallet that has a folder: three files beside what is there, all of which must
    /// then be erasable.
    pub(super) fn next_backup(&mut self, id: Id, name: &[u8], version: Version) -> Vec<Obstacle> {
        let path = path_of(Some(name), None);
        let broken = |error| {
            let id = Some(id);
            vec![Obstacle::Directory { id, error }]
        };
        let start = match follow_path(&mut self.volume, &path) {
            Ok(at) if at.is_directory() => Dir::start_of(&self.volume, &at.entry),
            Ok(at) => return vec![Obstacle::FolderIsFile { entry: at.offset }],
            Err(error) => return broken(error),
        };
        let listing = match sd::list_subdir(&mut self.volume, Some(name)) {
            Ok(listing) => listing,
            Err(error) => return broken(error),
        };
        let slots = [FILE_SLOTS; COPIES as usize];
        let grown = self.grow(start, &slots, Some(id), Some(listing.names.len()));
        if let Err(obstacle) = grown.and_then(|()| self.files()) {
            return vec![obstacle];
        }
        let names = listing.names.into_iter();
        let stays = names.filter_map(|file| {
            let why = self.not_erasable(name, &file, version)?;
            Some(Obstacle::NotErasable {
                id,
                why,
                name: file.bytes,
                entry: file.entry,
            })
        });
        stays.collect()
    }

    /// `sd_erase_file_in_subdir`: why a file would stay.
    fn not_erasable(
        &mut self,
        directory: &[u8],
        file: &Name,
        version: Version,
    ) -> Option<NotErasable> {
        // The names go through UTF-8 before anything is erased.
        if std::str::from_utf8(&file.bytes).is_err() {
            return Some(NotErasable::Unopenable);
        }
        let path = path_of(Some(directory), Some(&file.bytes));
        // Of two entries of one name the first is opened twice.
        let at = match follow_path(&mut self.volume, &path) {
            Ok(at) if at.offset == file.entry => at,
            _ => return Some(NotErasable::Unopenable),
        };
        let bits = at.entry.attr();
        let large = u64::from(at.entry.size()) > MAX_FILE_SIZE;
        match () {
            () if bits & attr::DIRECTORY != 0 => Some(NotErasable::Folder),
            () if bits & attr::READ_ONLY != 0 => Some(NotErasable::ReadOnly),
            () if large && version.checks_geometry() => Some(NotErasable::TooLarge),
            () => {
                let start = Dir::start_of(&self.volume, &at.entry);
                (start != Cluster::NONE && !self.is_chain(start, at.entry.size()))
                    .then_some(NotErasable::Chain)
            }
        }
    }

    /// `remove_chain`: whether a chain can be freed from its start to its end, is as long as the file and
    /// nobody else's.
    fn is_chain(&mut self, start: Cluster, size: u32) -> bool {
        let cluster_length = self.volume.cluster_size.saturating_mul(512).max(1);
        let mut cluster = start;
        for _ in 0..size.div_ceil(cluster_length).max(1) {
            if *self.used.entry(cluster).or_insert(start) != start {
                return false;
            }
            match self.volume.link(cluster) {
                Ok(next) if next.0 >= self.volume.fat_entries => return true,
                Ok(next) if next.0 >= 2 => cluster = next,
                Ok(_) | Err(_) => return false,
            }
        }
        false
    }

    /// Notes where something lies that is there already.
    fn note(&mut self, path: &[u8]) {
        if let Ok(at) = follow_path(&mut self.volume, path) {
            let start = Dir::start_of(&self.volume, &at.entry);
            if start != Cluster::NONE && self.used.contains_key(&start) {
                self.crossed = Some(start);
            } else if at.is_directory() {
                // What is wrong with it is said where it matters.
                let _ = self.slots(start);
            } else {
                self.used.insert(start, start);
            }
        }
    }

    /// Three files of one cluster each; of a file only the first sector is written.
    fn files(&mut self) -> Result<(), Obstacle> {
        (0..COPIES).try_for_each(|_| {
            let cluster = self.allocate()?;
            self.on_card(cluster, 1)
        })
    }

    /// The cluster of a new directory, all of which is filled with zeros.
    fn folder(&mut self) -> Result<(), Obstacle> {
        let cluster = self.allocate()?;
        self.on_card(cluster, self.volume.cluster_size)
    }

    /// `dir_alloc`: room for groups of entries one behind the other in a directory, which may grow.
    /// `listed`: how many entries a listing returns, which must be all there are.
    fn grow(
        &mut self,
        start: Cluster,
        groups: &[usize],
        id: Option<Id>,
        listed: Option<usize>,
    ) -> Result<(), Obstacle> {
        let slots = self.slots(start);
        let slots = slots.map_err(|error| Obstacle::Directory { id, error })?;
        if listed.is_some_and(|listed| listed != slots.live) {
            return Err(Obstacle::Unlisted { id });
        }
        let (mut free, last) = (slots.free, slots.last);
        let is_fixed = start == Cluster::NONE && self.volume.has_fixed_root();
        let per_cluster = usize::try_from(self.volume.cluster_size)
            .unwrap_or(usize::MAX)
            .saturating_mul(16);
        for group in groups {
            let place = loop {
                let mut found = free.windows(*group).enumerate();
                match found.find(|(_, window)| window.iter().all(|free| *free)) {
                    Some((place, _)) => break place,
                    None if is_fixed || free.len().saturating_add(per_cluster) > MAX_SLOTS => {
                        return Err(Obstacle::DirectoryFull { id });
                    }
                    None => {
                        self.stretch(last)?;
                        self.folder()?;
                        free.resize(free.len().saturating_add(per_cluster), true);
                    }
                }
            };
            for slot in free.iter_mut().skip(place).take(*group) {
                *slot = false;
            }
        }
        Ok(())
    }

    /// `create_chain` of a chain that is to be longer: it looks at the cluster behind the last one first.
    fn stretch(&mut self, last: Cluster) -> Result<(), Obstacle> {
        let behind = last.0.saturating_add(1);
        let is_there = behind < self.volume.fat_entries;
        let cluster = Cluster(if is_there { behind } else { 2 });
        match self.volume.link(cluster) {
            Ok(Cluster(1)) | Err(_) => Err(Obstacle::Cluster { cluster }),
            Ok(_) => Ok(()),
        }
    }

    /// The entries of a directory, also those behind its end.
    fn slots(&mut self, start: Cluster) -> Result<Slots, FatError> {
        let mut directory = Dir::open(&self.volume, start)?;
        let mut slots = Slots::default();
        let mut ended = false;
        loop {
            slots.last = directory.cluster();
            if let Some(owner) = self.used.insert(slots.last, start)
                && owner != start
            {
                self.crossed = Some(slots.last);
            }
            let entry = directory.entry(&mut self.volume)?;
            let first = entry.first();
            slots.free.push(matches!(first, DELETED | END));
            ended |= first == END;
            if ended && !matches!(first, DELETED | END) {
                // Whatever stands behind the end comes back when that is written over.
                slots.live = usize::MAX;
            }
            let is_label = entry.attr() & !attr::ARCHIVE == attr::VOLUME;
            if !matches!(first, DELETED | END | b'.') && !entry.is_long() && !is_label {
                slots.live = slots.live.saturating_add(1);
            }
            match directory.next(&mut self.volume) {
                Ok(()) if slots.free.len() < MAX_SLOTS => {}
                Err(FatError::NoFile) if slots.free.len() < MAX_SLOTS => return Ok(slots),
                // A chain that never ends has no room at its end.
                Ok(()) | Err(FatError::NoFile) => return Err(FatError::Internal),
                Err(error) => return Err(error),
            }
        }
    }

    /// `create_chain`: takes the next free cluster.
    fn allocate(&mut self) -> Result<Cluster, Obstacle> {
        let taken = u32::try_from(self.taken.len()).unwrap_or(u32::MAX);
        let needed = taken.saturating_add(1);
        if let Some(says) = self.says.filter(|says| *says < needed) {
            return Err(Obstacle::FsInfo {
                needed,
                says,
                offset: self.says_at,
            });
        }
        let count = self.volume.fat_entries;
        let start = Some(self.last.0).filter(|last| (1..count).contains(last));
        let start = start.unwrap_or(1);
        let behind = start.saturating_add(1)..count;
        let before = 2..start.saturating_add(1).min(count);
        for cluster in behind.chain(before).map(Cluster) {
            if self.taken.contains(&cluster) {
                continue;
            }
            match self.volume.link(cluster) {
                // A cluster that is free by the table and not in truth.
                Ok(Cluster(0)) if self.used.contains_key(&cluster) => {
                    return Err(Obstacle::Cluster { cluster });
                }
                Ok(Cluster(0)) => {
                    self.taken.insert(cluster);
                    self.last = cluster;
                    return Ok(cluster);
                }
                Ok(Cluster(1)) | Err(_) => return Err(Obstacle::Cluster { cluster }),
                Ok(_) => {}
            }
        }
        Err(Obstacle::NoRoom {
            needed,
            free: taken,
        })
    }

    /// Whether the first sectors of a cluster are on the card at all.
    fn on_card(&self, cluster: Cluster, sectors: u32) -> Result<(), Obstacle> {
        let first = self.volume.first_sector(cluster);
        let end = first.map(|first| u64::from(first).saturating_add(u64::from(sectors)));
        match end {
            Some(end) if end <= self.sectors => Ok(()),
            _ => Err(Obstacle::Cluster { cluster }),
        }
    }
}
