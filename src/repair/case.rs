//! One backup to be proved.

use crate::backup::wallet::Owned;
use crate::backup::{DamagedId, Id, KnownWords, Seed};

/// One backup to be proved: its damaged copies, and what is known from elsewhere.
#[derive(Clone, Default)]
pub struct Case<'a> {
    /// Its damaged copies.
    pub copies: Vec<&'a [u8]>,
    /// For each copy the number of its place: copies with one number are readings of one copy, whose errors
    /// partly repeat. A copy for which there is none has a place of its own.
    pub places: Vec<usize>,
    /// Damaged copies of the same wallet from other times: the same seed, other fields.
    pub others: Vec<Vec<&'a [u8]>>,
    /// For each of these copies the number of its place, as for the copies of the backup itself.
    pub other_places: Vec<Vec<usize>>,
    /// The IDs it may have: that of its folder first, then other known ones.
    pub ids: Vec<Id>,
    /// IDs of which digits are lost or wrong: one that is near enough proves a seed too.
    pub damaged_ids: Vec<DamagedId>,
    /// Whether the first of these IDs is that of its folder.
    pub own_id: bool,
    /// The times in file names at which it may have been made.
    pub times: Vec<u32>,
    /// Its seed, if another copy or generation proves it: 32 bytes, padded with zeros.
    pub seed: Option<&'a Seed>,
    /// The recovery words that somebody remembers.
    pub words: Option<&'a KnownWords>,
    /// What the owner knows of the wallet, and most candidates tried against that: each takes about a millisecond.
    pub owned: Vec<(&'a Owned, u64)>,
}

impl Case<'_> {
    /// The same with the words that somebody remembers, or without: each with half of what is tried against what the
    /// owner knows.
    pub(super) fn with_share(&self, with_words: bool) -> Self {
        let mut case = self.clone();
        case.words = self.words.filter(|_| with_words);
        for (_, most) in &mut case.owned {
            *most = if with_words {
                most.div_ceil(2)
            } else {
                *most / 2
            };
        }
        case
    }

    /// Whether there is any ID to try against, whole or damaged.
    pub(super) fn has_id(&self) -> bool {
        !self.ids.is_empty() || !self.damaged_ids.is_empty()
    }
}
