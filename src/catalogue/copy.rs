//! One copy of a backup: where it lies and what its bytes say, without the secret in them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backup::{self, CheckError, Contents, DecodeError, FileName, Id, MAX_FILE_SIZE, wire};
use crate::image::Extent;

/// How a copy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Through a live directory entry.
    Live,
    /// Through a deleted directory entry.
    Deleted,
    /// By its bytes.
    Carved,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Live => "live",
            Self::Deleted => "deleted",
            Self::Carved => "carved",
        })
    }
}

/// What a copy is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CopyState {
    /// It decodes and its checksum is right.
    Valid,
    /// It does not, but is or was a backup.
    Damaged,
    /// Its bytes cannot be read.
    Unreadable,
    /// A device overwrote it with 0xAC.
    Erased,
    /// It has the name of a copy, and something else in it.
    Foreign,
}

impl fmt::Display for CopyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Valid => "valid",
            Self::Damaged => "damaged",
            Self::Unreadable => "unreadable",
            Self::Erased => "erased",
            Self::Foreign => "foreign",
        })
    }
}

/// Why a copy is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is.
    Whole,
    /// It does not decode.
    Undecodable(DecodeError),
    /// It decodes and is refused.
    Refused(CheckError),
    /// All its bytes are 0xAC.
    Erased,
    /// It is empty.
    Empty,
    /// It is something else.
    Foreign,
    /// Not all of it can be read.
    Unreadable,
}

/// What the fields of a whole copy say, the seed apart.
///
/// There are none of a damaged copy: in it any field may hold bytes of the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The id of the seed in it, where there is one.
    pub id: Option<Id>,
    /// Bytes of the seed.
    pub seed_length: u32,
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The device's name.
    pub name: Option<String>,
    /// How the data is kept: 0.
    pub mode: Option<i32>,
    /// When the wallet was made: seconds since 1970 UTC.
    pub birthdate: Option<u32>,
    /// The firmware that wrote it.
    pub generator: String,
    /// The obsolete length field.
    pub length: u32,
    /// Whether that field is what this generator writes.
    pub length_fits_generator: Option<bool>,
}

impl Facts {
    /// What contents say, the seed apart.
    pub fn of(contents: &Contents) -> Self {
        let metadata = contents.metadata();
        Self {
            id: contents.id(),
            seed_length: contents.seed_length(),
            timestamp: metadata.map(|metadata| metadata.timestamp),
            name: metadata.map(|metadata| metadata.name.clone()),
            mode: metadata.map(|metadata| metadata.mode),
            birthdate: contents.birthdate(),
            generator: contents.generator().to_owned(),
            length: contents.length(),
            length_fits_generator: contents.length_fits_generator(),
        }
    }
}

/// One copy.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Its file: an index in [`super::Catalogue::nodes`].
    pub node: usize,
    /// How it was found.
    pub origin: Origin,
    /// Where its bytes lie; none for a file of the computer.
    pub extents: Vec<Extent>,
    /// Bytes, as its entry says.
    pub size: u64,
    /// What it is worth.
    pub state: CopyState,
    /// Why.
    pub health: Health,
    /// What its fields say, if it is whole.
    pub facts: Option<Facts>,
    /// What its file name says.
    pub file_name: Option<FileName>,
}

/// Most bytes read of a file to see what it is; longer ones are no backup a device wrote.
pub(super) const LOOK: u64 = 4096;

/// Whether a file is worth reading: its name is a copy's, or it lies in a wallet's folder and is small.
pub(super) fn is_candidate(name: &str, size: u64, in_wallet: bool) -> bool {
    FileName::parse(name).is_some() || in_wallet && size <= LOOK
}

/// Judges a file by its bytes; `None` if it is not a copy of a backup and is not named as one.
pub(super) fn examine(
    node: usize,
    name: &str,
    size: u64,
    origin: Origin,
    extents: Vec<Extent>,
    bytes: Option<&[u8]>,
) -> Option<Copy> {
    let file_name = FileName::parse(name);
    let (health, facts) = match bytes {
        None => (Health::Unreadable, None),
        Some(bytes) => judge(bytes, size),
    };
    let state = match health {
        Health::Whole => CopyState::Valid,
        Health::Undecodable(_) | Health::Refused(_) | Health::Empty => CopyState::Damaged,
        Health::Erased => CopyState::Erased,
        Health::Foreign => CopyState::Foreign,
        Health::Unreadable => CopyState::Unreadable,
    };
    let known = bytes.is_some_and(wire::looks_like_backup) || health == Health::Whole;
    let traces = known || matches!(health, Health::Refused(_));
    (traces || file_name.is_some()).then_some(Copy {
        node,
        origin,
        extents,
        size,
        state,
        health,
        facts,
        file_name,
    })
}

fn judge(bytes: &[u8], size: u64) -> (Health, Option<Facts>) {
    if size == 0 || bytes.is_empty() {
        return (Health::Empty, None);
    }
    if bytes.iter().all(|byte| *byte == 0xAC) {
        return (Health::Erased, None);
    }
    let contents = match backup::decode(bytes) {
        Ok(contents) => contents,
        Err(error) => {
            let foreign = size > MAX_FILE_SIZE && !wire::looks_like_backup(bytes);
            return (
                if foreign {
                    Health::Foreign
                } else {
                    Health::Undecodable(error)
                },
                None,
            );
        }
    };
    match contents.check() {
        Ok(()) => (Health::Whole, Some(Facts::of(&contents))),
        Err(error) => (Health::Refused(error), None),
    }
}
