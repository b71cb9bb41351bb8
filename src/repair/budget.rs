//! How many candidates may still be tried, over several searches one after another.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::search::{self, Hit, Outcome, SearchTarget, Space};
use crate::backup::wallet::Owned;
use crate::progress::Progress;

/// Candidates tried for the other fields once the seed is proved.
pub(super) const OTHER_FIELDS: u64 = 1 << 26;

/// Candidates tried with gaps at other places: of seeds against IDs, of all fields against each checksum, and of the other
/// fields of a seed that is proved.
pub(super) const GAPS: [u64; 3] = [1 << 21, 1 << 16, 1 << 13];

/// Candidates tried first of all against what the owner knows: where whole copies are left, it is one of these.
pub(super) const FIRST_OWNED: u64 = 1 << 4;

/// Candidates tried against each target in the first stage, before any target is searched at
/// length.
pub(super) const FIRST_STAGE: u64 = 1 << 20;
/// A search whose odds are below one in two to this power is not started.
const LOWEST_ODDS: f64 = 30.0;

/// Whether a search of these spaces has enough chance to be started. `budget` is that of all stages: a first stage is
/// started where a later one can end.
pub(super) fn is_feasible(spaces: &[Space], budget: u64) -> bool {
    let limit = f64::from(budget.max(1).ilog2()) + LOWEST_ODDS;
    spaces.iter().any(|space| space.entropy() < limit)
}

/// The candidates that may be tried, and those that were.
pub(super) struct Budget<'a> {
    /// Most candidates in all.
    limit: u64,
    /// How many of the first ones an earlier run tried without success.
    skip: u64,
    pub(super) tried: u64,
    /// Whether somebody ended a search.
    pub(super) stopped: bool,
    progress: &'a Progress<'a>,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limit: u64, skip: u64, progress: &'a Progress<'a>) -> Self {
        Self {
            limit,
            skip,
            tried: 0,
            stopped: false,
            progress,
        }
    }

    /// Allows so many candidates in all.
    pub(super) fn extend(&mut self, limit: u64) {
        self.limit = limit.max(self.tried);
    }

    /// Keeps so many of the remaining candidates for later.
    pub(super) fn keep(&mut self, kept: u64) {
        self.limit -= kept;
    }

    /// Lets those be tried that were kept.
    pub(super) fn release(&mut self, kept: u64) {
        self.limit += kept;
    }

    pub(super) fn remaining(&self) -> u64 {
        self.limit - self.tried
    }

    /// Tries at most `most` candidates of these spaces, after the first `done`, which were tried
    /// already.
    pub(super) fn search(
        &mut self,
        spaces: &[Space],
        target: &SearchTarget,
        most: u64,
        done: u64,
    ) -> Option<Hit> {
        if !is_feasible(spaces, self.limit) {
            return None;
        }
        self.within(most, done, |end, skip, progress| {
            search::search(spaces, target, end, skip, progress)
        })
    }

    /// The same against what the owner knows of the wallet.
    pub(super) fn search_owned(
        &mut self,
        spaces: &[Space],
        owned: (&Owned, &[u32]),
        most: u64,
        done: u64,
    ) -> Option<Hit> {
        if !is_feasible(spaces, done.saturating_add(most.min(self.remaining()))) {
            return None;
        }
        self.within(most, done, |end, skip, progress| {
            search::search_owned(spaces, owned, end, skip, progress)
        })
    }

    /// Runs a search up to its last candidate, without those that an earlier run tried, as far as the budget goes.
    fn within(
        &mut self,
        most: u64,
        done: u64,
        search: impl FnOnce(u64, u64, &Progress<'_>) -> Outcome,
    ) -> Option<Hit> {
        let most = most.min(self.remaining());
        if self.stopped {
            return None;
        }
        let skip = self.skip.saturating_sub(self.tried).min(most);
        self.progress.set_done(self.tried + skip);
        let outcome = search(done + most, done + skip, self.progress);
        self.take(outcome, done)
    }

    fn take(&mut self, outcome: Outcome, done: u64) -> Option<Hit> {
        self.tried += outcome.tried.saturating_sub(done);
        self.stopped = outcome.stopped;
        outcome.hit
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::super::search::Level;
    use super::*;
    use crate::backup::Id;

    const EFFORT: u64 = 1 << 23;

    /// A seed of which so many bits are not known at all.
    fn unknown(bits: u16) -> Space {
        Space {
            base: Zeroizing::new(vec![0; 32]),
            cost: 0.0,
            levels: vec![Level {
                cost: 0.0,
                bits: (48..48 + bits % 8).collect(),
            }],
            unknown: (0..bits / 8).collect(),
        }
    }

    #[test]
    fn what_the_effort_may_find_is_tried_from_the_first_stage_on() {
        let target = SearchTarget::Id(vec![Id([0; 32])]);
        let progress = Progress::default();
        for (bits, tried) in [(48, 1 << 10), (52, 1 << 10), (54, 0)] {
            let spaces = [unknown(bits)];
            assert_eq!(is_feasible(&spaces, EFFORT), tried > 0, "{bits}");
            let mut budget = Budget::new(EFFORT, 0, &progress);
            assert!(budget.search(&spaces, &target, 1 << 10, 0).is_none());
            assert_eq!(budget.tried, tried, "{bits}");
        }
    }
}
