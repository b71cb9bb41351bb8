//! What is said of cards, card readers, and BitBoxes.

use serde::{Deserialize, Serialize};

/// How a card is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CardKind {
    /// In a slot that speaks to the card itself.
    Mmc,
    /// Behind a USB device: a card reader or a stick.
    Usb,
    /// Anything else with a block device.
    Other,
}

/// What is known of the card, or of the disk, behind a block device. Every text is trimmed, of
/// bounded length and escaped: a USB device may call itself anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardIdentity {
    /// How it is connected.
    pub kind: CardKind,
    /// The card identification register, 32 hex digits, which no two cards share.
    pub cid: Option<String>,
    /// The card's own serial number; never that of a USB reader.
    pub serial: Option<String>,
    /// The product's name.
    pub model: Option<String>,
    /// Who sells it; for a card in a slot the number of its maker.
    pub vendor: Option<String>,
    /// The maker's two letters for the brand, as a number.
    pub oem: Option<String>,
    /// When the card was made: month and year.
    pub made: Option<String>,
    /// What kind of card: `SD` or `MMC`.
    pub card_type: Option<String>,
    /// The USB device it is in.
    pub reader: Option<UsbReader>,
    /// The system's count of media: another number, another card was put in.
    pub diskseq: Option<u64>,
    /// Bytes of the whole card.
    pub size: Option<u64>,
    /// Whether the system cannot write to it.
    pub read_only: Option<bool>,
    /// Whether the system thinks it can be taken out; cards in a slot say no.
    pub removable: Option<bool>,
}

/// What became of a card since it was first looked at, as far as the system knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFate {
    /// It is there.
    There,
    /// It was taken out, or its reader was unplugged.
    Gone,
    /// Another one is there, or this one was put in again.
    Another,
}

impl CardIdentity {
    /// What became of this card if `now` is what is behind its device at present.
    pub fn fate(&self, now: Option<&Self>) -> CardFate {
        match now {
            None => CardFate::Gone,
            Some(now) if now.size.unwrap_or_default() == 0 => CardFate::Gone,
            Some(now)
                if self.cid != now.cid
                    || self.serial != now.serial
                    || self.diskseq != now.diskseq
                    || self.size != now.size =>
            {
                CardFate::Another
            }
            Some(_) => CardFate::There,
        }
    }
}

/// A USB device with a block device in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsbReader {
    /// The vendor's number, four hex digits.
    pub vendor_id: Option<String>,
    /// The product's number, four hex digits.
    pub product_id: Option<String>,
    /// Who made it, by its own word.
    pub manufacturer: Option<String>,
    /// What it is, by its own word.
    pub product: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
}

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
        let mut all = self.mounts.iter().chain(parts);
        all.any(|mount| !mount.read_only)
    }
}
