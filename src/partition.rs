//! Where on a card volumes lie: superfloppy, MBR with extended partitions, GPT and hybrids.
//!
//! Finds and names what is there, also where the device does not look; a bad record never refuses
//! the rest.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod file_system;

pub use file_system::{
    FileSystem, by_record, file_system, is_random_sector, looks_like_fat, other,
};

use crate::fat::bytes_at;
use crate::fat::geometry::BootSector;
use crate::image::{Extent, Sectors};

/// Most logical partitions followed.
const MAX_LOGICAL: usize = 64;
/// Most entries of a GUID partition table that are looked at.
const MOST_GPT: u32 = 128;

/// How a partition was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FoundBy {
    /// The volume begins in sector 0: there is no partition table.
    Superfloppy,
    /// An entry of the master boot record.
    Primary {
        /// 1 to 4.
        slot: u8,
        /// Its type byte.
        kind: u8,
    },
    /// A link in the chain of an extended partition; a device never looks there.
    Logical {
        /// From 5 on, as Linux counts.
        number: u8,
        /// Its type byte.
        kind: u8,
    },
    /// An entry of a GUID partition table; a device never looks there.
    Gpt {
        /// From 1 on.
        number: u8,
    },
    /// No record: its boot sector, or the spare one, was found where it lies.
    Found,
}

/// A stretch of the card that may hold a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// How it was found.
    pub origin: FoundBy,
    /// Where it lies, as its record says; the end may be past the card.
    pub extent: Extent,
    /// Where its record lies, bytes from the start of the card; `None` for a superfloppy.
    pub record: Option<u64>,
}

impl Partition {
    /// Whether its record is that of a volume, not one that stands for others: an extended partition, or the one that
    /// protects a GUID partition table.
    pub(crate) fn holds_a_volume(&self) -> bool {
        !matches!(self.origin, FoundBy::Primary { kind, .. } if matches!(kind, 0 | 0xEE) || is_extended(kind))
    }

    /// Its number in the table that names it; `None` for what none names.
    pub fn number(&self) -> Option<u32> {
        match self.origin {
            FoundBy::Primary { slot: number, .. }
            | FoundBy::Logical { number, .. }
            | FoundBy::Gpt { number } => Some(number.into()),
            FoundBy::Superfloppy | FoundBy::Found => None,
        }
    }
}

/// Everything found about the division of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The partitions, in the order of their records: MBR, logical, GPT.
    pub partitions: Vec<Partition>,
    /// Those that have a number, as `fdisk` counts: those of the GPT where the MBR has a record that stands for it.
    pub numbered: Vec<Partition>,
    /// Whether a GUID partition table is there (`EFI PART` in sector 1 or in the last).
    pub gpt: bool,
    /// Whether sector 0 ends in 55 AA.
    pub signature: bool,
}

/// Reads the partition tables of a card.
pub fn read(sectors: &Sectors<'_>) -> Table {
    let mut table = Table::default();
    let Ok(first) = sectors.sector(0) else {
        return table;
    };
    table.signature = BootSector(&first).has_signature();
    let whole = Partition {
        origin: FoundBy::Superfloppy,
        extent: Extent {
            offset: 0,
            length: sectors.image().size(),
        },
        record: None,
    };
    table.partitions = match file_system(sectors, 0) {
        FileSystem::Unknown | FileSystem::Blank if table.signature => primaries(sectors, &first),
        _ => vec![whole],
    };
    let numbered = table.partitions.iter().copied();
    table.numbered = numbered.filter(|one| one.number().is_some()).collect();
    for lba in [1, sectors.count().saturating_sub(1)] {
        let Ok(header) = sectors.sector(lba) else {
            continue;
        };
        if header.starts_with(b"EFI PART") {
            table.gpt = true;
            table.add_gpt(gpt_entries(sectors, &header));
            break;
        }
    }
    // A disc that computers start from has the signature and often no partition.
    if table.partitions.is_empty() && other(sectors, whole.extent).is_some() {
        table.partitions.push(whole);
    }
    table
}

impl Table {
    fn add_gpt(&mut self, entries: Vec<Partition>) {
        for entry in &entries {
            let is_there = |one: &Partition| one.extent.offset == entry.extent.offset;
            // The MBR of a hybrid has it, too.
            if !self.partitions.iter().any(is_there) {
                self.partitions.push(*entry);
            }
        }
        let protects = |one: &Partition| matches!(one.origin, FoundBy::Primary { kind: 0xEE, .. });
        if self.numbered.iter().any(protects) && !entries.is_empty() {
            self.numbered = entries;
        }
    }
}

fn u32_at(sector: &[u8; 512], at: usize) -> u32 {
    bytes_at(sector, at).map_or(0, u32::from_le_bytes)
}

/// One 16-byte record of an MBR or EBR.
struct Record {
    /// Where it lies in its sector: bytes.
    at: usize,
    /// Its type byte.
    kind: u8,
    /// How many sectors lie before the partition: from the start of the card in an MBR, from a boot
    /// record in an EBR.
    start: u32,
    /// Its length in sectors.
    length: u32,
}

impl Record {
    /// The one in this slot, if there is one.
    fn of(sector: &[u8; 512], slot: usize) -> Option<Self> {
        let at = slot.saturating_mul(16).saturating_add(446);
        let start = u32_at(sector, at.saturating_add(8));
        (start != 0).then(|| Self {
            at,
            kind: sector.get(at.saturating_add(4)).copied().unwrap_or(0),
            start,
            length: u32_at(sector, at.saturating_add(12)),
        })
    }
}

/// So many sectors of the card, from this one on.
fn extent(first: u64, sectors: u64) -> Extent {
    Extent {
        offset: first.saturating_mul(512),
        length: sectors.saturating_mul(512),
    }
}

const fn is_extended(kind: u8) -> bool {
    matches!(kind, 0x05 | 0x0F | 0x85)
}

fn primaries(sectors: &Sectors<'_>, mbr: &[u8; 512]) -> Vec<Partition> {
    let mut found = Vec::new();
    let mut extended = None;
    for slot in 0..4_u8 {
        let Some(record) = Record::of(mbr, usize::from(slot)) else {
            continue;
        };
        let start = u64::from(record.start);
        if is_extended(record.kind) {
            extended = extended.or(Some(start));
        }
        found.push(Partition {
            origin: FoundBy::Primary {
                slot: slot.saturating_add(1),
                kind: record.kind,
            },
            extent: extent(start, record.length.into()),
            record: Some(record.at as u64),
        });
    }
    if let Some(start) = extended {
        logicals(sectors, start, &mut found);
    }
    found
}

/// Follows the chain of extended boot records; each may be visited once.
fn logicals(sectors: &Sectors<'_>, first: u64, found: &mut Vec<Partition>) {
    let mut at = first;
    let mut seen = Vec::new();
    while seen.len() < MAX_LOGICAL && !seen.contains(&at) {
        seen.push(at);
        let ebr = sectors.sector(at).ok();
        let Some(ebr) = ebr.filter(|ebr| BootSector(ebr).has_signature()) else {
            return;
        };
        if let Some(own) = Record::of(&ebr, 0) {
            found.push(Partition {
                origin: FoundBy::Logical {
                    number: u8::try_from(seen.len().saturating_add(4)).unwrap_or(u8::MAX),
                    kind: own.kind,
                },
                extent: extent(at.saturating_add(own.start.into()), own.length.into()),
                record: Some(extent(at, 0).offset.saturating_add(own.at as u64)),
            });
        }
        match Record::of(&ebr, 1) {
            Some(next) if is_extended(next.kind) => at = first.saturating_add(next.start.into()),
            _ => return,
        }
    }
}

/// The partitions of a table with this header.
fn gpt_entries(sectors: &Sectors<'_>, header: &[u8; 512]) -> Vec<Partition> {
    let mut found = Vec::new();
    let table = extent(u64_at(header, 72), 0).offset;
    let count = u32_at(header, 80).min(MOST_GPT);
    let size = u64::from(u32_at(header, 84));
    if !(128..=4096).contains(&size) || size % 128 != 0 {
        return found;
    }
    for index in 0..u64::from(count) {
        let at = table.saturating_add(index.saturating_mul(size));
        let Ok(sector) = sectors.sector(at / 512) else {
            return found;
        };
        let within = (at % 512) as usize;
        if bytes_at(sector.as_slice(), within) == Some([0; 16]) {
            continue;
        }
        let start = u64_at(&sector, within.saturating_add(32));
        let last = u64_at(&sector, within.saturating_add(40));
        let length = last.saturating_sub(start).saturating_add(1);
        let number = u8::try_from(index.saturating_add(1)).unwrap_or(u8::MAX);
        found.push(Partition {
            origin: FoundBy::Gpt { number },
            extent: extent(start, length),
            record: Some(at),
        });
    }
    found
}

fn u64_at(sector: &[u8; 512], at: usize) -> u64 {
    bytes_at(sector, at).map_or(0, u64::from_le_bytes)
}
