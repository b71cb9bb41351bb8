//! Classes of candidates: those of one space with the same number of flips in each level.

use std::cmp::Ordering;

use super::prepared_space::MAX_LEVELS;

/// How many bits of each level are flipped.
///
/// A byte is enough for each level: of a level with more than 255 bits, over 2^64 candidates have
/// 128 of them flipped, and those come before any with 255.
pub(super) type FlipCounts = [u8; MAX_LEVELS];

/// Candidates of one space with the same number of flips in each level.
#[derive(Clone, Copy)]
pub(super) struct Class {
    /// The cost of each of its candidates, in nats.
    pub(super) cost: f64,
    pub(super) count: u64,
    /// Index among the prepared spaces.
    pub(super) space: u32,
    pub(super) flip_counts: FlipCounts,
}

impl Ord for Class {
    /// The greatest is the cheapest. Equal costs are ordered by space, then by flips, lower first.
    fn cmp(&self, other: &Self) -> Ordering {
        let cost = other.cost.total_cmp(&self.cost);
        cost.then_with(|| (other.space, other.flip_counts).cmp(&(self.space, self.flip_counts)))
    }
}

impl PartialOrd for Class {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Class {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Class {}
