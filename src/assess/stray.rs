//! What lies among the copies of a backup and does not belong there.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashSet};

use super::backup::Backup;
use super::both_views::{MetFolder, Views};
use super::folder_contents::{self, is_in, is_of_system, is_unwritten};
use super::hidden_cause::Why;
use super::similar_copies::have_other_seeds;
use crate::backup::Id;
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Origin, Role};
use crate::finding::{Advice, Finding, Place, Rule};
use crate::firmware::LIST_MAX;
use crate::text::{made, plural};

/// Why a folder does not hold exactly three entries.
pub(super) fn entry_count(backup: &Backup, folder: &MetFolder<'_>, count: usize) -> Why {
    let (rule, offset) = (Rule::EntryCount, folder.place());
    let message = format!(
        "its folder holds {} instead of 3",
        plural(count, "entry", "entries")
    );
    if count < 3 {
        let cause = match count {
            0 => "the BitBox finds none of its three files",
            1 => "the BitBox finds only one of its three files",
            _ => "the BitBox finds only two of its three files",
        };
        return Why::new(rule, message, offset, cause);
    }
    if count >= LIST_MAX {
        let message = "its folder holds 200 entries or more, perhaps in a loop";
        let cause = "its folder holds 200 entries or more";
        return Why::new(rule, message, offset, cause);
    }
    let strays = strays_beside(folder);
    if !strays.is_empty() {
        return of_strays(folder.views.catalogue, &strays, &message, offset);
    }
    if let Some(cause) = of_other_wallet(backup, folder) {
        return Why::new(rule, message, offset, cause);
    }
    if let Some((cut, cause)) = interrupted(backup, folder) {
        let cut = Finding::new(Rule::InterruptedRecreate, cut, offset);
        return Why::new(rule, message, offset, cause).and(cut);
    }
    let cause = format!("its folder holds {count} entries instead of 3");
    Why::new(rule, message, offset, cause)
}

/// The nodes of what lies in a folder beside its three copies; none if there are not three.
fn strays_beside(folder: &MetFolder<'_>) -> Vec<usize> {
    let mut strays = strays_in(folder);
    if folder.entries().count().saturating_sub(strays.len()) != 3 {
        strays.clear();
    }
    strays
}

/// The step that leaves a folder nothing but its three copies, if something is beside them.
pub(super) fn fix(folder: &MetFolder<'_>) -> Option<Advice> {
    let strays = strays_beside(folder);
    (!strays.is_empty()).then(|| taking_out(folder.views.catalogue, &strays))
}

/// The nodes of what the device listed in a folder that are no copies.
fn strays_in(folder: &MetFolder<'_>) -> Vec<usize> {
    let nodes = &folder.views.catalogue.nodes;
    let strays = folder.entries().filter_map(|entry| {
        let node = entry.node()?;
        let is_copy = matches!(nodes.get(node)?.role, Role::Copy(_));
        (!is_copy).then_some(node)
    });
    strays.collect()
}

/// The live copies in a folder: indices in the catalogue.
fn copies_in<'a>(folder: &MetFolder<'a>) -> impl Iterator<Item = (usize, &'a BackupCopy)> {
    let catalogue = folder.views.catalogue;
    let opened = folder.opened();
    let copies = catalogue.copies.iter().enumerate();
    let is_here = move |copy: &BackupCopy| {
        let node = catalogue.nodes.get(copy.node);
        copy.origin == Origin::Live && node.is_some_and(|node| node.parent == opened)
    };
    copies.filter(move |(_, copy)| is_here(copy))
}

/// That copies of several wallets are in a folder, as a cause: no device puts them there.
fn of_other_wallet(backup: &Backup, folder: &MetFolder<'_>) -> Option<String> {
    let catalogue = folder.views.catalogue;
    let named = match catalogue.nodes.get(folder.opened()?)?.role {
        Role::Wallet(id) => id,
        _ => None,
    };
    let own = |copy: &BackupCopy| copy.facts.as_ref().and_then(|facts| facts.id);
    let ids = copies_in(folder).filter_map(|(_, copy)| own(copy));
    let ids: BTreeSet<_> = ids.collect();
    let whole = copies_in(folder).find(|(_, copy)| own(copy).is_some());
    let is_other = |(index, copy): (usize, &BackupCopy)| {
        let whole = whole.map(|(whole, _)| catalogue.bytes(whole));
        let other = whole.and_then(|whole| have_other_seeds(whole, catalogue.bytes(index)));
        copy.state == CopyState::Damaged && other == Some(true)
    };
    let is_foreign = |id: &Id| named.is_some_and(|named| !named.is_near(id));
    if ids.len() < 2 && !ids.iter().any(is_foreign) && !copies_in(folder).any(is_other) {
        return None;
    }
    let is_proved = backup.generator.is_some();
    Some(match backup.id.filter(|_| is_proved) {
        Some(id) if is_foreign(&id) => "it is in the folder of another wallet".to_owned(),
        Some(_) => "files of another wallet are in its folder".to_owned(),
        None => "files of several wallets are in its folder".to_owned(),
    })
}

/// That making a newer backup in a folder was interrupted, as a finding and as a cause.
fn interrupted(backup: &Backup, folder: &MetFolder<'_>) -> Option<(String, &'static str)> {
    if let Some(begun) = backup.begun {
        let when = begun
            .and_then(made)
            .map_or_else(String::new, |time| format!(" of {time}"));
        return Some((
            format!("a new backup{when} was begun, and nothing of it was written"),
            "a new backup was begun, and nothing of it was written",
        ));
    }
    let catalogue = folder.views.catalogue;
    let whole = copies_in(folder).find(|(_, copy)| copy.state == CopyState::Valid);
    // Of what is damaged, and not just unwritten, it may be unknown whose it is.
    let is_unknown = |(index, copy): (usize, &BackupCopy)| {
        let whole = whole.map(|(whole, _)| catalogue.bytes(whole));
        let bytes = catalogue.bytes(index);
        copy.state == CopyState::Damaged
            && !is_unwritten(catalogue, index)
            && whole.is_some_and(|whole| have_other_seeds(whole, bytes).is_none())
    };
    if copies_in(folder).any(is_unknown) {
        return None;
    }
    let names = copies_in(folder).filter_map(|(_, copy)| copy.file_name);
    let times: BTreeSet<_> = names.map(|name| name.timestamp).collect();
    (times.len() > 1).then(|| {
        let cut = format!(
            "the folder holds copies of {} backups: making a new one was interrupted",
            times.len()
        );
        (cut, "making a new backup was interrupted")
    })
}

/// Three copies, and beside them what makes the folder hold more than three entries.
fn of_strays(catalogue: &Catalogue, strays: &[usize], message: &str, offset: Option<u64>) -> Why {
    let nodes = || strays.iter().filter_map(|node| catalogue.nodes.get(*node));
    let names: Vec<_> = nodes().map(|node| format!("\"{}\"", node.name)).collect();
    let shown = names.join(", ");
    let (belong, cause) = match names.len() {
        1 => ("does not belong", format!("{shown} is in its folder")),
        n => (
            "do not belong",
            format!("{n} entries in its folder do not belong there"),
        ),
    };
    let message = format!("{message}: {shown} {belong} there");
    let fix = taking_out(catalogue, strays);
    Why::new(Rule::EntryCount, message, offset, cause).fixed_by(Some(fix))
}

/// How what lies beside the copies of a backup comes out of their folder.
fn taking_out(catalogue: &Catalogue, strays: &[usize]) -> Advice {
    let mut nodes = strays.iter().filter_map(|node| catalogue.nodes.get(*node));
    let place = |node: &usize| folder_contents::place(catalogue, *node, Some("/"));
    let places: Vec<Place> = strays.iter().filter_map(place).collect();
    // What a person put there is kept, whatever it is.
    let is_of_system = nodes.all(|node| is_of_system(&node.name) && !node.is_text);
    let is_searched = |place: &Place| !place.holds_copies && place.is_searched;
    match is_of_system && places.iter().all(is_searched) {
        true => Advice::Remove(places.into_iter().map(|place| place.path).collect()),
        false => Advice::MoveOut(places),
    }
}

/// Files and folders among the backups that are none, as far as the device counts them.
pub(super) fn strays(views: &Views<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A loop shows the same entries again and again: each is told once.
    let mut seen = HashSet::new();
    let mut folders = HashSet::new();
    // Most cards have no strays.
    let holders = LazyCell::new(|| folder_contents::holders(views.catalogue));
    for folder in views.folders() {
        if folders.insert(folder.trace.entry) {
            findings.extend(empty_folder(&folder));
        }
        let entries = folder.entries().map(|entry| (entry.place(), entry.node()));
        let own = (folder.place(), folder.listed());
        for (place, node) in std::iter::once(own).chain(entries) {
            let Some(found) = node.and_then(|node| views.catalogue.nodes.get(node)) else {
                continue;
            };
            if found.role == Role::Stray && seen.insert(node) {
                let kind = if found.is_directory { "folder" } else { "file" };
                let is = match node.is_some_and(|node| holders.contains(&node)) {
                    true => "holds copies of a backup",
                    false => "is no backup",
                };
                let message = format!("the {kind} {} {is}", found.path);
                findings.push(Finding::new(Rule::StrayFile, message, place));
            }
        }
    }
    findings
}

/// A wallet's folder without a live copy in it.
fn empty_folder(folder: &MetFolder<'_>) -> Option<Finding> {
    let catalogue = folder.views.catalogue;
    let own = folder.listed()?;
    let Role::Wallet(Some(id)) = catalogue.nodes.get(own)?.role else {
        return None;
    };
    let is_here = |copy: &BackupCopy| copy.origin == Origin::Live && is_in(catalogue, copy, own);
    let here = catalogue.copies.iter().any(is_here);
    // What could not be read of it may be the entry of one.
    let is_unread = catalogue.is_unlisted(catalogue.nodes.get(own)?);
    let message = format!("the folder of the wallet {id} holds no copy of a backup");
    let finding = Finding::new(Rule::EmptyFolder, message, folder.place());
    (!here && !is_unread).then_some(finding)
}
