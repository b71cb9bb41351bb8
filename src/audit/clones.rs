//! Which sources are one card: images of it, some of them damaged, or readings at different times.
//!
//! Equal files alone prove nothing: a computer may have copied them to another card. What proves it
//! is the card itself: its number, where a reader shows it; else the serial number that its volume
//! got when it was formatted, the same layout, and a backup at the same place. Many cards leave the
//! factory with one serial number, so that alone proves nothing either.

mod print;
mod same_card;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::report::Source;
use print::PrintHash;
pub(super) use print::{Print, serial};
use same_card::{beside, groups, known};

/// Which sources are one card, and which only hold the same files.
#[derive(Debug, Default)]
pub(super) struct Alike<'a> {
    prints: &'a [Option<Print>],
    /// Sources that are one card.
    pub(super) clones: Vec<CloneGroup>,
    /// Cards that are not one and hold the same files, ascending; of clones the first.
    same_files: Vec<Vec<usize>>,
    clone_of: HashMap<usize, usize>,
    same_files_of: HashMap<usize, usize>,
    /// The source with which a folder or a file counts as one.
    beside: HashMap<usize, usize>,
}

impl<'a> Alike<'a> {
    /// Compares the sources, each at its place in `sources`.
    pub(super) fn new(prints: &'a [Option<Print>]) -> Self {
        let groups = groups(prints);
        let mut alike = Self {
            prints,
            beside: beside(prints),
            ..Self::default()
        };
        let clones = groups.into_iter().filter(|group| group.len() > 1);
        alike.clones = clones.map(|group| CloneGroup::new(group, prints)).collect();
        alike.clones.sort_unstable_by_key(CloneGroup::first);
        let clones = alike.clones.iter().enumerate();
        alike.clone_of = clones
            .flat_map(|(group, cards)| cards.members().iter().map(move |card| (*card, group)))
            .collect();
        let mut by_files: BTreeMap<PrintHash, Vec<usize>> = BTreeMap::new();
        for (index, print) in known(prints) {
            if let Some(files) = print.files {
                let cards = by_files.entry(files).or_default();
                let group = alike.clone_of.get(&index);
                // Of one card the first stands for all.
                if group.is_none() || !cards.iter().any(|card| alike.clone_of.get(card) == group) {
                    cards.push(index);
                }
            }
        }
        let same_files = by_files.into_values().filter(|cards| cards.len() > 1);
        alike.same_files = same_files.collect();
        alike.same_files.sort_unstable();
        let same_files = alike.same_files.iter().enumerate();
        alike.same_files_of = same_files
            .flat_map(|(group, cards)| cards.iter().map(move |card| (*card, group)))
            .collect();
        alike
    }

    pub(super) fn clone_of(&self, card: usize) -> Option<&CloneGroup> {
        self.clones.get(*self.clone_of.get(&card)?)
    }

    /// The groups of one card among these sources.
    pub(super) fn clones_among(&self, cards: &[usize]) -> Vec<CloneGroup> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for card in cards {
            if let Some(group) = self.clone_of.get(card) {
                groups.entry(*group).or_default().push(*card);
            }
        }
        let groups = groups.into_values().filter(|group| group.len() > 1);
        let clones = groups.map(|group| CloneGroup::new(group, self.prints));
        clones.collect()
    }

    pub(super) fn same_files_as(&self, card: usize) -> Option<&[usize]> {
        let group = self.same_files_of.get(&card)?;
        self.same_files.get(*group).map(Vec::as_slice)
    }

    /// The source beside which a folder or a file is no card of its own.
    pub(super) fn beside(&self, card: usize) -> Option<usize> {
        self.beside.get(&card).copied()
    }

    /// What a source counts as: the same for all that are one card.
    pub(super) fn counted_as(&self, card: usize) -> usize {
        let card = self.beside(card).unwrap_or(card);
        self.clone_of(card).map_or(card, CloneGroup::first)
    }
}

/// Sources that are one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloneGroup {
    /// Their places in `sources`, from 0, ascending; at least two.
    sources: Vec<usize>,
    /// Whether what was read of their FATs is the same.
    same_fat: bool,
    /// Whether their volumes have the same serial number.
    same_serial: bool,
    /// Whether their valid backup files are the same.
    #[serde(default)]
    same_files: bool,
}

impl CloneGroup {
    fn new(sources: Vec<usize>, prints: &[Option<Print>]) -> Self {
        let all_equal = |of: fn(&Print) -> Option<&[u8]>| {
            let prints = sources.iter().map(|index| prints.get(*index)?.as_ref());
            let mut values = prints.map(|print| of(print?));
            let first = values.next().flatten();
            first.is_some() && values.all(|value| value == first)
        };
        Self {
            same_fat: all_equal(|print| Some(print.fat.as_ref()?.as_bytes())),
            same_serial: all_equal(|print| Some(print.serial.as_ref()?.as_bytes())),
            same_files: all_equal(|print| Some(print.files.as_ref()?.as_slice())),
            sources,
        }
    }

    /// Their places in `sources`.
    pub fn members(&self) -> &[usize] {
        &self.sources
    }

    pub(super) fn first(&self) -> usize {
        self.sources.first().copied().unwrap_or_default()
    }

    /// What they have in common, as the end of a sentence about them.
    pub(super) fn why(&self) -> &'static str {
        match (self.same_files, self.same_fat, self.same_serial) {
            (true, true, true) => {
                "hold the same files and the same FAT and volume serial number: they count as one card"
            }
            (true, true, false) => "hold the same files and the same FAT: they count as one card",
            (true, false, true) => {
                "hold the same files and the same volume serial number: they count as one card"
            }
            (false, _, true) => {
                "have the same volume serial number and a backup at the same place: they are one card \
                 at different times, or a damaged image of it, and count as one card"
            }
            (_, false, false) | (false, true, false) => {
                "were read from one card, and count as one card"
            }
        }
    }
}

/// What each of these sources counts as: the same number for all that are one card.
pub fn counted_as(sources: &[&Source]) -> Vec<usize> {
    let prints: Vec<_> = sources.iter().map(|source| Print::of(source)).collect();
    let alike = Alike::new(&prints);
    let cards = 0..prints.len();
    cards.map(|card| alike.counted_as(card)).collect()
}

#[cfg(test)]
mod tests;
