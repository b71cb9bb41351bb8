//! How hard to try.

use crate::backup::wallet::{Owned, OwnerProof};
use crate::backup::{Id, KnownWords};

/// How hard to try, and what is known from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effort {
    /// Most candidates tried for all backups of one card, which share them.
    pub candidates: u64,
    /// Ids known from elsewhere: from the app, from a register.
    pub ids: Vec<Id>,
    /// The length of the seed, where a person says it: 16, 24 or 32.
    pub length: Option<u32>,
    /// The first digits of the only ID that is wanted, in lower case; other wallets are not searched.
    pub wanted: Option<String>,
    /// How many candidates an earlier run tried in vain, by the index of the backup; 0 where it ends.
    pub tried_before: Vec<u64>,
    /// What the owner knows of the wallet that is looked for.
    pub owned: Option<Owned>,
    /// The recovery words of it that somebody remembers.
    pub words: Option<KnownWords>,
}

impl Effort {
    /// Seconds at most.
    pub const QUICK: u64 = 1 << 23;
    /// A minute or two.
    pub const NORMAL: u64 = 1 << 30;
    /// Hours.
    pub const DEEP: u64 = 1 << 40;

    /// Most candidates of each of so many backups tried against what the owner knows. A seed takes about a
    /// millisecond, 2^16 times as long as with an ID, and its addresses longer; a fingerprint proves nothing among
    /// many candidates.
    pub(super) fn owned_candidates(&self, backups: usize) -> u64 {
        let by_fingerprint = Owned::MOST_BY_FINGERPRINT.checked_div(backups as u64);
        match self.owned.as_ref().map(Owned::kind) {
            None => 0,
            Some(OwnerProof::Xpub) => (self.candidates >> 16).max(1),
            Some(OwnerProof::Address) => (self.candidates >> 20).max(1),
            Some(OwnerProof::Fingerprint) => {
                let most = by_fingerprint.unwrap_or(Owned::MOST_BY_FINGERPRINT);
                (self.candidates >> 16).clamp(1, most.max(1))
            }
        }
    }

    /// So many candidates, and nothing known from outside.
    pub fn new(candidates: u64) -> Self {
        Self {
            candidates,
            ids: Vec::new(),
            length: None,
            wanted: None,
            tried_before: Vec::new(),
            owned: None,
            words: None,
        }
    }
}
