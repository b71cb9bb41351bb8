//! Proves damaged copies of one backup.

use super::attempt::Attempt;
use super::budget::{Budget, is_feasible};
use super::case::Case;
use super::hypotheses::Hypotheses;
use super::proved_backup::ProvedBackup;
use super::prover::Prover;
use super::search;
use crate::progress::Progress;

/// Tries up to `budget` candidates, after the first `skip`, which an earlier run tried without
/// success. The unit of `progress` is candidates, with the skipped ones. Half of them are kept for what is found only
/// without the words that somebody remembers: they may be wrong.
pub fn prove(case: &Case<'_>, budget: u64, skip: u64, progress: &Progress<'_>) -> Attempt {
    progress.set_total(budget);
    if case.words.is_none() {
        let mut used = Budget::new(budget, skip, progress);
        let (proved, by_owner) = prove_within(case, &mut used);
        return attempt(proved, by_owner, &used);
    }
    let (with, without) = (case.with_share(true), case.with_share(false));
    let mut used = Budget::new(budget.div_ceil(2), skip, progress);
    let (mut proved, mut by_owner) = prove_within(&with, &mut used);
    if proved.is_none() {
        used.extend(budget);
        let (found, more) = prove_within(&without, &mut used);
        proved = found;
        by_owner = by_owner.saturating_add(more);
    }
    attempt(proved, by_owner, &used)
}

/// What is proved, and how many candidates were tried against the strongest that the owner knows.
fn prove_within(case: &Case<'_>, budget: &mut Budget<'_>) -> (Option<ProvedBackup>, u64) {
    let Some(hypotheses) = Hypotheses::from_case(case) else {
        return (None, 0);
    };
    let mut prover = Prover::new(&hypotheses, budget);
    let proved = prover.prove();
    (proved, prover.tried_by_owner())
}

fn attempt(proved: Option<ProvedBackup>, tried_by_owner: u64, used: &Budget<'_>) -> Attempt {
    Attempt {
        proved,
        tried: used.tried,
        tried_by_owner,
        stopped: used.stopped,
    }
}

/// Computes the probability that a search of this budget finds this seed: 32 bytes, padded with
/// zeros.
///
/// This is for tables of what can be expected; no candidate is tried.
pub fn estimate_success(case: &Case<'_>, seed: &[u8; 32], budget: u64) -> f64 {
    let Some(hypotheses) = Hypotheses::from_case(case) else {
        return 0.0;
    };
    let spaces = hypotheses.seed_spaces();
    if !is_feasible(&spaces, budget) {
        return 0.0;
    }
    search::compute_probability(&spaces, seed, budget)
}
