//! What is said of a backup that is not recovered.
use super::effort::Effort;
use crate::assess::State;
use crate::catalogue::Catalogue;
use crate::repair::SearchEstimate;
use crate::report::CopyReport;
use serde::Deserialize;
use serde::Serialize;

/// Why a backup is not recovered, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The device erased it.
    Erased,
    /// Nothing of the seed remains.
    Nothing,
    /// Its files were not read; they may be whole on the card.
    Unread,
    /// Its seed is proved, and how many of its bytes count is not.
    Length,
    /// Nothing proves anything within the effort.
    Proof,
    /// It was told to stop.
    Stopped,
    /// No recovery words stand for a seed of its length; of `words` only.
    Words,
}

/// One backup not recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotRecoveredReport {
    /// The wallet's id, as its folder says.
    pub id: Option<String>,
    /// Seconds since 1970 UTC, as its file names say.
    pub timestamp: Option<u32>,
    /// The same in RFC 3339.
    pub created: Option<String>,
    /// What it is worth.
    pub state: State,
    /// Why, in a word.
    pub reason: Reason,
    /// Why, in a sentence.
    pub message: String,
    /// What would help.
    pub advice: String,
    /// How many candidates were tried.
    pub tried: Option<u64>,
    /// How many recovery words it may have, where that is the question.
    pub words: Vec<u8>,
    /// What the search for it was up against; left out if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchEstimate>,
    /// Whether another generation of the same wallet is written.
    pub wallet_recovered: bool,
    /// Its copies.
    pub copies: Vec<CopyReport>,
}

impl NotRecoveredReport {
    /// Whether something is lost by it: the device's own erasing loses nothing, nor does a
    /// generation of a wallet that is written anyway.
    pub fn matters(&self) -> bool {
        self.reason != Reason::Erased && !self.wallet_recovered
    }

    /// The effort of a longer search that may well prove it; `None` if none is within reach.
    pub fn longer_effort(&self) -> Option<u64> {
        let search = self.search.filter(SearchEstimate::is_worth_more)?;
        let tried = self.tried.unwrap_or(0);
        match search.reachable_budget().filter(|_| !search.is_covered()) {
            Some(needed) => Some(needed),
            None => (tried < Effort::DEEP / 2).then_some(Effort::DEEP),
        }
    }
}

pub(super) fn copies_of(copies: &[usize], catalogue: &Catalogue) -> Vec<CopyReport> {
    let reports = copies.iter();
    reports
        .filter_map(|index| CopyReport::of(*index, catalogue))
        .collect()
}
