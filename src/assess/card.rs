//! Findings about the card as a whole, and why the device refuses or panics.

use std::collections::HashSet;

use super::{Links, holding};
use crate::backup::CheckError;
use crate::catalogue::{BackupCopy, BootRecord, Catalogue, Health, Problem, Role};
use crate::fat::table::ChainEnd;
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{
    Answer, Crash, DirectoryTrace, GeometryRule, List, MAX_ANSWER, MountError, Outcome, Refusal,
};
use crate::partition::{FileSystem, Origin};
use crate::text::plural;

/// The rule by which the device fails or panics, or `None` if it lists.
pub(super) fn reason(catalogue: &Catalogue, answer: &Answer) -> Option<Rule> {
    Some(match &answer.list {
        List::Ok(_) => return None,
        List::Crash(Crash::MissingMetadata) => Rule::MissingMetadata,
        List::Crash(Crash::SeedLength) => Rule::LongSeed,
        List::Crash(Crash::AnswerSize { .. }) => Rule::AnswerSize,
        List::Error(Refusal::Unopenable(_)) => Rule::FolderUnopenable,
        List::Error(Refusal::NameNotUtf8 { .. }) => Rule::FolderNotAscii,
        List::Error(Refusal::TooMany { .. }) => Rule::TooMany,
        List::Error(Refusal::Mount(error)) => mount_rule(catalogue, *error),
    })
}

fn mount_rule(catalogue: &Catalogue, error: MountError) -> Rule {
    match error {
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

/// Whether sector 0 was read: then a failed sector only was the start of a partition.
fn is_readable_start(catalogue: &Catalogue) -> bool {
    catalogue
        .table
        .as_ref()
        .is_some_and(|table| !table.partitions.is_empty() || table.signature || table.gpt)
}

/// What a card is that has no FAT volume where the device looks.
fn other_than_fat(catalogue: &Catalogue) -> Rule {
    let own = catalogue
        .volumes
        .iter()
        .filter(|volume| volume.boot_record == BootRecord::Own);
    let fat = own
        .clone()
        .filter(|volume| volume.file_system == FileSystem::Fat && volume.geometry.is_some());
    for volume in fat {
        match volume.partition.origin {
            Origin::Gpt { .. } => return Rule::GptOnly,
            Origin::Logical { .. } => return Rule::LogicalOnly,
            Origin::Superfloppy | Origin::Primary { .. } | Origin::Found | Origin::Inferred => {}
        }
    }
    for volume in own {
        match volume.file_system {
            FileSystem::ExFat => return Rule::ExFatVolume,
            FileSystem::Ntfs => return Rule::NtfsVolume,
            FileSystem::Ext => return Rule::ExtVolume,
            FileSystem::Apple => return Rule::AppleVolume,
            FileSystem::Blank if volume.partition.origin == Origin::Superfloppy => {
                return Rule::BlankCard;
            }
            _ => {}
        }
    }
    if catalogue.table.as_ref().is_some_and(|table| table.gpt) {
        Rule::GptOnly
    } else {
        Rule::NoFatVolume
    }
}

/// The finding for [`reason`], with its place.
pub(super) fn reason_finding(
    rule: Rule,
    catalogue: &Catalogue,
    answer: &Answer,
    links: &Links,
) -> Finding {
    match &answer.list {
        List::Crash(Crash::AnswerSize { size }) => answer_size_finding(rule, *size, answer),
        List::Crash(_) => crash_finding(rule, catalogue, answer, links),
        List::Error(Refusal::NameNotUtf8 { entry }) => {
            let trace = answer.directories.get(*entry);
            let name = trace.map_or_else(String::new, |trace| links.folder_name(catalogue, trace));
            let message = format!("\"{name}\" in bitbox02 has a letter beyond ASCII in its name");
            Finding::new(
                rule,
                message,
                trace.and_then(|trace| links.place(trace.entry)),
            )
        }
        List::Error(Refusal::Unopenable(error)) => Finding::new(
            rule,
            format!("bitbox02 cannot be opened: {error}"),
            answer.root,
        ),
        List::Error(Refusal::TooMany { limit }) => {
            Finding::new(rule, format!("there are more than {limit} backups"), None)
        }
        List::Error(Refusal::Mount(MountError::Geometry { lba, rule: broken })) => Finding::new(
            rule,
            broken.to_string(),
            links.place(u64::from(*lba).saturating_mul(512)),
        ),
        List::Error(Refusal::Mount(error)) => {
            let message = match rule {
                Rule::NoFatVolume => no_fat(catalogue),
                Rule::CardUnreadable => error.to_string(),
                Rule::ExFatVolume => "it is formatted as exFAT".to_owned(),
                Rule::NtfsVolume => "it is formatted as NTFS".to_owned(),
                Rule::ExtVolume => "it is formatted as ext2, ext3 or ext4".to_owned(),
                Rule::AppleVolume => "it is formatted as HFS+ or APFS".to_owned(),
                Rule::GptOnly => "it is divided by a GUID partition table".to_owned(),
                Rule::LogicalOnly => "its FAT volume lies in a logical partition".to_owned(),
                Rule::BlankCard => "it holds no partition table and no file system".to_owned(),
                _ => first_sentence(rule.meaning()),
            };
            Finding::new(rule, message, Some(0))
        }
        List::Ok(_) => Finding::new(rule, rule.meaning(), None),
    }
}

/// Too many backups, or one folder again and again.
fn answer_size_finding(rule: Rule, size: usize, answer: &Answer) -> Finding {
    let folders: HashSet<_> = answer.directories.iter().map(|trace| trace.entry).collect();
    let fit = format!("the answer would be {size} bytes, more than the {MAX_ANSWER} that fit");
    if folders.len() == answer.directories.len() {
        return Finding::new(rule, fit, None);
    }
    let message = format!("bitbox02 runs in a loop, its backups are listed again and again: {fit}");
    Finding::new(rule, message, answer.root)
}

/// Which copy the device crashes at, and where.
fn crash_finding(rule: Rule, catalogue: &Catalogue, answer: &Answer, links: &Links) -> Finding {
    let Some(trace) = crashing(answer) else {
        return Finding::new(rule, rule.meaning(), None);
    };
    let what = match rule {
        Rule::LongSeed => "claims a seed of over 32 bytes",
        _ => "has no metadata",
    };
    let folder = links.folder_name(catalogue, trace);
    let culprit = culprit(rule, catalogue, trace, links);
    match culprit.and_then(|copy| Some((copy, catalogue.nodes.get(copy.node)?))) {
        Some((copy, node)) => {
            let offset = copy.extents.first().map(|extent| extent.offset);
            let message = format!("{} in the folder {folder} {what}", node.name);
            Finding::new(rule, message, offset)
        }
        None => Finding::new(
            rule,
            format!("the majority of the three copies in the folder {folder} {what}"),
            links.place(trace.entry),
        ),
    }
}

/// The folder at which the device crashes.
fn crashing(answer: &Answer) -> Option<&DirectoryTrace> {
    let crashes = |trace: &&DirectoryTrace| matches!(trace.outcome, Outcome::Crashes(_));
    answer.directories.iter().find(crashes)
}

/// The copy at which the device crashes.
fn culprit<'a>(
    rule: Rule,
    catalogue: &'a Catalogue,
    trace: &DirectoryTrace,
    links: &Links,
) -> Option<&'a BackupCopy> {
    let cause = match rule {
        Rule::LongSeed => CheckError::SeedLength,
        _ => CheckError::NoMetadata,
    };
    let mut files = trace.files.iter().zip(&trace.listing.names);
    files.find_map(|(file, name)| {
        let node = links.node(*file, &[&trace.name, &name.bytes])?;
        let copy = catalogue.copies.iter().find(|copy| copy.node == node)?;
        (copy.health == Health::Refused(cause)).then_some(copy)
    })
}

/// What on the card would make the device list it, where one step does.
pub(super) fn fix(
    rule: Rule,
    catalogue: &Catalogue,
    answer: &Answer,
    links: &Links,
) -> Option<Advice> {
    match &answer.list {
        List::Error(Refusal::NameNotUtf8 { entry }) => {
            let trace = answer.directories.get(*entry)?;
            let node = links.node(Some(trace.entry), &[&trace.name])?;
            holding::place(catalogue, node, None).map(Advice::Rename)
        }
        List::Crash(Crash::MissingMetadata | Crash::SeedLength) => {
            let copy = culprit(rule, catalogue, crashing(answer)?, links)?;
            holding::place(catalogue, copy.node, Some("/")).map(Advice::Move)
        }
        _ => None,
    }
}

fn first_sentence(text: &str) -> String {
    let first = text
        .split_once(". ")
        .map_or(text, |(first, _)| first)
        .trim_end_matches('.');
    first.replacen("The card", "the card", 1)
}

fn no_fat(catalogue: &Catalogue) -> String {
    match &catalogue.table {
        Some(table) if table.signature => "there is a partition table or boot sector, but no FAT volume that the BitBox would find".to_owned(),
        _ => "there is neither a partition table nor a FAT volume where it looks".to_owned(),
    }
}

/// An empty card that works.
pub(super) fn no_backups() -> Finding {
    Finding::new(
        Rule::NoBackups,
        "the BitBox reads the card and shows no backup",
        None,
    )
}

/// A folder seen as a card.
pub(super) fn assumed() -> Finding {
    Finding::new(
        Rule::AssumedVolume,
        "the BitBox's view is that of these files on a fresh FAT32 card, in byte order of their names",
        None,
    )
}

/// What is wrong with the card, whether the device minds or not.
pub(super) fn findings(catalogue: &Catalogue, answer: Option<&Answer>) -> Vec<Finding> {
    let mut findings: Vec<_> = catalogue.problems.iter().map(of_problem).collect();
    if let Some(answer) = answer {
        findings.extend(unused_volumes(catalogue, answer));
    }
    let pdfs = catalogue
        .nodes
        .iter()
        .filter(|node| node.role == Role::BitBox01 && !node.is_directory && !node.is_deleted());
    let count = pdfs.clone().count();
    if count > 0 {
        let offset = pdfs.clone().next().and_then(|node| node.offset());
        let message = format!(
            "{} of a BitBox01 in digitalbitbox",
            plural(count, "file", "files")
        );
        findings.push(Finding::new(Rule::BitBox01, message, offset));
    }
    findings
}

fn unused_volumes<'a>(
    catalogue: &'a Catalogue,
    answer: &'a Answer,
) -> impl Iterator<Item = Finding> + 'a {
    let fat = catalogue
        .volumes
        .iter()
        .filter(|volume| volume.geometry.is_some() && volume.partition.origin != Origin::Inferred);
    fat.filter(|volume| answer.volume != Some(volume.partition.extent.offset))
        .filter_map(|volume| {
            let offset = volume.partition.extent.offset;
            let backups = catalogue.copies.iter().any(|copy| {
                let volume_of = catalogue.nodes.get(copy.node).and_then(|node| node.volume);
                volume_of
                    .and_then(|index| catalogue.volumes.get(index))
                    .is_some_and(|other| other.partition == volume.partition)
            });
            let mounted = answer.volume.is_some();
            (mounted || backups).then(|| {
                let what = if mounted {
                    "the BitBox uses only the first FAT volume that it finds"
                } else {
                    "the BitBox mounts no volume of this card"
                };
                Finding::new(
                    Rule::VolumeNotUsed,
                    format!("a FAT volume at byte {offset} is not used: {what}"),
                    offset,
                )
            })
        })
}

fn of_problem(problem: &Problem) -> Finding {
    match problem {
        Problem::PartialSector { offset } => {
            Finding::new(Rule::PartialSector, "the last sector is cut", *offset)
        }
        Problem::Unreadable {
            what,
            extent,
            fault,
        } => {
            let why = fault.map_or_else(String::new, |fault| format!(": {}", fault.as_str()));
            let message = format!("{} bytes of {what} cannot be read{why}", extent.length);
            Finding::new(Rule::Unreadable, message, extent.offset)
        }
        Problem::InFolder { path, trouble } => {
            Finding::new(Rule::Unreadable, format!("{path}: {trouble}"), None)
        }
        Problem::VolumePastEnd { missing, .. } => Finding::new(
            Rule::VolumePastEnd,
            format!("{missing} bytes of the volume are missing at its end"),
            None,
        ),
        Problem::BackupBootSector { offset, .. } => Finding::new(
            Rule::BackupBootSector,
            "the backup boot sector was used",
            *offset,
        ),
        Problem::BootSectorsDiffer { offset, .. } => Finding::new(
            Rule::BootSectorsDiffer,
            "the backup boot sector differs from the first",
            *offset,
        ),
        Problem::FatsDiffer {
            path, difference, ..
        } => {
            let message = format!(
                "the second FAT differs for cluster {} of {path}",
                difference.cluster
            );
            Finding::new(Rule::FatsDiffer, message, difference.offset)
        }
        Problem::Chain { path, end, offset } => {
            let how = match end {
                ChainEnd::Free => "runs into a free cluster",
                ChainEnd::Bad => "runs into a bad cluster",
                ChainEnd::Invalid => "leads to a cluster that does not exist",
                ChainEnd::Loop => "runs in a loop",
                ChainEnd::Unreadable => "cannot be read further",
                ChainEnd::End | ChainEnd::Enough => "ends too early",
            };
            Finding::new(
                Rule::BrokenChain,
                format!("the chain of {path} {how}"),
                *offset,
            )
        }
        Problem::CrossLink {
            path,
            other,
            offset,
        } => Finding::new(
            Rule::CrossLinked,
            format!("{path} and {other} claim the same cluster"),
            *offset,
        ),
        Problem::NotADirectory { path, offset } => Finding::new(
            Rule::BrokenChain,
            format!("the folder {path} leads into a copy of a backup"),
            *offset,
        ),
        Problem::FreeCluster { path, offset } => Finding::new(
            Rule::FreeCluster,
            format!("the FAT marks the cluster of {path} as free"),
            *offset,
        ),
        Problem::TooMuch { path } => Finding::new(
            Rule::TooMuch,
            format!("not all of {path} was examined"),
            None,
        ),
        Problem::SecondFat { path, offset, .. } => Finding::new(
            Rule::SecondFat,
            format!("the first FAT breaks the chain of {path} off; the second was used"),
            *offset,
        ),
        Problem::NothingFree { offset, .. } => Finding::new(
            Rule::NothingFree,
            "the free-space record says 0 clusters are free",
            *offset,
        ),
    }
}
