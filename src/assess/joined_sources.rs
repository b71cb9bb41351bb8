//! Several sources judged as one: their backups are grouped across all of them.

use std::collections::BTreeSet;

use super::assessment::Assessment;
use super::judge;
use crate::catalogue::Catalogue;
use crate::finding::Rest;

/// Judges a catalogue that was joined, from what was said of each source, in the same order.
///
/// The device sees one card at a time, so the joined assessment has no answer of it. A backup is worth what it is
/// worth on the card on which it is worth most. The state of the card is that of the first source.
///
/// `None` if there is no source.
pub fn assess_joined(catalogue: &Catalogue, sources: Vec<Assessment>) -> Option<Assessment> {
    let count = sources.len();
    let mut sources = sources.into_iter();
    let first = sources.next()?;
    if count == 1 {
        return Some(first);
    }
    let all: Vec<Assessment> = [first].into_iter().chain(sources).collect();
    let mut backups = judge::backups(catalogue, None, None);
    for backup in &mut backups {
        for copy in backup.copies.clone() {
            let source = catalogue.source_of(copy);
            let own = catalogue.index_in_source(copy);
            let on_card = all.get(source).into_iter().flat_map(|one| &one.backups);
            let mut on_card = on_card.filter(|one| one.copies.contains(&own));
            if let Some(one) = on_card.next() {
                backup.state = backup.state.min(one.state);
            }
        }
    }
    let rest = all.iter().flat_map(|one| &one.verdict.rest).copied();
    let rest: BTreeSet<Rest> = rest.collect();
    let mut all = all.into_iter();
    let mut joined = all.next()?;
    joined.answer = None;
    joined.looked = catalogue.looked;
    joined.reason = None;
    joined.fixes = Vec::new();
    joined.findings.clear();
    joined.backups = backups;
    joined.verdict.looked = catalogue.looked;
    joined.verdict.rest = rest.into_iter().collect();
    joined.verdict.complete = catalogue.complete;
    joined.verdict.sentence = format!("No backup can be read from any of the {count} sources.");
    Some(joined)
}
