//! A report for the eyes of others: ids shortened, names left out.

use super::card::Card;
use super::line::each_text;
use super::source::Source;
use crate::text::shorten;

/// What stands for a name.
const LEFT_OUT: char = '…';

/// The same report with ids shortened to 8 digits wherever they stand, paths and sentences
/// included, and without names of backups, labels of volumes, hashes of copies and the case data of an E01 image.
pub fn redact(source: &Source) -> Source {
    let names = names(source);
    let mut redacted = source.clone();
    for backup in &mut redacted.backups {
        backup.name = None;
        for copy in &mut backup.copies {
            copy.sha256 = None;
            for field in &mut copy.fields {
                field.value = field.value.take().filter(|_| field.field != "name");
            }
        }
    }
    let listed = redacted.device_view.iter_mut();
    for listed in listed.flat_map(|view| &mut view.backups) {
        listed.name.clear();
    }
    if let Some(evidence) = &mut redacted.e01 {
        // Who examined what in which case.
        evidence.case = None;
    }
    let volumes = redacted.card.iter_mut().flat_map(|card| &mut card.volumes);
    volumes.for_each(|volume| {
        volume.label.clear();
        volume.boot_label.clear();
    });
    // Every text, so that none is forgotten; a report is always JSON and back.
    let Ok(mut value) = serde_json::to_value(&redacted) else {
        return Source::failed(&source.source, "it could not be redacted", "report this");
    };
    each_text(&mut value, &mut |text| {
        let changed = redact_text(text, &names);
        (changed != text).then_some(changed)
    });
    let Ok(mut redacted) = serde_json::from_value::<Source>(value) else {
        return Source::failed(&source.source, "it could not be redacted", "report this");
    };
    // Hashes of what was read name no wallet.
    redacted.sha256.clone_from(&source.sha256);
    if let (Some(card), Some(original)) = (&mut redacted.card, &source.card) {
        keep_hashes(card, original);
    }
    if let (Some(evidence), Some(original)) = (&mut redacted.e01, &source.e01) {
        evidence.medium_sha256.clone_from(&original.medium_sha256);
        evidence.hashes.clone_from(&original.hashes);
        for (segment, original) in evidence.segments.iter_mut().zip(&original.segments) {
            segment.sha256.clone_from(&original.sha256);
        }
    }
    redacted
}

/// A text with its ids shortened and these quoted names left out.
pub(crate) fn redact_text(text: &str, names: &[String]) -> String {
    let short = shorten(text);
    names.iter().fold(short, |text, name| {
        text.replace(name, &format!("\"{LEFT_OUT}\""))
    })
}

/// The names of backups as sentences quote them.
fn names(source: &Source) -> Vec<String> {
    let listed = source.device_view.iter().flat_map(|view| &view.backups);
    let mut names: Vec<_> = source
        .backups
        .iter()
        .filter_map(|backup| backup.name.as_deref())
        .chain(listed.map(|listed| listed.name.as_str()))
        .filter(|name| !name.is_empty())
        .map(|name| format!("\"{name}\""))
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    names
}

fn keep_hashes(card: &mut Card, original: &Card) {
    card.read.clone_from(&original.read);
    for (volume, original) in card.volumes.iter_mut().zip(&original.volumes) {
        volume.fat_sha256.clone_from(&original.fat_sha256);
    }
}
