//! Damaged copies that nothing joins, as each is foreign where the other one could be recognized.

use super::recovery::Missing;
use super::search_context::{Outcomes, Work};
use crate::backup::{MOST_SPLICED, Method, splice_two};
use crate::catalogue::CopyState;

impl Work<'_> {
    /// Puts copies of different backups together of which nothing tells the wallet. Returns the backups that are
    /// recovered as another one: their copies are of that.
    pub(super) fn splice_across(&self, done: &mut Outcomes) -> Vec<usize> {
        let is_open = |index: &usize| {
            let is_nameless = self
                .backup(*index)
                .is_some_and(|backup| backup.id.is_none());
            is_nameless && done.get(*index).is_some_and(Option::is_none)
        };
        let open: Vec<usize> = (0..done.len()).filter(is_open).collect();
        let copies = open.iter().flat_map(|index| {
            let copies = self
                .backup(*index)
                .map(|backup| self.copies(backup, CopyState::Damaged));
            copies
                .unwrap_or_default()
                .into_iter()
                .map(move |copy| (*index, copy))
        });
        let copies: Vec<_> = copies.take(MOST_SPLICED).collect();
        let mut joined = Vec::new();
        for (at, (index, copy)) in copies.iter().enumerate() {
            for (other, second) in copies.iter().skip(at.saturating_add(1)) {
                if other == index || joined.contains(index) || joined.contains(other) {
                    continue;
                }
                let bytes = |copy: usize| self.catalogue.bytes(copy);
                let contents = splice_two(bytes(*copy), bytes(*second));
                let whole = contents.and_then(|all| self.whole(&all, Method::Splice, *index));
                let Some(mut recovered) = whole else { continue };
                recovered.copies = vec![*copy, *second];
                joined.push(*other);
                for (index, outcome) in [(index, Ok(recovered)), (other, Err(Missing::Nothing))] {
                    if let Some(slot) = done.get_mut(*index) {
                        *slot = Some(outcome);
                    }
                }
            }
        }
        joined
    }
}
