//! A queue of millions that stays in the processor's cache: only the next few are in a heap.

use std::collections::BinaryHeap;

/// Most entries of the heap; the lesser half leaves it when there are more.
const NEAR: usize = 1 << 14;

/// Entries that come out greatest first.
///
/// Behind the heap stand batches without order inside, each entry of one no greater than any entry
/// of the batch after it; a batch is divided when its turn comes, as quicksort would.
pub(super) struct Waiting<T> {
    near: BinaryHeap<T>,
    /// The least entry that belongs into the heap; `None` if any does.
    bound: Option<T>,
    /// Batches and the least entry that belongs into each; the greatest batch last.
    far: Vec<(Vec<T>, Option<T>)>,
    count: usize,
}

impl<T: Ord + Copy> Waiting<T> {
    pub(super) fn new() -> Self {
        Self {
            near: BinaryHeap::new(),
            bound: None,
            far: Vec::new(),
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
            self.near.push(entry);
            if self.near.len() > NEAR {
                let all = std::mem::take(&mut self.near).into_vec();
                self.divide(all, self.bound);
            }
        } else if let Some((batch, _)) = self.far.iter_mut().rev().find(|far| belongs(&far.1)) {
            batch.push(entry);
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        while self.near.is_empty()
            && let Some((batch, bound)) = self.far.pop()
        {
            self.divide(batch, bound);
        }
        let entry = self.near.pop()?;
        self.count -= 1;
        Some(entry)
    }

    /// Drops the least entries until no more than `count` are left; true if it dropped any.
    pub(super) fn keep(&mut self, count: usize) -> bool {
        let mut all = std::mem::take(&mut self.near).into_vec();
        all.extend(self.far.drain(..).flat_map(|(batch, _)| batch));
        let drop = all.len().saturating_sub(count);
        if drop > 0 {
            all.select_nth_unstable(drop - 1);
            all.drain(..drop);
        }
        self.count = all.len();
        self.divide(all, None);
        drop > 0
    }

    /// Makes the greatest entries of a batch the heap, and the rest batches behind it. The heap is
    /// empty before.
    fn divide(&mut self, mut batch: Vec<T>, bound: Option<T>) {
        let mut least = bound;
        while batch.len() > NEAR {
            let half = batch.len() / 2;
            let middle = *batch.select_nth_unstable(half).1;
            let greater = batch.split_off(half);
            self.far.push((batch, least));
            (batch, least) = (greater, Some(middle));
        }
        self.near = batch.into();
        self.bound = least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::search::tests::Dice;

    #[test]
    fn comes_out_as_of_one_heap() {
        let mut dice = Dice(2);
        let (mut waiting, mut heap) = (Waiting::new(), BinaryHeap::new());
        for number in 0..300_000u64 {
            let entry = (dice.roll() >> 20, number);
            waiting.push(entry);
            heap.push(entry);
            let out = match number / 30_000 {
                0..=5 => u64::from(number % 3 == 0),
                6 => 3,
                _ => number % 2,
            };
            for _ in 0..out {
                assert_eq!(waiting.pop(), heap.pop());
            }
            assert_eq!(waiting.len(), heap.len());
            if number == 150_000 {
                let mut all = std::mem::take(&mut heap).into_sorted_vec();
                assert!(waiting.keep(70_000));
                heap = all.split_off(all.len() - 70_000).into();
                assert!(!waiting.keep(70_000));
            }
        }
        while let Some(entry) = heap.pop() {
            assert_eq!(waiting.pop(), Some(entry));
        }
        assert_eq!((waiting.pop(), waiting.len()), (None, 0));
    }
}
