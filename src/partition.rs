//! Where on a card volumes lie: superfloppy, MBR with extended partitions, GPT and hybrids.
//!
//! Finds and names what is there, also where the device does not look; a bad record never refuses
//! the rest.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod other;

pub use other::{by_record, is_random_sector, other};

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

/// What a volume begins like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileSystem {
    /// A FAT boot sector.
    Fat,
    /// exFAT.
    ExFat,
    /// NTFS.
    Ntfs,
    /// ext2, ext3 or ext4.
    Ext,
    /// HFS+ or APFS.
    Apple,
    /// Another file system, a disc, or encryption, by its name.
    Other(&'static str),
    /// The first sectors are all zero or all 0xFF.
    Blank,
    /// Nothing known.
    Unknown,
    /// It cannot be read.
    Unreadable,
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

/// What holds its contents encrypted or compressed, by its name.
const OPAQUE: &[&str] = &[
    "LUKS encryption",
    "BitLocker encryption",
    "SquashFS",
    "cramfs",
    "EROFS",
    "JFFS2",
    "UBI",
    "UBIFS",
    "Reiser4",
    "ZFS",
    "Btrfs",
    "bcachefs",
    other::RANDOM,
    other::ADOPTED,
];

impl FileSystem {
    /// Whether what is in it cannot be found by its bytes: it is encrypted, or may be compressed.
    pub fn is_opaque(self) -> bool {
        matches!(self, Self::Other(name) if OPAQUE.contains(&name))
    }

    /// The name of a file system that is known and not read; `None` for FAT, what is none, and what is not known.
    pub fn unread(self) -> Option<&'static str> {
        match self {
            Self::ExFat | Self::Ntfs | Self::Ext | Self::Apple | Self::Other(_) => {
                Some(self.name())
            }
            Self::Fat | Self::Blank | Self::Unknown | Self::Unreadable => None,
        }
    }

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat => "FAT",
            Self::ExFat => "exFAT",
            Self::Ntfs => "NTFS",
            Self::Ext => "ext2/3/4",
            Self::Apple => "HFS+ or APFS",
            Self::Other(name) => name,
            Self::Blank => "blank",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
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
    /// record in an EBR. 0 for none.
    start: u32,
    /// Its length in sectors.
    length: u32,
}

impl Record {
    fn of(sector: &[u8; 512], slot: usize) -> Self {
        let at = slot.saturating_mul(16).saturating_add(446);
        Self {
            at,
            kind: sector.get(at.saturating_add(4)).copied().unwrap_or(0),
            start: u32_at(sector, at.saturating_add(8)),
            length: u32_at(sector, at.saturating_add(12)),
        }
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
        let record = Record::of(mbr, usize::from(slot));
        if record.start == 0 {
            continue;
        }
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
        let Ok(ebr) = sectors.sector(at) else {
            return;
        };
        if !BootSector(&ebr).has_signature() {
            return;
        }
        let own = Record::of(&ebr, 0);
        if own.start != 0 {
            found.push(Partition {
                origin: FoundBy::Logical {
                    number: u8::try_from(seen.len().saturating_add(4)).unwrap_or(u8::MAX),
                    kind: own.kind,
                },
                extent: extent(at.saturating_add(own.start.into()), own.length.into()),
                record: Some(extent(at, 0).offset.saturating_add(own.at as u64)),
            });
        }
        let next = Record::of(&ebr, 1);
        if next.start == 0 || !is_extended(next.kind) {
            return;
        }
        at = first.saturating_add(next.start.into());
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

/// Whether a boot sector is plausibly FAT, more tolerant than a device.
pub fn looks_like_fat(boot: &BootSector<'_>) -> bool {
    let jump = matches!(boot.jump(), 0xEB | 0xE9 | 0xE8);
    let sizes = matches!(boot.bytes_per_sector(), 512 | 1024 | 2048 | 4096);
    let has_fats = (1..=4).contains(&boot.num_fats());
    let evidence = [
        jump,
        sizes,
        boot.sectors_per_cluster().is_power_of_two(),
        boot.reserved_sectors() != 0 && has_fats && boot.fat_size() != 0,
        boot.has_signature(),
        boot.total_sectors() != 0,
    ];
    let kept = evidence.iter().filter(|kept| **kept).count();
    sizes && kept >= 5 || jump && boot.says_fat32() && boot.has_signature()
}

/// What the volume at a byte offset begins like. Reads at most its first three sectors.
pub fn file_system(sectors: &Sectors<'_>, offset: u64) -> FileSystem {
    let lba = offset / 512;
    let Ok(first) = sectors.sector(lba) else {
        return FileSystem::Unreadable;
    };
    match first.get(3..11) {
        Some(b"EXFAT   ") => return FileSystem::ExFat,
        Some(b"NTFS    ") => return FileSystem::Ntfs,
        Some(b"-FVE-FS-") => return FileSystem::Other("BitLocker encryption"),
        _ => {}
    }
    if looks_like_fat(&BootSector(&first)) {
        return FileSystem::Fat;
    }
    if first.get(32..36) == Some(b"NXSB") {
        return FileSystem::Apple;
    }
    if let Ok(third) = sectors.sector(lba.saturating_add(2)) {
        if third.get(56..58) == Some(&[0x53, 0xEF]) {
            return FileSystem::Ext;
        }
        if matches!(third.get(..2), Some(b"H+" | b"HX")) {
            return FileSystem::Apple;
        }
    }
    match [0, 0xFF]
        .iter()
        .any(|fill| first.iter().all(|byte| byte == fill))
    {
        true => FileSystem::Blank,
        false => FileSystem::Unknown,
    }
}
