//! A priority queue for millions of entries that stays in the processor's cache: only the next few
//! entries are in a heap.

use std::collections::BinaryHeap;

/// Most entries of the heap; if there are more, the lesser half leaves it.
const MOST_IN_HEAP: usize = 1 << 14;

/// A queue that returns the greatest entry first.
///
/// Behind the heap are unordered buckets. No entry of a bucket is greater than any entry of the
/// next bucket. When its turn comes, a bucket is partitioned as quicksort would do it.
pub(super) struct PriorityQueue<T> {
    heap: BinaryHeap<T>,
    /// The least entry that belongs in the heap; `None` if all do.
    bound: Option<T>,
    /// Buckets, each with the least entry that belongs in it; the greatest bucket is last.
    buckets: Vec<(Vec<T>, Option<T>)>,
    count: usize,
}

impl<T: Ord + Copy> PriorityQueue<T> {
    pub(super) fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            bound: None,
            buckets: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn push(&mut self, entry: T) {
        let belongs = |bound: &Option<T>| bound.is_none_or(|bound| entry >= bound);
        self.count += 1;
        if belongs(&self.bound) {
            self.heap.push(entry);
            if self.heap.len() > MOST_IN_HEAP {
                let all = std::mem::take(&mut self.heap).into_vec();
                self.refill_heap(all, self.bound);
            }
        } else if let Some((bucket, _)) = self
            .buckets
            .iter_mut()
            .rev()
            .find(|bucket| belongs(&bucket.1))
        {
            bucket.push(entry);
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        while self.heap.is_empty()
            && let Some((bucket, bound)) = self.buckets.pop()
        {
            self.refill_heap(bucket, bound);
        }
        let entry = self.heap.pop()?;
        self.count -= 1;
        Some(entry)
    }

    /// Drops the least entries until at most `count` are left; returns whether it dropped any.
    pub(super) fn truncate(&mut self, count: usize) -> bool {
        let mut all = std::mem::take(&mut self.heap).into_vec();
        all.extend(self.buckets.drain(..).flat_map(|(bucket, _)| bucket));
        let drop = all.len().saturating_sub(count);
        if drop > 0 {
            all.select_nth_unstable(drop - 1);
            all.drain(..drop);
        }
        self.count = all.len();
        self.refill_heap(all, None);
        drop > 0
    }

    /// Fills the empty heap with the greatest entries of a bucket, and makes buckets of the rest.
    fn refill_heap(&mut self, mut bucket: Vec<T>, bound: Option<T>) {
        let mut least = bound;
        while bucket.len() > MOST_IN_HEAP {
            let half = bucket.len() / 2;
            let middle = *bucket.select_nth_unstable(half).1;
            let greater = bucket.split_off(half);
            self.buckets.push((bucket, least));
            (bucket, least) = (greater, Some(middle));
        }
        self.heap = bucket.into();
        self.bound = least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::test_random::Random;

    #[test]
    fn entries_come_out_as_from_one_heap() {
        let mut random = Random(2);
        let (mut queue, mut heap) = (PriorityQueue::new(), BinaryHeap::new());
        for number in 0..300_000u64 {
            let entry = (random.next_u64() >> 20, number);
            queue.push(entry);
            heap.push(entry);
            let out = match number / 30_000 {
                0..=5 => u64::from(number % 3 == 0),
                6 => 3,
                _ => number % 2,
            };
            for _ in 0..out {
                assert_eq!(queue.pop(), heap.pop());
            }
            assert_eq!(queue.len(), heap.len());
            if number == 150_000 {
                let mut all = std::mem::take(&mut heap).into_sorted_vec();
                assert!(queue.truncate(70_000));
                heap = all.split_off(all.len() - 70_000).into();
                assert!(!queue.truncate(70_000));
            }
        }
        while let Some(entry) = heap.pop() {
            assert_eq!(queue.pop(), Some(entry));
        }
        assert_eq!((queue.pop(), queue.len()), (None, 0));
    }
}
