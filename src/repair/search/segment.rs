//! Successive candidates of one class.

use super::class::FlipCounts;

/// Successive candidates of one class.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    /// Index among the prepared spaces.
    pub(super) space: u32,
    pub(super) flip_counts: FlipCounts,
    /// The number of the first candidate within its class.
    pub(super) start: u64,
    pub(super) count: u64,
    /// Candidates before the first one, of all spaces.
    pub(super) before: u64,
}
