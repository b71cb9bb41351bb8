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
        return format!(
            "{}{}",
            not_restored(assessment),
            single_file::single_file(assessment)
        );
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
    let altered = catalogue
        .transform
        .as_ref()
        .map_or_else(String::new, |how| {
            format!(" This image is altered: it was read with {how}.")
        });
    let others = match assessment.others {
        0 => String::new(),
        1 => " Another backup was found, too.".to_owned(),
        n => format!(" {n} other backups were found, too."),
    };
    format!(
        "{}{text}{altered}{}{others}",
        not_restored(assessment),
        shows(assessment)
    )
    .trim_end()
    .to_owned()
}

/// Whether no device restores it, whatever it shows.
fn is_of_no_use(backup: &Backup) -> bool {
    let mut findings = backup.findings.iter();
    findings.any(|finding| finding.rule == Rule::UnusualSeed)
}

/// What is whole and helps nobody, with a space behind it.
fn not_restored(assessment: &Assessment) -> String {
    let live = live(assessment);
    let useless = live.iter().filter(|backup| is_of_no_use(backup));
    let sentences = useless.map(|backup| {
        let finding = backup.findings.iter();
        let mut finding = finding.filter(|one| one.rule == Rule::UnusualSeed);
        let why = finding.next().map_or("", |finding| &finding.message);
        let shown = match backup.is_listed() {
            true => format!(", although {}", shown(assessment, "it")),
            false => String::new(),
        };
        let who = called(backup, live.len());
        format!("{who} cannot be restored with a BitBox{shown}: {why}. ")
    });
    sentences.collect()
}

/// What the BitBox shows, where the first sentence does not say it.
fn shows(assessment: &Assessment) -> String {
    let list = assessment.answer.as_ref().map(|answer| &answer.list);
    let why = || {
        let found = assessment
            .reason
            .and_then(|rule| assessment.findings.iter().find(|one| one.rule == rule));
        found.map_or_else(String::new, |finding| {
            format!(": {}", lower_first(&finding.message))
        })
    };
    match (list, assessment.verdict.state) {
        (Some(_), _) if assessment.is_untold() => {
            let what = match assessment.backups.iter().any(Backup::is_listed) {
                true => "What else the BitBox shows",
                false => "What the BitBox shows",
            };
            match assessment.seen {
                Seen::AssumedCard => {
                    format!(" {what} is not known: not all of this folder was read.")
                }
                _ => format!(" {what} is not known from this image."),
            }
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
        ) => {
            match shown.is_empty() {
                true => " The BitBox shows no backup.".to_owned(),
                // Those that nobody asked for.
                false => " The BitBox does not show it.".to_owned(),
            }
        }
        _ => String::new(),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
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

fn healthy(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let (it, them) = (shown(assessment, "it"), shown(assessment, "them"));
    let sentence = match live.len() {
        1 => format!("Your backup is complete: it has three intact copies, and {it}."),
        2 => format!("Both backups are complete, and {them}."),
        n => format!("All {n} backups are complete, and {them}."),
    };
    if is_table_damaged(catalogue) {
        return format!(
            "{sentence} But the card's file allocation table (FAT) is damaged: write nothing to the card."
        );
    }
    let warnings = assessment.all_findings();
    let mut warnings: Vec<_> = warnings
        .filter(|finding| finding.severity == Severity::Warning)
        .collect();
    // The last sector is cut where the end is missing.
    warnings.sort_by_key(|finding| finding.rule == Rule::PartialSector);
    match warnings.first() {
        Some(finding) => format!("{sentence} But {}.", lower_first(&finding.message)),
        None => sentence,
    }
}

fn attention(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let of = |state: State| {
        let live = live.iter().copied();
        live.filter(move |one| one.state == state && !is_of_no_use(one))
    };
    let (all, whole) = (live.len(), of(State::Healthy).count());
    let mut sentences = Vec::new();
    let (it, them) = (shown(assessment, "it"), shown(assessment, "them"));
    if whole > 0 {
        sentences.push(match (whole, all) {
            (1, 1) => format!("Your backup is complete, and {it}."),
            (1, n) => format!("1 of {n} backups is complete, and {it}."),
            (2, 2) => format!("Both backups are complete, and {them}."),
            (w, n) if w == n => format!("All {n} backups are complete, and {them}."),
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
    let others: Vec<_> = assessment
        .findings
        .iter()
        .chain(backups.flat_map(|backup| &backup.findings))
        .filter(|finding| finding.severity == Severity::Error && !said.contains(&finding.rule))
        .collect();
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
    findings
        .filter(|finding| finding.rule == Rule::OnlyDeleted)
        .count()
}

/// Several backups of one state among others.
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

/// A damaged or lost backup on a card.
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
            None => {
                format!(
                    "{who} is unreadable: none of its files can be read. It may still be recovered."
                )
            }
        },
        State::Lost => format!(
            "{who} cannot be recovered from this card: nothing of its seed remains in its files."
        ),
        _ => format!("{who} is damaged in all its copies; it may still be recovered."),
    }
}

fn damaged(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let live = live(assessment);
    let damaged: Vec<_> = live
        .iter()
        .filter(|backup| backup.state == State::Damaged)
        .collect();
    if assessment.backups.iter().any(Backup::is_recoverable) {
        let more = match damaged.len() {
            0 => "",
            1 => " Another one is damaged in all its copies; it may still be recovered.",
            _ => " Others are damaged in all their copies; they may still be recovered.",
        };
        return recoverable(assessment, catalogue) + more;
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
    let searched = if assessment.looked == Looked::Surface {
        ""
    } else {
        " (the whole card was not searched)"
    };
    match () {
        () if has(State::Deleted) => {
            let which = match assessment.others {
                0 => "a backup",
                _ => "this backup",
            };
            format!(
                "Only remains of {which} were found, and nothing is proved yet{searched}: it may still be recovered."
            )
        }
        () if has(State::Lost) => {
            let begun = assessment
                .backups
                .iter()
                .flat_map(|backup| &backup.findings)
                .find(|finding| finding.rule == Rule::Lost);
            let what = begun.map_or("", |finding| finding.message.as_str());
            format!("No readable backup was found{searched}: {what}.")
        }
        () => format!(
            "Only traces of backups that the BitBox erased were found{searched}; nothing of them can be read."
        ),
    }
}
