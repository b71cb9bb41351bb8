//! What became of each directory of `/bitbox02`, and why.

use super::fatfs_volume::FatError;
use super::sd::{Listing, LoadError};
use crate::image::Extent;

/// Which copy a device takes the backup from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// The copy at this place in the directory: 0, 1 or 2.
    Copy(usize),
    /// The bitwise majority of all three.
    Vote,
}

/// Why a device drops an id directory from its list, silently.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hidden {
    /// It is not found by its own name, or is a file: to the device an empty directory.
    NotADirectory,
    /// It cannot be opened.
    Unopenable(FatError),
    /// A name in it is no UTF-8.
    NameNotUtf8 {
        /// Which entry of the listing.
        entry: usize,
    },
    /// It does not hold exactly three entries.
    EntryCount {
        /// How many it holds, at most 200.
        count: usize,
    },
    /// One of the three gives no bytes, so none is looked at.
    Unreadable {
        /// Which entry of the listing.
        entry: usize,
        /// Why.
        error: LoadError,
    },
    /// No copy passes, and their lengths differ, so there is no vote.
    LengthsDiffer,
    /// No copy passes, nor does their vote.
    NothingPasses,
    /// Firmware before v9.13.0 found a whole copy, but could not write over the damaged ones before it.
    Unrewritable {
        /// Which entry of the listing.
        entry: usize,
    },
}

/// Why the device crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Crash {
    /// A copy without metadata.
    MissingMetadata,
    /// A copy whose seed length is over 32 (v9.26.3 and v9.26.4).
    SeedLength,
    /// The answer is longer than [`MAX_ANSWER`](super::MAX_ANSWER).
    AnswerSize {
        /// Bytes it would have.
        size: usize,
    },
}

/// What became of one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryOutcome {
    /// It is in the list.
    Listed(Winner),
    /// It is not in the list.
    Hidden(Hidden),
    /// It ends the list in a crash of the device.
    Crashes(Crash),
    /// The device never came to it.
    NotReached,
}

impl From<Hidden> for DirectoryOutcome {
    fn from(why: Hidden) -> Self {
        Self::Hidden(why)
    }
}

impl From<Crash> for DirectoryOutcome {
    fn from(crash: Crash) -> Self {
        Self::Crashes(crash)
    }
}

/// A damaged copy that firmware before v9.13.0 writes over with a good one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewrite {
    /// Which entry of the listing.
    pub entry: usize,
    /// What it frees or writes to, on the card.
    pub touched: Vec<Extent>,
}

/// One entry of `/bitbox02` as the device goes through it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryTrace {
    /// Its name in the listing, in code-page bytes.
    pub name: Vec<u8>,
    /// The entry that was listed: bytes from the start of the card.
    pub entry: u64,
    /// What is in it, as far as it was listed.
    pub listing: Listing,
    /// For each of three entries: the file opened by its name, bytes from the start of the card.
    pub files: Vec<Option<u64>>,
    /// The copies that firmware before v9.13.0 writes over while it lists.
    pub rewritten: Vec<Rewrite>,
    /// What became of it.
    pub outcome: DirectoryOutcome,
}

/// What a copy that passed says.
pub(super) struct Shown {
    pub(super) timestamp: u32,
    pub(super) name: String,
}
