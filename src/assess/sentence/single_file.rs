//! The sentence on a file by itself.

use crate::assess::assessment::Assessment;
use crate::assess::backup::{Backup, State};

/// What a file holds.
pub(super) fn single_file(assessment: &Assessment) -> String {
    let is_whole = |one: &&Backup| one.state == State::Hidden && one.repaired.is_none();
    let whole = assessment.backups.iter().filter(is_whole).count();
    if whole > 1 {
        return format!(
            "This file holds intact copies of {whole} backups. A BitBox needs three of each in their folders on a card."
        );
    }
    let first = assessment.backups.first();
    match first.map(|backup| (backup.state, backup.repaired)) {
        Some((State::Hidden | State::Healthy | State::Degraded, None)) => {
            "This file holds an intact copy of a backup. A BitBox needs three of them in their folder on a card."
        }
        Some((State::Hidden, Some(_))) => "This file is damaged, but its seed is proved by the ID.",
        Some((State::Erased, _)) => {
            "A BitBox erased this file: nothing of the backup remains in it."
        }
        Some((State::Damaged | State::Deleted, _)) => {
            "This file is a damaged copy of a backup; it may still be recovered."
        }
        Some((State::Lost, _)) => {
            "This file is what is left of a copy of a backup: nothing of the seed is in it."
        }
        None => "No backup was found in this file.",
        Some((State::Healthy | State::Degraded, Some(_))) => {
            "This file holds a copy of a backup."
        }
    }
    .to_owned()
}
