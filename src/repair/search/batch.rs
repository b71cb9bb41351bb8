//! A round of work: candidates in the order of their ranks, cut into pieces for threads.

use super::ranking::Flipped;
use super::searcher::PIECE;

/// Most segments of a round: enough candidates for every thread even where classes are tiny.
const MOST_SEGMENTS: usize = 1 << 15;

/// Successive candidates of one class.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    /// Index among the prepared spaces.
    pub(super) space: u32,
    pub(super) flipped: Flipped,
    /// Number of the first candidate within its class.
    pub(super) start: u64,
    pub(super) count: u64,
    /// Candidates before the first.
    pub(super) rank: u64,
}

/// Segments without a gap, in pieces of at most [`PIECE`] candidates.
pub(super) struct Round {
    segments: Vec<Segment>,
    /// Ends of the pieces but the last, as numbers of segments.
    cuts: Vec<usize>,
    /// Candidates in the last piece.
    last: u64,
    total: u64,
}

impl Round {
    pub(super) fn new() -> Self {
        Self {
            segments: Vec::new(),
            cuts: Vec::new(),
            last: 0,
            total: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Candidates in it.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn has_room(&self) -> bool {
        self.segments.len() < MOST_SEGMENTS
    }

    /// How many candidates the next segment may have.
    pub(super) fn room(&self) -> u64 {
        PIECE - self.last
    }

    pub(super) fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
        self.total += segment.count;
        self.last += segment.count;
        if self.last >= PIECE {
            self.cuts.push(self.segments.len());
            self.last = 0;
        }
    }

    /// The pieces in order; none is empty.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[Segment]> {
        let ends = self.cuts.iter().copied().chain([self.segments.len()]);
        let starts = [0].into_iter().chain(self.cuts.iter().copied());
        starts
            .zip(ends)
            .filter_map(|(start, end)| self.segments.get(start..end))
            .filter(|piece| !piece.is_empty())
    }
}
