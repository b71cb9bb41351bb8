//! What can be brought back from a card: every backup that can be proved, with its proof, and of
//! the others what is missing.
//!
//! Pure over a [`crate::catalogue::Catalogue`] and what [`crate::assess`] says of it. Results hold seeds and are wiped
//! on drop; what may be said of them is in [`RecoveryReport`].

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod attempt;
mod choice;
mod missing;
mod raw;
mod report;

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::backup::Method;
use crate::backup::{Id, Seed};
use crate::repair::{ChangedBit, SearchEstimate};

pub use attempt::recover;
pub use choice::{Choice, ChoiceError, PassedOver, Refused, Wanted, choose};
pub use missing::what_is_missing;
pub use raw::{RawCopy, RawReport};
pub use report::{
    NotChosenReport, NotRecoveredReport, Reason, RecoveredReport, RecoveryReport, SearchReport,
    Tried, WhyNot,
};

/// What a file of which only the seed is proved says as its generator.
pub const REBUILT: &str = "rebuilt";

/// What proves a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeedProof {
    /// The checksum over all fields.
    Checksum,
    /// The id, up to trailing zeros.
    Id,
    /// Both.
    Both,
}

/// What vouches for any other field of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldProof {
    /// The checksum over all fields.
    Checksum,
    /// Of a seed's length: the id, as the shortest length that the seed's trailing zeros allow.
    Id,
    /// A copy in which the field is intact; nothing proves it.
    Copy,
    /// The name of a file on the card.
    FileName,
    /// Nothing: the field is left out.
    Absent,
}

/// What proves each field of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The seed.
    pub seed: SeedProof,
    /// How many of its bytes count.
    pub seed_length: FieldProof,
    /// When the backup was made.
    pub timestamp: FieldProof,
    /// The device's name.
    pub name: FieldProof,
    /// When the wallet was made.
    pub birthdate: FieldProof,
    /// The firmware that wrote it.
    pub generator: FieldProof,
}

impl Proof {
    /// Of a file whose checksum is right, `id` telling whether it also gives a known id.
    fn whole(id: bool) -> Self {
        let field = FieldProof::Checksum;
        Self {
            seed: if id {
                SeedProof::Both
            } else {
                SeedProof::Checksum
            },
            seed_length: field,
            timestamp: field,
            name: field,
            birthdate: field,
            generator: field,
        }
    }
}

/// One backup brought back. Holds the seed.
pub struct Recovered {
    /// Its wallet.
    pub id: Id,
    /// The seed, with the length that is proved.
    pub seed: Seed,
    /// The file as it is to be written: a secret.
    pub file: Zeroizing<Vec<u8>>,
    /// Whether these are the bytes of a copy on the card, or put together again.
    pub original: bool,
    /// When it was made: seconds since 1970 UTC; `None` if nothing tells.
    pub timestamp: Option<u32>,
    /// The device's name, as stored; `None` if nothing tells.
    pub name: Option<String>,
    /// When the wallet was made: seconds since 1970 UTC.
    pub birthdate: Option<u32>,
    /// What the file says wrote it; [`REBUILT`] where nothing tells.
    pub generator: String,
    /// How it was brought back.
    pub method: Method,
    /// What proves it.
    pub proof: Proof,
    /// The bits no vote gave, but trying did.
    pub changed: Vec<ChangedBit>,
    /// How many candidates were tried up to this one, in the order of likelihood.
    pub rank: Option<u64>,
    /// Which generation: an index in `Assessment::backups`.
    pub backup: usize,
    /// The copies it was made from: indices in `Catalogue::copies`.
    pub copies: Vec<usize>,
}

impl fmt::Debug for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recovered({}, {:?})", self.id, self.method)
    }
}

/// Why a backup is not brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The device erased it, or nothing of the seed remains.
    Nothing,
    /// The id proves the seed, but which of these lengths it has is proved by nothing.
    Length(Vec<u32>),
    /// Neither checksum nor id proves anything within the effort.
    Proof {
        /// Candidates tried.
        tried: u64,
        /// Whether an id was known to try against.
        id_known: bool,
        /// The estimate of the search; `None` if there was none.
        estimate: Option<SearchEstimate>,
    },
    /// It was told to stop.
    Stopped {
        /// Candidates tried until then.
        tried: u64,
    },
}

/// One backup not brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecovered {
    /// Its wallet, as its folder says.
    pub id: Option<Id>,
    /// When it was made, as its file names say.
    pub timestamp: Option<u32>,
    /// Why.
    pub missing: Missing,
    /// Which generation: an index in `Assessment::backups`.
    pub backup: usize,
}

/// Everything brought back, and what was not.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Every generation that is proved, in the order of `Assessment::backups`.
    pub recovered: Vec<Recovered>,
    /// Every other, in the same order.
    pub not_recovered: Vec<NotRecovered>,
}

/// How hard to try, and what is known from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Most candidates tried for one backup.
    pub candidates: u64,
    /// Ids known from elsewhere: from the app, from a register.
    pub ids: Vec<Id>,
    /// The length of the seed, where a person says it: 16, 24 or 32.
    pub length: Option<u32>,
}

impl Effort {
    /// Seconds at most.
    pub const QUICK: u64 = 1 << 23;
    /// A minute or two.
    pub const NORMAL: u64 = 1 << 30;
    /// Hours.
    pub const DEEP: u64 = 1 << 40;
}

/// What looks on while something long is tried.
pub trait Progress: Sync {
    /// A search for the backup of this index is about to begin, at most so many candidates long.
    fn begins(&self, backup: usize, estimate: &SearchEstimate, most: u64);
    /// `tried` of at most `most` candidates for the backup of this index.
    fn tried(&self, backup: usize, tried: u64, most: u64);
    /// Whether to stop.
    fn is_stopped(&self) -> bool;
    /// How many candidates an earlier run tried in vain for this backup.
    fn tried_before(&self, backup: usize) -> u64;
}

/// Nobody looks on.
pub struct Alone;

impl Progress for Alone {
    fn begins(&self, _: usize, _: &SearchEstimate, _: u64) {}

    fn tried(&self, _: usize, _: u64, _: u64) {}

    fn is_stopped(&self) -> bool {
        false
    }

    fn tried_before(&self, _: usize) -> u64 {
        0
    }
}
