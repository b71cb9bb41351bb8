//! Directories, read for evidence: live and deleted entries with their long names and offsets.

use super::cluster::Cluster;
use super::entry::{DELETED, END, LAST_LONG, RawEntry, SIZE, attr, short_name};
use super::geometry::{FatKind, Geometry};
use super::long_name::{self, Orphan, Slot};
use super::table::{self, ChainEnd, Link};
use crate::image::{Extent, ReadError, Sectors};

/// Most entries taken from one directory; a FAT directory has room for 65,536.
const MAX_ENTRIES: usize = 65_536;

/// Most slots without a short entry kept; a name has at most 20.
const MAX_SLOTS: usize = 64;

/// Where a directory lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The root directory.
    Root,
    /// A chain of clusters.
    Cluster(Cluster),
}

/// How far a directory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListDepth {
    /// Live entries, up to the end mark.
    Live,
    /// Deleted entries too, also behind the end mark.
    Deleted,
}

/// A file, directory or label in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its short entry.
    pub raw: RawEntry,
    /// Where its short entry lies: bytes from the start of the card.
    pub offset: u64,
    /// Where the slots of its long name lie, first part first.
    pub slots: Vec<u64>,
    /// Its name: the long one if it is whole, else the short one. As stored, not yet escaped.
    pub name: String,
    /// Its short name as a person would write it.
    pub short_name: String,
    /// Whether `name` is a long name.
    pub has_long_name: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Whether it lies behind the end mark, where no device looks.
    pub behind_end: bool,
    /// Its first cluster, 0 for none.
    pub cluster: Cluster,
}

impl Entry {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.raw.attr() & attr::DIRECTORY != 0 && !self.is_label()
    }

    /// Whether it is a volume label.
    pub fn is_label(&self) -> bool {
        self.raw.attr() & !attr::ARCHIVE == attr::VOLUME
    }

    /// Whether it is `.` or `..`.
    pub fn is_dot(&self) -> bool {
        let name = self.raw.name();
        name == *b".          " || name == *b"..         "
    }
}

/// What was found in one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Its entries, in their order.
    pub entries: Vec<Entry>,
    /// Its clusters as far as they were read; none for a fixed root.
    pub clusters: Vec<Cluster>,
    /// How its chain ended, if that was looked at.
    pub end: Option<ChainEnd>,
    /// Parts of it that cannot be read.
    pub unreadable: Vec<Extent>,
    /// Sectors that hold something else, which were not read as entries.
    pub foreign: Vec<Extent>,
    /// Whether there was more than is taken from one directory.
    pub cut: bool,
    /// Long names without a short entry of theirs; of a directory read for deleted entries.
    pub orphans: Vec<Orphan>,
    /// Whether the first FAT breaks its chain off and the second was used, which no device does.
    pub second_fat: bool,
}

/// Reads a directory.
///
/// Sectors for which `foreign` holds are not taken for entries: a damaged link may lead into a file,
/// whose bytes must not become names.
pub fn read(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    start: Start,
    depth: ListDepth,
    foreign: fn(&[u8]) -> bool,
) -> Directory {
    let mut reader = Reader::new(sectors, depth, foreign);
    reader.wide = geometry.kind == FatKind::Fat32;
    match start {
        Start::Cluster(cluster) => reader.chain(geometry, cluster),
        Start::Root if reader.wide => reader.chain(geometry, geometry.root_cluster),
        Start::Root => reader.stretch(geometry.root, geometry.root_length),
    }
    reader.end_slots();
    reader.found
}

/// Reads a stretch of sectors as part of a directory, deleted entries and those behind an end mark
/// too, whatever volume it belongs to. Start clusters are taken to have their upper half.
pub(crate) fn read_stretch(
    sectors: &Sectors<'_>,
    stretch: Extent,
    foreign: fn(&[u8]) -> bool,
) -> Directory {
    let mut reader = Reader::new(sectors, ListDepth::Deleted, foreign);
    reader.stretch(stretch.offset, stretch.length);
    reader.end_slots();
    reader.found
}

struct Reader<'a> {
    sectors: &'a Sectors<'a>,
    /// Whether start clusters have an upper half, as on FAT32.
    wide: bool,
    depth: ListDepth,
    foreign: fn(&[u8]) -> bool,
    slots: Vec<Slot>,
    ended: bool,
    found: Directory,
    taken: usize,
}

impl<'a> Reader<'a> {
    fn new(sectors: &'a Sectors<'a>, depth: ListDepth, foreign: fn(&[u8]) -> bool) -> Self {
        Self {
            sectors,
            wide: true,
            depth,
            foreign,
            slots: Vec::new(),
            ended: false,
            found: Directory::default(),
            taken: 0,
        }
    }

    /// What slots are left belong to no entry.
    fn end_slots(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        if self.depth == ListDepth::Deleted && !slots.is_empty() {
            self.found.orphans.extend(long_name::orphans(&slots));
        }
    }

    fn done(&self) -> bool {
        self.found.cut || (self.ended && self.depth == ListDepth::Live)
    }

    /// Reads a chain cluster by cluster; the FAT is looked at only when a cluster is full.
    fn chain(&mut self, geometry: &Geometry, start: Cluster) {
        let chain = table::follow(geometry, start, usize::MAX, |at| {
            let offset = geometry.cluster_offset(at)?;
            self.stretch(offset, geometry.cluster_length);
            (!self.done()).then(|| self.link(geometry, at))
        });
        self.found.clusters = chain.clusters;
        self.found.end = Some(chain.end).filter(|end| *end != ChainEnd::Enough);
    }

    fn link(&mut self, geometry: &Geometry, cluster: Cluster) -> Result<Link, ReadError> {
        if self.depth == ListDepth::Live {
            return table::link(self.sectors, geometry, 0, cluster);
        }
        let (link, is_second) = table::link_by_both(self.sectors, geometry, cluster);
        self.found.second_fat |= is_second;
        link
    }

    fn stretch(&mut self, offset: u64, length: u64) {
        let end = offset.saturating_add(length);
        let mut at = offset;
        if self.depth == ListDepth::Deleted {
            // All of it is looked at, behind the end mark too.
            self.sectors.read_ahead(Extent { offset, length });
        }
        while at < end && !self.done() {
            let extent = Extent {
                offset: at,
                length: 512,
            };
            match self.sectors.sector(at / 512) {
                // Most of a directory's last cluster is empty.
                Ok(sector) if sector.iter().all(|byte| *byte == END) => {
                    self.ended = true;
                    self.end_slots();
                }
                Ok(sector) if (self.foreign)(sector.as_slice()) => {
                    self.end_slots();
                    self.found.foreign.push(extent);
                }
                Ok(sector) => self.sector(&sector, at),
                Err(_) => {
                    self.end_slots();
                    self.found.unreadable.push(extent);
                    if at >= self.sectors.image().size() {
                        return;
                    }
                }
            }
            at = extent.end();
        }
    }

    fn sector(&mut self, sector: &[u8; 512], at: u64) {
        for (raw, offset) in sector.as_chunks().0.iter().zip((at..).step_by(SIZE)) {
            self.entry(RawEntry(*raw), offset);
            if self.done() {
                return;
            }
        }
    }

    fn entry(&mut self, raw: RawEntry, offset: u64) {
        self.taken = self.taken.saturating_add(1);
        if self.taken > MAX_ENTRIES {
            self.found.cut = true;
            return;
        }
        match raw.first() {
            END => {
                self.ended = true;
                self.end_slots();
                return;
            }
            DELETED if self.depth == ListDepth::Live => {
                self.slots.clear();
                return;
            }
            _ => {}
        }
        if raw.is_long() || raw.is_cleared_long() {
            let begins = !raw.is_deleted() && raw.first() & LAST_LONG != 0;
            let differs = |last: &Slot| last.raw.is_deleted() != raw.is_deleted();
            let breaks = self.slots.last().is_some_and(differs);
            if begins || breaks {
                self.end_slots();
            }
            if self.slots.len() < MAX_SLOTS {
                self.slots.push(Slot { raw, offset });
            }
            return;
        }
        let slots = std::mem::take(&mut self.slots);
        // Behind the end mark only what still looks like an entry is worth a line.
        if self.ended && !is_plausible(&raw) {
            return;
        }
        let entry = self.named(raw, offset, &slots);
        // Slots before those of the entry, or all where they are not its own.
        let own = slots.len().saturating_sub(entry.slots.len());
        if self.depth == ListDepth::Deleted && own > 0 {
            let others = slots.get(..own).unwrap_or_default();
            self.found.orphans.extend(long_name::orphans(others));
        }
        if !entry.is_dot() || entry.deleted {
            self.found.entries.push(entry);
        }
    }

    fn named(&self, raw: RawEntry, offset: u64, slots: &[Slot]) -> Entry {
        let deleted = raw.is_deleted();
        let long = match deleted {
            true => long_name::deleted(&raw, slots),
            false => long_name::live(&raw, slots),
        };
        let (long, first, own) = long.map_or_else(Default::default, |(name, first, own)| {
            (Some(name), first, own)
        });
        let mut short = raw.name();
        short[0] = first.unwrap_or(short[0]);
        let short_name = short_name(short, raw.nt_res(), deleted && first.is_none());
        Entry {
            raw,
            offset,
            slots: own.iter().map(|slot| slot.offset).collect(),
            has_long_name: long.is_some(),
            name: long.unwrap_or_else(|| short_name.clone()),
            short_name,
            deleted,
            behind_end: self.ended,
            cluster: Cluster::of_entry(&raw, self.wide),
        }
    }
}

/// Whether bytes behind the end mark still look like an entry: a printable name and known attributes.
fn is_plausible(raw: &RawEntry) -> bool {
    let [first, rest @ ..] = raw.name();
    let printable = |byte: &u8| *byte >= 0x20 && !b"\"*+,/:;<=>?[\\]|\x7F".contains(byte);
    (first == DELETED || printable(&first))
        && rest.iter().all(printable)
        && raw.attr() & attr::VOLUME == 0
}
