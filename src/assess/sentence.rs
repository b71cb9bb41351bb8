//! The sentences a person reads first: what this means for the wallet, then what the BitBox shows.

mod hidden;
mod nothing;
mod recoverable;
mod single_file;

use super::assessment::{Assessment, CardState, Seen};
use super::backup::{Backup, State};
use super::verdict::{is_loose, is_table_damaged, unread};
use crate::catalogue::{Catalogue, Looked};
use crate::finding::{Finding, Rule, Severity};
use crate::firmware::List;
use crate::text::{plural, short_id};

use recoverable::recoverable;

/// The sentences on a source, in the state that its verdict has.
pub(super) fn sentence(assessment: &Assessment, catalogue: &Catalogue) -> String {
    if assessment.seen == Seen::SingleFile {
        return not_restored(assessment) + &single_file::single_file(assessment);
    }
    let text = match assessment.verdict.state {
        CardState::Failed => String::new(),
        CardState::Healthy => healthy(assessment, catalogue),
        CardState::Attention => attention(assessment, catalogue),
        CardState::Hidden if is_loose(assessment) => hidden::loose(assessment, catalogue),
        CardState::Hidden => hidden::hidden(assessment, catalogue),
        CardState::Damaged => damaged(assessment, catalogue) + hidden::remains(assessment),
        CardState::Recoverable => recoverable(assessment, catalogue) + hidden::remains(assessment),
        CardState::Traces => traces(assessment),
        CardState::Empty | CardState::Unusable | CardState::Unsearched => {
            nothing::nothing(assessment, catalogue)
        }
    };
    let altered = catalogue.transform.as_ref();
    let altered = altered.map(|how| format!(" This image is altered: it was read with {how}."));
    let altered = altered.unwrap_or_default();
    let others = match assessment.others {
        0 => String::new(),
        1 => " Another backup was found, too.".to_owned(),
        n => format!(" {n} other backups were found, too."),
    };
    let (before, shows) = (not_restored(assessment), shows(assessment));
    let all = format!("{before}{text}{altered}{shows}{others}");
    all.trim_end().to_owned()
}

/// Why no device restores it, whatever it shows.
fn useless(backup: &Backup) -> Option<&Finding> {
    let mut findings = backup.findings.iter();
    findings.find(|finding| finding.rule == Rule::UnusualSeed)
}

/// What is whole and helps nobody, with a space behind it.
fn not_restored(assessment: &Assessment) -> String {
    let live = live(assessment);
    let sentences = live.iter().filter_map(|backup| {
        let why = &useless(backup)?.message;
        let shown = match backup.is_listed() {
            true => format!(", although {}", shown(assessment, "it")),
            false => String::new(),
        };
        let who = called(backup, live.len());
        let sentence = format!("{who} cannot be restored with a BitBox{shown}: {why}. ");
        Some(sentence)
    });
    sentences.collect()
}

/// What the BitBox shows, where the first sentence does not say it.
fn shows(assessment: &Assessment) -> String {
    let list = assessment.answer.as_ref().map(|answer| &answer.list);
    let why = || {
        let mut findings = assessment.findings.iter();
        let found = findings.find(|one| Some(one.rule) == assessment.reason);
        let why = found.map(|finding| format!(": {}", lower_first(&finding.message)));
        why.unwrap_or_default()
    };
    match (list, assessment.verdict.state) {
        (Some(_), _) if assessment.is_untold() => {
            let what = match assessment.backups.iter().any(Backup::is_listed) {
                true => "What else the BitBox shows",
                false => "What the BitBox shows",
            };
            let why = match assessment.seen {
                Seen::AssumedCard => ": not all of this folder was read",
                Seen::Card | Seen::SingleFile => " from this image",
            };
            format!(" {what} is not known{why}.")
        }
        (Some(List::Error(_)), _) => format!(" The BitBox cannot read this card{}.", why()),
        (Some(List::Crash(_)), _) => format!(" This card makes the BitBox crash{}.", why()),
        (Some(List::Ok(_)), CardState::Empty) => " The BitBox accepts the card.".to_owned(),
        (Some(List::Ok(_)), CardState::Unusable) => {
            " The BitBox reads the card, but could not make a backup on it.".to_owned()
        }
        (
            Some(List::Ok(shown)),
            CardState::Damaged | CardState::Recoverable | CardState::Traces,
        ) => match shown.is_empty() {
            true => " The BitBox shows no backup.".to_owned(),
            // Those that nobody asked for.
            false => " The BitBox does not show it.".to_owned(),
        },
        _ => String::new(),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_lowercase);
    first.chain(chars).collect()
}

/// What counts of the backups on a card: all but those gone by intent.
fn live(assessment: &Assessment) -> Vec<&Backup> {
    let backups = assessment.backups.iter();
    backups.filter(|backup| !backup.state.is_trace()).collect()
}

/// How a backup is called where there are several.
fn called(backup: &Backup, all: usize) -> String {
    match (&backup.name, backup.id) {
        _ if all == 1 => "Your backup".to_owned(),
        (Some(name), _) if !name.is_empty() => format!("The backup \"{name}\""),
        (_, Some(id)) => format!("The backup {}", short_id(&id.to_string())),
        _ => "A backup".to_owned(),
    }
}

/// That the BitBox shows what is complete; of a folder, that it would.
fn shown(assessment: &Assessment, what: &str) -> String {
    match assessment.seen {
        Seen::AssumedCard => format!("on a fresh card the BitBox would show {what}"),
        Seen::Card | Seen::SingleFile => format!("the BitBox shows {what}"),
    }
}

fn all_complete(assessment: &Assessment, count: usize) -> String {
    let (it, them) = (shown(assessment, "it"), shown(assessment, "them"));
    match count {
        1 => format!("Your backup is complete, and {it}."),
        2 => format!("Both backups are complete, and {them}."),
        n => format!("All {n} backups are complete, and {them}."),
    }
}

fn others_damaged(count: usize) -> &'static str {
    match count {
        0 => "",
        1 => " Another one is damaged in all its copies; it may still be recovered.",
        _ => " Others are damaged in all their copies; they may still be recovered.",
    }
}

fn healthy(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let sentence = match live(assessment).len() {
        1 => {
            let it = shown(assessment, "it");
            format!("Your backup is complete: it has three intact copies, and {it}.")
        }
        n => all_complete(assessment, n),
    };
    if is_table_damaged(catalogue) {
        return format!(
            "{sentence} But the card's file allocation table (FAT) is damaged: write nothing to the card."
        );
    }
    let warnings = assessment.all_findings();
    let warnings = warnings.filter(|finding| finding.severity == Severity::Warning);
    // The last sector is cut where the end is missing.
    match warnings.min_by_key(|finding| finding.rule == Rule::PartialSector) {
        Some(finding) => format!("{sentence} But {}.", lower_first(&finding.message)),
        None => sentence,
    }
}

fn attention(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let of = |state: State| {
        let live = live.iter().copied();
        live.filter(move |one| one.state == state && useless(one).is_none())
    };
    let (all, whole) = (live.len(), of(State::Healthy).count());
    let mut sentences = Vec::new();
    let (it, them) = (shown(assessment, "it"), shown(assessment, "them"));
    if whole > 0 {
        sentences.push(match (whole, all) {
            (w, n) if w == n => all_complete(assessment, n),
            (1, n) => format!("1 of {n} backups is complete, and {it}."),
            (w, n) => format!("{w} of {n} backups are complete, and {them}."),
        });
    }
    for state in [State::Damaged, State::Lost, State::Degraded] {
        let these: Vec<_> = of(state).collect();
        sentences.extend(match these.as_slice() {
            [] => None,
            [one] if state == State::Degraded => Some(degraded(one, all)),
            [one] => Some(of_damaged(one, all, assessment, catalogue)),
            many => Some(of_several(state, many.len())),
        });
    }
    let said = [
        Rule::Damaged,
        Rule::Lost,
        Rule::FewerCopies,
        Rule::ListedByVote,
        Rule::Repairable,
        Rule::UnusualSeed,
    ];
    // What hides a damaged backup is no news.
    let backups = assessment.backups.iter();
    let backups = backups.filter(|one| !matches!(one.state, State::Damaged | State::Lost));
    let findings = assessment.findings.iter();
    let findings = findings.chain(backups.flat_map(|backup| &backup.findings));
    let is_news = |one: &&Finding| one.severity == Severity::Error && !said.contains(&one.rule);
    let others: Vec<_> = findings.filter(is_news).collect();
    sentences.extend(match others.as_slice() {
        [] => None,
        [one, ..] if one.rule != Rule::OnlyDeleted => Some(but(one)),
        _ => match only_deleted(assessment) {
            0 | 1 => others.first().map(|one| but(one)),
            n => Some(format!(
                "But the card holds more: {n} wallets can be read from deleted or lost copies only."
            )),
        },
    });
    sentences.join(" ")
}

/// How many wallets can be read from deleted or lost copies only.
fn only_deleted(assessment: &Assessment) -> usize {
    let findings = assessment.all_findings();
    let only = findings.filter(|finding| finding.rule == Rule::OnlyDeleted);
    only.count()
}

fn of_several(state: State, n: usize) -> String {
    match state {
        State::Lost => format!(
            "{n} backups cannot be recovered from this card: nothing of their seeds remains in their files."
        ),
        State::Degraded => {
            format!("{n} backups still work, but not all of their copies are intact.")
        }
        _ => format!("{n} backups are damaged in all their copies; they may still be recovered."),
    }
}

fn but(finding: &Finding) -> String {
    match finding.rule {
        Rule::OnlyDeleted => format!("But the card holds more: {}.", finding.message),
        _ => format!("But {}.", lower_first(&finding.message)),
    }
}

fn of_damaged(
    backup: &Backup,
    all: usize,
    assessment: &Assessment,
    catalogue: &Catalogue,
) -> String {
    let who = called(backup, all);
    match backup.state {
        State::Damaged if backup.is_unread(catalogue) => match unread(assessment, catalogue) {
            Some(why) => format!("{who} was not read: {why}."),
            None => format!(
                "{who} is unreadable: none of its files can be read. It may still be recovered."
            ),
        },
        State::Lost => format!(
            "{who} cannot be recovered from this card: nothing of its seed remains in its files."
        ),
        _ => format!("{who} is damaged in all its copies; it may still be recovered."),
    }
}

fn damaged(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let damaged = live.iter().filter(|backup| backup.state == State::Damaged);
    let damaged: Vec<_> = damaged.collect();
    if assessment.backups.iter().any(Backup::is_recoverable) {
        return recoverable(assessment, catalogue) + others_damaged(damaged.len());
    }
    match damaged.as_slice() {
        [] => String::new(),
        [one] => of_damaged(one, live.len(), assessment, catalogue),
        many if many.iter().all(|one| one.is_unread(catalogue)) => {
            let who = plural(many.len(), "backup", "backups");
            match unread(assessment, catalogue) {
                Some(why) => format!("{who} on this card were not read: {why}."),
                None => format!("{who} on this card cannot be read; they may still be recovered."),
            }
        }
        many => format!(
            "{} on this card are damaged; they may still be recovered.",
            plural(many.len(), "backup", "backups")
        ),
    }
}

fn degraded(backup: &Backup, all: usize) -> String {
    let who = called(backup, all);
    match backup.intact {
        0 => format!("{who} still works, by a majority of three damaged copies."),
        n => format!(
            "{who} still works, but only {n} of its 3 copies {} intact.",
            if n == 1 { "is" } else { "are" }
        ),
    }
}

fn traces(assessment: &Assessment) -> String {
    let has = |state: State| assessment.backups.iter().any(|one| one.state == state);
    let searched = match assessment.looked {
        Looked::Surface => "",
        Looked::Deleted | Looked::Folders => " (the whole card was not searched)",
    };
    if has(State::Deleted) {
        let which = match assessment.others {
            0 => "a backup",
            _ => "this backup",
        };
        return format!(
            "Only remains of {which} were found, and nothing is proved yet{searched}: it may still be recovered."
        );
    }
    if has(State::Lost) {
        let mut findings = assessment.backups.iter().flat_map(|one| &one.findings);
        let begun = findings.find(|finding| finding.rule == Rule::Lost);
        let what = begun.map_or("", |finding| &finding.message);
        return format!("No readable backup was found{searched}: {what}.");
    }
    format!(
        "Only traces of backups that the BitBox erased were found{searched}; nothing of them can be read."
    )
}
