//! The card from the outside in.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::detail::NodeReport;
use super::form::Text;
use crate::catalogue::{Catalogue, Volume};
use crate::image::{SECTOR, Sectors};
use crate::partition::{FoundBy, Partition};
use crate::reader::CardIdentity;
use crate::text::escape;

/// The card from the outside in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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
#[non_exhaustive]
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
#[non_exhaustive]
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
    /// Whether its backup boot sector had to be used.
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
            from_backup_boot_sector: volume.by_spare,
        }
    }
}

/// How a partition was found, in words.
fn origin(partition: &Partition) -> String {
    match partition.origin {
        FoundBy::Superfloppy => "whole card, no partition table".to_owned(),
        FoundBy::Primary { slot, kind } => format!("MBR partition {slot}, type {kind:02x}"),
        FoundBy::Logical { number, kind } => format!("logical partition {number}, type {kind:02x}"),
        FoundBy::Gpt { number } => format!("GPT partition {number}"),
        FoundBy::Found => "its boot sector, which no record leads to".to_owned(),
    }
}
