//! Findings about the card as a whole.

use super::rest::of_bitbox01;
use super::unread::is_top;
use crate::catalogue::{Absent, BackupCopy, Catalogue, Problem};
use crate::fat::table::ChainEnd;
use crate::finding::{Finding, Rule, Severity};
use crate::firmware::Answer;
use crate::image::FolderError;
use crate::text::{bytes, plural};

/// What is wrong with the card, whether the device minds or not.
pub(super) fn findings(catalogue: &Catalogue, answer: Option<&Answer>) -> Vec<Finding> {
    let mut findings = problems(&catalogue.problems);
    if let Some(answer) = answer {
        findings.extend(unused_volumes(catalogue, answer));
    }
    findings.extend(catalogue.opaque().map(|volume| {
        let name = volume.file_system.name();
        let message = format!("a volume holds {name}, which was not looked into");
        let offset = volume.partition.extent.offset;
        Finding::new(Rule::FileNotSearched, message, offset)
    }));
    let files = [
        (false, "file", "files"),
        (true, "deleted file", "deleted files"),
    ];
    for (is_deleted, one, several) in files {
        let mut pdfs = of_bitbox01(catalogue, is_deleted);
        let Some(first) = pdfs.next() else { continue };
        let count = plural(pdfs.count().saturating_add(1), one, several);
        let message = format!("{count} of a BitBox01 in digitalbitbox");
        findings.push(Finding::new(Rule::BitBox01, message, first.offset()));
    }
    findings
}

/// The FAT volumes that the device does not mount, where it mounts another or where backups are on them.
fn unused_volumes<'a>(
    catalogue: &'a Catalogue,
    answer: &'a Answer,
) -> impl Iterator<Item = Finding> + 'a {
    let what = match answer.volume {
        Some(_) => "the BitBox uses only the first FAT volume that it finds",
        None => "the BitBox mounts no volume of this card",
    };
    catalogue.volumes.iter().filter_map(move |volume| {
        let offset = volume.partition.extent.offset;
        let is_fat = volume.geometry.is_some();
        let holds = |copy: &BackupCopy| {
            let index = catalogue.nodes.get(copy.node).and_then(|node| node.volume);
            let other = index.and_then(|index| catalogue.volumes.get(index));
            other.is_some_and(|other| other.partition == volume.partition)
        };
        let matters = answer.volume.is_some() || catalogue.copies.iter().any(holds);
        let is_unused = is_fat && answer.volume != Some(offset) && matters;
        let message = format!("a FAT volume at byte {offset} is not used: {what}");
        is_unused.then(|| Finding::new(Rule::VolumeNotUsed, message, offset))
    })
}

/// What a table says that is not so.
const SAYS: &str = "the partition table says that a partition";

/// The problems of the catalogue as findings: where a folder is overwritten, one for all its entries.
fn problems(problems: &[Problem]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut noted: Vec<(&str, ChainEnd)> = Vec::new();
    for problem in problems {
        let Some(kind) = chain_in(problem) else {
            findings.push(finding(problem));
            continue;
        };
        if noted.contains(&kind) {
            continue;
        }
        noted.push(kind);
        let mut one = finding(problem);
        let all = problems.iter().filter_map(chain_in);
        let more = all.filter(|other| *other == kind).count().saturating_sub(1);
        if more > 0 {
            let entries = plural(more, "other entry", "other entries");
            one.message = format!("{}; so does that of {entries} of its folder", one.message);
        }
        findings.push(one);
    }
    findings
}

/// The folder in which the chain of an entry breaks off, and how.
fn chain_in(problem: &Problem) -> Option<(&str, ChainEnd)> {
    match problem {
        Problem::Chain { path, end, .. } => Some((path.rsplit_once('/')?.0, *end)),
        _ => None,
    }
}

fn finding(problem: &Problem) -> Finding {
    let (rule, offset) = rule(problem);
    let finding = Finding::new(rule, message(problem), offset);
    match problem {
        Problem::PartitionPastEnd { .. } => finding.at(Severity::Info),
        // Nobody knows which backups are there.
        Problem::InFolder { path, .. } if rule == Rule::Unreadable && is_top(path) => {
            finding.at(Severity::Error)
        }
        _ => finding,
    }
}

/// The rule that a problem breaks, and where.
fn rule(problem: &Problem) -> (Rule, Option<u64>) {
    match problem {
        Problem::PartialSector { offset } => (Rule::PartialSector, Some(*offset)),
        Problem::Unreadable { extent, .. } => (Rule::Unreadable, Some(extent.offset)),
        Problem::InFolder { trouble, .. } => match trouble {
            FolderError::Damaged(_) => (Rule::ImageDamaged, None),
            _ => (Rule::Unreadable, None),
        },
        Problem::Absent { .. } | Problem::Unopened { .. } => (Rule::FileNotSearched, None),
        Problem::UnopenedAt { offset, .. } => (Rule::FileNotSearched, Some(*offset)),
        Problem::VolumePastEnd { .. } => (Rule::VolumePastEnd, None),
        Problem::PartitionPastEnd { record, .. } | Problem::PartitionCut { record, .. } => {
            (Rule::VolumePastEnd, Some(*record))
        }
        Problem::BackupBootSector { offset, .. } => (Rule::BackupBootSector, Some(*offset)),
        Problem::BootSectorsDiffer { offset, .. } => (Rule::BootSectorsDiffer, Some(*offset)),
        Problem::FatsDiffer { difference, .. } => (Rule::FatsDiffer, Some(difference.offset)),
        Problem::Chain { offset, .. } => (Rule::BrokenChain, *offset),
        Problem::NotADirectory { offset, .. } => (Rule::BrokenChain, Some(*offset)),
        Problem::CrossLink { offset, .. } => (Rule::CrossLinked, Some(*offset)),
        Problem::FreeCluster { offset, .. } => (Rule::FreeCluster, Some(*offset)),
        Problem::TooMuch { .. } => (Rule::TooMuch, None),
        Problem::SecondFat { offset, .. } => (Rule::SecondFat, Some(*offset)),
        Problem::NothingFree { offset, .. } => (Rule::NothingFree, Some(*offset)),
    }
}

#[expect(clippy::too_many_lines, reason = "a flat table: one arm a problem")]
fn message(problem: &Problem) -> String {
    match problem {
        Problem::PartialSector { .. } => "the last sector is cut".to_owned(),
        Problem::Unreadable {
            what,
            extent,
            fault,
        } => {
            let why = fault.map_or_else(String::new, |fault| format!(": {}", fault.as_str()));
            format!("{} of {what} cannot be read{why}", bytes(extent.length))
        }
        Problem::InFolder { path, trouble } => format!("{path}: {trouble}"),
        Problem::Absent { path, others, why } => {
            let more = match others {
                0 => String::new(),
                n => format!(" and {}", plural(*n, "other file", "other files")),
            };
            let what = match why {
                Absent::Link => "a link, or no regular file, which is not followed",
                Absent::Cloud => "only a note of a file that is in iCloud and not on this computer",
            };
            format!("{path}{more}: {what}")
        }
        Problem::Unopened { path, what } => format!("{path} is {what}, which was not looked into"),
        Problem::UnopenedAt { offset, what } => {
            format!("what begins at byte {offset} is {what}, which was not looked into")
        }
        Problem::VolumePastEnd { missing, .. } => {
            format!("{missing} bytes of the volume are missing at its end")
        }
        Problem::PartitionPastEnd { missing, .. } => {
            let missing = bytes(*missing);
            format!("{SAYS} ends {missing} past the end of the card")
        }
        Problem::PartitionCut {
            extent, missing, ..
        } => match *missing < extent.length {
            true => format!("{missing} bytes of a partition are missing at its end"),
            false => {
                let offset = extent.offset;
                format!("{SAYS} begins at byte {offset}, past the end of the card")
            }
        },
        Problem::BackupBootSector { .. } => "the backup boot sector was used".to_owned(),
        Problem::BootSectorsDiffer { .. } => {
            "the backup boot sector differs from the first".to_owned()
        }
        Problem::FatsDiffer {
            path, difference, ..
        } => {
            let cluster = difference.cluster;
            format!("the second FAT differs for cluster {cluster} of {path}")
        }
        Problem::Chain { path, end, .. } => {
            let how = match end {
                ChainEnd::Free => "runs into a free cluster",
                ChainEnd::Bad => "runs into a bad cluster",
                ChainEnd::Invalid => "leads to a cluster that does not exist",
                ChainEnd::Loop => "runs in a loop",
                ChainEnd::Unreadable => "cannot be read further",
                ChainEnd::End | ChainEnd::Enough => "ends too early",
            };
            format!("the chain of {path} {how}")
        }
        Problem::CrossLink { path, other, .. } => {
            format!("{path} and {other} claim the same cluster")
        }
        Problem::NotADirectory { path, .. } => {
            format!("the folder {path} leads into a copy of a backup")
        }
        Problem::FreeCluster { path, .. } => {
            format!("the FAT marks the cluster of {path} as free")
        }
        Problem::TooMuch { path } => format!("not all of {path} was examined"),
        Problem::SecondFat { path, .. } => {
            format!("the first FAT breaks the chain of {path} off; the second was used")
        }
        Problem::NothingFree { .. } => "the free-space record says 0 clusters are free".to_owned(),
    }
}
