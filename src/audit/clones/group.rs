//! A group of sources that are one card, and what they have in common.

use serde::{Deserialize, Serialize};

use super::print::Print;

/// Sources that are one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloneGroup {
    /// Their places in `sources`, from 0, ascending; at least two.
    pub(super) sources: Vec<usize>,
    /// Whether what was read of their FATs is the same.
    same_fat: bool,
    /// Whether their volumes have the same serial number.
    pub(super) same_serial: bool,
    /// Whether their valid backup files are the same.
    #[serde(default)]
    pub(super) same_files: bool,
}

impl CloneGroup {
    pub(super) fn new(sources: Vec<usize>, prints: &[Option<Print>]) -> Self {
        fn all_equal<'a, T: PartialEq + 'a>(
            mut values: impl Iterator<Item = Option<&'a T>>,
        ) -> bool {
            let first = values.next().flatten();
            first.is_some() && values.all(|value| value == first)
        }
        let prints = || {
            let prints = sources.iter().map(|index| prints.get(*index));
            prints.map(|print| print.and_then(Option::as_ref))
        };
        Self {
            same_fat: all_equal(prints().map(|print| print?.fat.as_ref())),
            same_serial: all_equal(prints().map(|print| print?.serial.as_ref())),
            same_files: all_equal(prints().map(|print| print?.files.as_ref())),
            sources,
        }
    }

    /// Their places in `sources`.
    pub fn members(&self) -> &[usize] {
        &self.sources
    }

    pub(in crate::audit) fn first(&self) -> usize {
        self.sources.first().copied().unwrap_or_default()
    }

    /// What they have in common, as the end of a sentence about them.
    pub(in crate::audit) fn why(&self) -> &'static str {
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
