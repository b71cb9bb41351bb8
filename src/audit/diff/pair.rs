//! Which thing of before is which of now.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

/// Things of two audits put together as far as they are known to be the same.
pub(super) struct Pairs<'a, T> {
    /// What is in both.
    pub(super) both: Vec<(&'a T, &'a T)>,
    /// What was there before and has no partner, in order.
    pub(super) old: Vec<&'a T>,
    /// What is there now and has no partner, in order.
    pub(super) new: Vec<&'a T>,
}

impl<'a, T> Pairs<'a, T> {
    pub(super) fn new(old: &'a [T], new: &'a [T]) -> Self {
        Self {
            both: Vec::new(),
            old: old.iter().collect(),
            new: new.iter().collect(),
        }
    }

    /// Puts together what has the same key, if any, and fits; the first of several first.
    pub(super) fn by<K: Eq + Hash>(
        &mut self,
        key: impl Fn(&T) -> Option<K>,
        fits: impl Fn(&T, &T) -> bool,
    ) {
        let mut waiting: HashMap<K, VecDeque<&'a T>> = HashMap::new();
        for new in &self.new {
            if let Some(key) = key(new) {
                waiting.entry(key).or_default().push_back(new);
            }
        }
        let mut taken = HashSet::new();
        self.old.retain(|old| {
            let partner = key(old).and_then(|key| {
                let waiting = waiting.get_mut(&key)?;
                let at = waiting.iter().position(|new| fits(old, new))?;
                waiting.remove(at)
            });
            if let Some(new) = partner {
                taken.insert(std::ptr::from_ref(new));
                self.both.push((old, new));
            }
            partner.is_none()
        });
        self.new
            .retain(|new| !taken.contains(&std::ptr::from_ref(*new)));
    }

    /// The same with the pairs in the order of now.
    pub(super) fn in_order(mut self) -> Self {
        // They all lie in one slice.
        self.both.sort_by_key(|(_, new)| std::ptr::from_ref(*new));
        self
    }
}
