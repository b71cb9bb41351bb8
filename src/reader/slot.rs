//! The answer of `sources`: card readers and BitBoxes.

use serde::{Deserialize, Serialize};

use super::identity::CardIdentity;

/// A card reader, with or without a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlotReport {
    /// Its device, such as `/dev/sdb`: what other commands take as SOURCE.
    pub path: String,
    /// Whether a card is in it.
    pub has_card: bool,
    /// The file system of a card without partitions, as the system found it.
    pub file_system: Option<String>,
    /// How the card is divided, as the system found it: `MBR`, `GPT`, or another name; null where it is not.
    pub partition_table: Option<String>,
    /// Where it is mounted as a whole.
    pub mounts: Vec<MountReport>,
    /// The partitions the system found.
    pub partitions: Vec<PartitionReport>,
    /// The card and the reader.
    pub card: CardIdentity,
}

/// A partition of a card as the system sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartitionReport {
    /// Its device, such as `/dev/sdb1`.
    pub path: String,
    /// Its number, from 1.
    pub number: u64,
    /// Where it begins: bytes from the start of the card.
    pub offset: u64,
    /// How many bytes it has.
    pub size: u64,
    /// Its file system, as the system found it; null if it says none.
    pub file_system: Option<String>,
    /// Where it is mounted.
    pub mounts: Vec<MountReport>,
}

/// A place something is mounted at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MountReport {
    /// The folder.
    pub place: String,
    /// Whether nothing can be written through it.
    pub read_only: bool,
}

/// A BitBox02 on USB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BitBoxReport {
    /// Its device, such as `/dev/hidraw3`.
    pub path: String,
    /// What it calls itself.
    pub product: Option<String>,
    /// Its version, such as `v9.27.0`.
    pub version: Option<String>,
    /// Whether it is in bootloader mode.
    pub bootloader: bool,
}

impl SlotReport {
    /// Whether anything of it is mounted so that it can be written.
    pub fn is_written(&self) -> bool {
        let parts = self.partitions.iter().flat_map(|part| &part.mounts);
        self.mounts
            .iter()
            .chain(parts)
            .any(|mount| !mount.read_only)
    }
}
