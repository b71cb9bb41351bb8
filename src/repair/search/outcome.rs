//! The outcome of a search.

use zeroize::Zeroizing;

/// The outcome of a search. No `Debug`: the hit is secret.
#[non_exhaustive]
pub struct Outcome {
    /// The first candidate that has the target.
    pub hit: Option<Hit>,
    /// Candidates tried, including skipped ones: a later search continues there (its `skip`). If
    /// there is a hit, its rank.
    pub tried: u64,
    /// Whether every candidate of every space was tried.
    pub exhausted: bool,
    /// Whether somebody ended the search; there may be a hit nevertheless.
    pub stopped: bool,
}

/// A candidate that has the target. No `Debug`: its bytes are secret.
#[non_exhaustive]
pub struct Hit {
    /// The index of its space.
    pub space: usize,
    /// The message.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The bits in which it differs from the base of its space, ascending, including those of
    /// unknown bytes.
    pub changed: Vec<u16>,
    /// The number of candidates up to and including it.
    pub rank: u64,
    /// Which of the IDs it has; 0 for a checksum.
    pub target: usize,
}
