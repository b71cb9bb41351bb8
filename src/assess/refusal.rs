//! Why the device refuses the card as a whole, or crashes.

use std::collections::{BTreeSet, HashSet};

use super::backup::Backup;
use super::both_views::{MetFolder, Views};
use super::folder_contents;
use super::hidden_cause;
use crate::backup::CheckError;
use crate::catalogue::{BackupCopy, Catalogue, Health};
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{
    Answer, Crash, DirectoryOutcome, FatError, GeometryRule, List, MAX_ANSWER, MountError, Refusal,
};
use crate::partition::{FileSystem, FoundBy};

/// The rule by which the device fails or crashes, or `None` if it lists.
pub(super) fn reason(views: &Views<'_>) -> Option<Rule> {
    Some(match &views.answer.list {
        List::Ok(_) => return None,
        List::Crash(Crash::MissingMetadata) => Rule::MissingMetadata,
        List::Crash(Crash::SeedLength) => Rule::LongSeed,
        List::Crash(Crash::AnswerSize { .. }) => Rule::AnswerSize,
        List::Error(Refusal::Unopenable(_)) => Rule::FolderUnopenable,
        List::Error(Refusal::NameNotUtf8 { .. }) => Rule::FolderNotAscii,
        List::Error(Refusal::TooMany { .. }) => Rule::TooMany,
        List::Error(Refusal::NameTooLong { .. }) => Rule::FolderNameTooLong,
        List::Error(Refusal::Mount(error)) => mount_rule(views.catalogue, *error),
    })
}

fn mount_rule(catalogue: &Catalogue, error: MountError) -> Rule {
    match error {
        MountError::Geometry { .. } if is_other(catalogue) => Rule::OtherVolume,
        MountError::Geometry { rule, .. } => match rule {
            GeometryRule::BytesPerSector => Rule::BytesPerSector,
            GeometryRule::NumFats => Rule::NumFats,
            GeometryRule::SectorsPerCluster => Rule::SectorsPerCluster,
            GeometryRule::RootEntries
            | GeometryRule::RootEntriesOnFat32
            | GeometryRule::NoRootDirectory => Rule::RootEntries,
            GeometryRule::ReservedSectors => Rule::ReservedSectors,
            GeometryRule::TooSmall
            | GeometryRule::TooFewClusters
            | GeometryRule::TooManyClusters => Rule::ClusterCount,
            GeometryRule::FsVersion => Rule::FsVersion,
            GeometryRule::FatSize | GeometryRule::Layout => Rule::FatSize,
        },
        MountError::Disk { .. } if is_readable_start(catalogue) => other_than_fat(catalogue),
        MountError::Disk { .. } => Rule::CardUnreadable,
        MountError::NoVolume => other_than_fat(catalogue),
    }
}

/// Whether what has the boot sector of a FAT volume is something else, such as a BitLocker volume.
fn is_other(catalogue: &Catalogue) -> bool {
    let first = catalogue.volumes.first();
    first.is_some_and(|volume| matches!(volume.file_system, FileSystem::Other(_)))
}

/// Whether sector 0 was read: then a failed sector only was the start of a partition.
fn is_readable_start(catalogue: &Catalogue) -> bool {
    let table = catalogue.table.as_ref();
    table.is_some_and(|table| !table.partitions.is_empty() || table.signature || table.gpt)
}

/// What a card is that has no FAT volume where the device looks.
fn other_than_fat(catalogue: &Catalogue) -> Rule {
    let volumes = catalogue.volumes.iter();
    let own = volumes.filter(|volume| !volume.by_spare);
    for volume in own.clone() {
        match volume.partition.origin {
            _ if volume.file_system != FileSystem::Fat || volume.geometry.is_none() => {}
            FoundBy::Gpt { .. } => return Rule::GptOnly,
            FoundBy::Logical { .. } => return Rule::LogicalOnly,
            FoundBy::Superfloppy | FoundBy::Primary { .. } | FoundBy::Found => {}
        }
    }
    for volume in own {
        match volume.file_system {
            FileSystem::ExFat => return Rule::ExFatVolume,
            FileSystem::Ntfs => return Rule::NtfsVolume,
            FileSystem::Ext => return Rule::ExtVolume,
            FileSystem::Apple => return Rule::AppleVolume,
            FileSystem::Other(_) => return Rule::OtherVolume,
            FileSystem::Blank if volume.partition.origin == FoundBy::Superfloppy => {
                return Rule::BlankCard;
            }
            _ => {}
        }
    }
    match &catalogue.table {
        Some(table) if table.gpt => Rule::GptOnly,
        _ => Rule::NoFatVolume,
    }
}

/// The finding for [`reason`], with its place.
pub(super) fn finding(views: &Views<'_>) -> Option<Finding> {
    let rule = reason(views)?;
    if let Some(untold) = views.untold() {
        return Some(Finding::new(rule, hidden_cause::cannot_tell(untold), None));
    }
    Some(match &views.answer.list {
        List::Ok(_) => return None,
        List::Crash(Crash::AnswerSize { size }) => answer_size(rule, *size, views.answer),
        List::Crash(_) => crash(rule, views),
        List::Error(Refusal::NameNotUtf8 { entry }) => {
            let names: Vec<_> = accented(views).map(|folder| folder.name()).collect();
            let place = views.folder(*entry).and_then(|folder| folder.place());
            Finding::new(rule, accented_message(&names), place)
        }
        List::Error(Refusal::Unopenable(error)) => {
            let message = format!("bitbox02 cannot be opened: {error}");
            Finding::new(rule, message, views.answer.root)
        }
        List::Error(Refusal::NameTooLong { entry }) => {
            let folder = views.folder(*entry);
            let name = folder.map_or_else(String::new, |folder| folder.name());
            let message = format!("the name of the folder \"{name}\" is longer than 64 bytes");
            Finding::new(rule, message, folder.and_then(|folder| folder.place()))
        }
        List::Error(Refusal::TooMany { limit }) => {
            Finding::new(rule, format!("there are more than {limit} backups"), None)
        }
        List::Error(Refusal::Mount(MountError::Geometry { lba, rule: broken }))
            if rule != Rule::OtherVolume =>
        {
            Finding::new(rule, broken.to_string(), views.links.place(lba.byte()))
        }
        List::Error(Refusal::Mount(error)) => {
            Finding::new(rule, not_mounted(rule, *error, views.catalogue), Some(0))
        }
    })
}

/// That names directly in `bitbox02` fail the list.
fn accented_message(names: &[String]) -> String {
    let first = names.first().map_or("", String::as_str);
    match names {
        [] | [_] => format!("\"{first}\" in bitbox02 has a letter beyond ASCII in its name"),
        [_, second] => {
            format!(
                "\"{first}\" and \"{second}\" in bitbox02 have letters beyond ASCII in their names"
            )
        }
        [_, more @ ..] => format!(
            "\"{first}\" and {} other names in bitbox02 have letters beyond ASCII",
            more.len()
        ),
    }
}

fn not_mounted(rule: Rule, error: MountError, catalogue: &Catalogue) -> String {
    match rule {
        Rule::NoFatVolume => no_fat(catalogue),
        Rule::CardUnreadable => error.to_string(),
        Rule::ExFatVolume => "it is formatted as exFAT".to_owned(),
        Rule::NtfsVolume => "it is formatted as NTFS".to_owned(),
        Rule::ExtVolume => "it is formatted as ext2, ext3 or ext4".to_owned(),
        Rule::AppleVolume => "it is formatted as HFS+ or APFS".to_owned(),
        Rule::OtherVolume => other_volume(catalogue),
        Rule::GptOnly => "it is divided by a GUID partition table".to_owned(),
        Rule::LogicalOnly => "its FAT volume is in a logical partition".to_owned(),
        Rule::BlankCard => "it holds no partition table and no file system".to_owned(),
        _ => first_sentence(rule.meaning()),
    }
}

/// What a card holds instead of FAT.
fn other_volume(catalogue: &Catalogue) -> String {
    let mut systems = catalogue.volumes.iter().map(|volume| volume.file_system);
    let name = systems.find_map(|system| match system {
        FileSystem::Other(name) => Some(name),
        _ => None,
    });
    format!("it holds no FAT volume but {}", name.unwrap_or("another"))
}

fn answer_size(rule: Rule, size: usize, answer: &Answer) -> Finding {
    let folders: HashSet<_> = answer.directories.iter().map(|trace| trace.entry).collect();
    let fit = format!("the answer would be {size} bytes, more than the {MAX_ANSWER} that fit");
    if folders.len() == answer.directories.len() {
        return Finding::new(rule, fit, None);
    }
    let message = format!("bitbox02 runs in a loop, its backups are listed again and again: {fit}");
    Finding::new(rule, message, answer.root)
}

fn crash(rule: Rule, views: &Views<'_>) -> Finding {
    let Some(folder) = crashing(views) else {
        return Finding::new(rule, rule.meaning(), None);
    };
    let what = match rule {
        Rule::LongSeed => "claims a seed of over 32 bytes",
        _ => "has no metadata",
    };
    let nodes = &views.catalogue.nodes;
    let culprit = culprit(rule, &folder).and_then(|copy| Some((copy, nodes.get(copy.node)?)));
    let name = folder.name();
    let (who, offset) = match culprit {
        Some((copy, node)) => (
            &*node.name,
            copy.extents.first().map(|extent| extent.offset),
        ),
        None => ("the majority of the three copies", folder.place()),
    };
    Finding::new(rule, format!("{who} in the folder {name} {what}"), offset)
}

fn crashing<'a>(views: &'a Views<'a>) -> Option<MetFolder<'a>> {
    let crashes =
        |folder: &MetFolder<'_>| matches!(folder.trace.outcome, DirectoryOutcome::Crashes(_));
    views.folders().find(crashes)
}

fn culprit<'a>(rule: Rule, folder: &MetFolder<'a>) -> Option<&'a BackupCopy> {
    let cause = match rule {
        Rule::LongSeed => CheckError::SeedLength,
        _ => CheckError::NoMetadata,
    };
    let mut files = folder.trace.files.iter().zip(folder.entries());
    files.find_map(|(file, entry)| {
        let node = entry.node_at(*file)?;
        let mut copies = folder.views.catalogue.copies.iter();
        let copy = copies.find(|copy| copy.node == node)?;
        (copy.health == Health::Refused(cause)).then_some(copy)
    })
}

/// What on the card would make the device list it, where such steps do.
pub(super) fn fixes(views: &Views<'_>) -> Vec<Advice> {
    match &views.answer.list {
        List::Error(Refusal::NameNotUtf8 { .. }) => {
            let folders = accented(views);
            folders
                .filter_map(|folder| renamed(views, &folder))
                .collect()
        }
        List::Error(Refusal::NameTooLong { entry }) => {
            let folder = views.folder(*entry);
            Vec::from_iter(folder.and_then(|folder| renamed(views, &folder)))
        }
        List::Crash(Crash::MissingMetadata | Crash::SeedLength) => Vec::from_iter(moved_out(views)),
        _ => Vec::new(),
    }
}

/// What lies directly in `bitbox02` and has a name that fails the list.
fn accented<'a>(views: &'a Views<'a>) -> impl Iterator<Item = MetFolder<'a>> {
    let folders = views.folders();
    folders.filter(|folder| std::str::from_utf8(&folder.trace.name).is_err())
}

/// Another name for what lies directly in `bitbox02`: the ID, if it is the folder of intact copies of one wallet.
fn renamed(views: &Views<'_>, folder: &MetFolder<'_>) -> Option<Advice> {
    let node = folder.listed()?;
    let is_here = |copy: &&BackupCopy| {
        folder_contents::is_in(views.catalogue, copy, node) && folder_contents::is_whole(copy)
    };
    let here = views.catalogue.copies.iter().filter(is_here);
    let ids: BTreeSet<_> = here.filter_map(|copy| copy.facts.as_ref()?.id).collect();
    let id = ids.first().filter(|_| ids.len() == 1);
    let id = id.map(|id| id.to_string());
    folder_contents::place(views.catalogue, node, id.as_deref()).map(Advice::Rename)
}

fn moved_out(views: &Views<'_>) -> Option<Advice> {
    let copy = culprit(reason(views)?, &crashing(views)?)?;
    let place = folder_contents::place(views.catalogue, copy.node, Some("/"))?;
    Some(Advice::MoveOut(vec![place]))
}

fn first_sentence(text: &str) -> String {
    let first = text.split(". ").next().unwrap_or(text);
    let first = first.trim_end_matches('.');
    first.replacen("The card", "the card", 1)
}

fn no_fat(catalogue: &Catalogue) -> String {
    let text = match &catalogue.table {
        Some(table) if table.signature => {
            "there is a partition table or boot sector, but no FAT volume where the BitBox looks"
        }
        _ => "there is neither a partition table nor a FAT volume where it looks",
    };
    text.to_owned()
}

/// That the device cannot read all of `bitbox02`, where no backup says it: it may not list what nobody knows of.
pub(super) fn cut_short(views: &Views<'_>, backups: &[Backup]) -> Option<Finding> {
    let error = views.answer.cut_short;
    let error = error.filter(|error| *error == FatError::Disk)?;
    let rule = Rule::ListCutShort;
    let mut findings = backups.iter().flat_map(|backup| &backup.findings);
    if findings.any(|finding| finding.rule == rule) {
        return None;
    }
    let message = match views.untold() {
        Some(untold) => format!("not all of bitbox02 was read: {untold}"),
        None => format!("the BitBox does not list all of bitbox02: {error}"),
    };
    Some(Finding::new(rule, message, views.answer.root))
}
