//! Both views of one card, as the rules that compare them need them.

use std::collections::HashMap;

use super::assessment::Seen;
use super::hidden_cause::{NOT_COPIED, NOT_READ, PAST_END};
use super::unread::is_top;
use super::verdict;
use crate::catalogue::{Catalogue, Node, Problem, Role};
use crate::firmware::{Answer, DirectoryTrace, Name, Version};
use crate::image::FolderError;

/// Both views of one card: what lies on it, and what the device makes of it.
#[derive(Clone, Copy)]
pub(super) struct Views<'a> {
    /// What lies on the card.
    pub(super) catalogue: &'a Catalogue,
    /// What the device answers, and how it came to that.
    pub(super) answer: &'a Answer,
    /// From the device's entries to the catalogue's nodes.
    pub(super) links: &'a Links,
    /// The firmware of the device.
    pub(super) version: Version,
}

impl<'a> Views<'a> {
    /// Why what the device shows of the card cannot be told: it asked for what an image does not have that was cut short, or
    /// is a copy that is not finished.
    pub(super) fn untold(&self) -> Option<&'static str> {
        let is_past_end = self.answer.past_end && verdict::is_cut(self.catalogue);
        match self.answer.not_copied {
            true => Some(NOT_COPIED),
            false if is_past_end => Some(PAST_END),
            false => self.refused_at(is_top),
        }
    }

    /// The same for what lies in these folders.
    pub(super) fn untold_in(&self, folders: &[usize]) -> Option<&'static str> {
        let nodes = folders.iter();
        let paths: Vec<_> = nodes
            .filter_map(|node| Some(self.catalogue.nodes.get(*node)?.path.as_str()))
            .collect();
        let is_in = |path: &str| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            paths.contains(&path) || paths.contains(&folder)
        };
        self.untold().or_else(|| self.refused_at(is_in))
    }

    /// That the computer could not read something in a folder, with such a path.
    fn refused_at(&self, is_at: impl Fn(&str) -> bool) -> Option<&'static str> {
        let mut problems = self.catalogue.problems.iter();
        let is_refused = |one: &Problem| match one {
            Problem::InFolder { path, trouble } => {
                is_at(path) && !matches!(trouble, FolderError::Damaged(_))
            }
            _ => false,
        };
        let is_folder = matches!(self.links, Links::Paths(_));
        (is_folder && problems.any(is_refused)).then_some(NOT_READ)
    }

    pub(super) fn folder(&'a self, index: usize) -> Option<MetFolder<'a>> {
        self.folders().nth(index)
    }

    /// Every entry of `bitbox02`, in the device's order.
    pub(super) fn folders(&'a self) -> impl Iterator<Item = MetFolder<'a>> {
        let traces = self.answer.directories.iter();
        traces.map(move |trace| MetFolder { views: self, trace })
    }

    /// A name as the evidence view has it.
    ///
    /// Never the device's own reading: a damaged link may make it take a copy's bytes for names.
    fn name(&self, node: Option<usize>, offset: u64) -> String {
        let node: Option<&Node> = node.and_then(|node| self.catalogue.nodes.get(node));
        node.map_or_else(
            || format!("(entry at byte {offset})"),
            |node| node.name.clone(),
        )
    }
}

/// An entry of `bitbox02` that the device met, mostly the folder of a wallet.
#[derive(Clone, Copy)]
pub(super) struct MetFolder<'a> {
    pub(super) views: &'a Views<'a>,
    /// What the device made of it.
    pub(super) trace: &'a DirectoryTrace,
}

impl<'a> MetFolder<'a> {
    /// The node of the entry that was listed.
    pub(super) fn listed(&self) -> Option<usize> {
        self.node(Some(self.trace.entry))
    }

    /// The node of the entry through which it was opened; another one where two have one name.
    pub(super) fn opened(&self) -> Option<usize> {
        self.node(self.trace.listing.opened)
    }

    fn node(&self, entry: Option<u64>) -> Option<usize> {
        self.views.links.node(entry, &[&self.trace.name])
    }

    /// Where its entry lies, where places mean anything.
    pub(super) fn place(&self) -> Option<u64> {
        self.views.links.place(self.trace.entry)
    }

    /// Its name, as far as the evidence view takes it for a folder.
    pub(super) fn name(&self) -> String {
        self.views.name(self.listed(), self.trace.entry)
    }

    /// What the device listed in it.
    pub(super) fn entries(&self) -> impl Iterator<Item = MetEntry<'a>> {
        let folder = *self;
        let names = self.trace.listing.names.iter();
        names.map(move |name| MetEntry { folder, name })
    }

    pub(super) fn entry(&self, index: usize) -> Option<MetEntry<'a>> {
        self.entries().nth(index)
    }

    pub(super) fn entry_name(&self, index: usize) -> String {
        let entry = self.entry(index);
        entry.map_or_else(String::new, |entry| entry.name())
    }
}

/// An entry that the device listed in a wallet's folder.
#[derive(Clone, Copy)]
pub(super) struct MetEntry<'a> {
    folder: MetFolder<'a>,
    name: &'a Name,
}

impl MetEntry<'_> {
    /// Where it lies, where places mean anything.
    pub(super) fn place(&self) -> Option<u64> {
        self.folder.views.links.place(self.name.entry)
    }

    /// Where it lies on what the device saw.
    pub(super) fn offset(&self) -> u64 {
        self.name.entry
    }

    pub(super) fn node(&self) -> Option<usize> {
        self.node_at(Some(self.name.entry))
    }

    /// The node of the entry that was opened by its name.
    pub(super) fn node_at(&self, opened: Option<u64>) -> Option<usize> {
        let path: [&[u8]; 2] = [&self.folder.trace.name, &self.name.bytes];
        self.folder.views.links.node(opened, &path)
    }

    /// Its name, as the evidence view has it.
    pub(super) fn name(&self) -> String {
        self.folder.views.name(self.node(), self.name.entry)
    }
}

/// From what the device met to the nodes of the catalogue.
pub(super) enum Links {
    /// On a card, by the place of the directory entry.
    Entries(HashMap<u64, usize>),
    /// On an assumed card, whose places mean nothing, by the path in lower case.
    Paths(HashMap<String, usize>),
}

impl Links {
    pub(super) fn new(catalogue: &Catalogue, seen: Seen) -> Self {
        let nodes = catalogue.nodes.iter().enumerate();
        let nodes = nodes.filter(|(_, node)| !node.is_deleted());
        if seen == Seen::AssumedCard {
            let paths = nodes.map(|(index, node)| (node.path.to_lowercase(), index));
            return Self::Paths(paths.collect());
        }
        let is_copy = |index: &usize| {
            let node = catalogue.nodes.get(*index);
            node.is_some_and(|node| matches!(node.role, Role::Copy(_)))
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
                let path = String::from_utf8_lossy(&path.join(&b'/')).to_lowercase();
                paths.get(&format!("/bitbox02/{path}")).copied()
            }
        }
    }
}
