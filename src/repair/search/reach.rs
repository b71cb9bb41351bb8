//! How far a budget reaches, without trying anything: for tables of what can be expected.

use super::order::{Flipped, Order};
use super::space::{MAX_LEVELS, Prepared};
use super::{ID_MESSAGE, Space, prepare};

/// The probability that a search of this budget comes to a message: 1 if the class it is in lies
/// within, 0 if it lies beyond, and where the budget ends within it, the share of it that is tried.
pub fn reach(spaces: &[Space], message: &[u8; ID_MESSAGE], budget: u64) -> f64 {
    let prepared = prepare::<8>(spaces, ID_MESSAGE);
    let wanted: Vec<_> = prepared
        .iter()
        .map(|space| flipped(space, message))
        .collect();
    let mut order = Order::new(&prepared, budget);
    while let Some((space, class, before, count)) = order.next_class() {
        if before >= budget {
            return 0.0;
        }
        if wanted
            .get(space)
            .is_some_and(|wanted| *wanted == Some(class))
        {
            return ((budget - before) as f64 / count as f64).min(1.0);
        }
    }
    0.0
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
