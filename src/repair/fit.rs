//! Fits a damaged copy to one layout: which byte of the copy is which byte of the file.
//!
//! Flipped bits move nothing. A copy that lost or gained bytes is fitted in two parts, before and
//! after the gap. Tags show where the gap is, and so do other copies.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::cost::{ANY_BYTE, known_cost};
use super::role::ByteRole;
use super::sample::Sample;

/// The cost of bytes lost or inserted in the middle, in nats.
const GAP: f64 = 9.0;
/// The cost of an end that is cut off, in nats.
const CUT: f64 = 5.0;

/// Where the bytes of a copy belong in a file of one layout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CopyFit {
    /// How unlikely the copy is under this fit, in nats.
    pub(super) cost: f64,
    /// The byte of the file that follows the gap; the length of the file if there is no gap.
    pub(super) gap: usize,
    /// How many bytes more than the file the copy has at the gap (fewer, if negative).
    pub(super) extra: isize,
}

impl CopyFit {
    /// The cost of the gap alone in a file of this length, in nats.
    pub(super) fn gap_cost(&self, length: usize) -> f64 {
        let inserted = ANY_BYTE * self.extra.max(0) as f64;
        match self.extra {
            0 => 0.0,
            lost if lost < 0 && self.gap + lost.unsigned_abs() >= length => CUT,
            _ => GAP + inserted,
        }
    }

    /// The index in the copy of a byte of the file, if the copy has it.
    pub(super) fn index(&self, at: usize) -> Option<usize> {
        if at < self.gap {
            return Some(at);
        }
        let moved = at.checked_add_signed(self.extra)?;
        // Only bytes after the lost ones: those themselves are not in the copy.
        (self.extra >= 0 || moved >= self.gap).then_some(moved)
    }
}

/// Fits a copy to roles; `known` is what other copies have for each byte of the file.
pub(super) fn fit_sample(
    sample: &Sample<'_>,
    roles: &[ByteRole],
    known: Option<&[Option<u8>]>,
) -> CopyFit {
    let (have, want) = (sample.bytes.len(), roles.len());
    let extra = have as isize - want as isize;
    let cost = |at: usize, index: usize| {
        let cost = sample.cost(roles[at], index);
        match (known.and_then(|known| known[at]), roles[at]) {
            (Some(known), ByteRole::Part(..)) if !sample.blank[index] => {
                known_cost(sample.bytes[index], known)
            }
            _ => cost,
        }
    };
    // Zeros after the file are the rest of its sector.
    let surplus = sample.bytes.get(want..).unwrap_or_default();
    let is_padded = !surplus.is_empty() && surplus.iter().all(|byte| *byte == 0);
    if extra == 0 || is_padded {
        let file = (0..want).map(|at| cost(at, at)).sum::<f64>();
        let surplus = 0.05 * surplus.len() as f64;
        return CopyFit {
            cost: file + surplus,
            gap: want,
            extra: 0,
        };
    }
    find_gap(have, want, cost)
}

/// Finds the gap of least cost; `cost` is that of a byte of the file, given its index in the copy.
fn find_gap(have: usize, want: usize, cost: impl Fn(usize, usize) -> f64) -> CopyFit {
    let extra = have as isize - want as isize;
    let lost = (-extra).max(0) as usize;
    let inserted = extra.max(0) as usize;
    // The costs of all bytes before each position, and of all bytes from it on.
    let mut before = Vec::with_capacity(want + 1);
    before.push(0.0);
    for at in 0..want {
        let own = if at < have { cost(at, at) } else { 0.0 };
        before.push(before[at] + own);
    }
    let mut after = vec![0.0; want + 1];
    for at in (0..want).rev() {
        let own = match at.checked_add_signed(extra).filter(|index| *index < have) {
            Some(index) => cost(at, index),
            None => 0.0,
        };
        after[at] = after[at + 1] + own;
    }
    let mut best = CopyFit {
        cost: f64::MAX,
        gap: want,
        extra,
    };
    for (gap, before) in before.iter().enumerate().take(have + 1) {
        let from = (gap + lost).min(want);
        let open = if from == want { CUT } else { GAP };
        let total = before + after[from] + open + ANY_BYTE * inserted as f64;
        if gap + lost <= want && total < best.cost {
            best = CopyFit {
                cost: total,
                gap,
                extra,
            };
        }
    }
    best
}
