//! What a person reads of cards and the devices they belong to.

use std::io::{self, Write};

use anstyle::AnsiColor::{Green, Magenta, Red};
use bitbox_backup::assess::{CardState, State};
use bitbox_backup::recover::Reason;

use super::grid::{self, Cell, Column};
use super::{BAD, BOLD, DIM, failed, paragraph, styled, table, what_to_do};
use crate::answers::matching::{By, Matched, Problem, Verdict};
use crate::args::Global;
use crate::commands::matching::{Against, NoId};
use crate::commands::wallet::card_wallets::Card;
use bitbox_backup::text::short_id;

/// `match`.
pub(crate) fn matches(
    out: &mut impl Write,
    cards: &[Card],
    against: &[Against],
    matches: &[Matched<'_>],
    problems: &[Problem],
    global: &Global,
) -> anyhow::Result<()> {
    for one in against {
        paragraph(out, &title(one), "")?;
    }
    for card in cards {
        let Some((error, hint)) = &card.failed else {
            continue;
        };
        writeln!(out, "\n{BOLD}{}{BOLD:#}", card.source)?;
        failed(out, error, hint)?;
    }
    if !matches.is_empty() {
        writeln!(out)?;
        rows(out, against, matches, global.verbose)?;
    }
    // Of what is in order the table says enough.
    let is_fine = |card: &&Card| {
        let is_healthy = cards.len() > 1 && card.report.state == CardState::Healthy;
        is_healthy && matches.iter().any(|one| one.source == card.source)
    };
    let read = cards.iter().filter(|card| card.failed.is_none());
    for card in read.filter(|card| !is_fine(card)) {
        writeln!(out, "\n{BOLD}{}{BOLD:#}", card.source)?;
        let verdict = card.report.verdict.as_deref();
        paragraph(out, verdict.unwrap_or_default(), "  ")?;
        if let Some(step) = card.report.next.first() {
            what_to_do(out, &step.text, "  ")?;
        }
    }
    for problem in problems {
        writeln!(out)?;
        paragraph(out, &format!("{BAD}error:{BAD:#} {}", problem.line()), "")?;
        for hint in problem.hint.lines() {
            what_to_do(out, hint, "  ")?;
        }
    }
    if !global.quiet {
        for hint in hints(against, matches) {
            writeln!(out)?;
            styled(out, DIM, hint, "")?;
        }
    }
    Ok(())
}

/// What the cards are held against.
fn title(against: &Against) -> String {
    let id = against.known.id();
    let Some(report) = &against.report else {
        return format!("{BOLD}ID {}{BOLD:#}", id.unwrap_or_default());
    };
    let print = report.fingerprint.as_deref().unwrap_or("unknown");
    let id = match (id, against.no_id) {
        (Some(id), _) => format!("ID {}", short_id(&id)),
        (None, Some(NoId::NoCard)) => "ID unknown, since no card is in it".to_owned(),
        (None, Some(NoId::NotAsked)) => "ID unknown: it could not be asked".to_owned(),
        (None, _) => {
            "ID unknown, since the card in it holds no valid backup of its wallet".to_owned()
        }
    };
    format!(
        "{BOLD}{} \"{}\"{BOLD:#}: root fingerprint {print}, {id}",
        report.product, report.name
    )
}

/// A row a backup, a column a device. Where there is no room, the time is left out first, then the name.
fn rows(
    out: &mut impl Write,
    against: &[Against],
    matches: &[Matched<'_>],
    all: bool,
) -> io::Result<()> {
    let mut columns = vec![
        Column::new("CARD").wrapping(),
        Column::new("WALLET"),
        Column::new("NAME").wrapping().left_out(2),
        Column::new("MADE (UTC)").left_out(1),
    ];
    // One ID may be that of wallets with different numbers of words.
    let by_words = matches.iter().any(|one| {
        let mut same = matches.iter().filter(|other| other.id == one.id);
        one.words.is_some() && same.any(|other| other.words.is_some_and(|n| Some(n) != one.words))
    });
    if by_words {
        columns.push(Column::new("WORDS").right());
    }
    let heads = against
        .iter()
        .map(|one| match (&one.report, against.len()) {
            (Some(report), 2..) => report.name.as_str(),
            (Some(_), _) => "THIS BITBOX",
            (None, _) => "THIS ID",
        });
    columns.extend(heads.map(|head| Column::new(head).wrapping()));
    let cells = |row: &&[Matched<'_>]| {
        let Some(first) = row.first() else {
            return Vec::new();
        };
        let mut cells = vec![
            Cell::new(first.source),
            Cell::new(first.id.map_or_else(|| "?".to_owned(), short_id)),
            Cell::new(table::name(first.name)),
            Cell::new(table::made_utc(first.timestamp)),
        ];
        if by_words {
            cells.push(Cell::new(table::number(first.words)));
        }
        cells.extend(row.iter().map(verdict));
        cells
    };
    // Each backup stands as many times as there are devices, one behind the other.
    let rows: Vec<_> = matches.chunks(against.len().max(1)).collect();
    grid::print(out, &columns, &rows, cells, super::width(), all)
}

fn verdict(one: &Matched<'_>) -> Cell {
    let by = match one.by {
        Some(By::Id) => ", by its ID",
        Some(By::Fingerprint) => ", by its fingerprint",
        None => "",
    };
    let damaged = match one.reason {
        None => match one.state {
            Some(State::Degraded) => " (not all copies intact)",
            Some(State::Hidden) => " (not shown by the BitBox)",
            Some(State::Deleted) => " (deleted or lost)",
            _ => "",
        },
        Some(Reason::Erased) => " (erased)",
        Some(Reason::Nothing) => " (lost)",
        Some(Reason::Unread) => " (not read)",
        Some(Reason::Words) => " (no words)",
        Some(_) => " (damaged)",
    };
    let (text, color) = match one.result {
        Verdict::Same if !one.is_there() => ("yes", Magenta),
        Verdict::Same => ("yes", Green),
        Verdict::SameWithPassphrase => ("yes, and a passphrase is in use", Green),
        Verdict::Other => ("no", Red),
        Verdict::Unknown => ("unknown", Magenta),
    };
    Cell::styled(format!("{text}{by}{damaged}"), color.on_default())
}

fn hints(against: &[Against], matches: &[Matched<'_>]) -> Vec<&'static str> {
    let any = |verdict| matches.iter().any(|one| one.result == verdict);
    let has_no_id = |one: &Against| matches!(one.no_id, Some(NoId::NoCard | NoId::NoBackup));
    let because = |reasons: &[Reason]| {
        let mut open = matches.iter().filter_map(|one| one.reason);
        open.any(|reason| reasons.contains(&reason))
    };
    let hints = [
        (
            any(Verdict::SameWithPassphrase),
            "The backup is of this device's seed, and the wallet that is open on it is another: a passphrase is in \
             use. It is in no backup: without the passphrase this wallet cannot be recovered from the card.",
        ),
        (
            any(Verdict::Unknown) && against.iter().any(has_no_id),
            "What is unknown may be this device's with a passphrase in use, or another wallet's. Insert the card \
             with its backup into the device and run this again: then it gives its ID, which no passphrase changes.",
        ),
        // Where only the length is open, the ID proves the seed.
        (
            because(&[Reason::Proof, Reason::Stopped]),
            "A damaged backup is identified by the name of its folder only; `bitbox-backup recover` may recover it.",
        ),
        (
            because(&[Reason::Unread]),
            "A backup that was not read is identified by the name of its folder only, and may be whole on the card: finish \
             the copy of the card, copy it again, or read it in another card reader.",
        ),
        (
            because(&[Reason::Erased, Reason::Nothing]),
            "An erased or lost backup is identified by the name of its folder only: nothing of the wallet can be \
             recovered from it.",
        ),
    ];
    let hints = hints.into_iter().filter(|(applies, _)| *applies);
    hints.map(|(_, hint)| hint).collect()
}
