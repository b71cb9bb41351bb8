//! Directories, read for evidence: live and deleted entries with their long names and offsets.

use super::codepage;
use super::entry::{
    DELETED, END, KANJI_E5, LAST_LONG, LOWER_BODY, LOWER_EXTENSION, RawEntry, SIZE, attr,
    short_name_sum,
};
use super::geometry::{FatKind, Geometry};
use super::table::{self, ChainEnd};
use crate::image::{Extent, Sectors};

/// Most entries taken from one directory; a FAT directory has room for 65,536.
const MAX_ENTRIES: usize = 65_536;

/// Where a directory lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The root directory.
    Root,
    /// A chain of clusters.
    Cluster(u32),
}

/// How far a directory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
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
    pub cluster: u32,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Its entries, in their order.
    pub entries: Vec<Entry>,
    /// Its clusters as far as they were read; none for a fixed root.
    pub clusters: Vec<u32>,
    /// How its chain ended, if that was looked at.
    pub end: Option<ChainEnd>,
    /// Parts of it that cannot be read.
    pub unreadable: Vec<Extent>,
    /// Sectors that hold something else, which were not read as entries.
    pub foreign: Vec<Extent>,
    /// Whether there was more than is taken from one directory.
    pub cut: bool,
}

/// Reads a directory.
///
/// Sectors for which `foreign` holds are not taken for entries: a damaged link may lead into a file,
/// whose bytes must not become names.
pub fn read(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    start: Start,
    depth: Depth,
    foreign: fn(&[u8]) -> bool,
) -> Directory {
    let mut reader = Reader {
        sectors,
        geometry,
        depth,
        foreign,
        slots: Vec::new(),
        ended: false,
        found: Directory {
            entries: Vec::new(),
            clusters: Vec::new(),
            end: None,
            unreadable: Vec::new(),
            foreign: Vec::new(),
            cut: false,
        },
        taken: 0,
    };
    match start {
        Start::Root if geometry.kind != FatKind::Fat32 => {
            reader.stretch(geometry.root, geometry.root_length);
        }
        Start::Root => reader.chain(geometry.root_cluster),
        Start::Cluster(cluster) => reader.chain(cluster),
    }
    reader.found
}

struct Slot {
    raw: RawEntry,
    offset: u64,
}

struct Reader<'a> {
    sectors: &'a Sectors<'a>,
    geometry: &'a Geometry,
    depth: Depth,
    foreign: fn(&[u8]) -> bool,
    slots: Vec<Slot>,
    ended: bool,
    found: Directory,
    taken: usize,
}

impl Reader<'_> {
    fn done(&self) -> bool {
        self.found.cut || (self.ended && self.depth == Depth::Live)
    }

    /// Reads a chain cluster by cluster; the FAT is looked at only when a cluster is full.
    fn chain(&mut self, start: u32) {
        let mut cluster = start;
        let mut seen = std::collections::HashSet::new();
        loop {
            let Some(offset) = self.geometry.cluster_offset(cluster) else {
                self.found.end = Some(ChainEnd::Invalid);
                return;
            };
            if !seen.insert(cluster) {
                self.found.end = Some(ChainEnd::Loop);
                return;
            }
            self.found.clusters.push(cluster);
            self.stretch(offset, self.geometry.cluster_length);
            if self.done() {
                return;
            }
            self.found.end = Some(match table::link(self.sectors, self.geometry, 0, cluster) {
                Ok(table::Link::Next(next)) => {
                    cluster = next;
                    continue;
                }
                Ok(table::Link::End) => ChainEnd::End,
                Ok(table::Link::Free) => ChainEnd::Free,
                Ok(table::Link::Bad) => ChainEnd::Bad,
                Ok(table::Link::Invalid(_)) => ChainEnd::Invalid,
                Err(_) => ChainEnd::Unreadable,
            });
            return;
        }
    }

    fn stretch(&mut self, offset: u64, length: u64) {
        let end = offset.saturating_add(length);
        let mut at = offset;
        while at < end && !self.done() {
            match self.sectors.sector(at / 512) {
                Ok(sector) if (self.foreign)(sector.as_slice()) => {
                    self.slots.clear();
                    self.found.foreign.push(Extent {
                        offset: at,
                        length: 512,
                    });
                }
                Ok(sector) => self.sector(&sector, at),
                Err(_) => {
                    self.slots.clear();
                    self.found.unreadable.push(Extent {
                        offset: at,
                        length: 512,
                    });
                    if at >= self.sectors.image().size() {
                        return;
                    }
                }
            }
            at = at.saturating_add(512);
        }
    }

    fn sector(&mut self, sector: &[u8; 512], at: u64) {
        for within in (0..512_usize).step_by(SIZE) {
            let Some(raw) = RawEntry::at(sector, within) else {
                return;
            };
            self.entry(raw, at.saturating_add(within as u64));
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
                self.slots.clear();
                return;
            }
            DELETED if self.depth == Depth::Live => {
                self.slots.clear();
                return;
            }
            _ => {}
        }
        if raw.is_long() {
            let deleted = raw.first() == DELETED;
            let begins = !deleted && raw.first() & LAST_LONG != 0;
            let breaks = self
                .slots
                .last()
                .is_some_and(|last| (last.raw.first() == DELETED) != deleted);
            if begins || breaks {
                self.slots.clear();
            }
            if self.slots.len() < 20 {
                self.slots.push(Slot { raw, offset });
            }
            return;
        }
        let slots = std::mem::take(&mut self.slots);
        // Behind the end mark only what still looks like an entry is worth a line.
        if self.ended && !is_plausible(&raw) {
            return;
        }
        let entry = self.named(raw, offset, slots);
        if !entry.is_dot() || entry.deleted {
            self.found.entries.push(entry);
        }
    }

    fn named(&self, raw: RawEntry, offset: u64, slots: Vec<Slot>) -> Entry {
        let deleted = raw.first() == DELETED;
        let long = if deleted {
            deleted_long_name(&raw, &slots)
        } else {
            live_long_name(&raw, &slots)
        };
        let (long_name, first) = match long {
            Some((name, first)) => (Some(name), first),
            None => (None, None),
        };
        let mut short = raw.name();
        if let Some(first) = first {
            short[0] = first;
        }
        let short_name = short_name(&short, raw.nt_res(), deleted && first.is_none());
        let high = if self.geometry.kind == FatKind::Fat32 {
            raw.cluster_high()
        } else {
            0
        };
        let has_long_name = long_name.is_some();
        Entry {
            raw,
            offset,
            slots: if has_long_name {
                slots.iter().map(|slot| slot.offset).collect()
            } else {
                Vec::new()
            },
            name: long_name.unwrap_or_else(|| short_name.clone()),
            short_name,
            has_long_name,
            deleted,
            behind_end: self.ended,
            cluster: u32::from(raw.cluster_low()) | u32::from(high) << 16,
        }
    }
}

/// Whether bytes behind the end mark still look like an entry: a printable name and known attributes.
fn is_plausible(raw: &RawEntry) -> bool {
    let name = raw.name();
    let (first, rest) = (
        name.first().copied().unwrap_or(0),
        name.get(1..).unwrap_or_default(),
    );
    let printable = |byte: &u8| *byte >= 0x20 && !b"\"*+,/:;<=>?[\\]|\x7F".contains(byte);
    (first == DELETED || printable(&first))
        && rest.iter().all(printable)
        && raw.attr() & attr::VOLUME == 0
}

/// The units of slots in the order of the name, up to the NUL.
fn units(slots: &[Slot]) -> Vec<u16> {
    let units = slots.iter().rev().flat_map(|slot| slot.raw.long_units());
    units.take_while(|unit| *unit != 0).take(255).collect()
}

/// The long name of a live entry if its slots are whole: in order, with the right sum.
fn live_long_name(raw: &RawEntry, slots: &[Slot]) -> Option<(String, Option<u8>)> {
    let sum = short_name_sum(&raw.name());
    let mut expected = u8::try_from(slots.len()).ok()?;
    for (index, slot) in slots.iter().enumerate() {
        let mark = if index == 0 { LAST_LONG } else { 0 };
        let sound = slot.raw.first() == expected | mark
            && slot.raw.long_sum() == sum
            && slot.raw.cluster_low() == 0;
        if !sound {
            return None;
        }
        expected = expected.saturating_sub(1);
    }
    let name = String::from_utf16_lossy(&units(slots));
    (!name.is_empty()).then_some((name, None))
}

/// The long name of a deleted entry and the first byte of its short name.
///
/// Deleting overwrites the order bytes and the first byte of the short name; the slots' sum gives
/// that byte back, and slots with another sum belong to another entry.
fn deleted_long_name(raw: &RawEntry, slots: &[Slot]) -> Option<(String, Option<u8>)> {
    let sum = slots.last()?.raw.long_sum();
    let own = slots
        .iter()
        .rev()
        .take_while(|slot| slot.raw.long_sum() == sum && slot.raw.cluster_low() == 0)
        .count();
    let own = slots.get(slots.len().saturating_sub(own)..)?;
    let mut short = raw.name();
    // Every sum has its byte: it proves something only if that byte can begin a short name.
    let can_begin = |byte: &u8| {
        *byte > 0x20 && !byte.is_ascii_lowercase() && !b"\"*+,./:;<=>?[\\]|\x7F".contains(byte)
    };
    let first = (0x20..=u8::MAX).filter(can_begin).find(|first| {
        short[0] = *first;
        short_name_sum(&short) == sum
    })?;
    let name = String::from_utf16_lossy(&units(own));
    (!name.is_empty()).then_some((name, Some(first)))
}

/// A short name as text; `_` stands for a first byte that is gone.
fn short_name(name: &[u8; 11], nt_res: u8, first_lost: bool) -> String {
    let (body, extension) = name.split_at(8);
    let text = |bytes: &[u8], lower: u8| {
        let end = bytes
            .iter()
            .rposition(|byte| *byte != b' ')
            .map_or(0, |at| at.saturating_add(1));
        let text = codepage::decode(bytes.get(..end).unwrap_or_default());
        if nt_res & lower != 0 {
            text.to_lowercase()
        } else {
            text
        }
    };
    let mut body = body.to_vec();
    if let Some(first) = body.first_mut() {
        match *first {
            _ if first_lost => *first = b'_',
            KANJI_E5 => *first = DELETED,
            _ => {}
        }
    }
    let (body, extension) = (text(&body, LOWER_BODY), text(extension, LOWER_EXTENSION));
    if extension.is_empty() {
        body
    } else {
        format!("{body}.{extension}")
    }
}
