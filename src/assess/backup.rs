//! One generation of a backup, and what it is worth.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backup::{Id, Method};
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Facts, Origin};
use crate::finding::{Advice, Finding, Severity};

/// What a backup is worth; the first that fits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// The device lists it and three copies are valid.
    Healthy,
    /// The device lists it with fewer valid copies, or by vote.
    Degraded,
    /// It is whole or proved, yet the device does not list it.
    Hidden,
    /// Copies remain and nothing is proved yet.
    Damaged,
    /// Only in deleted files, or carved.
    Deleted,
    /// The trace of one the device erased.
    Erased,
    /// Nothing of the seed remains.
    #[default]
    Lost,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl State {
    /// Whether the backup is gone by intent: it is no finding and counts for nothing.
    pub fn is_trace(self) -> bool {
        matches!(self, Self::Deleted | Self::Erased)
    }

    /// How much it matters; `None` if all is well.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Healthy => None,
            Self::Erased => Some(Severity::Info),
            Self::Degraded | Self::Deleted => Some(Severity::Warning),
            Self::Hidden | Self::Damaged | Self::Lost => Some(Severity::Error),
        }
    }
}

/// Who put a backup on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Writer {
    /// A BitBox02.
    Device,
    /// A computer, by copying.
    Computer,
    /// Specter-DIY, a wallet without a clock that writes backups of this format.
    Specter,
}

/// One generation of one wallet's backup.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Backup {
    /// The wallet's id.
    pub id: Option<Id>,
    /// Bytes of the seed.
    pub seed_length: Option<u32>,
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The device's name, as stored.
    pub name: Option<String>,
    /// When the wallet was made: seconds since 1970 UTC.
    pub birthdate: Option<u32>,
    /// The firmware that wrote it.
    pub generator: Option<String>,
    /// What it is worth.
    pub state: State,
    /// Who wrote it, where that can be told.
    pub written_by: Option<Writer>,
    /// What tells who wrote it.
    pub reasons: Vec<String>,
    /// How it was proved, where no copy is valid.
    pub repaired: Option<Method>,
    /// Whether live copies alone prove it.
    pub repaired_live: bool,
    /// The time of a newer backup that was begun in its folder and of which nothing was written: the
    /// outer value tells whether there is one, the inner its time where a file name says it.
    pub begun: Option<Option<u32>>,
    /// Its copies: indices in the catalogue, in directory order.
    pub copies: Vec<usize>,
    /// Its folder, by its node, where nothing but the name of that is known: what is in it could not be read.
    pub unread_folder: Option<usize>,
    /// How many of the three files that the device reads are whole copies, where it lists the backup.
    pub intact: usize,
    /// The file system that all its copies lie on and that is not read: they were found by their bytes, and may be live
    /// files there.
    pub unread_on: Option<&'static str>,
    /// The live file, by its path, in which all its copies were found by their bytes: the image of a card, mostly.
    pub in_file: Option<String>,
    /// In short why the device does not show it: a clause, for a table and a sentence.
    pub cause: Option<String>,
    /// What on the card would make the device show it, where one step does.
    pub fix: Option<Advice>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Backup {
    /// What the fields of a whole copy say of it.
    pub(super) fn of_facts(facts: &Facts) -> Self {
        Self {
            id: facts.id,
            seed_length: Some(facts.seed_length),
            timestamp: facts.timestamp,
            name: facts.name.clone(),
            birthdate: facts.birthdate,
            generator: Some(facts.generator.clone()),
            ..Self::default()
        }
    }

    /// Its copies with their indices in the catalogue.
    pub(super) fn copies_in<'a>(
        &'a self,
        catalogue: &'a Catalogue,
    ) -> impl Iterator<Item = (usize, &'a BackupCopy)> {
        self.copies
            .iter()
            .filter_map(|index| Some((*index, catalogue.copies.get(*index)?)))
    }

    /// Its copies of this state that are live, or that are not.
    pub(super) fn copies_of<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        live: bool,
        state: CopyState,
    ) -> impl Iterator<Item = (usize, &'a BackupCopy)> {
        let is =
            move |copy: &BackupCopy| (copy.origin == Origin::Live) == live && copy.state == state;
        self.copies_in(catalogue).filter(move |(_, copy)| is(copy))
    }

    /// How many of these there are.
    pub(super) fn count(&self, catalogue: &Catalogue, live: bool, state: CopyState) -> usize {
        self.copies_of(catalogue, live, state).count()
    }

    /// Whether no byte of its live copies was read.
    pub(super) fn is_unread(&self, catalogue: &Catalogue) -> bool {
        let mut copies = self.copies_in(catalogue);
        let is_any =
            self.unread_folder.is_some() || self.count(catalogue, true, CopyState::Unreadable) > 0;
        is_any && copies.all(|(_, copy)| copy.state == CopyState::Unreadable)
    }

    /// Whether the device lists it.
    pub(super) fn is_listed(&self) -> bool {
        matches!(self.state, State::Healthy | State::Degraded)
    }

    /// Whether it is live, and whole or proved.
    pub(super) fn is_whole(&self) -> bool {
        self.is_listed() || self.state == State::Hidden
    }

    /// Whether nothing of it is live, and it is whole or proved.
    pub(super) fn is_recoverable(&self) -> bool {
        self.state == State::Deleted && (self.generator.is_some() || self.repaired.is_some())
    }
}
