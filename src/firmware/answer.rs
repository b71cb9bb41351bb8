//! What the device answers to `list_backups`, and how it came to that.

use super::fatfs_volume::{FatError, MountError};
use super::sd::{Listing, LoadError};
use crate::image::Extent;

/// Most bytes of an encoded answer; a longer one crashes the device (docs/format.md 3.5).
pub const MAX_ANSWER: usize = 7591;

/// One backup as the device lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The name of its directory.
    pub id: String,
    /// When it was made, as the winning copy says: seconds since 1970 UTC.
    pub timestamp: u32,
    /// Its name, as the winning copy says.
    pub name: String,
    /// Which of [`Answer::directories`] it comes from.
    pub directory: usize,
}

/// Why the device answers error 103.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The card does not mount.
    Mount(MountError),
    /// `/bitbox02` cannot be opened.
    Unopenable(FatError),
    /// A name directly under `bitbox02` is no UTF-8.
    NameNotUtf8 {
        /// Which of [`Answer::directories`].
        entry: usize,
    },
    /// A directory with a backup in it has a name that firmware before v9.9.0 has no room for.
    NameTooLong {
        /// Which of [`Answer::directories`].
        entry: usize,
    },
    /// More backups than firmware before v9.9.0 can list.
    TooMany {
        /// How many it can.
        limit: usize,
    },
}

/// What the device answers to `list_backups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// These, in this order.
    Ok(Vec<Listed>),
    /// Error 103; the app shows "Error fetching backups".
    Error(Refusal),
    /// None: it crashes and restarts.
    Crash(Crash),
}

/// The answer and how the device came to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The answer.
    pub list: List,
    /// The first byte of the volume that was mounted, from the start of the card.
    pub volume: Option<u64>,
    /// The entry `bitbox02` was opened through: bytes from the start of the card.
    pub root: Option<u64>,
    /// Every entry of `bitbox02`, in directory order, at most [`LIST_MAX`](super::LIST_MAX).
    pub directories: Vec<DirectoryTrace>,
    /// An error that ended the listing of `bitbox02` early, unnoticed by the device.
    pub cut_short: Option<FatError>,
    /// Whether the device asked for what lies behind the end: of an image that ends before its card does, this is not the
    /// answer for the card.
    pub past_end: bool,
    /// Whether it asked for what was not copied yet: of the copy of a card that is not finished, this is not the answer
    /// for the card.
    pub not_copied: bool,
}

/// Bytes of the encoded `Response` with this list (docs/format.md 3.5).
pub(super) fn answer_size(list: &[Listed]) -> usize {
    let varint = |value: usize| (value.max(1).ilog2() / 7 + 1) as usize;
    let field = |length: usize| 1 + varint(length) + length;
    let text = |text: &str| {
        if text.is_empty() {
            0
        } else {
            field(text.len())
        }
    };
    let infos = list.iter().map(|listed| {
        let timestamp = match listed.timestamp {
            0 => 0,
            timestamp => 1 + varint(timestamp as usize),
        };
        field(text(&listed.id) + timestamp + text(&listed.name))
    });
    field(infos.sum())
}

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
