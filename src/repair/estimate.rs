//! Estimates a search before any candidate is tried.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use serde::{Deserialize, Serialize};

use super::budget::{FIRST_STAGE, is_feasible};
use super::case::Case;
use super::hypotheses::Hypotheses;
use super::search::{self, Space};

/// A bit that costs less than this to flip is uncertain, in nats: it is wrong more often than once
/// in a hundred times.
const UNCERTAIN: f64 = 4.6;

/// What is missing of a backup, and how many candidates it takes to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchEstimate {
    /// What candidates are tried against.
    #[serde(rename = "against")]
    pub target: TargetKind,
    /// Bytes that no copy has, under the most likely hypothesis.
    pub missing_bytes: u32,
    /// Bits that may well differ from those in the copies, under the most likely hypothesis.
    pub uncertain_bits: u32,
    /// The number of possibilities, as a logarithm to the base 2, rounded.
    pub possibilities_log2: u32,
    /// The same if there were another reading of the same copies, as good as these: what no copy has, no other
    /// reading has either.
    #[serde(default)]
    pub with_reading_log2: u32,
    /// The same if there were as many copies from another card, as good as these.
    #[serde(default)]
    pub with_card_log2: u32,
    /// The probability that the budget is enough, in millionths.
    pub covered_ppm: u32,
    /// The budget that is nearly always enough; `None` if no number of candidates is.
    #[serde(rename = "effort")]
    pub needed_budget: Option<u64>,
    /// Whether the chance is large enough that a search is started.
    #[serde(rename = "started")]
    pub is_feasible: bool,
}

/// What candidates are tried against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// The seed, against the known IDs.
    Id,
    /// All fields, against the checksum.
    Checksum,
}

impl SearchEstimate {
    /// Whether the budget is nearly always enough.
    pub fn is_covered(&self) -> bool {
        f64::from(self.covered_ppm) >= search::NEARLY_ALL * 1e6
    }
}

/// Estimates the search for a backup; `None` if no search is needed or nothing of the backup is
/// left.
pub fn estimate_search(case: &Case<'_>, budget: u64) -> Option<SearchEstimate> {
    let hypotheses = Hypotheses::from_case(case)?;
    if case.seed.is_some() || hypotheses.find_intact_seed().is_some() {
        return None;
    }
    if case.has_id() {
        let spaces = hypotheses.seed_spaces();
        let share = if case.own_id {
            budget
        } else {
            budget.min(FIRST_STAGE).max(budget / 2)
        };
        let needed = |candidates: u64| {
            let all = candidates.saturating_add(hypotheses.first_checksum_candidates());
            if case.own_id || candidates <= FIRST_STAGE {
                all
            } else {
                all.saturating_mul(2)
            }
        };
        return Some(estimate_spaces(&spaces, TargetKind::Id, share, needed));
    }
    let spaces = hypotheses.checksum_spaces();
    let needed = |candidates: u64| candidates.saturating_mul(2);
    Some(estimate_spaces(
        &spaces,
        TargetKind::Checksum,
        budget,
        needed,
    ))
}

/// Estimates the search of spaces; `needed` is the budget of all stages that lets so many
/// candidates be tried here.
fn estimate_spaces(
    spaces: &[Space],
    target: TargetKind,
    budget: u64,
    needed: impl FnOnce(u64) -> u64,
) -> SearchEstimate {
    let best = spaces
        .iter()
        .filter(|space| space.cost.is_finite())
        .min_by(|a, b| a.cost.total_cmp(&b.cost));
    let uncertain = best.map_or(0, |space| {
        let levels = space.levels.iter();
        let levels = levels.filter(|level| level.cost < UNCERTAIN);
        levels.map(|level| level.bits.len()).sum()
    });
    let coverage = search::compute_coverage(spaces, budget);
    let bits = coverage.enough.map_or_else(
        || best.map_or(0.0, Space::entropy),
        |enough| (enough as f64).log2(),
    );
    SearchEstimate {
        target,
        missing_bytes: best.map_or(0, |space| space.unknown.len() as u32),
        uncertain_bits: uncertain as u32,
        possibilities_log2: bits.round() as u32,
        with_reading_log2: best.map_or(0, |space| entropy_with(space, false, bits)),
        with_card_log2: best.map_or(0, |space| entropy_with(space, true, bits)),
        covered_ppm: (coverage.covered * 1e6).round() as u32,
        needed_budget: coverage.enough.map(needed),
        is_feasible: is_feasible(spaces, budget),
    }
}

/// The possibilities that remain, as a logarithm, if everything that is there were there twice; `is_filled` if bytes
/// that are missing are not missing there. At most `now`.
fn entropy_with(space: &Space, is_filled: bool, now: f64) -> u32 {
    let mut more = space.clone();
    for level in &mut more.levels {
        level.cost *= 2.0;
    }
    if is_filled {
        more.unknown.clear();
    }
    // As much less as the entropy is.
    let less = space.entropy() - more.entropy();
    (now - less).max(0.0).round() as u32
}
