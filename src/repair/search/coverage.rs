//! How far a budget reaches, without trying anything: for tables of what can be expected.

use super::prepared_space::{MAX_LEVELS, Prepared};
use super::ranking::{Flipped, Order, Passed};
use super::searcher::{CHECKSUM_MESSAGE, ID_MESSAGE, Space, prepare};

/// Nearly all of what is likely.
pub const ENOUGH: f64 = 0.99;
/// Most classes looked at for it: a fraction of a second.
const MOST_CLASSES: usize = 200_000;

/// The probability that a search of this budget comes to a message: 1 if the class it is in lies
/// within, 0 if it lies beyond, and where the budget ends within it, the share of it that is tried.
pub fn reach(spaces: &[Space], message: &[u8; ID_MESSAGE], budget: u64) -> f64 {
    let prepared = prepare::<8>(spaces, ID_MESSAGE);
    let wanted: Vec<_> = prepared
        .iter()
        .map(|space| flipped(space, message))
        .collect();
    let mut order = Order::new(&prepared, budget);
    while let Some(class) = order.next_class() {
        if class.before >= budget {
            return 0.0;
        }
        if wanted
            .get(class.space)
            .is_some_and(|wanted| *wanted == Some(class.flipped))
        {
            return share(&class, budget);
        }
    }
    0.0
}

/// How much of a class lies within a budget.
fn share(class: &Passed, budget: u64) -> f64 {
    (budget.saturating_sub(class.before) as f64 / class.count as f64).min(1.0)
}

/// How much of what is likely a budget covers, and how many candidates cover nearly all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The probability, by the spaces' own costs, that the right candidate is within the budget.
    pub covered: f64,
    /// Candidates that are needed to cover [`ENOUGH`]; `None` if they are too many to count.
    pub enough: Option<u64>,
}

/// Computes the extent of spaces of one kind without trying anything.
pub fn extent(spaces: &[Space], budget: u64) -> Extent {
    match spaces.first().map(|space| space.base.len()) {
        Some(ID_MESSAGE) => of(&prepare::<8>(spaces, ID_MESSAGE), budget),
        Some(_) => of(&prepare::<40>(spaces, CHECKSUM_MESSAGE), budget),
        None => Extent {
            covered: 0.0,
            enough: None,
        },
    }
}

fn of<const W: usize>(spaces: &[Prepared<W>], budget: u64) -> Extent {
    // Costs are what a flip is dearer than no flip; this makes probabilities of them.
    let unflipped = |space: &Prepared<W>| -> f64 {
        let levels = space.levels.iter();
        let bits = levels.map(|level| f64::from(level.count) * (-level.cost).exp().ln_1p());
        -bits.sum::<f64>()
    };
    let unflipped: Vec<f64> = spaces.iter().map(unflipped).collect();
    let hypothesis = |space: &Prepared<W>| {
        let unknown = space.unknown.len() as f64 * 8.0 * std::f64::consts::LN_2;
        (unknown - space.cost).exp()
    };
    let all: f64 = spaces.iter().map(hypothesis).sum();
    let mut order = Order::new(spaces, u64::MAX);
    let mut extent = Extent {
        covered: 0.0,
        enough: None,
    };
    let mut sum = 0.0;
    for _ in 0..MOST_CLASSES {
        let Some(class) = order.next_class() else {
            break;
        };
        let end = class.before.saturating_add(class.count);
        if end == u64::MAX {
            // So many that nobody comes to its end.
            let chance = chance(&class, &unflipped) / all;
            extent.covered += chance * share(&class, budget);
            break;
        }
        let chance = chance(&class, &unflipped) / all;
        extent.covered += chance * share(&class, budget);
        sum += chance;
        if sum >= ENOUGH {
            extent.enough = Some(end);
            break;
        }
    }
    if extent.enough.is_some_and(|enough| enough <= budget) {
        extent.covered = extent.covered.max(ENOUGH);
    }
    extent.covered = extent.covered.min(1.0);
    extent
}

/// How likely the right candidate is in a class, before hypotheses are weighed against each other.
fn chance(class: &Passed, unflipped: &[f64]) -> f64 {
    let unflipped = unflipped.get(class.space).copied().unwrap_or_default();
    ((class.count as f64).ln() + unflipped - class.cost).exp()
}

/// How many bits of each level are flipped in a message, if the space holds it.
fn flipped(space: &Prepared<8>, message: &[u8; ID_MESSAGE]) -> Option<Flipped> {
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
    let mut flipped = [0; MAX_LEVELS];
    for (level, to) in space.levels.iter().zip(&mut flipped) {
        let range = level.start as usize..(level.start + level.count) as usize;
        for flip in space.flips.get(range)? {
            let word = differ.get_mut(flip.column as usize)?;
            if *word & flip.mask != 0 {
                *word &= !flip.mask;
                *to += 1;
            }
        }
    }
    differ.iter().all(|word| *word == 0).then_some(flipped)
}
