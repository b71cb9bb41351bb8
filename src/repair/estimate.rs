//! Estimates a search before any candidate is tried.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use std::collections::BTreeSet;
use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use super::budget::{FIRST_STAGE, is_feasible};
use super::case::Case;
use super::hypotheses::Hypotheses;
use super::search::{self, Space, bit_entropy, chance_of_wrong};
use crate::backup::wallet::OwnerProof;

/// A bit that costs less than this to flip is uncertain, in nats: it is wrong more often than once
/// in a hundred times.
const UNCERTAIN: f64 = 4.6;
/// A bit that costs so much is certain, in nats.
const CERTAIN: f64 = 30.0;

/// A share that is worth a search, in millionths.
const FAIR: u32 = 10_000;

/// Candidates that a computer tries in about two years.
const REACHABLE: u64 = 1 << 50;

/// Candidates that a computer tries in a few days: the largest effort that has a name.
pub const DEEP: u64 = 1 << 40;

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
    /// The probability that the budget is enough, in millionths; `None` where nothing shows what is wrong: how likely
    /// an error is that all copies have is not known.
    pub covered_ppm: Option<u32>,
    /// The budget that is nearly always enough; `None` if no number of candidates is.
    #[serde(rename = "effort")]
    pub needed_budget: Option<u64>,
    /// Whether the chance is large enough that a search is started.
    #[serde(rename = "started")]
    pub is_feasible: bool,
    /// The probability that [`DEEP`] is enough, in millionths.
    #[serde(skip)]
    pub deep_ppm: u32,
    /// Whether the copies show no damage.
    #[serde(skip)]
    pub looks_whole: bool,
}

/// What candidates are tried against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// The seed, against the known IDs.
    Id,
    /// All fields, against the checksum.
    Checksum,
    /// The seed, against what the owner knows of the wallet.
    Owner,
}

impl SearchEstimate {
    /// The budget that is nearly always enough, if a computer tries so many candidates in a year or two.
    pub fn reachable_budget(&self) -> Option<u64> {
        self.needed_budget.filter(|needed| *needed <= REACHABLE)
    }

    /// Whether a budget within reach covers a fair share: nearly all, or, as the likeliest come first, more than the
    /// part that this one covers already. Where no share is known, it may.
    pub fn is_worth_more(&self) -> bool {
        let is_fair = self.covered_ppm.is_none_or(|covered| covered >= FAIR);
        self.is_feasible && (self.reachable_budget().is_some() || is_fair || self.is_worth_deep())
    }

    /// Whether [`DEEP`] covers a fair share.
    pub fn is_worth_deep(&self) -> bool {
        self.deep_ppm >= FAIR
    }

    /// Whether the budget is nearly always enough.
    pub fn is_covered(&self) -> bool {
        let covered = self.covered_ppm.map(f64::from);
        covered.is_some_and(|covered| covered >= search::NEARLY_ALL * 1e6)
    }

    /// The same without a share where the copies show no damage.
    pub fn claimed(self) -> Self {
        match self.looks_whole {
            true => self.unclaimed(),
            false => self,
        }
    }

    /// The same after a search in vain: if it covered nearly all that the copies suggest, the error is not where they
    /// show any.
    pub fn in_vain(self) -> Self {
        match self.is_covered() {
            true => self.unclaimed(),
            false => self.claimed(),
        }
    }

    fn unclaimed(self) -> Self {
        Self {
            covered_ppm: None,
            needed_budget: None,
            ..self
        }
    }
}

/// Estimates the search for a backup; `None` if no search is needed or nothing of the backup is
/// left.
pub fn estimate_search(case: &Case<'_>, budget: u64) -> Option<SearchEstimate> {
    let hypotheses = Hypotheses::from_case(case)?;
    if case.seed.is_some() || hypotheses.find_intact_seed().is_some() {
        return None;
    }
    if !case.own_id
        && let Some(estimate) = estimate_by_owner(&hypotheses, budget)
    {
        return Some(estimate);
    }
    if case.has_id() {
        let spaces = hypotheses.seed_spaces();
        let share = |budget: u64| {
            if case.own_id {
                budget
            } else {
                budget.min(FIRST_STAGE).max(budget / 2)
            }
        };
        let needed = |candidates: u64| {
            let all = candidates.saturating_add(hypotheses.first_checksum_candidates());
            if case.own_id || candidates <= FIRST_STAGE {
                all
            } else {
                all.saturating_mul(2)
            }
        };
        return Some(estimate_spaces(
            &spaces,
            TargetKind::Id,
            ([budget, DEEP].map(share), budget),
            needed,
        ));
    }
    let spaces = hypotheses.checksum_spaces();
    // Each checksum that the copies may have gets a half of what is left.
    let is_shared = hypotheses.checksums().len() > 1;
    let share = |budget: u64| if is_shared { budget / 2 } else { budget };
    let needed = |candidates: u64| candidates.saturating_mul(2);
    Some(estimate_spaces(
        &spaces,
        TargetKind::Checksum,
        ([budget, DEEP].map(share), budget),
        needed,
    ))
}

/// Estimates the search against what the owner knows, of which a fingerprint proves too little. `None` if that has no
/// chance.
fn estimate_by_owner(hypotheses: &Hypotheses<'_>, budget: u64) -> Option<SearchEstimate> {
    let case = hypotheses.case;
    let strong = case.owned.iter();
    let strong = strong.filter(|(owned, _)| owned.kind() != OwnerProof::Fingerprint);
    let most = strong.map(|(_, most)| *most).max()?;
    let each = budget.div_ceil(most.max(1));
    let [most, deep] = [most, DEEP / each].map(|most| match case.words {
        Some(_) => most.div_ceil(2),
        None => most,
    });
    let needed = |candidates: u64| {
        let all = candidates.saturating_mul(each);
        all.saturating_mul(if case.words.is_some() { 2 } else { 1 })
    };
    let spaces = hypotheses.seed_spaces();
    let estimate = estimate_spaces(&spaces, TargetKind::Owner, ([most, deep], most), needed);
    estimate.is_feasible.then_some(estimate)
}

/// Estimates the search of spaces with the shares that they have of a budget of all stages and of [`DEEP`]; `needed` is
/// the budget that lets so many candidates be tried here.
fn estimate_spaces(
    spaces: &[Space],
    target: TargetKind,
    (shares, budget): ([u64; 2], u64),
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
    let coverage = search::compute_coverage(spaces, shares);
    let bits = coverage.enough.map_or_else(
        || best.map_or(0.0, Space::entropy),
        |enough| (enough as f64).log2(),
    );
    let [covered, deep] = coverage
        .covered
        .map(|covered| (covered * 1e6).round() as u32);
    SearchEstimate {
        target,
        missing_bytes: best.map_or(0, |space| space.unknown.len() as u32),
        uncertain_bits: uncertain as u32,
        possibilities_log2: bits.round() as u32,
        with_reading_log2: best.map_or(0, |space| entropy_with(space, false, bits)),
        with_card_log2: best.map_or(0, |space| entropy_with(space, true, bits)),
        covered_ppm: Some(covered),
        needed_budget: coverage.enough.map(needed),
        is_feasible: is_feasible(spaces, budget),
        deep_ppm: deep,
        looks_whole: looks_whole(spaces),
    }
}

/// Whether no likely hypothesis shows damage.
fn looks_whole(spaces: &[Space]) -> bool {
    let weigh = |space: &Space| 8.0 * LN_2 * space.unknown.len() as f64 - space.cost;
    let best = spaces.iter().map(weigh).fold(f64::MIN, f64::max);
    let mut likely = spaces
        .iter()
        .filter(|space| weigh(space) > best - UNCERTAIN);
    !spaces.is_empty() && likely.all(Space::looks_whole)
}

/// The possibilities that remain, as a logarithm, if there were the same again with other errors; `is_filled` if bytes
/// that are missing are not missing there. At most `now`.
fn entropy_with(space: &Space, is_filled: bool, now: f64) -> u32 {
    let bits = list_bits(space);
    let unknown = 8.0 * space.unknown.len() as f64;
    let all: f64 = bits.iter().map(|(_, count)| count).sum();
    let known: f64 = bits
        .iter()
        .map(|(cost, count)| count * bit_entropy(*cost))
        .sum();
    let there = match is_filled {
        true if all > 0.0 => unknown * known / all,
        true => 0.0,
        false => unknown,
    };
    let less = (known + unknown) - (expected_entropy(&bits, all) + there);
    // As much less as the entropy is.
    (now - less).clamp(0.0, now).round() as u32
}

/// What it costs to flip the bits of a space of which anything is known, and how many there are of each cost.
fn list_bits(space: &Space) -> Vec<(f64, f64)> {
    let levels = space.levels.iter();
    let mut bits: Vec<_> = levels
        .map(|level| (level.cost.clamp(0.0, CERTAIN), level.bits.len() as f64))
        .collect();
    let uncertain: BTreeSet<u16> = space
        .levels
        .iter()
        .flat_map(|level| level.bits.iter().map(|bit| bit / 8))
        .collect();
    let mut bytes = space.base.iter().zip(0_u16..);
    let is_known = |(byte, at): &(&u8, u16)| {
        (**byte != 0 || uncertain.contains(at)) && !space.unknown.contains(at)
    };
    let all = 8.0 * bytes.by_ref().filter(is_known).count() as f64;
    let listed: f64 = bits.iter().map(|(_, count)| count).sum();
    bits.push((CERTAIN, (all - listed).max(0.0)));
    bits
}

/// The entropy of bits that is to be expected once they are read again. How certain a bit is in the other reading is
/// as frequent as it is here, and it is right as often as that says: where both agree the bit is more certain, where
/// they differ it is less.
fn expected_entropy(bits: &[(f64, f64)], all: f64) -> f64 {
    let pairs = bits
        .iter()
        .flat_map(|own| bits.iter().map(move |other| (own, other)));
    let pairs = pairs.map(|((own, count), (other, share))| {
        let (wrong, other_wrong) = (chance_of_wrong(*own), chance_of_wrong(*other));
        let differ = wrong * (1.0 - other_wrong) + other_wrong * (1.0 - wrong);
        let agreed = (1.0 - differ) * bit_entropy(own + other);
        count * (share / all.max(1.0)) * (agreed + differ * bit_entropy((own - other).abs()))
    });
    pairs.sum()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::super::search::Level;
    use super::*;

    fn read_once(wrong: f64) -> Space {
        Space {
            base: Zeroizing::new(vec![0; 32]),
            cost: 0.0,
            levels: vec![Level {
                cost: ((1.0 - wrong) / wrong).ln(),
                bits: (0..128).collect(),
            }],
            unknown: Vec::new(),
        }
    }

    #[test]
    fn another_reading_is_expected_to_differ_where_bits_are_wrong() {
        // Of 128 bits a tenth is wrong in each reading: 18 % of them differ and stay open.
        let space = read_once(0.1);
        assert_eq!(space.entropy().round(), 60.0);
        assert_eq!(entropy_with(&space, false, 60.0), 33);
        // Where nothing is known, another reading adds nothing.
        assert_eq!(entropy_with(&read_once(0.5), false, 128.0), 128);
        let mut missing = read_once(0.1);
        missing.unknown = vec![16, 17];
        assert_eq!(entropy_with(&missing, false, 76.0), 49);
        assert_eq!(entropy_with(&missing, true, 76.0), 40);
        assert_eq!(entropy_with(&read_once(0.1), true, 10.0), 0);
    }
}
