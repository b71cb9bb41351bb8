//! What a candidate must have.

use crate::backup::{DamagedId, Id};

/// Bytes of a message whose ID is searched: the `seed` field.
pub const ID_MESSAGE: usize = 32;
/// Bytes of a message whose checksum is searched: everything that the checksum hashes.
pub const CHECKSUM_MESSAGE: usize = 133;

/// What a candidate must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchTarget {
    /// One of these IDs (docs/format.md 2); intended for a few.
    Id(Vec<Id>),
    /// An ID so near to one of these that it proves the seed; intended for a few.
    NearId(Vec<DamagedId>),
    /// The checksum, or nearly so if the stored one is damaged too.
    Checksum {
        /// The 32 bytes as stored.
        sum: [u8; 32],
        /// Which of its bits are known.
        mask: [u8; 32],
        /// How many of the known bits may differ.
        distance: u32,
    },
}
