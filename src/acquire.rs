//! A sector-exact copy of a card: the image, its hash, and a map of what could not be read.
//!
//! [`copy`] reads the card into a [`ImageTarget`] in passes of rising patience, as GNU ddrescue does: all that
//! reads easily first, then what lies around bad sectors, then the bad sectors again, from both ends. What
//! is done stands in a [`RescueMap`], so that a copy can be continued at any time, by this program or
//! by ddrescue. The image holds wallets in plain text.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod compressed;
mod hash_thread;
mod map_file;
mod pass;
mod report;
mod reread;
mod target;

use serde::{Deserialize, Serialize};

use crate::image::{Extent, ReadError, RescueMap, Tried};

pub use compressed::{Packed, hash, pack, read_back_packed};
pub use pass::copy;
pub use report::{ImageReport, KeptReadings};
pub use reread::{Reread, check, is_of, reread};
pub use target::{ImageTarget, ImageTargetError};

/// Bytes read at once where nothing is wrong.
const BLOCK: u64 = 4 << 20;
const SECTOR: u64 = 512;

/// What copying a card asks and tells beyond its [`Progress`](crate::progress::Progress).
pub trait CopyObserver {
    /// Whether the card is still the one it was; asked after every read, which `failed` or did not.
    fn is_there(&self, failed: bool) -> bool;
    /// `bad` bytes are known to be unreadable so far; `pass` is the pass, from 1.
    fn report_bad(&self, bad: u64, pass: u32);
}

/// A card that cannot be changed, such as an image.
impl CopyObserver for () {
    fn is_there(&self, _: bool) -> bool {
        true
    }

    fn report_bad(&self, _: u64, _: u32) {}
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// Every pass was made.
    Through,
    /// It was told to stop.
    Stopped,
    /// The card or its reader is gone.
    Gone,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// How it ended.
    pub ended: Ended,
    /// SHA-256 of the image as it is now, in hex, if it could be computed on the way: it was read from its
    /// first byte to its last without an error.
    pub sha256: Option<String>,
    /// Bytes read in this run.
    pub read: u64,
    /// Where the card gives other bytes than are in an image that was resumed, as far as the two were compared.
    pub differing: Vec<Extent>,
}

/// Whether the card was still there at this read, be it one that failed. Nothing of another card gets into an image.
fn was_there(read: &Result<(), ReadError>, observer: &dyn CopyObserver) -> bool {
    let gone = read.as_ref().is_err_and(|error| error.device_is_gone());
    !gone && observer.is_there(read.is_err())
}

/// The bytes of a map that are read, and those that are known to be bad.
fn counts(map: &RescueMap) -> (u64, u64) {
    let mut counts = (0_u64, 0_u64);
    for (Extent { length, .. }, tried) in map.parts() {
        match tried {
            Tried::Done => counts.0 = counts.0.saturating_add(length),
            Tried::Bad => counts.1 = counts.1.saturating_add(length),
            _ => {}
        }
    }
    counts
}

fn pieces(part: Extent, length: u64) -> impl Iterator<Item = Extent> {
    let starts = (part.offset..part.end()).step_by(usize::try_from(length).unwrap_or(1));
    let end = move |offset: u64| part.end().min(offset.saturating_add(length));
    starts.map(move |offset| Extent::between(offset, end(offset)))
}

#[cfg(all(test, unix))]
mod tests;
