//! Ranks candidates: their classes by rising cost, and so every candidate.

use super::batch::Batch;
use super::class::{Class, FlipCounts};
use super::combinations::count_combinations;
use super::prepared_space::{MAX_LEVELS, PreparedSpace};
use super::priority_queue::PriorityQueue;
use super::segment::Segment;

/// Most classes in the queue (48 bytes each).
const MOST_QUEUED: usize = if cfg!(test) { 1 << 17 } else { 1 << 21 }; // so that tests reach it
/// Most classes kept if there were more.
const KEPT_QUEUED: usize = MOST_QUEUED / 4 * 3;

/// All classes of all spaces by rising cost, made as they are needed.
pub(super) struct Ranking<'a, const W: usize> {
    spaces: &'a [PreparedSpace<W>],
    queue: PriorityQueue<Class>,
    /// The current class, and how many of its candidates were taken.
    current: Option<(Class, u64)>,
    /// Candidates taken or skipped.
    taken: u64,
    budget: u64,
    /// Whether classes were dropped because too many were queued.
    dropped: bool,
}

impl<'a, const W: usize> Ranking<'a, W> {
    pub(super) fn new(spaces: &'a [PreparedSpace<W>], budget: u64) -> Self {
        let mut ranking = Self {
            spaces,
            queue: PriorityQueue::new(),
            current: None,
            taken: 0,
            budget,
            dropped: false,
        };
        for (space, number) in spaces.iter().zip(0..) {
            let class = ranking.make_class(space, number, [0; MAX_LEVELS]);
            ranking.queue.push(class);
        }
        ranking
    }

    /// Skips candidates; returns how many there were, at most `count`.
    pub(super) fn skip(&mut self, count: u64) -> u64 {
        while self.taken < count {
            let Some((class, start)) = self.current_class() else {
                break;
            };
            let step = (class.count - start).min(count - self.taken);
            self.take(step);
        }
        self.taken
    }

    /// Skips the current class; returns it and the number of candidates before it.
    pub(super) fn next_class(&mut self) -> Option<(Class, u64)> {
        let (class, _) = self.current_class()?;
        let before = self.taken;
        self.current = None;
        self.taken = self.taken.saturating_add(class.count);
        Some((class, before))
    }

    /// Takes the next candidates within the budget, at most `size`.
    pub(super) fn next_batch(&mut self, size: u64) -> Batch {
        let end = self.taken.saturating_add(size).min(self.budget);
        let mut batch = Batch::new();
        while self.taken < end && batch.has_room() {
            let Some((class, start)) = self.current_class() else {
                break;
            };
            let count = (class.count - start)
                .min(end - self.taken)
                .min(batch.room());
            batch.push(Segment {
                space: class.space,
                flip_counts: class.flip_counts,
                start,
                count,
                before: self.taken,
            });
            self.take(count);
        }
        batch
    }

    /// Whether every candidate was taken.
    pub(super) fn is_exhausted(&self) -> bool {
        self.queue.len() == 0 && self.current.is_none() && !self.dropped
    }

    /// The current class and the number of its next candidate.
    fn current_class(&mut self) -> Option<(Class, u64)> {
        if self.current.is_none() {
            let class = self.queue.pop()?;
            self.push_successors(&class);
            self.current = Some((class, 0));
        }
        self.current
    }

    /// Takes candidates of the current class.
    fn take(&mut self, count: u64) {
        self.taken += count;
        if let Some((class, start)) = &mut self.current {
            *start += count;
            if *start >= class.count {
                self.current = None;
            }
        }
    }

    /// Queues the successors of a class: one more flip in its last level, a first flip in the next
    /// level, or the only flip of its last level moved to the next level. Each class is the
    /// successor of exactly one other, which costs no more.
    fn push_successors(&mut self, class: &Class) {
        let Some(space) = self.spaces.get(class.space as usize) else {
            return;
        };
        let used = class.flip_counts.iter().rposition(|&flipped| flipped > 0);
        let raise = |level: usize, by: u8, of: &FlipCounts| {
            let mut counts = *of;
            let to = counts.get_mut(level)?;
            *to = to.checked_add(by)?;
            (u32::from(*to) <= space.levels.get(level)?.count).then_some(counts)
        };
        let Some(last) = used else {
            if let Some(first) = raise(0, 1, &class.flip_counts) {
                self.push(space, class.space, first);
            }
            return;
        };
        for next in [last, last + 1] {
            if let Some(counts) = raise(next, 1, &class.flip_counts) {
                self.push(space, class.space, counts);
            }
        }
        let mut without = class.flip_counts;
        if let Some(only) = without.get_mut(last)
            && *only == 1
        {
            *only = 0;
            if let Some(counts) = raise(last + 1, 1, &without) {
                self.push(space, class.space, counts);
            }
        }
        if self.queue.len() > MOST_QUEUED {
            self.prune();
        }
    }

    fn push(&mut self, space: &PreparedSpace<W>, number: u32, flip_counts: FlipCounts) {
        let class = self.make_class(space, number, flip_counts);
        self.queue.push(class);
    }

    fn make_class(&self, space: &PreparedSpace<W>, number: u32, flip_counts: FlipCounts) -> Class {
        let mut cost = space.cost;
        let mut count = 256u64.saturating_pow(space.unknown.len() as u32);
        for (level, &flips) in space.levels.iter().zip(&flip_counts) {
            if flips > 0 {
                cost += f64::from(flips) * level.cost;
                count = count.saturating_mul(count_combinations(level.count, flips.into()));
            }
        }
        Class {
            cost,
            count,
            space: number,
            flip_counts,
        }
    }

    /// Drops the most expensive classes of the queue: no more are needed than candidates are left.
    fn prune(&mut self) {
        let left = self.budget.saturating_sub(self.taken);
        let keep = usize::try_from(left).map_or(KEPT_QUEUED, |left| left.min(KEPT_QUEUED));
        self.dropped |= self.queue.truncate(keep);
    }
}
