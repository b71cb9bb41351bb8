//! Findings about the card as a whole.

use super::problem;
use super::rest::of_bitbox01;
use crate::catalogue::Catalogue;
use crate::finding::{Finding, Rule};
use crate::firmware::Answer;
use crate::text::plural;

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
    let mut findings: Vec<_> = problem::findings(&catalogue.problems);
    if let Some(answer) = answer {
        findings.extend(unused_volumes(catalogue, answer));
    }
    findings.extend(catalogue.opaque().map(|volume| {
        let message = format!(
            "a volume holds {}, which was not looked into",
            volume.file_system.name()
        );
        Finding::new(
            Rule::FileNotSearched,
            message,
            volume.partition.extent.offset,
        )
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

fn unused_volumes<'a>(
    catalogue: &'a Catalogue,
    answer: &'a Answer,
) -> impl Iterator<Item = Finding> + 'a {
    let fat = catalogue
        .volumes
        .iter()
        .filter(|volume| volume.geometry.is_some());
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
