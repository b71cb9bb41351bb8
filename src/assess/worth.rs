//! What a generation of a backup is worth, and what of it can be proved at once.

use super::backup::{Backup, State};
use super::seed_length::seed_length;
use crate::backup::{self, Repaired};
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Facts, Origin};
use crate::firmware::Winner;

/// Whether nothing was ever written to a file's place, as far as its bytes tell.
pub(super) fn is_unwritten(catalogue: &Catalogue, copy: usize) -> bool {
    let found = catalogue.copies.get(copy);
    let readable = found.is_some_and(|copy| copy.state != CopyState::Unreadable);
    let bytes = catalogue.bytes(copy);
    readable && bytes.iter().all(|byte| matches!(byte, 0 | 0xFF))
}

/// Where no live copy is valid, tries to prove the backup from what is there.
pub(super) fn repair(catalogue: &Catalogue, backup: &mut Backup) {
    let damaged = |live: bool| {
        let wanted = |copy: &BackupCopy| {
            (copy.origin == Origin::Live) == live && copy.state == CopyState::Damaged
        };
        let found = backup.copies_in(catalogue).filter(|(_, copy)| wanted(copy));
        found
            .map(|(index, _)| catalogue.bytes(index))
            .collect::<Vec<_>>()
    };
    if backup
        .copies_in(catalogue)
        .any(|(_, copy)| copy.state == CopyState::Valid)
    {
        return;
    }
    let live = backup::vote_or_splice(&damaged(true), backup.id);
    let is_live = live.is_some();
    let repaired = live.or_else(|| backup::vote_or_splice(&damaged(false), backup.id));
    let Some(repaired) = repaired else { return };
    backup.repaired_live = is_live;
    backup.repaired = Some(repaired.method());
    match repaired {
        Repaired::Whole(_, contents) => {
            let facts = Facts::of(&contents);
            let copies = std::mem::take(&mut backup.copies);
            *backup = Backup {
                copies,
                repaired: backup.repaired,
                repaired_live: backup.repaired_live,
                begun: backup.begun,
                ..Backup::of_facts(&facts)
            };
        }
        Repaired::Seed { id, seed, .. } => {
            backup.seed_length = seed_length(catalogue, &backup.copies, id, &seed);
        }
    }
}

/// The state of docs' list: the first that fits.
pub(super) fn state(catalogue: &Catalogue, backup: &Backup, listed: Option<Winner>) -> State {
    let count = |live, state| backup.count(catalogue, live, state);
    let valid = count(true, CopyState::Valid);
    let holds_seed = |live: bool| {
        backup.copies_in(catalogue).any(|(index, copy)| {
            let unread = copy.state == CopyState::Unreadable;
            let left = |byte: &u8| !matches!(byte, 0 | 0xFF | 0xAC);
            (copy.origin == Origin::Live) == live
                && (unread
                    || copy.state == CopyState::Damaged && catalogue.bytes(index).iter().any(left))
        })
    };
    let erased = |live| count(live, CopyState::Erased) > 0;
    match listed {
        Some(Winner::Copy(_)) if valid >= 3 => State::Healthy,
        Some(_) => State::Degraded,
        None if valid > 0 || backup.repaired_live => State::Hidden,
        None if count(false, CopyState::Valid) > 0 || backup.repaired.is_some() => State::Deleted,
        None if holds_seed(true) => State::Damaged,
        None if holds_seed(false) => State::Deleted,
        None if erased(true) || erased(false) && count(true, CopyState::Foreign) == 0 => {
            State::Erased
        }
        None => State::Lost,
    }
}
