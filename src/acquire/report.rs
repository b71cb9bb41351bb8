//! The answer of `image`.

use serde::{Deserialize, Serialize};

use super::Ended;
use crate::image::{EvidenceReport, Extent, join};
use crate::reader::CardIdentity;

/// The further readings of a card, and what of them is kept beside its image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReadings {
    /// How often the card was read, for its image and by earlier runs included.
    pub count: u32,
    /// The file of the sectors that gave other bytes; null if there are none.
    pub file: Option<String>,
    /// How many sectors are in it, each time counted.
    pub sectors: usize,
    /// Whether all that differed is in it: it takes 64 MiB.
    pub complete: bool,
}

/// A sector-exact copy of a card: what was written, and what could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageReport {
    /// The card, as given.
    pub source: String,
    /// The image.
    pub file: String,
    /// Whether the image is there: one that is compressed is written whole or not at all.
    pub written: bool,
    /// Whether it is compressed, and so cannot be resumed.
    pub compressed: bool,
    /// The map beside it; null where none is needed.
    pub map: Option<String>,
    /// Bytes of the card.
    pub size: u64,
    /// SHA-256 of the image, unpacked, in hex; null if the copy was not made to its end.
    pub sha256: Option<String>,
    /// Whether every byte of the card is in the image.
    pub complete: bool,
    /// How it ended: `through`, `stopped`, or `gone` if card or reader went away.
    pub ended: Ended,
    /// What is not in the image: offset and length in bytes.
    pub unreadable: Vec<Extent>,
    /// Whether an earlier run began it.
    pub resumed: bool,
    /// Where the image ended that was resumed, in bytes, if its map says that more had been read: it was cut short since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_at: Option<u64>,
    /// Whether the image was read back and has the hash of what was read from the card; null if that was not asked for, or
    /// there is no such hash: earlier runs, or several passes, read the card.
    pub verified: Option<bool>,
    /// Where another reading of the card gave other bytes, or none: offset and length in bytes; null if
    /// it was read only once. Of an image that was resumed also where the card no longer gives what is in it.
    pub differing: Option<Vec<Extent>>,
    /// The further readings of the card that are kept beside the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readings: Option<KeptReadings>,
    /// The card behind a device.
    pub card: Option<CardIdentity>,
    /// Whether another card was there at the end than at the beginning.
    pub exchanged: bool,
    /// The kind of the file, where it is neither a card nor a raw image of one: what is in it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What is wrong with that file: it is cut short or damaged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub container_damage: Vec<String>,
    /// What an E01 image that was copied says of itself, with its hashes compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e01: Option<Box<EvidenceReport>>,
}

impl ImageReport {
    /// Adds where another reading gave other bytes.
    pub fn add_differing(&mut self, more: Vec<Extent>) {
        let mut all = self.differing.take().unwrap_or_default();
        all.extend(more);
        all.sort_unstable();
        self.differing = Some(join(all));
    }

    /// Whether sectors that gave other bytes are kept beside the image.
    pub fn has_readings(&self) -> bool {
        let kept = self.readings.as_ref();
        kept.is_some_and(|kept| kept.file.is_some())
    }

    /// Whether it is the whole of one card that gave the same bytes as often as it was asked, and the stored
    /// hashes of an E01 image are those of its contents.
    pub fn is_sound(&self) -> bool {
        let same = self.differing.as_ref().is_none_or(Vec::is_empty);
        let proved = self.e01.as_ref().is_none_or(|e01| e01.is_verified());
        let whole = self.complete && self.container_damage.is_empty();
        whole && !self.exchanged && self.verified != Some(false) && same && proved
    }
}
