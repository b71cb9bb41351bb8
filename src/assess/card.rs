//! Findings about the card as a whole.

use super::problem;
use super::rest::of_bitbox01;
use crate::catalogue::{BackupCopy, Catalogue};
use crate::finding::{Finding, Rule};
use crate::firmware::Answer;
use crate::partition::FoundBy;
use crate::text::plural;

/// What is wrong with the card, whether the device minds or not.
pub(super) fn findings(catalogue: &Catalogue, answer: Option<&Answer>) -> Vec<Finding> {
    let mut findings = problem::findings(&catalogue.problems);
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
        let is_fat = volume.geometry.is_some() && volume.partition.origin != FoundBy::Inferred;
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
