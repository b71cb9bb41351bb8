//! One backup to be proved.

use crate::backup::{Id, Seed};

/// One backup to be proved: its damaged copies, and what is known from elsewhere.
pub struct Case<'a> {
    /// Its damaged copies.
    pub copies: Vec<&'a [u8]>,
    /// Damaged copies of the same wallet from other times: the same seed, other fields.
    pub others: Vec<Vec<&'a [u8]>>,
    /// The IDs it may have: that of its folder first, then other known ones.
    pub ids: Vec<Id>,
    /// Whether the first of these IDs is that of its folder.
    pub own_id: bool,
    /// The times in file names at which it may have been made.
    pub times: Vec<u32>,
    /// Its seed, if another copy or generation proves it: 32 bytes, padded with zeros.
    pub seed: Option<&'a Seed>,
}
