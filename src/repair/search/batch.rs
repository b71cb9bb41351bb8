//! A batch of candidates in the order of their ranks, divided into chunks for threads.

use super::segment::Segment;

/// Most candidates one thread takes at a time.
pub(super) const CHUNK: u64 = 1 << 15;
/// Most segments of a batch: enough candidates for every thread, even if classes are tiny.
const MOST_SEGMENTS: usize = 1 << 15;

/// Segments without a gap between them, in chunks of at most [`CHUNK`] candidates.
pub(super) struct Batch {
    segments: Vec<Segment>,
    /// The ends of all chunks but the last, as numbers of segments.
    ends: Vec<usize>,
    /// Candidates in the last chunk.
    last: u64,
    total: u64,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            segments: Vec::new(),
            ends: Vec::new(),
            last: 0,
            total: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Candidates in the batch.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn has_room(&self) -> bool {
        self.segments.len() < MOST_SEGMENTS
    }

    /// Most candidates of the next segment.
    pub(super) fn room(&self) -> u64 {
        CHUNK - self.last
    }

    pub(super) fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
        self.total += segment.count;
        self.last += segment.count;
        if self.last >= CHUNK {
            self.ends.push(self.segments.len());
            self.last = 0;
        }
    }

    /// The chunks in order; none is empty.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &[Segment]> {
        let ends = self.ends.iter().copied().chain([self.segments.len()]);
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts
            .zip(ends)
            .filter_map(|(start, end)| self.segments.get(start..end))
            .filter(|chunk| !chunk.is_empty())
    }
}
