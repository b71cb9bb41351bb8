//! How hard to try.

use crate::backup::wallet::{Owned, OwnerProof};
use crate::backup::{Id, KnownWords};
use crate::repair::DEEP;

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
    /// What the owner knows of the wallets that are looked for, the strongest first.
    pub owned: Vec<Owned>,
    /// The recovery words of it that somebody remembers.
    pub words: Option<KnownWords>,
    /// Of a search that covers less of the possibilities than this, in millionths, only the likeliest
    /// [`QUICK`](Self::QUICK) candidates are tried.
    pub least_ppm: u32,
}

impl Effort {
    /// Seconds at most.
    pub const QUICK: u64 = 1 << 23;
    /// A minute or two.
    pub const NORMAL: u64 = 1 << 30;
    /// Hours.
    pub const DEEP: u64 = DEEP;

    /// What the owner knows, and most candidates of each of so many backups tried against it. A seed takes about a
    /// millisecond, or a third of one: some 2^13 times as long as with an ID, and the addresses of each wallet longer; a fingerprint proves
    /// nothing among many candidates, and many fingerprints prove less.
    pub fn owned(&self, backups: usize) -> Vec<(&Owned, u64)> {
        let most = |owned: &Owned| {
            let share = |all: u64, of: usize| all.checked_div(of as u64).unwrap_or(all);
            let wallets = owned.wallets().len();
            match owned.kind() {
                OwnerProof::Xpub => (self.candidates >> 14).max(1),
                OwnerProof::Address => share(self.candidates >> 20, wallets).max(1),
                OwnerProof::Fingerprint => {
                    let most = share(share(Owned::MOST_BY_FINGERPRINT, wallets), backups);
                    (self.candidates >> 16).clamp(1, most.max(1))
                }
            }
        };
        let owned = self.owned.iter();
        owned.map(|owned| (owned, most(owned))).collect()
    }

    /// So many candidates, and nothing known from outside.
    pub fn new(candidates: u64) -> Self {
        Self {
            candidates,
            ids: Vec::new(),
            length: None,
            wanted: None,
            tried_before: Vec::new(),
            owned: Vec::new(),
            words: None,
            least_ppm: 0,
        }
    }
}
