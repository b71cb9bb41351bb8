//! Which cards are copies of each other.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalogue::{CopyState, Origin};
use crate::report::Source;

/// Cards that hold the same backup files on the same file system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloneGroup {
    /// Their places in `sources`, from 0, ascending; at least two.
    sources: Vec<usize>,
    /// Whether what was read of their FATs is the same.
    same_fat: bool,
    /// Whether their volumes have the same serial number.
    same_serial: bool,
}

impl CloneGroup {
    fn new(sources: Vec<usize>, prints: &[Option<Print>]) -> Self {
        let print = |index: &usize| prints.get(*index).and_then(Option::as_ref);
        let all_equal = |of: fn(&Print) -> Option<&String>| {
            let mut values = sources.iter().map(|index| print(index).and_then(of));
            let first = values.next().flatten();
            first.is_some() && values.all(|value| value == first)
        };
        Self {
            same_fat: all_equal(|print| print.fat.as_ref()),
            same_serial: all_equal(|print| print.serial.as_ref()),
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

    pub(super) fn why(&self) -> &'static str {
        match (self.same_fat, self.same_serial) {
            (true, true) => "the same FAT and volume serial number",
            (true, false) => "the same FAT",
            (false, true) => "the same volume serial number",
            (false, false) => "a FAT or a volume serial number in common",
        }
    }
}

/// What makes a card a copy of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Print {
    /// One hash over the hashes of its valid live copies, in ascending order.
    files: [u8; 32],
    fat: Option<String>,
    serial: Option<String>,
}

impl Print {
    /// That of a card; `None` where it holds no valid copy.
    pub(super) fn of(source: &Source) -> Option<Self> {
        let mut files = Vec::new();
        let mut volume = None;
        for copy in source.backups.iter().flat_map(|backup| &backup.copies) {
            if copy.origin == Origin::Live && copy.state == CopyState::Valid {
                files.extend(copy.sha256.as_deref());
                volume = volume.or(copy.volume);
            }
        }
        files.sort_unstable();
        let volumes = source.card.as_ref().map(|card| card.volumes.as_slice());
        let volume = volumes.zip(volume).and_then(|(all, index)| all.get(index));
        (!files.is_empty()).then(|| Self {
            files: Sha256::digest(files.concat()).into(),
            fat: volume.and_then(|volume| volume.fat_sha256.clone()),
            serial: volume.and_then(|volume| volume.serial.clone()),
        })
    }
}

/// Which cards are copies of each other, and which only hold the same files.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// Cards that are copies of each other.
    pub(super) clones: Vec<CloneGroup>,
    /// Cards that are no copies and hold the same files, ascending; of clones the first.
    pub(super) same_files: Vec<Vec<usize>>,
    clone_of: HashMap<usize, usize>,
    same_files_of: HashMap<usize, usize>,
}

impl Alike {
    /// Compares the cards, each at its place in `sources`.
    pub(super) fn new(prints: &[Option<Print>]) -> Self {
        let mut by_files: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
        for (index, print) in prints.iter().enumerate() {
            if let Some(print) = print {
                by_files.entry(print.files).or_default().push(index);
            }
        }
        let mut alike = Self::default();
        for members in by_files.into_values().filter(|all| all.len() > 1) {
            let groups = by_file_system(&members, prints);
            if groups.len() > 1 {
                let firsts = groups.iter().filter_map(|group| group.first().copied());
                alike.same_files.push(firsts.collect());
            }
            let clones = groups.into_iter().filter(|group| group.len() > 1);
            alike
                .clones
                .extend(clones.map(|group| CloneGroup::new(group, prints)));
        }
        alike.clones.sort_unstable_by_key(CloneGroup::first);
        alike.same_files.sort_unstable();
        let clones = alike.clones.iter().enumerate();
        alike.clone_of = clones
            .flat_map(|(group, cards)| cards.sources.iter().map(move |card| (*card, group)))
            .collect();
        let same_files = alike.same_files.iter().enumerate();
        alike.same_files_of = same_files
            .flat_map(|(group, cards)| cards.iter().map(move |card| (*card, group)))
            .collect();
        alike
    }

    /// The group of copies a card belongs to.
    pub(super) fn clone_of(&self, card: usize) -> Option<&CloneGroup> {
        self.clones.get(*self.clone_of.get(&card)?)
    }

    /// The cards with the same files as this one.
    pub(super) fn same_files_as(&self, card: usize) -> Option<&[usize]> {
        let group = self.same_files_of.get(&card)?;
        self.same_files.get(*group).map(Vec::as_slice)
    }
}

/// Cards with the same files, put together by FAT and serial number.
fn by_file_system(members: &[usize], prints: &[Option<Print>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for index in members {
        let print = prints.get(*index).and_then(Option::as_ref);
        let marks = print
            .iter()
            .flat_map(|print| print.fat.iter().chain(&print.serial));
        let marks: Vec<&str> = marks.map(String::as_str).collect();
        let group = marks.iter().find_map(|mark| known.get(mark).copied());
        let group = group.unwrap_or(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(*index),
            None => groups.push(vec![*index]),
        }
        known.extend(marks.into_iter().map(|mark| (mark, group)));
    }
    groups
}
