//! What is said of a backup that is not recovered.
use crate::assess::State;
use crate::catalogue::Catalogue;
use crate::repair::SearchEstimate;
use crate::repair::TargetKind;
use crate::report::CopyReport;
use crate::report::Text;
use serde::Deserialize;
use serde::Serialize;

/// Why a backup is not brought back, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The device erased it.
    Erased,
    /// Nothing of the seed remains.
    Nothing,
    /// Its seed is proved, and how many of its bytes count is not.
    Length,
    /// Nothing proves anything within the effort.
    Proof,
    /// It was told to stop.
    Stopped,
    /// No recovery words stand for a seed of its length; of `words` only.
    Words,
}

/// One backup not brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    pub search: Option<SearchReport>,
    /// Whether another generation of the same wallet is written.
    pub wallet_recovered: bool,
    /// Its copies.
    pub copies: Vec<CopyReport>,
}

/// What a search was up against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchReport {
    /// What candidates were held against: `id` or `checksum`.
    pub against: Text,
    /// Bytes of which no copy says anything.
    pub missing_bytes: u32,
    /// Bits that may well be others than the copies say.
    pub uncertain_bits: u32,
    /// How many possibilities there are: 2 to this power, about.
    pub possibilities_log2: u32,
    /// How much of what is likely the effort covers, in millionths.
    pub covered_ppm: u32,
    /// The effort that covers nearly all of it, if any number does.
    pub effort: Option<u64>,
    /// Whether a search was started at all.
    pub started: bool,
}

impl SearchReport {
    pub(super) fn of(estimate: &SearchEstimate) -> Self {
        let against = match estimate.target {
            TargetKind::Id => "id",
            TargetKind::Checksum => "checksum",
        };
        Self {
            against: against.into(),
            missing_bytes: estimate.missing_bytes,
            uncertain_bits: estimate.uncertain_bits,
            possibilities_log2: estimate.possibilities_log2,
            covered_ppm: estimate.covered_ppm,
            effort: estimate.needed_budget,
            started: !estimate.infeasible,
        }
    }
}

impl NotRecoveredReport {
    /// Whether something is lost by it: the device's own erasing loses nothing, nor does a
    /// generation of a wallet that is written anyway.
    pub fn matters(&self) -> bool {
        self.reason != Reason::Erased && !self.wallet_recovered
    }
}

pub(super) fn copies_of(copies: &[usize], catalogue: &Catalogue) -> Vec<CopyReport> {
    let reports = copies.iter();
    reports
        .filter_map(|index| CopyReport::of(*index, catalogue))
        .collect()
}
