//! From both views of a card to everything to be said of it.

use std::collections::BTreeSet;

use super::assessment::{Assessment, CardState, Seen, Verdict};
use super::backup::{Backup, State};
use super::both_views::{Links, Views};
use super::fix::NamesInUse;
use super::{
    backup_state, card, firmware_writes, fix, generations, health, hidden, outside_bitbox02,
    provenance, refusal, rest, sentence, stray, unread, verdict,
};
use crate::backup::Id;
use crate::catalogue::Catalogue;
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{self, Answer, List, Version};
use crate::image::Sectors;

/// Compares the two views. `sectors` are what the device saw: those of the card, or of the card assumed of a folder.
pub fn assess(
    catalogue: &Catalogue,
    answer: Option<Answer>,
    seen: Seen,
    sectors: Option<&Sectors<'_>>,
    version: Version,
) -> Assessment {
    let links = Links::new(catalogue, seen);
    let views = answer.as_ref().map(|answer| Views {
        catalogue,
        answer,
        links: &links,
        version,
    });
    let own = sectors.filter(|_| seen == Seen::Card);
    let mut backups = backups(catalogue, views.as_ref(), own);
    if seen == Seen::SingleFile {
        backups.iter_mut().for_each(outside_bitbox02::single_file);
    }
    let mut taken = NamesInUse::on(catalogue);
    let fixes = views.as_ref().map(|views| fix::of_card(views, sectors));
    let fixes = fixes.into_iter().flatten();
    let fixes = fixes.filter_map(|fix| taken.give_any(fix)).collect();
    for backup in &mut backups {
        backup.fix = backup.fix.take().and_then(|fix| taken.give(fix));
    }
    if let (Some(views), Some(sectors)) = (&views, sectors) {
        fix::keep_what_helps(&mut backups, views, sectors);
    }
    let mut findings = of_card(catalogue, views.as_ref(), &backups);
    if seen == Seen::AssumedCard {
        let message = "the BitBox's view is that of these files on a fresh FAT32 card, in byte order of their names";
        findings.push(Finding::new(Rule::AssumedVolume, message, None));
    }
    let mut assessment = Assessment {
        reason: views.as_ref().and_then(refusal::reason),
        untold: views.as_ref().is_some_and(|views| views.untold().is_some()),
        fixes,
        answer,
        seen,
        looked: catalogue.looked,
        backups,
        others: 0,
        findings,
        verdict: Verdict {
            state: CardState::Unsearched,
            complete: catalogue.complete,
            next: Vec::new(),
            rest: Vec::new(),
            sentence: String::new(),
        },
    };
    let mut state = verdict::state(&assessment);
    if state == CardState::Empty
        && let (Some(answer), Some(sectors)) = (&assessment.answer, own)
        && !firmware::preflight(sectors, answer, version).is_empty()
    {
        // It lists the card, and would make no backup on it.
        state = CardState::Unusable;
    }
    assessment.verdict.state = state;
    assessment.verdict.rest = rest::rest(&assessment, catalogue);
    assessment.verdict.next = verdict::next(&assessment, &assessment, catalogue);
    if own.is_some_and(|own| own.image().size() > verdict::MOST_SDHC) {
        assessment.verdict.next = verdict::not_here(assessment.verdict.next);
    }
    assessment.verdict.sentence = sentence::sentence(&assessment, catalogue);
    assessment
}

/// Every backup of a catalogue, with its state, its findings and why the device does not show it.
fn backups(
    catalogue: &Catalogue,
    views: Option<&Views<'_>>,
    sectors: Option<&Sectors<'_>>,
) -> Vec<Backup> {
    let mut backups = generations::group(catalogue);
    let mut known = backup_state::KnownSeeds::on(catalogue);
    for backup in &mut backups {
        backup_state::repair(catalogue, backup, &mut known);
    }
    generations::join_proved(catalogue, &mut backups);
    unread::add_unread(catalogue, &mut backups);
    for backup in &mut backups {
        let listed = views.and_then(|views| hidden::listed_by(backup, views));
        backup.intact = listed.map_or(0, |listed| listed.whole);
        backup.state = backup_state::state(catalogue, backup, listed, sectors);
        health::health(catalogue, backup, listed);
        outside_bitbox02::on_unread(catalogue, backup);
        outside_bitbox02::in_file(catalogue, backup);
        outside_bitbox02::on_partial(catalogue, backup);
        if let Some(views) = views
            && listed.is_none()
            && !backup.state.is_trace()
        {
            hidden::explain(backup, views);
        }
        provenance::tell(backup, catalogue, sectors);
    }
    generations::same_id_two_lengths(&mut backups);
    generations::sort(&mut backups);
    generations::only_deleted(&mut backups, catalogue);
    backups
}

/// What is wrong with the card, first why the device refuses it.
fn of_card(catalogue: &Catalogue, views: Option<&Views<'_>>, backups: &[Backup]) -> Vec<Finding> {
    let mut findings: Vec<_> = views.and_then(refusal::finding).into_iter().collect();
    findings.extend(card::findings(catalogue, views.map(|views| views.answer)));
    if let Some(views) = views {
        findings.extend(refusal::cut_short(views, backups));
        findings.extend(stray::strays(views));
        findings.extend(firmware_writes::findings(views));
        let shows = matches!(views.answer.list, List::Ok(_)) && views.untold().is_none();
        if shows && backups.iter().all(|backup| backup.state.is_trace()) {
            let message = "the BitBox reads the card and shows no backup";
            findings.push(Finding::new(Rule::NoBackups, message, None));
        }
    }
    findings
}

/// Judges a catalogue that was joined, from what was said of each source, in the same order.
///
/// The device sees one card at a time, so the joined assessment has no answer of it. A backup is worth what it is
/// worth on the card on which it is worth most. The state of the card is that of the first source.
///
/// `None` if there is no source.
pub fn assess_joined(catalogue: &Catalogue, sources: Vec<Assessment>) -> Option<Assessment> {
    if sources.len() < 2 {
        return sources.into_iter().next();
    }
    let mut backups = backups(catalogue, None, None);
    for backup in &mut backups {
        for copy in &backup.copies {
            let own = catalogue.index_in_source(*copy);
            let source = sources.get(catalogue.source_of(*copy));
            let mut on_card = source.into_iter().flat_map(|one| &one.backups);
            if let Some(one) = on_card.find(|one| one.copies.contains(&own)) {
                backup.state = backup.state.min(one.state);
            }
        }
    }
    let rest: BTreeSet<_> = sources.iter().flat_map(|one| &one.verdict.rest).collect();
    let rest = rest.into_iter().copied().collect();
    let count = sources.len();
    let mut joined = sources.into_iter().next()?;
    joined.answer = None;
    joined.looked = catalogue.looked;
    joined.reason = None;
    joined.fixes = Vec::new();
    joined.findings.clear();
    joined.backups = backups;
    joined.verdict.rest = rest;
    joined.verdict.complete = catalogue.complete;
    joined.verdict.sentence = format!("No backup can be read from any of the {count} sources.");
    Some(joined)
}

/// Makes the verdict one on the backups of the wallets that are meant, where there are others too. What is wrong with the
/// card itself counts for them as well. Says whether it is enough to recover these: what is written to the card could cost
/// others.
pub fn narrow(
    assessment: &mut Assessment,
    catalogue: &Catalogue,
    is_meant: impl Fn(&Id) -> bool,
) -> bool {
    let is_kept = |backup: &Backup| backup.id.as_ref().is_some_and(&is_meant);
    if !assessment.backups.iter().any(is_kept) {
        // Where nothing was found at all, that is to be said.
        let is_unknown = assessment.backups.iter().any(|backup| backup.id.is_none());
        let sentence = match assessment.backups.len() {
            0 => return false,
            // It may be the one.
            _ if is_unknown => "No backup that is known to have this ID was found here.",
            1 => "No backup with this ID was found here. Another one was found.",
            _ => "No backup with this ID was found here. Others were found.",
        };
        assessment.verdict.sentence = sentence.to_owned();
        return false;
    }
    let mut part = assessment.clone();
    part.backups.retain(is_kept);
    if part.backups.len() == assessment.backups.len() {
        return true;
    }
    let others = assessment.backups.iter().filter(|one| !is_kept(one));
    let others = others.filter(|one| !matches!(one.state, State::Erased | State::Lost));
    part.others = others.count();
    part.verdict.state = verdict::state(&part);
    part.verdict.next = verdict::next(&part, assessment, catalogue);
    part.verdict.sentence = sentence::sentence(&part, catalogue);
    let writes = part.verdict.next.iter().any(Advice::writes);
    let is_enough = !writes || !verdict::is_at_risk(assessment);
    assessment.verdict = part.verdict;
    is_enough
}
