//! The device's eye: what a BitBox02 makes of a card, by firmware version.
//!
//! Reads like the firmware's own sources, function by function: `volume` (FatFs's mounting),
//! `directory` and `name` (its directories), `sd` (the firmware's `sd.c`), `load` (its `backup.rs`),
//! and [`list_backups`] here (its `hww/api/backup.rs`). It sees what the device sees, wrap-arounds
//! and crashes included, and finds nothing else. The rules and their sources are in docs/format.md 3
//! and 7.

mod assumed;
mod directory;
mod load;
mod name;
mod preflight;
mod sd;
mod version;
mod volume;

pub use assumed::assumed_card;
pub use load::{DirectoryTrace, Hidden, Outcome, Winner};
pub use preflight::{ListObstacle, NotErasable, Obstacle, preflight};
pub use sd::{LIST_MAX, Listing, LoadError, Name};
pub use version::{Basis, NEWEST, OLDEST, Version, VersionError};
pub use volume::{FatError, GeometryRule, MountError, Volume};

use crate::image::Sectors;

/// Most bytes of an encoded answer; a longer one panics the device (docs/format.md 3.5).
pub const MAX_ANSWER: usize = 7591;

/// One backup as the device lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// More backups than firmware before v9.9.0 can list.
    TooMany {
        /// How many it can.
        limit: usize,
    },
}

/// Why the device panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// A copy without metadata.
    MissingMetadata,
    /// A copy whose seed length is over 32 (v9.26.3 and v9.26.4).
    SeedLength,
    /// The answer is longer than [`MAX_ANSWER`].
    AnswerSize {
        /// Bytes it would have.
        size: usize,
    },
}

/// What the device answers to `list_backups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// These, in this order.
    Ok(Vec<Listed>),
    /// Error 103; the app shows "Error fetching backups".
    Error(Refusal),
    /// None: it panics and restarts.
    Crash(Crash),
}

/// The answer and how the device came to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer.
    pub list: List,
    /// The first byte of the volume that was mounted, from the start of the card.
    pub volume: Option<u64>,
    /// The entry `bitbox02` was opened through: bytes from the start of the card.
    pub root: Option<u64>,
    /// Every entry of `bitbox02`, in directory order, at most [`LIST_MAX`].
    pub directories: Vec<DirectoryTrace>,
    /// An error that ended the listing of `bitbox02` early, unnoticed by the device.
    pub cut_short: Option<FatError>,
}

/// What `list_backups` of this firmware answers for a card.
pub fn list_backups<'a>(sectors: &'a Sectors<'a>, version: Version) -> Answer {
    let mut answer = Answer {
        list: List::Ok(Vec::new()),
        volume: None,
        root: None,
        directories: Vec::new(),
        cut_short: None,
    };
    let mut volume = match Volume::mount(sectors, version) {
        Ok(volume) => volume,
        Err(error) => {
            answer.list = List::Error(Refusal::Mount(error));
            return answer;
        }
    };
    answer.volume = Some(u64::from(volume.base()).saturating_mul(512));
    let listing = match sd::list_subdir(&mut volume, None) {
        Ok(listing) => listing,
        Err(error) => {
            answer.list = List::Error(Refusal::Unopenable(error));
            return answer;
        }
    };
    answer.root = listing.opened;
    answer.cut_short = listing.cut_short;
    answer.directories = listing.names.into_iter().map(not_reached).collect();
    answer.list = through(&mut volume, &mut answer.directories, version);
    answer
}

fn not_reached(name: Name) -> DirectoryTrace {
    DirectoryTrace {
        name: name.bytes,
        entry: name.entry,
        listing: Listing::default(),
        files: Vec::new(),
        outcome: Outcome::NotReached,
    }
}

/// Goes through the directories in order, as the device does.
fn through(volume: &mut Volume<'_>, directories: &mut [DirectoryTrace], version: Version) -> List {
    if version.lists_in_rust()
        && let Some(entry) = directories
            .iter()
            .position(|dir| std::str::from_utf8(&dir.name).is_err())
    {
        return List::Error(Refusal::NameNotUtf8 { entry });
    }
    let mut list = Vec::new();
    for (index, trace) in directories.iter_mut().enumerate() {
        if let Some(limit) = version.list_limit()
            && list.len() >= limit
        {
            return List::Error(Refusal::TooMany { limit });
        }
        let shown = load::load(volume, trace, version);
        if let Outcome::Crashes(crash) = trace.outcome {
            return List::Crash(crash);
        }
        if let Some(shown) = shown {
            let id = String::from_utf8(trace.name.clone())
                .unwrap_or_else(|_| crate::fat::codepage::decode(&trace.name));
            list.push(Listed {
                id,
                timestamp: shown.timestamp,
                name: shown.name,
                directory: index,
            });
        }
    }
    let size = answer_size(&list);
    if version.lists_in_rust() && size > MAX_ANSWER {
        return List::Crash(Crash::AnswerSize { size });
    }
    List::Ok(list)
}

/// Bytes of the encoded `Response` with this list (docs/format.md 3.5).
fn answer_size(list: &[Listed]) -> usize {
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
