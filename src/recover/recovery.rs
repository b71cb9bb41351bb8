//! Every backup that is proved, and of the others what is missing.

use std::fmt;

use zeroize::Zeroizing;

use super::proof::Proof;
use crate::backup::wallet::OwnerProof;
use crate::backup::{Id, Method, Seed};
use crate::repair::{ChangedBit, SearchEstimate};

/// What a file of which only the seed is proved says as its generator.
pub const REBUILT: &str = "rebuilt";

/// One backup recovered. Holds the seed.
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
    /// How it was recovered.
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

/// Why a backup is not recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
        /// What the search was up against; `None` if there was none.
        estimate: Option<SearchEstimate>,
        /// What the owner gave that no candidate has, and how many were tried against it.
        owner: Option<(OwnerProof, u64)>,
        /// Whether the owner gave a passphrase too.
        passphrase: bool,
        /// Whether words limited the search that somebody remembers.
        words: bool,
        /// Whether searches for other wallets had a part of the effort.
        shared: bool,
    },
    /// A folder is named for it, and the whole copies in it are of another wallet.
    OtherInFolder {
        /// Candidates tried: seeds near that of the copies.
        tried: u64,
        /// That wallet.
        found: Id,
    },
    /// It was told to stop.
    Stopped {
        /// Candidates tried until then.
        tried: u64,
    },
}

/// One backup not recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecovered {
    /// Its wallet, as its folder says; `None` if its copies are of another.
    pub id: Option<Id>,
    /// When it was made, as its file names say.
    pub timestamp: Option<u32>,
    /// Why.
    pub missing: Missing,
    /// Which generation: an index in `Assessment::backups`.
    pub backup: usize,
    /// Its copies, or those of that generation that are of another wallet: indices in `Catalogue::copies`.
    pub copies: Vec<usize>,
}

/// Everything recovered, and what was not.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Every generation that is proved, in the order of `Assessment::backups`.
    pub recovered: Vec<Recovered>,
    /// Every other, in the same order.
    pub not_recovered: Vec<NotRecovered>,
}
