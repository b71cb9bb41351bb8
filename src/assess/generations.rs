//! Copies grouped into generations of backups.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::backup::{Backup, State};
use super::folder_contents::is_unwritten;
use super::folder_match::ByPlace;
use super::generation_key::{GenerationKey, join, proved};
use super::similar_copies::{group_nameless, is_nameless, join_readings};
use super::verdict::is_partial;
use crate::backup::Id;
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Origin};
use crate::finding::{Finding, Rule};
use crate::text::{escape, short_id};

/// Groups the copies of a catalogue; the rest of a backup's fields follow.
pub(super) fn group(catalogue: &Catalogue) -> Vec<Backup> {
    let mut groups: Vec<(GenerationKey, Backup)> = Vec::new();
    let copies = || catalogue.copies.iter().enumerate();
    for (index, copy) in copies() {
        if let Some((id, facts, timestamp)) = proved(copy) {
            let key = GenerationKey::Proved(id, facts.seed_length, timestamp);
            join(&mut groups, key, index, || Backup::of_facts(facts));
        }
    }
    let mut whole = ByPlace::new(catalogue);
    for (index, copy) in copies().filter(|(_, copy)| proved(copy).is_none()) {
        if is_nameless(catalogue, copy) {
            continue;
        }
        let group = whole.group_of(&groups, index);
        if let Some((_, backup)) = group.and_then(|group| groups.get_mut(group)) {
            backup.copies.push(index);
            continue;
        }
        let id = catalogue.wallet_of(copy.node).and_then(|(_, id)| id);
        let timestamp = copy.file_name.map(|name| name.timestamp);
        let key = GenerationKey::Named(folder_of(catalogue, index), id, timestamp);
        join(&mut groups, key, index, || Backup {
            id,
            timestamp,
            ..Backup::default()
        });
    }
    join_readings(catalogue, &mut groups);
    group_nameless(catalogue, &mut groups);
    let backups = groups.into_iter().map(|(_, backup)| backup).collect();
    let mut backups = join_begun(catalogue, backups);
    for backup in &mut backups {
        backup.copies.sort_unstable();
    }
    backups
}

/// A generation that was begun and of which nothing was written is none: its files join the newest
/// whole one of the same wallet in the same folder.
fn join_begun(catalogue: &Catalogue, backups: Vec<Backup>) -> Vec<Backup> {
    let is_begun = |backup: &Backup| {
        let mut copies = backup.copies_in(catalogue);
        copies.all(|(index, copy)| copy.origin == Origin::Live && is_unwritten(catalogue, index))
    };
    let (begun, mut kept): (Vec<_>, Vec<_>) = backups.into_iter().partition(is_begun);
    for one in begun {
        let folder = one.copies.first();
        let folder = folder.and_then(|copy| folder_of(catalogue, *copy));
        let here = |other: &&mut Backup| {
            let mut whole = other.copies_of(catalogue, true, CopyState::Valid);
            let is_own = |id: Id| other.id.is_some_and(|own| id.is_near(&own));
            folder.is_some()
                && one.id.is_none_or(is_own)
                && whole.any(|(index, _)| folder_of(catalogue, index) == folder)
        };
        let here = kept.iter_mut().filter(here);
        match here.max_by_key(|other| other.timestamp) {
            Some(other) => {
                other.copies.extend(&one.copies);
                other.begun = other.begun.max(Some(one.timestamp));
            }
            None => kept.push(one),
        }
    }
    kept
}

/// What a repair has proved may be a generation of which whole copies lie elsewhere. And what is not proved is of the
/// wallet whose ID the name of its folder nearly is.
pub(super) fn join_proved(catalogue: &Catalogue, backups: &mut Vec<Backup>) {
    let (mut repaired, mut all): (Vec<_>, Vec<_>) = std::mem::take(backups)
        .into_iter()
        .partition(|backup| backup.repaired.is_some());
    repaired.retain_mut(|backup| {
        let is_same = |other: &&mut Backup| {
            let is = |one: &Backup| (one.id, one.seed_length, one.timestamp);
            is(other) == is(backup) && other.count(catalogue, true, CopyState::Valid) > 0
        };
        let Some(same) = all.iter_mut().find(is_same) else {
            return true;
        };
        same.copies.append(&mut backup.copies);
        same.copies.sort_unstable();
        false
    });
    all.append(&mut repaired);
    let is_proved = |backup: &&Backup| backup.generator.is_some() || backup.repaired.is_some();
    let proved = all.iter().filter(is_proved);
    let proved: BTreeSet<Id> = proved.filter_map(|one| one.id).collect();
    for backup in all.iter_mut().filter(|backup| !is_proved(&&**backup)) {
        if let Some(id) = &mut backup.id {
            *id = *proved.iter().find(|own| id.is_near(own)).unwrap_or(id);
        }
    }
    *backups = all;
}

fn folder_of(catalogue: &Catalogue, copy: usize) -> Option<usize> {
    let copy = catalogue.copies.get(copy)?;
    let wallet = catalogue.wallet_of(copy.node);
    wallet.map(|(node, _)| catalogue.folder_in_all(node))
}

/// Two backups with one id and different seed lengths are two wallets.
pub(super) fn same_id_two_lengths(backups: &mut [Backup]) {
    let wallet = |backup: &Backup| Some((backup.id?, backup.seed_length?));
    let known: Vec<_> = backups.iter().filter_map(wallet).collect();
    for backup in backups {
        let Some((id, own)) = wallet(backup) else {
            continue;
        };
        if let Some((_, other)) = known.iter().find(|known| known.0 == id && known.1 != own) {
            let message =
                format!("this seed is {own} bytes long, another backup of the same ID has {other}");
            let finding = Finding::new(Rule::SameIdTwoLengths, message, None);
            backup.findings.push(finding);
        }
    }
}

/// A wallet of which only deleted or carved copies can be read is in danger twice: its owner does not
/// see the backup, and a finder can read it. What nothing proves yet may be such a wallet.
pub(super) fn only_deleted(backups: &mut [Backup], catalogue: &Catalogue) {
    let kept = backups.iter().filter(|backup| backup.is_whole());
    let kept: Vec<_> = kept.map(|backup| backup.id).collect();
    let mut noted = Vec::new();
    for backup in backups.iter_mut().filter(|one| one.state == State::Deleted) {
        let is_proved = backup.is_recoverable();
        let wallet = (backup.id, backup.seed_length);
        let is_known = is_proved || backup.id.is_some();
        if is_known && (kept.contains(&backup.id) || noted.contains(&wallet)) {
            continue;
        }
        noted.push(wallet);
        let (rule, message) = match is_proved {
            true => (Rule::OnlyDeleted, only_deleted_message(backup, catalogue)),
            false => (Rule::DeletedRemains, remains_message(backup, catalogue)),
        };
        let offset = backup.findings.first().and_then(|finding| finding.offset);
        let finding = Finding::new(rule, message, offset);
        backup.findings.insert(0, finding);
    }
}

/// What a wallet is called that nothing live is left of.
fn wallet_name(backup: &Backup, unnamed: &str) -> String {
    let id = backup.id.map(|id| short_id(&id.to_string()));
    let name = backup.name.as_deref().filter(|name| !name.is_empty());
    let name = name.map_or_else(String::new, |name| format!(" \"{}\"", escape(name)));
    id.map_or_else(|| unnamed.to_owned(), |id| format!("the wallet {id}{name}"))
}

fn only_deleted_message(backup: &Backup, catalogue: &Catalogue) -> String {
    let who = wallet_name(backup, "a wallet");
    let is_carved = |(_, copy): (usize, &BackupCopy)| copy.origin == Origin::Carved;
    match (backup.unread_on, &backup.in_file) {
        (_, Some(path)) => format!("{who} can be read only from copies in the file {path}"),
        (Some(name), None) => {
            format!("{who} can be read only from copies on {name}, a file system that is not read")
        }
        (None, None) if is_partial(catalogue) && backup.copies_in(catalogue).all(is_carved) => {
            format!(
                "{who} can be read only from copies found by their contents; this image does not say \
                 whether it was deleted"
            )
        }
        (None, None) if catalogue.transform.is_some() => {
            format!("{who} can be read from copies in an altered image only")
        }
        (None, None) => format!("{who} can be read from deleted or lost copies only"),
    }
}

/// What nothing proves yet, of a wallet of which nothing else is on the card.
fn remains_message(backup: &Backup, catalogue: &Catalogue) -> String {
    let who = wallet_name(backup, "a backup");
    let place = match (backup.unread_on, &backup.in_file) {
        (_, Some(path)) => format!("are in the file {path}"),
        (Some(name), None) => format!("are on {name}, a file system that is not read"),
        (None, None) if catalogue.transform.is_some() => "are in an altered image".to_owned(),
        (None, None) => "were deleted or lost".to_owned(),
    };
    format!(
        "damaged copies of {who} {place}, and nothing proves them yet; it may still be recovered"
    )
}

/// Newest first, ties by id, those without an id or a time behind those with one.
pub(super) fn sort(backups: &mut [Backup]) {
    backups.sort_by_key(|backup| {
        (
            backup.id.is_none() && backup.timestamp.is_none(),
            Reverse(backup.timestamp),
            backup.id.is_none(),
            backup.id,
            backup.seed_length,
        )
    });
}
