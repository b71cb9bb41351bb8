//! Why the device does not show what is on the card.

use std::collections::BTreeSet;

use super::backup::Backup;
use super::both_views::{MetFolder, Views};
use super::firmware_writes;
use super::folder_contents::{self, is_in};
use super::hidden_cause::Why;
use super::outside_bitbox02::{not_reached, of_place};
use super::stray;
use crate::backup::{Id, Method};
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Origin, Role};
use crate::finding::{Advice, Rule, Severity};
use crate::firmware::{DirectoryOutcome, Hidden, List, LoadError, Winner};

/// How the device lists a backup.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListedBy {
    pub(super) winner: Winner,
    /// How many whole copies of the backup the three files are that it reads: two names of one place are one.
    pub(super) whole: usize,
}

/// How the device lists a backup, if it does.
pub(super) fn listed_by(backup: &Backup, views: &Views<'_>) -> Option<ListedBy> {
    let List::Ok(list) = &views.answer.list else {
        return None;
    };
    list.iter().find_map(|listed| {
        let folder = views.folder(listed.directory)?;
        let DirectoryOutcome::Listed(winner) = folder.trace.outcome else {
            return None;
        };
        let node = |index: usize| {
            let entry = folder.entry(index)?;
            match folder.trace.files.get(index) {
                Some(file) => entry.node_at(*file),
                // Older firmware opens no more than it needs.
                None => entry.node(),
            }
        };
        let is_its = match winner {
            Winner::Copy(index) => !copies_at(backup, views.catalogue, node(index)?).is_empty(),
            Winner::Vote => {
                let here = folders(backup, views.catalogue).contains(&folder.opened()?);
                let own = backup.id.is_some_and(|id| id.to_string() == listed.id);
                let same = own || backup.repaired.is_some();
                here && same && backup.timestamp == Some(listed.timestamp)
            }
        };
        let mut whole = BTreeSet::new();
        for (index, node) in
            (0..folder.entries().count()).filter_map(|index| Some((index, node(index)?)))
        {
            // What lies at a file's place counts if the file is no shorter and no longer.
            let is_whole = |copy: &BackupCopy| {
                copy.state == CopyState::Valid
                    && (winner == Winner::Copy(index) || views.catalogue.is_all_of(copy, node))
            };
            let here = copies_at(backup, views.catalogue, node).into_iter();
            whole.extend(
                here.filter(|copy| views.catalogue.copies.get(*copy).is_some_and(is_whole)),
            );
        }
        is_its.then_some(ListedBy {
            winner,
            whole: whole.len(),
        })
    })
}

/// The copies of a backup that a file holds, or of whose place it is another name: indices in the catalogue.
fn copies_at(backup: &Backup, catalogue: &Catalogue, node: usize) -> Vec<usize> {
    let role = catalogue.nodes.get(node).map(|node| node.role);
    let is_at = |(index, copy): &(usize, &BackupCopy)| {
        role == Some(Role::Copy(*index)) || copy.node == node
    };
    let copies = backup.copies_in(catalogue).filter(is_at);
    copies.map(|(index, _)| index).collect()
}

/// The folders in which live copies of a backup lie.
fn folders(backup: &Backup, catalogue: &Catalogue) -> Vec<usize> {
    let mut folders = Vec::from_iter(backup.unread_folder);
    for (_, copy) in backup.copies_in(catalogue) {
        let folder = catalogue.nodes.get(copy.node).and_then(|node| node.parent);
        let folder = folder.filter(|folder| !folders.contains(folder));
        folders.extend(folder.filter(|_| copy.origin == Origin::Live));
    }
    folders
}

/// Adds the finding that hides a backup, with cause and remedy in short.
pub(super) fn explain(backup: &mut Backup, views: &Views<'_>) {
    let folders = folders(backup, views.catalogue);
    let is_own = |node: Option<usize>| node.is_some_and(|node| folders.contains(&node));
    let is_met = |folder: &MetFolder<'_>| is_own(folder.opened()) || is_own(folder.listed());
    let met: Vec<_> = views.folders().filter(is_met).collect();
    // What hides it in its own folder counts, wherever else a copy of it lies.
    let is_named = |folder: &&MetFolder<'_>| {
        let named = folder.name().parse::<Id>();
        named.is_ok_and(|named| backup.id.is_some_and(|id| named.is_near(&id)))
    };
    let why = match met.iter().find(is_named).or(met.first()) {
        Some(folder) => of_folder(backup, folder),
        None => of_place(backup, views, &folders),
    };
    let why = match views.untold_in(&folders) {
        Some(untold) => why.untold(untold),
        None => why,
    };
    why.add_to(backup);
}

fn of_folder(backup: &Backup, folder: &MetFolder<'_>) -> Why {
    let answer = folder.views.answer;
    let hidden = match &folder.trace.outcome {
        DirectoryOutcome::Hidden(hidden) => hidden,
        DirectoryOutcome::Listed(_) if matches!(answer.list, List::Ok(_)) => {
            return other_shown(backup, folder);
        }
        DirectoryOutcome::NotReached
        | DirectoryOutcome::Crashes(_)
        | DirectoryOutcome::Listed(_) => {
            return not_reached(answer, folder.place());
        }
    };
    if let Some(other) = firmware_writes::destroyer(folder) {
        let version = folder.views.version;
        return Why::new(
            Rule::CopyRewritten,
            format!(
                "firmware {version} destroys it while it lists: it writes over a damaged copy in the \
                 folder {other}"
            ),
            folder.place(),
            "this firmware destroys it while it lists",
        )
        .at(Severity::Error);
    }
    match hidden {
        Hidden::EntryCount { count: 0 } if backup.unread_folder.is_some() => Why::new(
            Rule::FolderUnopenableWallet,
            format!("the folder \"{}\" cannot be read", folder.name()),
            folder.place(),
            "its folder cannot be read",
        ),
        Hidden::EntryCount { count } => stray::entry_count(backup, folder, *count),
        Hidden::NameNotUtf8 { entry } => name_not_utf8(folder, *entry),
        Hidden::Unreadable { entry, error } => unreadable(folder, *entry, error),
        Hidden::NotADirectory => not_a_directory(folder),
        Hidden::Unopenable(error) => Why::new(
            Rule::FolderUnopenableWallet,
            format!("the folder \"{}\" cannot be opened: {error}", folder.name()),
            folder.place(),
            "its folder cannot be opened",
        ),
        Hidden::Unrewritable { entry } => unrewritable(folder, *entry),
        Hidden::LengthsDiffer | Hidden::NothingPasses => nothing_passes(backup, folder, hidden),
    }
}

fn name_not_utf8(folder: &MetFolder<'_>, index: usize) -> Why {
    let entry = folder.entry(index);
    let file = folder.entry_name(index);
    let node = entry.and_then(|entry| entry.node());
    let rename = || folder_contents::place(folder.views.catalogue, node?, None).map(Advice::Rename);
    let fix = stray::fix(folder).or_else(rename);
    Why::new(
        Rule::NameNotUtf8,
        format!("\"{file}\" in its folder has a letter beyond ASCII in its name"),
        entry.and_then(|entry| entry.place()),
        format!("the name \"{file}\" has an accented letter"),
    )
    .fixed_by(fix)
}

/// One of the three files gives no bytes.
fn unreadable(folder: &MetFolder<'_>, index: usize, error: &LoadError) -> Why {
    let entry = folder.entry(index);
    let file = folder.entry_name(index);
    let (rule, what) = match error {
        LoadError::Open(_) => (Rule::FileUnopenable, "cannot be opened by its own name"),
        LoadError::NotAFile => (Rule::SubFolder, "is a folder"),
        LoadError::TooLarge { .. } => (Rule::FileTooLarge, "is over 1024 bytes"),
        LoadError::Read(_) => (Rule::FileUnreadable, "cannot be read"),
    };
    let is_foreign = matches!(error, LoadError::NotAFile | LoadError::TooLarge { .. });
    let node = entry.filter(|_| is_foreign).and_then(|entry| entry.node());
    let fix = node.and_then(|node| folder_contents::place(folder.views.catalogue, node, Some("/")));
    Why::new(
        rule,
        format!("\"{file}\" {what}: {error}"),
        entry.and_then(|entry| entry.place()),
        format!("\"{file}\" {what}"),
    )
    .fixed_by(fix.map(|place| Advice::MoveOut(vec![place])))
}

/// The folder is not found by its own name, or another one is.
fn not_a_directory(folder: &MetFolder<'_>) -> Why {
    let opened = folder.trace.listing.opened;
    let twice = opened.is_some_and(|opened| opened != folder.trace.entry);
    let rule = match twice {
        true => Rule::SameFolderTwice,
        false => Rule::FolderUnopenableWallet,
    };
    let message = format!(
        "the folder \"{}\" is not found by its own name",
        folder.name()
    );
    let cause = "its folder cannot be opened by its name";
    Why::new(rule, message, folder.place(), cause)
}

/// Old firmware cannot rewrite a damaged copy before the whole one.
fn unrewritable(folder: &MetFolder<'_>, index: usize) -> Why {
    let file = folder.entry_name(index);
    let version = folder.views.version;
    Why::new(
        Rule::Unrewritable,
        format!("\"{file}\" is damaged and cannot be rewritten by firmware {version}"),
        folder.entry(index).and_then(|entry| entry.place()),
        format!("\"{file}\" cannot be rewritten"),
    )
}

/// The folder is listed, but not this backup of it.
fn other_shown(backup: &Backup, folder: &MetFolder<'_>) -> Why {
    let here = folder.opened();
    let own = folders(backup, folder.views.catalogue);
    if !here.is_some_and(|here| own.contains(&here)) {
        let message = format!(
            "another folder named \"{}\" comes before it, and the BitBox opens that one",
            folder.name()
        );
        let cause = "another folder has the same name";
        return Why::new(Rule::SameFolderTwice, message, folder.place(), cause);
    }
    // A warning elsewhere, but here it hides this backup.
    Why::new(
        Rule::OlderShown,
        "the BitBox shows another copy in this folder, which comes first",
        folder.place(),
        "the BitBox shows another backup from the same folder",
    )
    .at(Severity::Error)
}

/// Whether the name of a folder is another wallet's ID than that of a backup in it, and damaged copies are in it: they
/// may be of that wallet, and nothing but the name would prove them.
fn is_proof_of_others(catalogue: &Catalogue, backup: &Backup, folder: usize) -> bool {
    let named = catalogue.wallet_of(folder).and_then(|(_, named)| named);
    let is_other = named.is_some_and(|named| backup.id.is_some_and(|id| !named.is_near(&id)));
    let is_damaged =
        |copy: &BackupCopy| copy.state == CopyState::Damaged && is_in(catalogue, copy, folder);
    is_other && catalogue.copies.iter().any(is_damaged)
}

/// The folder by the name of this ID, unless its own name is what proves other copies in it.
fn renamed(backup: &Backup, folder: &MetFolder<'_>, id: &str) -> Option<Advice> {
    let (catalogue, node) = (folder.views.catalogue, folder.opened()?);
    let place = folder_contents::place(catalogue, node, Some(id));
    let place = place.filter(|_| !is_proof_of_others(catalogue, backup, node));
    place.map(Advice::Rename)
}

/// Neither a copy nor the vote is the backup of this folder.
fn nothing_passes(backup: &Backup, folder: &MetFolder<'_>, hidden: &Hidden) -> Why {
    let catalogue = folder.views.catalogue;
    let (name, offset) = (folder.name(), folder.place());
    let id = backup.id.map(|id| id.to_string());
    // The BitBox takes the majority of the three, too.
    let is_voted = backup.repaired == Some(Method::Vote) && backup.repaired_live;
    let opened = folder.opened();
    let is_here = |copy: &BackupCopy| {
        copy.origin == Origin::Live && opened.is_some_and(|opened| is_in(catalogue, copy, opened))
    };
    let copies = || backup.copies_in(catalogue).map(|(_, copy)| copy);
    let whole = copies().any(|copy| folder_contents::is_whole(copy) && is_here(copy));
    let damaged = match copies().any(folder_contents::is_whole) {
        true => "all copies in its folder are damaged",
        false => "all copies are damaged",
    };
    let renamed = |id: &str| renamed(backup, folder, id);
    match id {
        Some(id) if whole && name.eq_ignore_ascii_case(&id) && name != id => Why::new(
            Rule::FolderUpperCase,
            format!("its folder is named \"{name}\", in upper case"),
            offset,
            "its folder is named in upper case",
        )
        .fixed_by(renamed(&id)),
        Some(id) if (whole || is_voted) && name != id => Why::new(
            Rule::FolderRenamed,
            format!("its folder is named \"{name}\", not {id}"),
            offset,
            "its folder has another name than the ID",
        )
        .fixed_by(renamed(&id)),
        _ if copies().any(|copy| copy.form.is_some() && is_here(copy)) => Why::new(
            Rule::CopyInText,
            "its files hold the copy as a text, which the device does not read",
            offset,
            "its files hold it as a text",
        )
        .at(Severity::Error),
        _ if whole => Why::new(
            Rule::CopySizeDiffers,
            "an intact copy is in its files, but their directory entries say another size",
            offset,
            "the directory entries give a wrong size for its files",
        ),
        _ if matches!(hidden, Hidden::LengthsDiffer) => Why::new(
            Rule::LengthsDiffer,
            "no copy is intact, and their lengths differ",
            offset,
            damaged,
        ),
        _ => Why::new(
            Rule::NothingPasses,
            "neither a copy nor their majority is intact",
            offset,
            damaged,
        ),
    }
}
