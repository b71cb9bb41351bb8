//! The card from the outside in, and what `inspect` shows beyond `list`: the tree, and the fields of
//! each copy.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Source, Text};
use crate::assess::Assessment;
use crate::backup::wire;
use crate::catalogue::{BackupCopy, BootRecord, Catalogue, Health, Node, Origin as Found, Volume};
use crate::fat::entry::attr;
use crate::image::{Extent, SECTOR, Sectors};
use crate::partition::{Origin, Partition};
use crate::reader::CardIdentity;
use crate::text::escape;

/// The card from the outside in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What kind of source it is.
    pub kind: Text,
    /// Which physical card it is, where the system knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<CardIdentity>,
    /// Bytes of the (unpacked) image; `None` where there is no card.
    pub size: Option<u64>,
    /// What was read of it.
    pub read: Option<WhatWasRead>,
    /// Whether a GUID partition table is there.
    pub gpt: bool,
    /// Its volumes.
    pub volumes: Vec<VolumeReport>,
    /// Its files and folders, for `inspect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<Vec<NodeReport>>,
}

impl Card {
    /// The card of a catalogue; `sectors` are what was read of it, where it is a card at all.
    pub fn new(kind: Text, catalogue: &Catalogue, sectors: Option<&Sectors<'_>>) -> Self {
        let volumes = catalogue.volumes.iter();
        Self {
            kind,
            identity: None,
            size: sectors.map(|sectors| sectors.image().size()),
            read: sectors.map(WhatWasRead::of),
            gpt: catalogue.table.as_ref().is_some_and(|table| table.gpt),
            volumes: volumes
                .map(|volume| VolumeReport::of(volume, sectors))
                .collect(),
            tree: None,
        }
    }
}

/// What was read of a card, and its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatWasRead {
    /// How many different sectors.
    pub sectors: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// SHA-256 over these sectors in ascending order.
    pub sha256: String,
}

impl WhatWasRead {
    fn of(sectors: &Sectors<'_>) -> Self {
        let (count, sha256) = hash(sectors, 0..u64::MAX);
        Self {
            sectors: count,
            bytes: count.saturating_mul(SECTOR as u64),
            sha256,
        }
    }
}

/// How many of these sectors were read, and the SHA-256 over them in ascending order.
fn hash(sectors: &Sectors<'_>, lbas: Range<u64>) -> (u64, String) {
    let mut hash = Sha256::new();
    let mut count = 0_u64;
    for lba in sectors.read_so_far() {
        if lbas.contains(&lba)
            && let Ok(sector) = sectors.sector(lba)
        {
            hash.update(sector.as_slice());
            count = count.saturating_add(1);
        }
    }
    (count, hex::encode(hash.finalize()))
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeReport {
    /// How it was found, in words.
    pub found: String,
    /// Where it starts: bytes from the start of the card.
    pub offset: u64,
    /// Bytes of its partition.
    pub length: u64,
    /// Its file system.
    pub file_system: Text,
    /// Its label as systems show it, escaped: that of the root directory, else of the boot sector.
    pub label: String,
    /// The label in its boot sector, escaped.
    #[serde(default)]
    pub boot_label: String,
    /// Its serial number as people write it, `1234-ABCD`.
    pub serial: Option<String>,
    /// Bytes of a cluster.
    pub cluster_length: Option<u64>,
    /// How many clusters.
    pub clusters: Option<u32>,
    /// Where its first FAT lies: bytes from the start of the card.
    pub fat_offset: Option<u64>,
    /// How many FATs.
    pub fats: Option<u8>,
    /// SHA-256 of the sectors of its first FAT that were read, in ascending order: equal on two
    /// cards of which one is a copy of the other.
    pub fat_sha256: Option<String>,
    /// Where cluster 2 lies: bytes from the start of the card.
    pub data_offset: Option<u64>,
    /// Whether its spare boot sector had to be used.
    pub from_backup_boot_sector: bool,
}

impl VolumeReport {
    fn of(volume: &Volume, sectors: Option<&Sectors<'_>>) -> Self {
        let geometry = volume.geometry;
        let fat = geometry.map(|geometry| {
            let end = geometry.fat.saturating_add(geometry.fat_length);
            geometry.fat / SECTOR as u64..end.div_ceil(SECTOR as u64)
        });
        let file_system =
            geometry.map_or(volume.file_system.name(), |geometry| geometry.kind.name());
        Self {
            found: origin(&volume.partition),
            offset: volume.partition.extent.offset,
            length: volume.partition.extent.length,
            file_system: file_system.into(),
            label: escape(volume.root_label.as_ref().unwrap_or(&volume.label)),
            boot_label: escape(&volume.label),
            serial: geometry.map(|geometry| {
                format!(
                    "{:04X}-{:04X}",
                    geometry.serial >> 16,
                    geometry.serial & 0xFFFF
                )
            }),
            cluster_length: geometry.map(|geometry| geometry.cluster_length),
            clusters: geometry.map(|geometry| geometry.clusters),
            fat_offset: geometry.map(|geometry| geometry.fat),
            fats: geometry.map(|geometry| geometry.num_fats),
            fat_sha256: sectors.zip(fat).map(|(sectors, fat)| hash(sectors, fat).1),
            data_offset: geometry.map(|geometry| geometry.data),
            from_backup_boot_sector: volume.boot_record == BootRecord::Backup,
        }
    }
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Its path, escaped.
    pub path: String,
    /// Which volume.
    pub volume: Option<usize>,
    /// `file` or `folder`.
    pub kind: Text,
    /// Bytes of a file.
    pub size: u64,
    /// Whether it is deleted, or no live folder leads to it.
    pub deleted: bool,
    /// How it was found: `live`, `deleted` or `carved`.
    pub origin: Found,
    /// Where its directory entry lies: bytes from the start of the card.
    pub offset: Option<u64>,
    /// Its short name, escaped, where it has a directory entry.
    pub short_name: Option<String>,
    /// Its first cluster.
    pub cluster: Option<u32>,
    /// Attributes as letters: r h s a.
    pub attributes: Option<String>,
    /// Its dates as they stand in its entry: written, created, accessed.
    pub dates: Option<[String; 3]>,
}

/// Adds what `inspect` shows beyond `list`: the whole tree and the fields of each copy.
pub fn inspect(source: &mut Source, assessment: &Assessment, catalogue: &Catalogue) {
    if let Some(card) = &mut source.card {
        card.tree = Some(catalogue.nodes.iter().map(node).collect());
    }
    for (backup, report) in assessment.backups.iter().zip(&mut source.backups) {
        for (index, copy) in backup.copies.iter().zip(&mut report.copies) {
            if let Some(found) = catalogue.copies.get(*index) {
                copy.fields = fields(found, catalogue.bytes(*index));
            }
        }
    }
}

/// One field of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldReport {
    /// Its name in the protobuf definition.
    pub field: Text,
    /// Its value's first byte from the start of the card; in the file where there is no card.
    pub offset: Option<u64>,
    /// Bytes of its value.
    pub length: u64,
    /// Its value, of a whole copy and never the seed.
    pub value: Option<String>,
}

/// The fields of a copy, for `inspect`.
fn fields(copy: &BackupCopy, bytes: &[u8]) -> Vec<FieldReport> {
    let whole = copy.health == Health::Whole;
    let found = wire::fields(bytes).into_iter().map(|found| {
        let text = || {
            bytes
                .get(found.range.clone())
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .map(escape)
        };
        let value = match found.field {
            wire::Field::Seed => None,
            _ if !whole => None,
            wire::Field::Checksum => bytes.get(found.range.clone()).map(hex::encode),
            wire::Field::Name | wire::Field::Generator => text(),
            _ => found.number.map(|number| number.to_string()),
        };
        FieldReport {
            field: found.field.name().into(),
            offset: offset_in(&copy.extents, found.range.start as u64),
            length: found.range.len() as u64,
            value,
        }
    });
    found.collect()
}

/// The place on the card of a byte of a file.
fn offset_in(extents: &[Extent], at: u64) -> Option<u64> {
    let mut before = 0_u64;
    for extent in extents {
        let within = at.checked_sub(before)?;
        if within < extent.length {
            return extent.offset.checked_add(within);
        }
        before = before.checked_add(extent.length)?;
    }
    None
}

fn fat_date(date: u16) -> String {
    if date == 0 {
        return "-".to_owned();
    }
    format!(
        "{:04}-{:02}-{:02}",
        (date >> 9) + 1980,
        (date >> 5) & 15,
        date & 31
    )
}

fn fat_time(date: u16, time: u16) -> String {
    format!(
        "{} {:02}:{:02}:{:02}",
        fat_date(date),
        time >> 11,
        (time >> 5) & 63,
        (time & 31) * 2
    )
}

/// A file or folder with what its entry says.
fn node(node: &Node) -> NodeReport {
    let entry = node.entry.as_ref();
    let letters = |bits: u8| {
        let all = [
            (attr::READ_ONLY, 'r'),
            (attr::HIDDEN, 'h'),
            (attr::SYSTEM, 's'),
            (attr::ARCHIVE, 'a'),
        ];
        all.iter()
            .filter(|(bit, _)| bits & bit != 0)
            .map(|(_, letter)| *letter)
            .collect::<String>()
    };
    NodeReport {
        path: escape(&node.path),
        volume: node.volume,
        kind: if node.is_directory { "folder" } else { "file" }.into(),
        size: node.size,
        deleted: node.is_deleted(),
        origin: node.origin,
        offset: node.offset(),
        short_name: entry.map(|entry| escape(&entry.short_name)),
        cluster: entry.map(|entry| entry.cluster),
        attributes: entry.map(|entry| letters(entry.raw.attr())),
        dates: entry.map(|entry| {
            let raw = entry.raw;
            [
                fat_time(raw.write_date(), raw.write_time()),
                fat_time(raw.create_date(), raw.create_time()),
                fat_date(raw.access_date()),
            ]
        }),
    }
}

/// How a partition was found, in words.
fn origin(partition: &Partition) -> String {
    match partition.origin {
        Origin::Superfloppy => "whole card, no partition table".to_owned(),
        Origin::Primary { slot, kind } => format!("MBR partition {slot}, type {kind:02x}"),
        Origin::Logical { number, kind } => format!("logical partition {number}, type {kind:02x}"),
        Origin::Gpt { number } => format!("GPT partition {number}"),
        Origin::Found => "its boot sector, which no record leads to".to_owned(),
        Origin::Inferred => "its directories alone".to_owned(),
    }
}
