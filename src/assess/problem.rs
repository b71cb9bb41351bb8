//! What is wrong with the card, as findings.

use super::unread_folders::is_top;
use crate::catalogue::{Absent, Problem};
use crate::fat::table::ChainEnd;
use crate::finding::{Finding, Rule, Severity};
use crate::image::FolderError;
use crate::text::{bytes, plural};

/// The problems of the catalogue as findings: where a folder is overwritten, one for all its entries.
pub(super) fn findings(problems: &[Problem]) -> Vec<Finding> {
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
        let all = problems
            .iter()
            .filter(|other| chain_in(other) == Some(kind));
        let more = all.count().saturating_sub(1);
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

/// A problem of the catalogue as a finding.
#[expect(clippy::too_many_lines, reason = "a flat table: one arm a problem")]
fn finding(problem: &Problem) -> Finding {
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
            let message = format!("{} of {what} cannot be read{why}", bytes(extent.length));
            Finding::new(Rule::Unreadable, message, extent.offset)
        }
        Problem::InFolder { path, trouble } => {
            let rule = match trouble {
                FolderError::Damaged(_) => Rule::ImageDamaged,
                _ => Rule::Unreadable,
            };
            let finding = Finding::new(rule, format!("{path}: {trouble}"), None);
            // Nobody knows which backups are there.
            match rule == Rule::Unreadable && is_top(path) {
                true => finding.at(Severity::Error),
                false => finding,
            }
        }
        Problem::Absent { path, others, why } => {
            let more = match others {
                0 => String::new(),
                n => format!(" and {}", plural(*n, "other file", "other files")),
            };
            let message = match why {
                Absent::Link => {
                    format!("{path}{more}: a link, or no regular file, which is not followed")
                }
                Absent::Cloud => {
                    format!(
                        "{path}{more}: only a note of a file that is in iCloud and not on this computer"
                    )
                }
            };
            Finding::new(Rule::FileNotSearched, message, None)
        }
        Problem::Unopened { path, what } => Finding::new(
            Rule::FileNotSearched,
            format!("{path} is {what}, which was not looked into"),
            None,
        ),
        Problem::UnopenedAt { offset, what } => Finding::new(
            Rule::FileNotSearched,
            format!("what begins at byte {offset} is {what}, which was not looked into"),
            *offset,
        ),
        Problem::VolumePastEnd { missing, .. } => Finding::new(
            Rule::VolumePastEnd,
            format!("{missing} bytes of the volume are missing at its end"),
            None,
        ),
        Problem::PartitionPastEnd { record, missing } => Finding::new(
            Rule::VolumePastEnd,
            format!(
                "the partition table says that a partition ends {} past the end of the card",
                bytes(*missing)
            ),
            *record,
        )
        .at(Severity::Info),
        Problem::PartitionCut {
            record,
            extent,
            missing,
        } => {
            let message = match *missing < extent.length {
                true => format!("{missing} bytes of a partition are missing at its end"),
                false => format!(
                    "the partition table says that a partition begins at byte {}, past the end of the card",
                    extent.offset
                ),
            };
            Finding::new(Rule::VolumePastEnd, message, *record)
        }
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
