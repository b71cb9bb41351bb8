//! A damaged copy, and which of its bytes look erased.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::blank_run::is_blank;
use super::cost::role_cost;
use super::role::ByteRole;

/// The cost of a byte that looks erased, in nats.
const BLANK: f64 = 1.5;
/// The fewest equal bytes that look erased.
const SHORTEST_RUN: usize = 3;

/// A copy to be aligned to layouts.
pub(super) struct Sample<'a> {
    pub(super) bytes: &'a [u8],
    /// Which bytes are in a run of a value that erasing leaves.
    pub(super) blank: Vec<bool>,
    /// The number of its place: samples with one number are readings of one copy.
    pub(super) place: usize,
}

impl<'a> Sample<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut blank = vec![false; bytes.len()];
        let mut start = 0;
        for run in bytes.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if run.len() >= SHORTEST_RUN && run.first().copied().is_some_and(is_blank) {
                blank[start..end].fill(true);
            }
            start = end;
        }
        Self {
            bytes,
            blank,
            place: 0,
        }
    }

    /// The sample of a copy at this place.
    pub(super) fn at_place(bytes: &'a [u8], place: usize) -> Self {
        Self {
            place,
            ..Self::new(bytes)
        }
    }

    /// The cost of a byte of the copy in a role, in nats.
    pub(super) fn cost(&self, role: ByteRole, at: usize) -> f64 {
        let Some(byte) = self.bytes.get(at) else {
            return 0.0;
        };
        let cost = role_cost(role, *byte);
        if self.blank[at] {
            cost.min(BLANK)
        } else {
            cost
        }
    }
}
