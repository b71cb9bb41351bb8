//! From what the device met to the nodes of the catalogue.

use std::collections::HashMap;

use super::assessment::Seen;
use crate::catalogue::{Catalogue, Role};

/// From what the device met to the nodes of the catalogue.
pub(super) enum Links {
    /// On a card, by the place of the directory entry.
    Entries(HashMap<u64, usize>),
    /// On an assumed card, whose places mean nothing, by the path in lower case.
    Paths(HashMap<String, usize>),
}

impl Links {
    pub(super) fn new(catalogue: &Catalogue, seen: Seen) -> Self {
        let nodes = catalogue
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.is_deleted());
        if seen == Seen::AssumedCard {
            return Self::Paths(
                nodes
                    .map(|(index, node)| (node.path.to_lowercase(), index))
                    .collect(),
            );
        }
        let is_copy = |index: &usize| {
            catalogue
                .nodes
                .get(*index)
                .is_some_and(|node| matches!(node.role, Role::Copy(_)))
        };
        let mut entries = HashMap::new();
        // Folders that share clusters show one entry under several paths: the first counts, and a
        // copy before anything else.
        for (index, node) in nodes {
            let Some(offset) = node.offset() else {
                continue;
            };
            let known = entries.entry(offset).or_insert(index);
            if is_copy(&index) && !is_copy(known) {
                *known = index;
            }
        }
        Self::Entries(entries)
    }

    /// The place of something the device met, where places mean anything.
    pub(super) fn place(&self, offset: u64) -> Option<u64> {
        matches!(self, Self::Entries(_)).then_some(offset)
    }

    /// The node of a directory entry the device met under this path.
    pub(super) fn node(&self, offset: Option<u64>, path: &[&[u8]]) -> Option<usize> {
        match self {
            Self::Entries(entries) => entries.get(&offset?).copied(),
            Self::Paths(paths) => {
                let parts: Vec<_> = path
                    .iter()
                    .map(|part| String::from_utf8_lossy(part).to_lowercase())
                    .collect();
                paths
                    .get(&format!("/bitbox02/{}", parts.join("/")))
                    .copied()
            }
        }
    }
}
