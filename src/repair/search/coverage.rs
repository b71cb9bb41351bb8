//! How likely a budget is enough, computed without trying any candidate.

use super::class::{Class, FlipCounts};
use super::prepared_space::{MAX_LEVELS, PreparedSpace, prepare_spaces};
use super::ranking::Ranking;
use super::space::Space;
use super::target::{CHECKSUM_MESSAGE, ID_MESSAGE};

/// The probability that counts as nearly all.
pub const NEARLY_ALL: f64 = 0.99;
/// Most classes added up: they take a fraction of a second.
const MOST_CLASSES: usize = 200_000;

/// Computes the probability that a search of this budget finds a message.
///
/// It is 1 if the class of the message is within the budget and 0 if it is beyond. If the budget
/// ends within the class, it is the share of the class that is tried.
pub fn compute_probability(spaces: &[Space], message: &[u8; ID_MESSAGE], budget: u64) -> f64 {
    let prepared = prepare_spaces::<8>(spaces, ID_MESSAGE);
    let wanted: Vec<_> = prepared
        .iter()
        .map(|space| count_flips(space, message))
        .collect();
    let mut ranking = Ranking::new(&prepared, budget);
    while let Some((class, before)) = ranking.next_class() {
        if before >= budget {
            return 0.0;
        }
        if wanted
            .get(class.space as usize)
            .is_some_and(|wanted| *wanted == Some(class.flip_counts))
        {
            return tried_share(&class, before, budget);
        }
    }
    0.0
}

/// The share of a class that is within a budget.
fn tried_share(class: &Class, before: u64, budget: u64) -> f64 {
    (budget.saturating_sub(before) as f64 / class.count as f64).min(1.0)
}

/// How likely two budgets are enough, and which budget nearly always is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Coverage {
    /// The probability, by the costs of the spaces, that the right candidate is within each budget.
    pub covered: [f64; 2],
    /// The candidates needed to cover [`NEARLY_ALL`]; `None` if they are too many to count.
    pub enough: Option<u64>,
}

impl Coverage {
    /// Of nothing.
    const NONE: Self = Self {
        covered: [0.0; 2],
        enough: None,
    };
}

/// Computes the coverage of spaces of one kind without trying any candidate.
pub fn compute_coverage(spaces: &[Space], budgets: [u64; 2]) -> Coverage {
    match spaces.first().map(|space| space.base.len()) {
        Some(ID_MESSAGE) => sum_classes(&prepare_spaces::<8>(spaces, ID_MESSAGE), budgets),
        Some(_) => sum_classes(&prepare_spaces::<40>(spaces, CHECKSUM_MESSAGE), budgets),
        None => Coverage::NONE,
    }
}

/// Adds up the probabilities of classes, the most likely first.
fn sum_classes<const W: usize>(spaces: &[PreparedSpace<W>], budgets: [u64; 2]) -> Coverage {
    // The cost of a flip is relative to that of no flip; this makes probabilities of the costs.
    let unflipped = |space: &PreparedSpace<W>| -> f64 {
        let levels = space.levels.iter();
        let bits = levels.map(|level| f64::from(level.count) * (-level.cost).exp().ln_1p());
        -bits.sum::<f64>()
    };
    let unflipped: Vec<f64> = spaces.iter().map(unflipped).collect();
    let hypothesis = |space: &PreparedSpace<W>| {
        let unknown = space.unknown.len() as f64 * 8.0 * std::f64::consts::LN_2;
        (unknown - space.cost).exp()
    };
    let all: f64 = spaces.iter().map(hypothesis).sum();
    let mut ranking = Ranking::new(spaces, u64::MAX);
    let mut coverage = Coverage::NONE;
    let mut sum = 0.0;
    for _ in 0..MOST_CLASSES {
        let Some((class, before)) = ranking.next_class() else {
            break;
        };
        let chance = class_probability(&class, &unflipped) / all;
        for (covered, budget) in coverage.covered.iter_mut().zip(budgets) {
            *covered += chance * tried_share(&class, before, budget);
        }
        let end = before.saturating_add(class.count);
        if end == u64::MAX {
            break; // the class has so many candidates that no search reaches its end
        }
        sum += chance;
        if sum >= NEARLY_ALL {
            coverage.enough = Some(end);
            break;
        }
    }
    for (covered, budget) in coverage.covered.iter_mut().zip(budgets) {
        if coverage.enough.is_some_and(|enough| enough <= budget) {
            *covered = covered.max(NEARLY_ALL);
        }
        *covered = covered.min(1.0);
    }
    coverage
}

/// The probability that the right candidate is in a class, before the probabilities of all
/// hypotheses are scaled to a sum of 1.
fn class_probability(class: &Class, unflipped: &[f64]) -> f64 {
    let unflipped = unflipped
        .get(class.space as usize)
        .copied()
        .unwrap_or_default();
    ((class.count as f64).ln() + unflipped - class.cost).exp()
}

/// How many bits of each level are flipped in a message, if it is a candidate of the space.
fn count_flips(space: &PreparedSpace<8>, message: &[u8; ID_MESSAGE]) -> Option<FlipCounts> {
    let mut differ = [0_u32; 8];
    for ((differ, row), bytes) in differ
        .iter_mut()
        .zip(&space.row)
        .zip(message.chunks_exact(4))
    {
        *differ = row ^ u32::from_be_bytes(bytes.try_into().ok()?);
    }
    for (column, shift) in &space.unknown {
        *differ.get_mut(*column as usize)? &= !(0xFF << shift);
    }
    let mut counts = [0; MAX_LEVELS];
    for (level, to) in space.levels.iter().zip(&mut counts) {
        let range = level.start as usize..(level.start + level.count) as usize;
        for flip in space.flips.get(range)? {
            let word = differ.get_mut(flip.column as usize)?;
            if *word & flip.mask != 0 {
                *word &= !flip.mask;
                *to += 1;
            }
        }
    }
    differ.iter().all(|word| *word == 0).then_some(counts)
}
