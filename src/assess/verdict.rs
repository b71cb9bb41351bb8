//! The one sentence a person reads first.

use super::{Assessment, Backup, Seen, State};
use crate::catalogue::{Catalogue, CopyState};
use crate::finding::{Rule, Severity};
use crate::firmware::List;
use crate::repair::Method;

/// A number with its noun: `1 file`, `3 files`.
pub fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The verdict on a source: what is there, what the device shows, what to do.
pub(super) fn sentence(assessment: &Assessment, catalogue: &Catalogue) -> String {
    if assessment.seen == Seen::SingleFile {
        return single_file(assessment);
    }
    let live: Vec<_> = assessment
        .backups
        .iter()
        .filter(|backup| !backup.state.is_trace())
        .collect();
    let list = assessment.answer.as_ref().map(|answer| &answer.list);
    match (list, assessment.reason) {
        (Some(List::Error(_)), Some(rule)) => {
            refused(assessment, rule, &live, "The BitBox cannot read this card")
        }
        (Some(List::Crash(_)), Some(rule)) => {
            refused(assessment, rule, &live, "This card makes the BitBox crash")
        }
        _ if live.is_empty() => empty(assessment),
        _ => listed(&live, catalogue),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

fn refused(assessment: &Assessment, rule: Rule, live: &[&Backup], what: &str) -> String {
    let finding = assessment
        .findings
        .iter()
        .find(|finding| finding.rule == rule);
    let why = finding.map_or_else(
        || rule.meaning().trim_end_matches('.').to_owned(),
        |finding| finding.message.clone(),
    );
    let advice = finding.map_or(rule.advice(), |finding| finding.advice());
    let whole = live.iter().filter(|backup| is_whole(backup)).count();
    let there = match (whole, live.len()) {
        (_, 0) => "No backup was found on it.".to_owned(),
        (0, n) => format!(
            "{} found on it, and none is whole as it is.",
            plural_were(n)
        ),
        (1, 1) => "Your backup on it is complete all the same.".to_owned(),
        (2, 2) => "Both backups on it are complete all the same.".to_owned(),
        (w, n) if w == n => format!("All {n} backups on it are complete all the same."),
        (1, n) => format!("1 of the {n} backups on it is complete all the same."),
        (w, n) => format!("{w} of the {n} backups on it are complete all the same."),
    };
    format!("{what}: {}. {there} {advice}", lower_first(&why))
}

fn plural_were(count: usize) -> String {
    if count == 1 {
        "1 backup was".to_owned()
    } else {
        format!("{count} backups were")
    }
}

fn is_whole(backup: &Backup) -> bool {
    matches!(
        backup.state,
        State::Healthy | State::Degraded | State::Hidden
    )
}

fn empty(assessment: &Assessment) -> String {
    let deleted = assessment
        .backups
        .iter()
        .filter(|backup| backup.state == State::Deleted)
        .filter(|backup| backup.generator.is_some() || backup.repaired.is_some())
        .count();
    let other = assessment
        .findings
        .iter()
        .any(|finding| finding.rule == Rule::BitBox01);
    match deleted {
        0 if other => "There is no backup of a BitBox02 on this card, only files of a BitBox01, an older device with another format.".to_owned(),
        0 if assessment.seen == Seen::AssumedCard => "There is no backup in this folder.".to_owned(),
        0 => "There is no backup on this card; the BitBox accepts it, so a new one can be made on it.".to_owned(),
        n => format!("There is no backup on this card that the BitBox shows, but {} can still be read.", plural(n, "deleted backup", "deleted backups")),
    }
}

/// A card the device lists: everything well, or the worst first.
fn listed(live: &[&Backup], catalogue: &Catalogue) -> String {
    let of = |state: State| {
        live.iter()
            .copied()
            .filter(move |backup| backup.state == state)
    };
    let count = |state: State| of(state).count();
    let (healthy, all) = (count(State::Healthy), live.len());
    if healthy == all {
        let warned = live
            .iter()
            .flat_map(|backup| &backup.findings)
            .find(|finding| finding.severity < Severity::Info);
        let sentence = match all {
            1 => "Your backup is complete: three whole copies, and the BitBox shows it.".to_owned(),
            2 => "Both backups are complete, and the BitBox shows them.".to_owned(),
            n => format!("All {n} backups are complete, and the BitBox shows them."),
        };
        return match warned {
            Some(finding) => format!("{sentence} But {}.", lower_first(&finding.message)),
            None => sentence,
        };
    }
    let mut sentences = Vec::new();
    if all > 1 && healthy > 0 {
        sentences.push(format!(
            "{healthy} of {all} backups {} complete, and the BitBox shows {}.",
            if healthy == 1 { "is" } else { "are" },
            if healthy == 1 { "it" } else { "them" }
        ));
    }
    let hidden: Vec<_> = of(State::Hidden).collect();
    if let Some(first) = hidden.first() {
        sentences.push(hides(first, &hidden, all, catalogue));
    }
    for backup in of(State::Damaged).chain(of(State::Lost)).take(1) {
        sentences.push(damaged(backup, all));
    }
    for backup in of(State::Degraded).take(1) {
        sentences.push(degraded(backup, catalogue, all));
    }
    sentences.join(" ")
}

/// How a backup is called where there are several.
fn called(backup: &Backup, all: usize) -> String {
    match (&backup.name, backup.id) {
        _ if all == 1 => "Your backup".to_owned(),
        (Some(name), _) if !name.is_empty() => format!("The backup \"{name}\""),
        (_, Some(id)) => format!(
            "The backup {}…",
            id.to_string().get(..8).unwrap_or_default()
        ),
        _ => "A backup".to_owned(),
    }
}

fn hides(first: &Backup, hidden: &[&Backup], all: usize, catalogue: &Catalogue) -> String {
    let valid = super::generation::count(catalogue, first, true, CopyState::Valid);
    let complete = match valid {
        3.. => "is complete",
        0 if first.repaired == Some(Method::SeedById) => "still holds its seed, proved by the id",
        0 => "can be proved from its damaged copies",
        _ => "is there",
    };
    let cause = first
        .cause
        .clone()
        .unwrap_or_else(|| "it is not where it should be".to_owned());
    let remedy = first
        .remedy
        .clone()
        .unwrap_or_else(|| "make a new backup on a fresh card".to_owned());
    let who = called(first, all);
    let rest = match hidden.len() {
        1 => String::new(),
        2 if hidden.iter().all(|backup| backup.id == first.id) => {
            " An older one of the same wallet is hidden too.".to_owned()
        }
        2 => " Another backup is hidden too.".to_owned(),
        n => format!(" {} other backups are hidden too.", n - 1),
    };
    format!("{who} {complete}; the BitBox hides it because {cause}; {remedy}.{rest}")
}

fn damaged(backup: &Backup, all: usize) -> String {
    let who = called(backup, all);
    if backup.state == State::Lost {
        return format!(
            "{who} is lost: nothing of its seed remains in its files; look for other cards."
        );
    }
    let cause = backup
        .cause
        .clone()
        .unwrap_or_else(|| "all copies are damaged".to_owned());
    format!("{who} is damaged: {cause}; keep the card as it is, it may still be recovered.")
}

fn degraded(backup: &Backup, catalogue: &Catalogue, all: usize) -> String {
    let valid = super::generation::count(catalogue, backup, true, CopyState::Valid);
    let who = called(backup, all);
    match valid {
        0 => format!(
            "{who} still works, by a majority of three damaged copies; make a new backup on a fresh card at once."
        ),
        n => format!(
            "{who} still works, but only {n} of its 3 copies {} whole; make a new backup on a fresh card.",
            if n == 1 { "is" } else { "are" }
        ),
    }
}

fn single_file(assessment: &Assessment) -> String {
    match assessment.backups.first().map(|backup| (backup.state, backup.repaired)) {
        Some((State::Hidden | State::Healthy | State::Degraded, None)) => "This file is a whole copy of a backup; a BitBox needs three of them in their folder on a card.".to_owned(),
        Some((State::Hidden, Some(_))) => "This file is damaged, but its seed is proved by the id.".to_owned(),
        Some((State::Erased, _)) => "This file was erased by a BitBox: nothing of the backup remains in it.".to_owned(),
        Some(_) => "This file is a damaged copy of a backup; other copies may make it whole.".to_owned(),
        None => "This file is no backup of a BitBox02.".to_owned(),
    }
}
