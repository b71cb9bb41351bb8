//! What a search is up against, before anything is tried.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use super::budget::is_hopeful;
use super::hypotheses::Question;
use super::prove::{Case, FIRST};
use super::search::{self, Space};
use super::space_builder::doubt;

/// A bit that is wrong more often than once in a hundred times is uncertain, in nats.
const UNCERTAIN: f64 = 4.6;

/// What is missing of a backup, and what it takes to find it by trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What a candidate is held against.
    pub against: Against,
    /// Bytes of which no copy says anything, in the likeliest reading.
    pub missing_bytes: u32,
    /// Bits that may well be others than the copies together say, in the likeliest reading.
    pub uncertain_bits: u32,
    /// How many possibilities there are: 2 to this power, about.
    pub possibilities: u32,
    /// How much of what is likely the effort covers, in millionths.
    pub covered: u32,
    /// The effort that covers nearly all of it; `None` if no number of candidates does.
    pub effort: Option<u64>,
    /// Whether a search has so little chance that none is started.
    pub hopeless: bool,
}

/// What a candidate is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The seed, against the ids known.
    Id,
    /// All fields, against the checksum.
    Checksum,
}

impl Outlook {
    /// Whether the effort covers nearly everything that is likely.
    pub fn is_covered(&self) -> bool {
        f64::from(self.covered) >= search::ENOUGH * 1e6
    }
}

/// What a search for a backup is up against; `None` if none is needed or nothing is left of it.
pub fn outlook(case: &Case<'_>, budget: u64) -> Option<Outlook> {
    let question = Question::of(case)?;
    if case.seed.is_some() || question.anywhere().is_some() {
        return None;
    }
    if !case.ids.is_empty() {
        let spaces = question.seeds();
        let of = if case.own_id {
            budget
        } else {
            budget.min(FIRST).max(budget / 2)
        };
        let needed = |candidates: u64| {
            if case.own_id || candidates <= FIRST {
                candidates.saturating_add(question.first_checksums())
            } else {
                candidates
                    .saturating_add(question.first_checksums())
                    .saturating_mul(2)
            }
        };
        return Some(look(&spaces, Against::Id, of, needed));
    }
    let spaces = question.checksums();
    let needed = |candidates: u64| candidates.saturating_mul(2);
    Some(look(&spaces, Against::Checksum, budget, needed))
}

fn look(
    spaces: &[Space],
    against: Against,
    budget: u64,
    needed: impl FnOnce(u64) -> u64,
) -> Outlook {
    let best = spaces
        .iter()
        .filter(|space| space.cost.is_finite())
        .min_by(|a, b| a.cost.total_cmp(&b.cost));
    let uncertain = best.map_or(0, |space| {
        let levels = space.levels.iter();
        let levels = levels.filter(|level| level.cost < UNCERTAIN);
        levels.map(|level| level.bits.len()).sum()
    });
    let extent = search::extent(spaces, budget);
    let bits = extent
        .enough
        .map_or_else(|| best.map_or(0.0, doubt), |enough| (enough as f64).log2());
    Outlook {
        against,
        missing_bytes: best.map_or(0, |space| space.unknown.len() as u32),
        uncertain_bits: uncertain as u32,
        possibilities: bits.round() as u32,
        covered: (extent.covered * 1e6).round() as u32,
        effort: extent.enough.map(needed),
        hopeless: !is_hopeful(spaces, budget),
    }
}
