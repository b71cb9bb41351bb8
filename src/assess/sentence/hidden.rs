//! The sentences on intact backups that the BitBox does not show.

use super::{all_complete, called, live, only_deleted, others_damaged};
use crate::assess::assessment::{Assessment, Seen};
use crate::assess::backup::{Backup, State};
use crate::assess::hidden_cause::is_untold;
use crate::backup::Method;
use crate::catalogue::{Catalogue, CopyState};
use crate::finding::Rule;
use crate::firmware::List;
use crate::text::plural;

pub(super) fn hidden(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let hidden = live.iter().copied();
    let hidden: Vec<_> = hidden.filter(|one| one.state == State::Hidden).collect();
    let Some(first) = hidden.first() else {
        return String::new();
    };
    if let Some(text) = older_beside(assessment, &live, &hidden) {
        return format!("{text}{}", beside(assessment));
    }
    let all = live.len();
    let listed = live.iter().filter(|backup| backup.is_whole()).count() - hidden.len().min(all);
    let valid = first.count(catalogue, true, CopyState::Valid);
    let complete = what_is_left(first, valid);
    let who = called(first, all);
    let is_complete = |backup: &&Backup| backup.count(catalogue, true, CopyState::Valid) >= 3;
    let complete_all = hidden.iter().all(is_complete);
    let does = match assessment.seen {
        Seen::AssumedCard => "would",
        Seen::Card | Seen::SingleFile => "does",
    };
    let failed = matches!(
        assessment.answer.as_ref().map(|answer| &answer.list),
        Some(List::Error(_) | List::Crash(_))
    ) || assessment.is_untold() && listed == 0;
    let mut text = match hidden.len() {
        _ if failed && all == 1 => format!("{who} {complete}."),
        2 if failed && all == 2 && complete_all => "Both backups are complete.".to_owned(),
        n if failed && n == all && complete_all => format!("All {n} backups are complete."),
        2 if failed && all == 2 => "Both backups are intact or can be proved.".to_owned(),
        n if failed && n == all => format!("All {n} backups are intact or can be proved."),
        1 if failed => format!("1 of {all} backups is intact or can be proved."),
        n if failed => format!("{n} of {all} backups are intact or can be proved."),
        _ if is_untold(first.cause.as_deref()) => {
            let why = first.cause.as_deref().unwrap_or_default();
            format!("{who} {complete}; whether the BitBox shows it is not known: {why}.")
        }
        _ => {
            let cause = first.cause.as_deref().unwrap_or("it is not where it looks");
            format!("{who} {complete}, but the BitBox {does} not show it: {cause}.")
        }
    };
    if !failed {
        match hidden.len() {
            1 => {}
            2 if hidden.iter().all(|backup| backup.id == first.id) => {
                text.push_str(" An older one of the same wallet is hidden too.");
            }
            2 => text.push_str(" Another backup is hidden too."),
            n => text.push_str(&format!(" {} other backups are hidden too.", n - 1)),
        }
        if listed > 0 {
            let others = plural(listed, "other backup", "other backups");
            text.push_str(&format!(" It shows {others}."));
        }
    }
    text.push_str(&beside(assessment));
    text
}

/// What is left of a backup with so many intact copies.
fn what_is_left(backup: &Backup, valid: usize) -> String {
    match valid {
        3.. => "is complete".to_owned(),
        0 if backup.repaired == Some(Method::SeedById) => {
            "still holds its seed, proved by the ID".to_owned()
        }
        0 => "is proved from its damaged copies".to_owned(),
        n => format!("still has {}", plural(n, "intact copy", "intact copies")),
    }
}

/// Where all that is hidden are older backups of wallets that are shown complete: that they are.
fn older_beside(assessment: &Assessment, live: &[&Backup], hidden: &[&Backup]) -> Option<String> {
    let listed: Vec<_> = live.iter().filter(|one| one.is_listed()).collect();
    let is_older = |old: &&Backup| {
        let newer = |one: &&&Backup| one.id == old.id && one.timestamp > old.timestamp;
        old.id.is_some() && listed.iter().any(newer)
    };
    let is_complete = listed.iter().all(|one| one.state == State::Healthy);
    let is_said = |one: &&Backup| one.is_whole() || one.state == State::Damaged;
    if !is_complete || !live.iter().all(is_said) || !hidden.iter().all(is_older) {
        return None;
    }
    let first = all_complete(assessment, listed.len());
    let then = match (hidden.len(), listed.len()) {
        (1, 1) => "An older one of the same wallet is also on the card.",
        (1, _) => "An older one of one of these wallets is also on the card.",
        (_, 1) => "Older ones of the same wallet are also on the card.",
        _ => "Older ones of these wallets are also on the card.",
    };
    Some(format!("{first} {then}"))
}

/// What else a card holds that shows nothing of a whole backup.
fn beside(assessment: &Assessment) -> String {
    let damaged = assessment.backups.iter();
    let damaged = damaged.filter(|one| one.state == State::Damaged).count();
    let damaged = others_damaged(damaged);
    let deleted = match only_deleted(assessment) {
        0 => "",
        1 => " A deleted backup of another wallet can be recovered, too.",
        _ => " Deleted backups of other wallets can be recovered, too.",
    };
    format!("{damaged}{deleted}{}", remains(assessment))
}

/// That a card holds damaged copies of what was deleted, too.
pub(super) fn remains(assessment: &Assessment) -> &'static str {
    if !assessment.has(Rule::DeletedRemains) {
        return "";
    }
    " Damaged copies of a deleted backup are on the card, too; it may still be recovered."
}

/// Whole copies as loose files in a folder.
pub(super) fn loose(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let mut hidden = live.iter().filter(|backup| backup.state == State::Hidden);
    let text = match (hidden.next(), hidden.count()) {
        (Some(one), 0) => match one.count(catalogue, true, CopyState::Valid) {
            0 => "A backup is proved from damaged copies of it, loose files in this folder."
                .to_owned(),
            1 => "1 intact copy of a backup is in this folder, as a loose file.".to_owned(),
            n => format!("{n} intact copies of a backup are in this folder, as loose files."),
        },
        (_, more) => format!(
            "{} backups are in this folder, as loose files that are intact or can be proved.",
            more.saturating_add(1)
        ),
    };
    format!("{text} A BitBox reads copies only in the folder bitbox02/<id> on a card.")
}
