//! FatFs's directories: `dir_sdi`, `dir_next`, `dir_read`, `dir_find`, `follow_path`
//! (docs/format.md 3.2).

use super::fatfs_name::{LongName, create_name, listed_name};
use super::fatfs_volume::{FatError, MountedVolume, RootStart};
use super::lba32::Lba32;
use crate::fat::cluster::Cluster;
use crate::fat::entry::{DELETED, END, LAST_LONG, RawEntry, SIZE, attr, short_name_sum};
use crate::fat::geometry::FatKind;

/// `MAX_DIR`: bytes of the longest directory.
const MAX_DIRECTORY: u32 = 0x20_0000;

/// An entry FatFs has stopped at.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// Its 32 bytes.
    pub(super) entry: RawEntry,
    /// Where it lies: bytes from the start of the card.
    pub(super) offset: u64,
}

impl At {
    pub(super) fn is_directory(&self) -> bool {
        self.entry.attr() & attr::DIRECTORY != 0
    }
}

/// A name in a listing and the entry it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// In code-page bytes; an empty one ends the listing.
    pub bytes: Vec<u8>,
    /// The short entry: bytes from the start of the card.
    pub entry: u64,
}

/// FatFs's `DIR`: a place in a directory.
pub(super) struct Dir {
    offset: u32,
    cluster: Cluster,
    /// 0 behind the end, as FatFs has it.
    sector: Lba32,
}

impl Dir {
    /// The directory that starts at a cluster, rewound; cluster 0 is the root (`dir_sdi`).
    pub(super) fn open(volume: &MountedVolume<'_>, start: Cluster) -> Result<Self, FatError> {
        let cluster = match volume.root {
            RootStart::Cluster(root) if start == Cluster::NONE => root,
            RootStart::Cluster(_) | RootStart::Sector(_) => start,
        };
        let sector = match volume.root {
            RootStart::Sector(root) if cluster == Cluster::NONE => root,
            RootStart::Cluster(_) | RootStart::Sector(_) => {
                volume.first_sector(cluster).ok_or(FatError::Internal)?
            }
        };
        if sector == Lba32::ZERO {
            return Err(FatError::Internal);
        }
        Ok(Self {
            offset: 0,
            cluster,
            sector,
        })
    }

    /// `ld_clust`: the start cluster an entry names.
    pub(super) fn start_of(volume: &MountedVolume<'_>, entry: &RawEntry) -> Cluster {
        Cluster::of_entry(entry, volume.kind == FatKind::Fat32)
    }

    /// `dir_next`: steps to the next entry.
    pub(super) fn next(&mut self, volume: &mut MountedVolume<'_>) -> Result<(), FatError> {
        let offset = self.offset.wrapping_add(SIZE as u32);
        if offset >= MAX_DIRECTORY {
            self.sector = Lba32::ZERO;
        }
        if self.sector == Lba32::ZERO {
            return Err(FatError::NoFile);
        }
        if offset.is_multiple_of(512) {
            self.sector = self.sector.wrapping_add(1);
            if self.cluster == Cluster::NONE {
                if offset / SIZE as u32 >= u32::from(volume.root_entries) {
                    self.sector = Lba32::ZERO;
                    return Err(FatError::NoFile);
                }
            } else if (offset / 512) & volume.cluster_size.wrapping_sub(1) == 0 {
                let next = volume.link(self.cluster)?;
                if next.0 <= 1 {
                    return Err(FatError::Internal);
                }
                if next.0 >= volume.fat_entries {
                    self.sector = Lba32::ZERO;
                    return Err(FatError::NoFile);
                }
                self.cluster = next;
                self.sector = volume.first_sector(next).unwrap_or(Lba32::ZERO);
            }
        }
        self.offset = offset;
        Ok(())
    }

    fn at(&self, volume: &mut MountedVolume<'_>) -> Result<At, FatError> {
        let sector = volume.window(self.sector)?;
        let within = (self.offset % 512) as usize;
        let entry = RawEntry::at(&sector, within).ok_or(FatError::Internal)?;
        let offset = self.sector.byte().wrapping_add(within as u64);
        Ok(At { entry, offset })
    }

    /// The entry at this place.
    pub(super) fn entry(&mut self, volume: &mut MountedVolume<'_>) -> Result<RawEntry, FatError> {
        Ok(self.at(volume)?.entry)
    }

    /// The cluster of this place; 0 in a root directory of fixed size.
    pub(super) fn cluster(&self) -> Cluster {
        self.cluster
    }

    /// `f_readdir`: the next entry of a listing, or `None` at its end. Any error ends the listing,
    /// also one that comes only when stepping on, which loses the entry read.
    pub(super) fn read(
        &mut self,
        volume: &mut MountedVolume<'_>,
    ) -> Result<Option<Name>, FatError> {
        let mut long = LongName::unwritten();
        let Some((at, has_long)) = self.read_entry(volume, &mut long)? else {
            return Ok(None);
        };
        let name = Name {
            bytes: listed_name(&at.entry, has_long.then_some(&long)),
            entry: at.offset,
        };
        match self.next(volume) {
            Ok(()) | Err(FatError::NoFile) => Ok(Some(name)),
            Err(error) => Err(error),
        }
    }

    /// `dir_read`: the next entry that counts, and whether a valid long name stands before it.
    fn read_entry(
        &mut self,
        volume: &mut MountedVolume<'_>,
        long: &mut LongName,
    ) -> Result<Option<(At, bool)>, FatError> {
        let mut order = SlotOrder::default();
        while self.sector != Lba32::ZERO {
            let at = self.at(volume)?;
            let entry = &at.entry;
            let first = entry.first();
            if first == END {
                break;
            }
            let is_label = entry.attr() & !attr::ARCHIVE == attr::VOLUME;
            if first == DELETED || first == b'.' || is_label {
                order = SlotOrder::default();
            } else if entry.is_long() {
                order.step(entry, |slot| long.pick(slot));
            } else {
                return Ok(Some((at, order.is_of(entry))));
            }
            match self.next(volume) {
                Ok(()) => {}
                Err(FatError::NoFile) => break,
                Err(error) => {
                    self.sector = Lba32::ZERO;
                    return Err(error);
                }
            }
        }
        self.sector = Lba32::ZERO;
        Ok(None)
    }

    /// `dir_find`: looks up one part of a path from the start of the directory.
    fn find(
        volume: &mut MountedVolume<'_>,
        start: Cluster,
        short: Option<[u8; 11]>,
        long: &LongName,
    ) -> Result<At, FatError> {
        let mut directory = Self::open(volume, start)?;
        let mut order = SlotOrder::default();
        loop {
            let at = directory.at(volume)?;
            let entry = &at.entry;
            let first = entry.first();
            if first == END {
                return Err(FatError::NoFile);
            }
            if first == DELETED || (entry.attr() & attr::VOLUME != 0 && !entry.is_long()) {
                order = SlotOrder::default();
            } else if entry.is_long() {
                order.step(entry, |slot| long.matches(slot));
            } else {
                if order.is_of(entry) || short == Some(entry.name()) {
                    return Ok(at);
                }
                order = SlotOrder::default();
            }
            directory.next(volume)?;
        }
    }
}

/// How far the slots of a long name have come: `None` where they do not belong together.
#[derive(Default)]
struct SlotOrder(Option<(u8, u8)>);

impl SlotOrder {
    /// Takes the next slot, of which FatFs looks at the characters if it is the one due.
    fn step(&mut self, slot: &RawEntry, fits: impl FnOnce(&RawEntry) -> bool) {
        let (first, sum) = (slot.first(), slot.long_sum());
        let is_last = first & LAST_LONG != 0;
        let number = if is_last { first & !LAST_LONG } else { first };
        let is_due = is_last || self.0 == Some((number, sum));
        self.0 = (is_due && fits(slot)).then_some((number.wrapping_sub(1), sum));
    }

    /// Whether all of them were there, and are of this short entry.
    fn is_of(&self, entry: &RawEntry) -> bool {
        self.0 == Some((0, short_name_sum(&entry.name())))
    }
}

/// `follow_path`: the entry a path leads to, from the root; the path begins with a separator.
pub(super) fn follow_path(volume: &mut MountedVolume<'_>, path: &[u8]) -> Result<At, FatError> {
    let first = path.iter().position(|byte| !matches!(byte, b'/' | b'\\'));
    let mut rest = first
        .and_then(|first| path.get(first..))
        .unwrap_or_default();
    let mut long = LongName::unwritten();
    let mut start = Cluster::NONE;
    loop {
        let wanted = create_name(&mut rest, &mut long, volume.ignores_last_separator)?;
        let found = Dir::find(volume, start, wanted.short, &long);
        let at = match found {
            Err(FatError::NoFile) if !wanted.last => return Err(FatError::NoPath),
            other => other?,
        };
        if wanted.last {
            return Ok(at);
        }
        if !at.is_directory() {
            return Err(FatError::NoPath);
        }
        start = Dir::start_of(volume, &at.entry);
    }
}
