//! Copies grouped into generations of backups, and what each generation is worth.

use std::cmp::Reverse;

use super::group::Key;
use super::group::blank;
use super::group::join;
use super::group::proved;
use super::kin::{group_nameless, is_nameless};
use super::{Backup, State, seed_length};
use crate::backup::{self, CheckError};
use crate::backup::{Method, Repaired};
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Facts, Health, Origin};
use crate::finding::{Finding, Rule};
use crate::firmware::Winner;

/// Groups the copies of a catalogue; the rest of a backup's fields follow.
pub(super) fn group(catalogue: &Catalogue) -> Vec<Backup> {
    let mut groups: Vec<(Key, Backup)> = Vec::new();
    for (index, copy) in catalogue.copies.iter().enumerate() {
        if let Some((id, facts, timestamp)) = proved(copy) {
            let key = Key::Proved(id, facts.seed_length, timestamp);
            join(&mut groups, key, index, || of_facts(facts));
        }
    }
    for (index, copy) in catalogue
        .copies
        .iter()
        .enumerate()
        .filter(|(_, copy)| proved(copy).is_none())
    {
        if is_nameless(catalogue, copy) {
            continue;
        }
        let wallet = catalogue.wallet_of(copy.node);
        let (folder, id) = (wallet.map(|(node, _)| node), wallet.and_then(|(_, id)| id));
        let time = copy.file_name.map(|name| name.timestamp);
        let mut own = groups.iter_mut().filter(|(key, backup)| match key {
            Key::Proved(proved, _, timestamp) => {
                let here = backup
                    .copies
                    .iter()
                    .any(|copy| folder_of(catalogue, *copy) == folder);
                Some(*proved) == id && (Some(*timestamp) == time || time.is_none() && here)
            }
            Key::Named(..) | Key::Erased | Key::Kin(_) => false,
        });
        match (own.next(), own.next()) {
            (Some((_, backup)), None) => backup.copies.push(index),
            _ => join(&mut groups, Key::Named(folder, id, time), index, || {
                Backup {
                    id,
                    timestamp: time,
                    ..blank()
                }
            }),
        }
    }
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
        backup.id.is_some()
            && copies(catalogue, backup)
                .all(|(index, copy)| copy.origin == Origin::Live && is_unwritten(catalogue, index))
    };
    let (begun, mut kept): (Vec<_>, Vec<_>) = backups.into_iter().partition(is_begun);
    for one in begun {
        let folder = one
            .copies
            .first()
            .and_then(|copy| folder_of(catalogue, *copy));
        let here = |other: &&mut Backup| {
            let whole = |(index, copy): (usize, &BackupCopy)| {
                copy.origin == Origin::Live
                    && copy.state == CopyState::Valid
                    && folder_of(catalogue, index) == folder
            };
            other.id == one.id && copies(catalogue, other).any(whole)
        };
        match kept
            .iter_mut()
            .filter(here)
            .max_by_key(|other| other.timestamp)
        {
            Some(other) => {
                other.copies.extend(&one.copies);
                other.begun = other.begun.max(Some(one.timestamp));
            }
            None => kept.push(one),
        }
    }
    kept
}

/// Whether nothing was ever written to a file's place, as far as its bytes tell.
fn is_unwritten(catalogue: &Catalogue, copy: usize) -> bool {
    let found = catalogue.copies.get(copy);
    let readable = found.is_some_and(|copy| copy.state != CopyState::Unreadable);
    let bytes = catalogue.bytes(copy);
    readable && bytes.iter().all(|byte| matches!(byte, 0 | 0xFF))
}

fn folder_of(catalogue: &Catalogue, copy: usize) -> Option<usize> {
    let copy = catalogue.copies.get(copy)?;
    catalogue.wallet_of(copy.node).map(|(node, _)| node)
}

fn of_facts(facts: &Facts) -> Backup {
    Backup {
        id: facts.id,
        seed_length: Some(facts.seed_length),
        timestamp: facts.timestamp,
        name: facts.name.clone(),
        birthdate: facts.birthdate,
        generator: Some(facts.generator.clone()),
        ..blank()
    }
}

fn copies<'a>(
    catalogue: &'a Catalogue,
    backup: &'a Backup,
) -> impl Iterator<Item = (usize, &'a BackupCopy)> {
    backup
        .copies
        .iter()
        .filter_map(|index| Some((*index, catalogue.copies.get(*index)?)))
}

/// How many copies of this origin and state a backup has.
pub(super) fn count(catalogue: &Catalogue, backup: &Backup, live: bool, state: CopyState) -> usize {
    let is = |copy: &BackupCopy| (copy.origin == Origin::Live) == live && copy.state == state;
    copies(catalogue, backup)
        .filter(|(_, copy)| is(copy))
        .count()
}

/// Where no live copy is valid, tries to prove the backup from what is there.
pub(super) fn repair(catalogue: &Catalogue, backup: &mut Backup) {
    let damaged = |live: bool| {
        let wanted = |copy: &BackupCopy| {
            (copy.origin == Origin::Live) == live && copy.state == CopyState::Damaged
        };
        let found = copies(catalogue, backup).filter(|(_, copy)| wanted(copy));
        found
            .map(|(index, _)| catalogue.bytes(index))
            .collect::<Vec<_>>()
    };
    if copies(catalogue, backup).any(|(_, copy)| copy.state == CopyState::Valid) {
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
                ..of_facts(&facts)
            };
        }
        Repaired::Seed { id, seed, .. } => {
            backup.seed_length = seed_length(catalogue, &backup.copies, id, &seed);
        }
    }
}

/// The state of docs' list: the first that fits.
pub(super) fn state(catalogue: &Catalogue, backup: &Backup, listed: Option<Winner>) -> State {
    let count = |live, state| count(catalogue, backup, live, state);
    let valid = count(true, CopyState::Valid);
    let holds_seed = |live: bool| {
        copies(catalogue, backup).any(|(index, copy)| {
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

/// What is wrong with the copies of a backup, whoever looks.
pub(super) fn health(catalogue: &Catalogue, backup: &mut Backup, listed: Option<Winner>) {
    let mut findings = Vec::new();
    match backup.state {
        State::Deleted => findings.push(trace(
            catalogue,
            backup,
            Rule::DeletedBackup,
            "its contents are still on the card",
        )),
        State::Erased => findings.push(trace(
            catalogue,
            backup,
            Rule::ErasedBackup,
            "overwritten with 0xAC by the BitBox",
        )),
        State::Damaged => findings.push(Finding::new(
            Rule::Damaged,
            damaged_message(catalogue, backup),
            first_offset(catalogue, backup),
        )),
        State::Lost => findings.push(Finding::new(
            Rule::Lost,
            lost_message(catalogue, backup),
            first_offset(catalogue, backup),
        )),
        _ => {}
    }
    let valid = count(catalogue, backup, true, CopyState::Valid);
    match listed {
        Some(Winner::Vote) => findings.push(Finding::new(
            Rule::ListedByVote,
            "no copy is whole; only the majority of the three gives the backup",
            None,
        )),
        Some(_) if valid < 3 => findings.push(Finding::new(
            Rule::FewerCopies,
            format!(
                "{valid} of 3 copies {} whole",
                if valid == 1 { "is" } else { "are" }
            ),
            None,
        )),
        _ => {}
    }
    if let Some(method) = backup.repaired.filter(|_| listed.is_none()) {
        let how = match method {
            Method::Vote => "the majority of the three copies has the right checksum",
            Method::Splice => "whole fields from several copies together have the right checksum",
            Method::SeedById => "a copy still holds the seed that gives the folder's ID",
            Method::Copy => "a copy is whole",
            Method::Align => "the aligned copies have the right checksum",
            Method::Search => "the damaged bits were found by search, and the result is proved",
        };
        findings.push(Finding::new(Rule::Repairable, how, None));
    }
    for (index, copy) in copies(catalogue, backup) {
        if backup.begun.is_none() || !is_unwritten(catalogue, index) {
            findings.extend(copy_finding(catalogue, copy));
        }
    }
    let fields = copies(catalogue, backup).find_map(|(_, copy)| copy.facts.as_ref());
    if let Some(facts) = fields {
        if facts.length_fits_generator == Some(false) {
            let message = format!(
                "the length field is {}, which {} does not write",
                facts.length, facts.generator
            );
            findings.push(Finding::new(Rule::LengthField, message, None));
        }
        if !matches!(facts.seed_length, 16 | 24 | 32) {
            let message = format!("the seed is {} bytes long", facts.seed_length);
            findings.push(Finding::new(Rule::UnusualSeed, message, None));
        }
    }
    backup.findings = findings;
}

fn first_offset(catalogue: &Catalogue, backup: &Backup) -> Option<u64> {
    copies(catalogue, backup)
        .find_map(|(_, copy)| copy.extents.first())
        .map(|extent| extent.offset)
}

fn trace(catalogue: &Catalogue, backup: &Backup, rule: Rule, what: &str) -> Finding {
    let number = crate::text::plural(backup.copies.len(), "file", "files");
    Finding::new(
        rule,
        format!("{number}, {what}"),
        first_offset(catalogue, backup),
    )
}

fn lost_message(catalogue: &Catalogue, backup: &Backup) -> &'static str {
    let mut copies = copies(catalogue, backup);
    if copies.all(|(_, copy)| copy.health == Health::Empty) {
        "a backup was begun and nothing of it was written: its files are empty"
    } else {
        "no byte of the seed remains in its files"
    }
}

fn damaged_message(catalogue: &Catalogue, backup: &Backup) -> String {
    let unreadable = count(catalogue, backup, true, CopyState::Unreadable);
    let damaged = count(catalogue, backup, true, CopyState::Damaged);
    format!(
        "{} damaged and {unreadable} unreadable; none of them and no combination is proved",
        crate::text::plural(damaged, "copy", "copies")
    )
}

fn copy_finding(catalogue: &Catalogue, copy: &BackupCopy) -> Option<Finding> {
    let node = catalogue.nodes.get(copy.node)?;
    let offset = copy.extents.first().map(|extent| extent.offset);
    if copy.state == CopyState::Valid {
        let (_, folder) = catalogue.wallet_of(copy.node)?;
        let own = copy.facts.as_ref()?.id;
        let other = folder.is_some() && own.is_some() && folder != own;
        return other.then(|| {
            Finding::new(
                Rule::OtherWallet,
                format!(
                    "{} is a whole backup of another wallet than its folder's",
                    node.name
                ),
                offset,
            )
        });
    }
    if copy.origin != Origin::Live {
        return None;
    }
    let (rule, what) = match copy.health {
        Health::Undecodable(error) => (Rule::CopyDamaged, error.to_string()),
        Health::Refused(CheckError::TestVariant) => {
            (Rule::TestVariant, CheckError::TestVariant.to_string())
        }
        Health::Refused(error) => (Rule::CopyDamaged, error.to_string()),
        Health::Empty => (Rule::CopyDamaged, "the file is empty".to_owned()),
        Health::Erased => (
            Rule::CopyDamaged,
            "the BitBox overwrote it with 0xAC".to_owned(),
        ),
        Health::Foreign => (Rule::CopyForeign, "something else is in it".to_owned()),
        Health::Unreadable => (Rule::CopyUnreadable, "it cannot be read".to_owned()),
        Health::Whole => return None,
    };
    Some(Finding::new(rule, format!("{}: {what}", node.name), offset))
}

/// Two backups with one id and different seed lengths are two wallets.
pub(super) fn same_id_two_lengths(backups: &mut [Backup]) {
    let known: Vec<_> = backups
        .iter()
        .map(|backup| (backup.id, backup.seed_length))
        .collect();
    for backup in backups {
        let other = known.iter().find(|(id, length)| {
            id.is_some()
                && *id == backup.id
                && length.is_some()
                && backup.seed_length.is_some()
                && *length != backup.seed_length
        });
        if let (Some((_, Some(other))), Some(own)) = (other, backup.seed_length) {
            let message =
                format!("this seed is {own} bytes long, another backup of the same id has {other}");
            backup
                .findings
                .push(Finding::new(Rule::SameIdTwoLengths, message, None));
        }
    }
}

/// Newest first, ties by id, those without a time last.
pub(super) fn sort(backups: &mut [Backup]) {
    backups.sort_by_key(|backup| {
        (
            backup.id.is_none() && backup.timestamp.is_none(),
            Reverse(backup.timestamp),
            backup.id,
            backup.seed_length,
        )
    });
}
