//! What changed on one card.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::change::{CardChange, Change, Effect, Fate, What, worst_first};
use super::pair::Pairs;
use crate::assess::State;
use crate::catalogue::{CopyState, Origin};
use crate::finding::Severity;
use crate::report::{BackupReport, CopyReport, FindingReport, ListStatus, Source, Status};
use crate::text::short_id;

/// The hashes of a card's valid copies, and of what was read of it.
pub(super) type CardHashes = (Vec<String>, Option<String>);

/// What makes a card the same under another name.
pub(super) fn contents(card: &Source) -> Option<CardHashes> {
    let copies = card.backups.iter().flat_map(|backup| &backup.copies);
    let mut hashes: Vec<_> = copies.filter_map(|copy| copy.sha256.clone()).collect();
    hashes.sort_unstable();
    let read = read(card).map(str::to_owned);
    (!hashes.is_empty() || read.is_some()).then_some((hashes, read))
}

fn read(card: &Source) -> Option<&str> {
    Some(&card.card.as_ref()?.read.as_ref()?.sha256)
}

pub(super) fn added(card: &Source) -> CardChange {
    let effect = Effect::worse_if(card.worst() == Some(Severity::Error));
    whole(card, Fate::Added, What::Added, effect)
}

pub(super) fn gone(card: &Source) -> CardChange {
    let restores = card.backups.iter().any(BackupReport::restores);
    whole(card, Fate::Gone, What::Gone, Effect::worse_if(restores))
}

fn whole(card: &Source, fate: Fate, what: What, effect: Effect) -> CardChange {
    let text = match card.status {
        Status::Failed => failure(card),
        Status::Examined => held(card),
    };
    CardChange {
        source: card.source.clone(),
        before: None,
        fate,
        effect,
        changes: vec![Change::new(what, effect, text)],
    }
}

fn failure(card: &Source) -> String {
    let error = card.error.as_deref().unwrap_or("no reason is given");
    format!("it cannot be read: {error}")
}

fn held(card: &Source) -> String {
    const SHOWN: usize = 4;
    let live = card.backups.iter();
    let live: Vec<_> = live.filter(|backup| !backup.state.is_trace()).collect();
    let shared = shared_ids(&[card]);
    let each = live.iter().take(SHOWN);
    let each: Vec<_> = each
        .map(|backup| format!("{}, {}", called(backup, &shared), backup.state))
        .collect();
    match live.len().saturating_sub(SHOWN) {
        _ if live.is_empty() => "no backups".to_owned(),
        0 => each.join("; "),
        more => format!("{}; and {more} more", each.join("; ")),
    }
}

/// Compares a card with itself before; `None` where nothing changed.
pub(super) fn compare(old: &Source, new: &Source, moved: bool) -> Option<CardChange> {
    let mut changes = Vec::new();
    match (old.status, new.status) {
        (Status::Examined, Status::Examined) => examined(old, new, &mut changes),
        (Status::Examined, Status::Failed) => {
            changes.push(Change::new(What::Status, Effect::Worse, failure(new)));
        }
        (Status::Failed, Status::Examined) => {
            let text = format!("it can be read again: {}", held(new));
            changes.push(Change::new(What::Status, Effect::Better, text));
        }
        (Status::Failed, Status::Failed) => {}
    }
    hash(old, new, &mut changes);
    if moved {
        let text = format!("it was {} before", old.source);
        changes.push(Change::new(What::Moved, Effect::Neutral, text));
    }
    let effect = worst_first(&mut changes);
    (!changes.is_empty()).then(|| CardChange {
        source: new.source.clone(),
        before: moved.then(|| old.source.clone()),
        fate: if moved { Fate::Moved } else { Fate::Changed },
        effect,
        changes,
    })
}

fn examined(old: &Source, new: &Source, changes: &mut Vec<Change>) {
    device_view(old, new, changes);
    backups(old, new, changes);
    findings(old, new, changes);
    serials(old, new, changes);
    if let (true, Some(before), Some(now)) = (changes.is_empty(), read(old), read(new))
        && before != now
    {
        let (before, now) = (short_id(before), short_id(now));
        let text =
            format!("what was read of it differs in nothing reported (SHA-256 {before} → {now})");
        changes.push(Change::new(What::Contents, Effect::Neutral, text));
    }
}

fn device_view(old: &Source, new: &Source, changes: &mut Vec<Change>) {
    let list = |source: &Source| source.device_view.as_ref().map(|view| view.list);
    let (Some(before), Some(now)) = (list(old), list(new)) else {
        return;
    };
    if before == now {
        return;
    }
    let effect = match (before, now) {
        (ListStatus::Ok, _) => Effect::Worse,
        (_, ListStatus::Ok) => Effect::Better,
        _ => Effect::Neutral,
    };
    let view = new.device_view.as_ref();
    let reason = view.and_then(|view| view.reason.as_ref());
    let reason = reason.map_or_else(String::new, |rule| format!(" ({rule})"));
    let text = format!("the BitBox's list of backups: {before} → {now}{reason}");
    changes.push(Change::new(What::DeviceView, effect, text));
}

/// The ids that stand for wallets of several lengths.
fn shared_ids<'a>(cards: &[&'a Source]) -> BTreeSet<&'a str> {
    let backups = cards.iter().flat_map(|card| &card.backups);
    let mut lengths: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    for backup in backups {
        if let (Some(id), Some(words)) = (&backup.id, backup.words) {
            lengths.entry(id).or_default().insert(words);
        }
    }
    let shared = lengths.into_iter().filter(|(_, words)| words.len() > 1);
    shared.map(|(id, _)| id).collect()
}

/// As a person knows a backup: id, name and day; with the number of words where the id is shared.
fn called(backup: &BackupReport, shared: &BTreeSet<&str>) -> String {
    let mut id = backup.id.as_deref().map_or("?".to_owned(), short_id);
    if let (Some(whole), Some(words)) = (&backup.id, backup.words)
        && shared.contains(whole.as_str())
    {
        id.push_str(&format!(" ({words} words)"));
    }
    let name = backup.name.as_deref().filter(|name| !name.is_empty());
    let name = name.map_or_else(String::new, |name| format!(" \"{name}\""));
    let day = backup.timestamp.map_or_else(String::new, of_day);
    format!("{id}{name}{day}")
}

fn of_day(time: u32) -> String {
    format!(" of {}", crate::text::day(time))
}

fn backups(old: &Source, new: &Source, changes: &mut Vec<Change>) {
    let shared = shared_ids(&[old, new]);
    let called = |backup: &BackupReport| called(backup, &shared);
    let mut same = Pairs::new(&old.backups, &new.backups);
    same.by(
        |one| Some((one.id.clone(), one.words, one.timestamp)),
        |a, b| a.state.is_trace() == b.state.is_trace(),
    );
    // What is damaged has no length.
    let lengths = |a: &BackupReport, b: &BackupReport| {
        a.state.is_trace() == b.state.is_trace() && (a.words.is_none() || b.words.is_none())
    };
    same.by(|one| Some((one.id.clone()?, one.timestamp)), lengths);
    let mut same = same.in_order();
    for (before, now) in std::mem::take(&mut same.both) {
        backup(before, now, &called(now), changes);
    }
    // A device that makes a backup again erases the one before.
    same.old.retain(|backup| !backup.state.is_trace());
    same.new.retain(|backup| !backup.state.is_trace());
    same.by(
        |one| Some((one.id.clone()?, one.words)),
        |a, b| a.timestamp < b.timestamp,
    );
    for (before, now) in same.both {
        let effect = by_state(before.state, now.state);
        let day = before.timestamp.map_or_else(String::new, of_day);
        let (called, state, was) = (called(now), now.state, before.state);
        let text = format!("{called}: {state} in the place of the one{day}, {was}");
        changes.push(about(now, What::BackupRenewed, effect, text));
    }
    for backup in same.new {
        let effect = Effect::of_count(false, backup.restores());
        let text = format!("{}: new, {}", called(backup), backup.state);
        changes.push(about(backup, What::BackupAdded, effect, text));
    }
    for backup in same.old {
        let text = format!("{}: gone; it was {}", called(backup), backup.state);
        changes.push(about(backup, What::BackupGone, Effect::Worse, text));
    }
}

fn about(backup: &BackupReport, what: What, effect: Effect, text: String) -> Change {
    Change {
        id: backup.id.clone(),
        ..Change::new(what, effect, text)
    }
}

/// States stand in the order of their worth, the best first.
fn by_state(before: State, now: State) -> Effect {
    Effect::of_count(Reverse(before), Reverse(now))
}

fn backup(old: &BackupReport, new: &BackupReport, called: &str, changes: &mut Vec<Change>) {
    if old.state != new.state {
        let cause = new.cause.as_deref().filter(|_| !new.restores());
        let cause = cause.map_or_else(String::new, |cause| format!(", because {cause}"));
        let text = format!("{called}: {} → {}{cause}", old.state, new.state);
        let effect = by_state(old.state, new.state);
        changes.push(about(new, What::State, effect, text));
    }
    let is_valid =
        |copy: &&CopyReport| copy.origin == Origin::Live && copy.state == CopyState::Valid;
    let valid = |backup: &BackupReport| backup.copies.iter().filter(is_valid).count();
    let (before, now) = (valid(old), valid(new));
    if before != now {
        let text = format!("{called}: valid copies {before} → {now}");
        let effect = Effect::of_count(before, now);
        changes.push(about(new, What::ValidCopies, effect, text));
    }
    if let (Some(before), Some(now)) = (&old.name, &new.name)
        && before != now
    {
        let text = format!("{called}: its name was \"{before}\"");
        changes.push(about(new, What::Name, Effect::Neutral, text));
    }
}

/// Compares findings by rule and severity; of what there is more or less of, those whose words are
/// new or gone are named.
fn findings(old: &Source, new: &Source, changes: &mut Vec<Change>) {
    type Kinds<'a> = BTreeMap<(Severity, &'a str), [Vec<&'a FindingReport>; 2]>;
    let mut kinds: Kinds<'_> = BTreeMap::new();
    for (source, is_new) in [(old, false), (new, true)] {
        for finding in source.all_findings() {
            let kind = kinds.entry((finding.severity, &finding.rule)).or_default();
            let [before, now] = kind;
            if is_new { now } else { before }.push(finding);
        }
    }
    for ((severity, _), [before, now]) in &kinds {
        let (more, fewer) = (Effect::Worse, Effect::Better);
        let effect = |effect| match severity {
            Severity::Error => effect,
            Severity::Warning | Severity::Info => Effect::Neutral,
        };
        let added = surplus(now, before).into_iter();
        changes.extend(added.map(|one| of_finding(one, What::FindingAdded, effect(more), "new")));
        let gone = surplus(before, now).into_iter();
        changes
            .extend(gone.map(|one| of_finding(one, What::FindingGone, effect(fewer), "no more")));
    }
}

/// As many of these as there are more of them, those with words of their own first.
fn surplus<'a>(these: &[&'a FindingReport], those: &[&FindingReport]) -> Vec<&'a FindingReport> {
    let known: HashSet<_> = those.iter().map(|one| &one.message).collect();
    let mut these = these.to_vec();
    these.sort_by_key(|one| known.contains(&one.message));
    these.truncate(these.len().saturating_sub(those.len()));
    these
}

fn of_finding(finding: &FindingReport, what: What, effect: Effect, how: &str) -> Change {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let text = format!("{how}: {severity}[{}] {}", finding.rule, finding.message);
    Change {
        rule: Some(finding.rule.clone()),
        ..Change::new(what, effect, text)
    }
}

fn serials(old: &Source, new: &Source, changes: &mut Vec<Change>) {
    let serials = |source: &Source| {
        let volumes = source.card.iter().flat_map(|card| &card.volumes);
        let serials = volumes.filter_map(|volume| volume.serial.clone());
        serials.collect::<Vec<_>>()
    };
    let (before, now) = (serials(old), serials(new));
    if !before.is_empty() && !now.is_empty() && before != now {
        let numbers = if now.len() == 1 { "number" } else { "numbers" };
        let (before, now) = (before.join(", "), now.join(", "));
        let text = format!("serial {numbers} {before} → {now}: another card, or formatted again");
        changes.push(Change::new(What::Serial, Effect::Neutral, text));
    }
}

fn hash(old: &Source, new: &Source, changes: &mut Vec<Change>) {
    if let (Some(before), Some(now)) = (&old.sha256, &new.sha256)
        && before != now
    {
        let text = format!("its SHA-256 {} → {}", short_id(before), short_id(now));
        changes.push(Change::new(What::Hash, Effect::Neutral, text));
    }
}
