//! What is heard of the searches of a card.

use crate::repair::SearchEstimate;

/// What is heard of the searches of a card before each begins.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SearchEvent<'a> {
    /// Several searches are about to begin, one after the other, that share the effort.
    Shares(SharedEffort),
    /// A search is about to begin. From now on [`Progress`](crate::progress::Progress) is about it; its unit
    /// is candidates.
    Begins {
        /// The index of the backup that is searched for.
        backup: usize,
        /// What the search is up against, where that can be estimated.
        estimate: Option<&'a SearchEstimate>,
    },
}

/// An effort that several searches share.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SharedEffort {
    /// How many searches.
    pub searches: usize,
    /// Most candidates of all of them.
    pub candidates: u64,
    /// What the first one is up against.
    pub first: SearchEstimate,
}

/// Hears of the searches.
pub(super) type Hear<'a> = dyn Fn(SearchEvent<'_>) + 'a;
