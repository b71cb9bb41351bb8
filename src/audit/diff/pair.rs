//! Which thing of before is which of now.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Things of two audits put together as far as they are known to be the same.
pub(super) struct Pairs<'a, T> {
    /// What is in both.
    pub(super) both: Vec<(&'a T, &'a T)>,
    /// What was there before and has no partner, in order.
    pub(super) old: Vec<&'a T>,
    /// What is there now and has no partner, in order.
    pub(super) new: Vec<&'a T>,
    order: &'a [T],
}

impl<'a, T> Pairs<'a, T> {
    /// Nothing put together yet.
    pub(super) fn new(old: &'a [T], new: &'a [T]) -> Self {
        Self {
            both: Vec::new(),
            old: old.iter().collect(),
            new: new.iter().collect(),
            order: new,
        }
    }

    /// Puts together what has the same key, if any, and fits; the first of several first.
    pub(super) fn by<K: Eq + Hash>(
        &mut self,
        key: impl Fn(&T) -> Option<K>,
        fits: impl Fn(&T, &T) -> bool,
    ) {
        let mut waiting: HashMap<K, VecDeque<(usize, &'a T)>> = HashMap::new();
        for (index, new) in self.new.iter().enumerate() {
            if let Some(key) = key(new) {
                waiting.entry(key).or_default().push_back((index, new));
            }
        }
        let mut taken = vec![false; self.new.len()];
        let both = &mut self.both;
        self.old.retain(|old| {
            let partner = key(old).and_then(|key| {
                let waiting = waiting.get_mut(&key)?;
                let at = waiting.iter().position(|(_, new)| fits(old, new))?;
                waiting.remove(at)
            });
            let Some((index, new)) = partner else {
                return true;
            };
            if let Some(taken) = taken.get_mut(index) {
                *taken = true;
            }
            both.push((old, new));
            false
        });
        let mut taken = taken.into_iter();
        self.new.retain(|_| !taken.next().unwrap_or_default());
    }

    /// The same with the pairs in the order of now.
    pub(super) fn in_order(mut self) -> Self {
        let places: HashMap<*const T, usize> = (0..)
            .zip(self.order)
            .map(|(place, one)| (std::ptr::from_ref(one), place))
            .collect();
        self.both
            .sort_by_key(|(_, new)| places.get(&std::ptr::from_ref(*new)).copied());
        self
    }
}
