//! What is on a card beside the backups that can be proved. Here it is decided whether the card may be destroyed.

use std::collections::BTreeSet;

use super::assessment::{Assessment, CardState, Seen};
use super::backup::{Backup, State};
use super::folder_contents::is_of_system;
use super::unread::{unopened, unopened_places};
use crate::catalogue::{Catalogue, CopyState, Looked, Node, Problem, Role};
use crate::finding::{Advice, Rest};

/// What would be lost with a card of which all that can be proved was recovered. Of a folder on the computer, which nobody
/// destroys as a card, only what may hold backups.
pub(super) fn rest(assessment: &Assessment, catalogue: &Catalogue) -> Vec<Rest> {
    let is_card = assessment.seen == Seen::Card;
    let is_unopened = unopened(catalogue).next().is_some()
        || unopened_places(catalogue).next().is_some()
        || catalogue.is_opaque();
    let paths: BTreeSet<&str> = unopened(catalogue).map(|(path, _)| path).collect();
    let is_other = |node: &Node| is_other(catalogue, node) && !paths.contains(&*node.path);
    let has_bitbox01 = |is_deleted| of_bitbox01(catalogue, is_deleted).next().is_some();
    let is_unsearched = is_unsearched(catalogue, is_unopened);
    let rest = [
        (Rest::Unproved, assessment.backups.iter().any(is_unproved)),
        (Rest::BitBox01, has_bitbox01(false)),
        (Rest::DeletedBitBox01, has_bitbox01(true)),
        (Rest::Unopened, is_unopened),
        (Rest::Unsearched, is_card && is_unsearched),
        (Rest::Files, is_card && catalogue.nodes.iter().any(is_other)),
    ];
    let there = rest.into_iter().filter(|(_, is_there)| *is_there);
    there.map(|(rest, _)| rest).collect()
}

/// What to do in the end with a card from which a seed that was deleted can be read, with all or a part of its backups
/// meant: it may be destroyed only if nothing on it but these is worth keeping.
pub(super) fn at_the_end(meant: &Assessment, card: &Assessment) -> Advice {
    let mut rest = card.verdict.rest.clone();
    if meant.others > 0 || card.verdict.state != CardState::Recoverable {
        // These are enough to keep it, and such a card is searched no further than its entries.
        rest.retain(|one| *one != Rest::Unsearched);
        rest.insert(0, Rest::Backups);
    }
    match card.seen == Seen::Card && rest.is_empty() {
        true => Advice::Destroy,
        false => Advice::KeepSafe(rest),
    }
}

/// The files of a BitBox01 on a card: those that were deleted, or the others.
pub(super) fn of_bitbox01(catalogue: &Catalogue, deleted: bool) -> impl Iterator<Item = &Node> {
    let nodes = catalogue.nodes.iter();
    nodes.filter(move |node| {
        node.role == Role::BitBox01
            && !node.is_directory
            && node.is_deleted() == deleted
            && (!deleted || node.size > 0)
    })
}

/// Whether all that is on a card of a BitBox01 was deleted; `None` if there is nothing of one.
pub(super) fn is_bitbox01_deleted(assessment: &Assessment) -> Option<bool> {
    let has = |rest| assessment.verdict.rest.contains(&rest);
    match (has(Rest::BitBox01), has(Rest::DeletedBitBox01)) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    }
}

/// Whether a search may still prove a backup.
fn is_unproved(backup: &Backup) -> bool {
    match backup.state {
        State::Damaged => true,
        State::Deleted => !backup.is_recoverable(),
        State::Healthy | State::Degraded | State::Hidden | State::Erased | State::Lost => false,
    }
}

/// Whether parts of a card were not searched, for another reason than what is in a file or volume.
fn is_unsearched(catalogue: &Catalogue, is_unopened: bool) -> bool {
    let mut problems = catalogue.problems.iter();
    catalogue.looked != Looked::Surface
        || catalogue.is_part
        || !catalogue.complete && !is_unopened
        || problems.any(|problem| {
            matches!(
                problem,
                Problem::TooMuch { .. }
                    | Problem::Unreadable { .. }
                    | Problem::InFolder { .. }
                    | Problem::VolumePastEnd { .. }
                    | Problem::PartitionCut { .. }
            )
        })
}

/// Whether a file has nothing to do with the backups of a BitBox02 and is not of a system: somebody may miss it.
fn is_other(catalogue: &Catalogue, node: &Node) -> bool {
    let is_foreign = |copy: usize| {
        let copy = catalogue.copies.get(copy);
        copy.is_some_and(|copy| copy.state == CopyState::Foreign)
    };
    let is_other = match node.role {
        Role::Other | Role::Stray => true,
        Role::Copy(copy) => is_foreign(copy),
        Role::Bitbox02 | Role::Wallet(_) | Role::BitBox01 => false,
    };
    is_other
        && !node.is_directory
        && !node.is_deleted()
        && node.size > 0
        && (node.is_text || !node.path.split('/').any(is_of_system))
}
