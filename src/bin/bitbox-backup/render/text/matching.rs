//! What a person reads of cards and the devices they belong to.

use std::io::Write;

use anstyle::AnsiColor;
use comfy_table::{Cell, Color};

use super::{BOLD, DIM, paragraph, table};
use crate::answers::matching::{By, Matched, Problem, Verdict};
use crate::args::Global;
use crate::commands::matching::{Against, NoId};
use crate::commands::wallet::held::Card;
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
        let style = AnsiColor::Red.on_default().bold();
        writeln!(out, "\n{BOLD}{}{BOLD:#}", card.source)?;
        writeln!(out, "  {style}error:{style:#} {error}")?;
        paragraph(out, &format!("{DIM}what to do:{DIM:#} {hint}"), "  ")?;
    }
    if !matches.is_empty() {
        writeln!(out)?;
        rows(out, against, matches)?;
    }
    let has_none = |card: &&Card| {
        card.failed.is_none() && !matches.iter().any(|one| one.source == card.source)
    };
    for card in cards.iter().filter(has_none) {
        writeln!(
            out,
            "\n{BOLD}{}{BOLD:#}\n  No backup was found on this card.",
            card.source
        )?;
    }
    for problem in problems {
        writeln!(out)?;
        let style = AnsiColor::Red.on_default().bold();
        let text = format!("{style}error:{style:#} {}", problem.line());
        paragraph(out, &text, "")?;
        for hint in problem.hint.lines() {
            paragraph(out, &format!("{DIM}what to do:{DIM:#} {hint}"), "  ")?;
        }
    }
    if !global.quiet {
        for hint in hints(against, matches) {
            writeln!(out)?;
            paragraph(out, &format!("{DIM}{hint}{DIM:#}"), "")?;
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

/// A row a backup, a column a device.
fn rows(out: &mut impl Write, against: &[Against], matches: &[Matched<'_>]) -> std::io::Result<()> {
    let columns = against
        .iter()
        .map(|one| match (&one.report, against.len()) {
            (Some(report), 2..) => report.name.clone(),
            (Some(_), _) => "THIS BITBOX".to_owned(),
            (None, _) => "THIS ID".to_owned(),
        });
    let columns: Vec<_> = columns.collect();
    let mut head = vec!["CARD", "WALLET", "NAME", "MADE (UTC)"];
    // One ID may be that of wallets with different numbers of words.
    let by_words = matches.iter().any(|one| {
        let mut same = matches.iter().filter(|other| other.id == one.id);
        one.words.is_some() && same.any(|other| other.words.is_some_and(|n| Some(n) != one.words))
    });
    if by_words {
        head.push("WORDS");
    }
    let head: Vec<_> = head
        .into_iter()
        .chain(columns.iter().map(String::as_str))
        .collect();
    let width = super::width();
    let mut table = table::plain(&head, width);
    // Each backup stands as many times as there are devices, one behind the other.
    for row in matches.chunks(against.len().max(1)) {
        let Some(first) = row.first() else { continue };
        let id = first.id.map_or_else(|| "?".to_owned(), short_id);
        let name = match first.name {
            Some("") => "(no name)",
            Some(name) => name,
            None => "?",
        };
        let mut cells = vec![
            Cell::new(first.source),
            Cell::new(id),
            Cell::new(name),
            Cell::new(table::made_utc(first.timestamp)),
        ];
        if by_words {
            let words = first
                .words
                .map_or_else(|| "?".to_owned(), |n| n.to_string());
            cells.push(Cell::new(words));
        }
        table.add_row(cells.into_iter().chain(row.iter().map(verdict)));
    }
    table::print(out, &table)
}

fn verdict(one: &Matched<'_>) -> Cell {
    let by = match one.by {
        Some(By::Id) => ", by its ID",
        Some(By::Fingerprint) => ", by its fingerprint",
        None => "",
    };
    let damaged = if one.proved { "" } else { " (damaged)" };
    let (text, color) = match one.result {
        Verdict::Same => ("yes", Color::Green),
        Verdict::SameWithPassphrase => ("yes, and a passphrase is in use", Color::Green),
        Verdict::Other => ("no", Color::Red),
        Verdict::Unknown => ("unknown", Color::Magenta),
    };
    Cell::new(format!("{text}{by}{damaged}")).fg(color)
}

fn hints(against: &[Against], matches: &[Matched<'_>]) -> Vec<&'static str> {
    let any = |verdict| matches.iter().any(|one| one.result == verdict);
    let mut hints = Vec::new();
    if any(Verdict::SameWithPassphrase) {
        hints.push(
            "The backup is of this device's seed, and the wallet that is open on it is another: a passphrase is in \
             use. It is in no backup: without the passphrase this wallet cannot be recovered from the card.",
        );
    }
    let no_id = |one: &Against| matches!(one.no_id, Some(NoId::NoCard | NoId::NoBackup));
    if any(Verdict::Unknown) && against.iter().any(no_id) {
        hints.push(
            "What is unknown may be this device's with a passphrase in use, or another wallet's. Insert the card \
             with its backup into the device and run this again: then it gives its ID, which no passphrase changes.",
        );
    }
    if matches.iter().any(|one| !one.proved) {
        hints.push(
            "A damaged backup is identified by the name of its folder only; `bitbox-backup recover` may recover it.",
        );
    }
    hints
}
