//! Proves damaged copies of one backup.

use super::attempt::Attempt;
use super::budget::{Budget, is_feasible};
use super::case::Case;
use super::hypotheses::Hypotheses;
use super::prover::Prover;
use super::search;
use crate::progress::Progress;

/// Tries up to `budget` candidates, after the first `skip`, which an earlier run tried without
/// success. The unit of `progress` is candidates, with the skipped ones.
pub fn prove(case: &Case<'_>, budget: u64, skip: u64, progress: &Progress<'_>) -> Attempt {
    progress.set_total(budget);
    let mut budget = Budget::new(budget, skip, progress);
    let proved = Hypotheses::from_case(case)
        .and_then(|hypotheses| Prover::new(&hypotheses, &mut budget).prove());
    Attempt {
        proved,
        tried: budget.tried,
        stopped: budget.stopped,
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
