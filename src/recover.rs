//! What can be brought back from a card: every backup that can be proved, with its proof, and of
//! the others what is missing.
//!
//! Pure over a [`Catalogue`] and what [`crate::assess`] says of it. Results hold seeds and are wiped
//! on drop; what may be said of them is in [`crate::report`].

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod choice;

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::assess::{Assessment, Backup, State};
use crate::backup::{self, Contents, Id, Parts, Seed};
use crate::catalogue::{Catalogue, CopyState};
use crate::repair::{self, Method, Repaired};

pub use choice::{Choice, ChoiceError, PassedOver, Refused, Wanted, choose};

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
    /// A copy in which the field is intact, and no other says otherwise.
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
    /// How many bits no vote gave, but trying did.
    pub changed_bits: u32,
    /// How many candidates were tried up to this one, in the order of likelihood.
    pub rank: Option<u64>,
    /// Which generation: an index in [`Assessment::backups`].
    pub backup: usize,
    /// The copies it was made from: indices in [`Catalogue::copies`].
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
    /// Which generation: an index in [`Assessment::backups`].
    pub backup: usize,
}

/// Everything brought back, and what was not.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Every generation that is proved, in the order of [`Assessment::backups`].
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
    fn tried(&self, _: usize, _: u64, _: u64) {}

    fn is_stopped(&self) -> bool {
        false
    }

    fn tried_before(&self, _: usize) -> u64 {
        0
    }
}

/// Brings back every backup of a card that can be proved.
pub fn recover(
    catalogue: &Catalogue,
    assessment: &Assessment,
    effort: &Effort,
    progress: &dyn Progress,
) -> Recovery {
    let _ = progress;
    let mut recovery = Recovery::default();
    for (index, backup) in assessment.backups.iter().enumerate() {
        match one(catalogue, index, backup, effort) {
            Ok(recovered) => recovery.recovered.push(recovered),
            Err(missing) => recovery.not_recovered.push(NotRecovered {
                id: backup.id,
                timestamp: backup.timestamp,
                missing,
                backup: index,
            }),
        }
    }
    recovery
}

fn one(
    catalogue: &Catalogue,
    index: usize,
    backup: &Backup,
    effort: &Effort,
) -> Result<Recovered, Missing> {
    let of = |state: CopyState| {
        let is = move |index: &&usize| {
            catalogue
                .copies
                .get(**index)
                .is_some_and(|copy| copy.state == state)
        };
        backup.copies.iter().filter(is).copied()
    };
    if let Some(copy) = of(CopyState::Valid).next()
        && let Ok(contents) = backup::decode(catalogue.bytes(copy))
        && let Some(mut recovered) = whole(&contents, Method::Copy, index)
    {
        recovered.file = Zeroizing::new(catalogue.bytes(copy).to_vec());
        recovered.original = true;
        recovered.copies = of(CopyState::Valid).collect();
        return Ok(recovered);
    }
    if matches!(backup.state, State::Erased | State::Lost) {
        return Err(Missing::Nothing);
    }
    let damaged: Vec<_> = of(CopyState::Damaged).collect();
    let bytes: Vec<_> = damaged.iter().map(|copy| catalogue.bytes(*copy)).collect();
    let recovered = match repair::vote_or_splice(&bytes, backup.id) {
        Some(Repaired::Whole(method, contents)) => whole(&contents, method, index),
        Some(Repaired::Seed { id, seed, length }) => {
            let bytes: &[u8; 32] = seed.expose().try_into().map_err(|_| Missing::Nothing)?;
            let fitting = fitting_lengths(bytes);
            let length = effort
                .length
                .or(length)
                .filter(|length| fitting.contains(length));
            let Some(length) = length else {
                return Err(Missing::Length(fitting));
            };
            rebuilt(bytes, length, backup.timestamp, id, index)
        }
        None => None,
    };
    let mut recovered = recovered.ok_or(Missing::Proof {
        tried: 0,
        id_known: backup.id.is_some(),
    })?;
    recovered.copies = damaged;
    Ok(recovered)
}

/// The lengths a seed of these bytes can have by its id alone.
fn fitting_lengths(bytes: &[u8; 32]) -> Vec<u32> {
    let used = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last.saturating_add(1));
    let fits = |length: &u32| *length as usize >= used;
    [16, 24, 32].into_iter().filter(fits).collect()
}

fn whole(contents: &Contents, method: Method, backup: usize) -> Option<Recovered> {
    let seed = contents.seed()?;
    let metadata = contents.metadata()?;
    contents.check().ok()?;
    Some(Recovered {
        id: seed.id(),
        file: contents.encode(),
        original: false,
        timestamp: Some(metadata.timestamp),
        name: Some(metadata.name.clone()),
        birthdate: contents.birthdate(),
        generator: contents.generator().to_owned(),
        method,
        proof: Proof::whole(true),
        changed_bits: 0,
        rank: None,
        backup,
        copies: Vec::new(),
        seed,
    })
}

/// A file of which only the seed is proved: its time is the file name's, the rest is left out.
fn rebuilt(
    bytes: &[u8; 32],
    length: u32,
    timestamp: Option<u32>,
    id: Id,
    backup: usize,
) -> Option<Recovered> {
    let seed = Seed::new(bytes, length).filter(|seed| seed.id() == id)?;
    let contents = Contents::new(&Parts {
        timestamp: timestamp.unwrap_or(0),
        name: "",
        seed_length: length,
        seed: bytes,
        birthdate: 0,
        generator: REBUILT,
        with_length: false,
    });
    Some(Recovered {
        id,
        file: contents.ok()?.encode(),
        original: false,
        timestamp,
        name: None,
        birthdate: None,
        generator: REBUILT.to_owned(),
        method: Method::SeedById,
        proof: Proof {
            seed: SeedProof::Id,
            seed_length: FieldProof::Copy,
            timestamp: timestamp.map_or(FieldProof::Absent, |_| FieldProof::FileName),
            name: FieldProof::Absent,
            birthdate: FieldProof::Absent,
            generator: FieldProof::Absent,
        },
        changed_bits: 0,
        rank: None,
        backup,
        copies: Vec::new(),
        seed,
    })
}
