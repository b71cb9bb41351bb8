//! From both views of a card to everything to be said of it.

use super::assessment::{Assessment, CardState, Seen, Verdict};
use super::backup::{Backup, Writer};
use super::both_views::Views;
use super::free_names::NamesInUse;
use super::trace_nodes::Links;
use super::{
    backup_state, card, firmware_writes, fix, generations, health, hidden, outside_bitbox02,
    provenance, refusal, rest, sentence, stray, unread_folders, verdict,
};
use crate::catalogue::Catalogue;
use crate::finding::Finding;
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
        findings.push(card::assumed());
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
            looked: catalogue.looked,
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
pub(super) fn backups(
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
    unread_folders::add_unread(catalogue, &mut backups);
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
        match (sectors, provenance::by_other_maker(backup, catalogue)) {
            (Some(sectors), _) => provenance::tell(backup, catalogue, sectors),
            // Of a folder there are only names.
            (None, Some(why)) => {
                backup.written_by = Some(Writer::Specter);
                backup.reasons = vec![why];
            }
            (None, None) => {}
        }
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
            findings.push(card::no_backups());
        }
    }
    findings
}
