//! How hard to try, and who looks on.

use crate::backup::Id;
use crate::repair::SearchEstimate;

/// How hard to try, and what is known from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Most candidates tried for all backups of one card, which share them.
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
    /// So many searches are about to begin, one after the other, that share at most so many candidates; what the
    /// first one is up against. Of one alone nothing is said.
    fn shares(&self, _searches: usize, _first: &SearchEstimate, _total: u64) {}
    /// A search for the backup of this index is about to begin, at most so many candidates long.
    fn begins(&self, backup: usize, estimate: &SearchEstimate, most: u64);
    /// `tried` of at most `most` candidates for the backup of this index.
    fn tried(&self, backup: usize, tried: u64, most: u64);
    /// Whether to stop.
    fn is_stopped(&self) -> bool;
    /// How many candidates an earlier run tried in vain for this backup.
    fn tried_before(&self, backup: usize) -> u64;
    /// The first digits of the only ID that is wanted, in lower case; other wallets are not searched.
    fn wanted(&self) -> Option<&str> {
        None
    }
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
