//! Copies that were not read, and may be whole on the card.

use super::{Catalogue, CopyState, Problem};
use crate::image::Fault;

/// Why copies were not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The copy of the card is not finished.
    Unfinished,
    /// The image ends before the card does.
    CutShort,
    /// The card or its reader failed.
    Failed,
}

impl Catalogue {
    /// Why some of these copies were not read; `None` if all were.
    pub(crate) fn unread_among(&self, copies: &[usize]) -> Option<Unread> {
        let copies = copies.iter().filter_map(|copy| self.copies.get(*copy));
        let unread = copies.filter(|copy| copy.state == CopyState::Unreadable);
        let paths: Vec<&str> = unread
            .filter_map(|copy| Some(self.nodes.get(copy.node)?.path.as_str()))
            .collect();
        paths.first()?;
        let faults: Vec<Fault> = self
            .problems
            .iter()
            .filter_map(|problem| match problem {
                Problem::Unreadable { what, fault, .. } if paths.contains(&what.as_str()) => *fault,
                _ => None,
            })
            .collect();
        Some(match () {
            () if faults.contains(&Fault::NotCopied) => Unread::Unfinished,
            () if faults.contains(&Fault::CutShort) => Unread::CutShort,
            () => Unread::Failed,
        })
    }
}
