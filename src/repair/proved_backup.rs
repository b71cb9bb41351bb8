//! A backup that is proved.

use super::changed_bit::ChangedBit;
use crate::backup::wallet::OwnerProof;
use crate::backup::{Contents, Id, IdDistance, Method, Seed};

/// A backup that is proved.
#[non_exhaustive]
pub struct ProvedBackup {
    /// The fields that are proved.
    pub fields: ProvedFields,
    /// How it was found.
    pub method: Method,
    /// The ID of the seed, which proves it unless something else does.
    pub id: Option<Id>,
    /// If the ID alone proves the seed: how far it is from the one that was known, which may be damaged.
    pub id_distance: Option<IdDistance>,
    /// What the owner knows that proves the seed, and its length in bytes.
    pub owner: Option<(OwnerProof, u32)>,
    /// The bits that differ from the most likely hypothesis.
    pub changed: Vec<ChangedBit>,
    /// How many candidates were tried, including the right one.
    pub rank: u64,
}

/// The fields of a backup that are proved.
pub enum ProvedFields {
    /// All fields, by the checksum.
    Whole(Contents),
    /// The seed, by the ID.
    Seed {
        /// 32 bytes, padded with zeros.
        seed: Seed,
        /// Its length according to [`crate::backup::seed_length`]; `None` if only a person can
        /// tell.
        length: Option<u32>,
    },
}
