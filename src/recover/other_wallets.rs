//! Damaged copies in the folder of a proved wallet that are of another one.

use super::recovery::Recovered;
use super::search_context::{Attempted, Work};
use crate::assess::{Backup, State, is_kin, split_kin};
use crate::backup::{recognize, wire};
use crate::catalogue::CopyState;
use crate::repair;

/// Most parts of copies of one card that are held against a proved wallet; a card of a person has one or two.
const MOST_COMPARED: usize = 64;

impl Work<'_> {
    /// Makes backups of their own of damaged copies that lie with a proved wallet and are of another one: the folder
    /// does not say whose they are. `found` is what is proved beside `done`.
    pub(super) fn split_off(&mut self, done: &mut Vec<Option<Attempted>>, found: &[Recovered]) {
        let mut compared = 0_usize;
        for index in 0..self.assessment.backups.len() {
            let Some(backup) = self.backup(index) else {
                continue;
            };
            let damaged = self.copies(backup, CopyState::Damaged);
            let proved = self.proved_with(index, backup, done, found);
            if proved.is_empty() || damaged.is_empty() || compared >= MOST_COMPARED {
                continue;
            }
            let mut parts = split_kin(self.catalogue, &damaged);
            parts.truncate(MOST_COMPARED.saturating_sub(compared));
            compared = compared.saturating_add(parts.len());
            parts.retain(|part| self.is_of_another(part, &proved));
            let is_open = !matches!(done.get(index), Some(Some(Ok(_))));
            if is_open && parts.concat().len() == backup.copies.len() {
                if let Some(backup) = self.backups.get_mut(index) {
                    backup.id = None;
                }
                continue;
            }
            for copies in parts {
                self.add_stranger(index, copies);
                done.push(self.at_once(self.backups.len().saturating_sub(1)));
            }
        }
    }

    /// What is proved of the wallet that a backup is of, or of the backup itself.
    fn proved_with<'d>(
        &self,
        index: usize,
        backup: &Backup,
        done: &'d [Option<Attempted>],
        found: &'d [Recovered],
    ) -> Vec<&'d Recovered> {
        let all = done.iter().flatten().flatten().chain(found);
        let is_with = |one: &&Recovered| Some(one.id) == backup.id || one.backup == index;
        all.filter(is_with).collect()
    }

    /// Whether copies are of another wallet than all of these.
    pub(super) fn is_of_another(&self, copies: &[usize], proved: &[&Recovered]) -> bool {
        let bytes = self.bytes(copies);
        let files: Vec<&[u8]> = proved.iter().map(|one| one.file.as_slice()).collect();
        let is_kin = |file: &&[u8]| bytes.iter().any(|copy| is_kin(file, copy));
        let is_other = |one: &&Recovered| repair::is_of_another(&bytes, &one.seed, &files);
        // What has no tags and lengths of a copy is none any more, whatever was written over it.
        let is_copy = |copy: &&[u8]| {
            wire::looks_like_backup(copy) || !recognize::traces_in_file(copy).is_empty()
        };
        bytes.iter().any(is_copy) && !files.iter().any(is_kin) && proved.iter().all(is_other)
    }

    fn add_stranger(&mut self, index: usize, copies: Vec<usize>) {
        if let Some(backup) = self.backups.get_mut(index) {
            backup.copies.retain(|copy| !copies.contains(copy));
        }
        self.backups.push(Backup {
            copies,
            state: State::Damaged,
            ..Backup::default()
        });
        self.of.push(index);
    }

    /// Which generation of the assessment the copies of a backup lie with.
    pub(super) fn generation(&self, index: usize) -> usize {
        self.of.get(index).copied().unwrap_or(index)
    }
}
