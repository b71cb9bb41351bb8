//! What a person reads of recovery words: which there are, what showing them means, and they
//! themselves.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::AnsiColor;
use bitbox_backup::backup::Words;
use bitbox_backup::recover::NotRecoveredReport;
use bitbox_backup::text::{escape, path_text, plural, short_id, unique_digits};
use zeroize::Zeroizing;

use super::grid::{self, Cell, Column};
use super::machine::{Level, Risk};
use super::{BAD, BOLD, DIM, WARN, WIDEST, fill, paragraph, proof, recovery, styled, table};
use crate::answers::words::Offer;
use crate::args::Global;
use crate::commands::words::{Args, again};
use crate::render::phrase::shell;
use crate::terminal::{Page, Size};

/// A number, a word of at most 8 letters, and room before the next.
const COLUMN: usize = 14;
/// Most columns of words.
const MAX_COLUMNS: usize = 4;

/// `words` without `--reveal`.
pub(crate) fn offers(
    out: &mut impl Write,
    args: &Args,
    offers: &[Offer],
    missing: &[NotRecoveredReport],
    verdict: &str,
    global: &Global,
) -> anyhow::Result<()> {
    let sources = &args.cards.sources;
    for source in sources {
        writeln!(out, "{BOLD}{}{BOLD:#}", path_text(source))?;
    }
    let these = match sources.len() {
        ..2 => "this card",
        _ => "these sources",
    };
    let none = match args.only.id {
        None => format!("No recovery words can be shown from {these}."),
        Some(_) => format!("The recovery words of this wallet cannot be shown from {these}."),
    };
    let sentence = match offers.len() {
        0 if missing.is_empty() => format!("{none} {}", escape(verdict)),
        0 => none,
        count => format!(
            "The recovery words of {} can be shown. None is shown without --reveal.",
            plural(count, "wallet", "wallets")
        ),
    };
    paragraph(out, &sentence, "  ")?;
    if !offers.is_empty() {
        writeln!(out)?;
        list(out, offers, global.verbose)?;
        for offer in offers {
            recovery::folder_note(out, &offer.id, &offer.proof)?;
        }
    }
    if !global.quiet {
        recovery::not_recovered(out, missing, global.verbose)?;
    }
    if !offers.is_empty() && !global.quiet {
        writeln!(out)?;
        hints(out, args, offers)?;
    }
    Ok(())
}

/// Prints the wallets. Where there is no room, the time is left out first, then the proof.
fn list(out: &mut impl Write, offers: &[Offer], all: bool) -> io::Result<()> {
    let mut typed = offers
        .iter()
        .map(|offer| &offer.fingerprint_with_passphrase);
    let with = typed.any(Option::is_some);
    let mut columns = vec![
        Column::new("NAME").wrapping(),
        Column::new("MADE (UTC)").left_out(1),
        Column::new("WORDS").right(),
        Column::new("PROVED BY").wrapping().left_out(2),
        Column::new("FINGERPRINT"),
    ];
    columns.extend(with.then_some(Column::new("WITH PASSPHRASE")));
    columns.push(Column::new("ID"));
    let cells = |offer: &Offer| {
        let print = |print: &Option<String>| Cell::new(print.as_deref().unwrap_or("none"));
        // How it was recovered, and what proves that.
        let (how, by) = (
            proof::method(offer.method),
            proof::seed_and_length(&offer.proof),
        );
        let mut row = vec![
            Cell::new(table::name(offer.name.as_deref())),
            Cell::new(table::made_utc(offer.timestamp)),
            Cell::new(offer.words.to_string()),
            Cell::new(format!("{how}: {by}")),
            print(&offer.fingerprint),
        ];
        row.extend(with.then(|| print(&offer.fingerprint_with_passphrase)));
        row.push(Cell::new(short_id(&offer.id)));
        row
    };
    grid::print(out, &columns, offers, cells, super::width(), all)
}

/// How to go on, and what there may be besides the words.
fn hints(out: &mut impl Write, args: &Args, offers: &[Offer]) -> io::Result<()> {
    let text = "To show the words, offline and where no one and no camera sees the screen:";
    paragraph(out, text, "  ")?;
    let digits = unique_digits(offers.iter().map(|offer| offer.id.as_str()));
    for offer in offers {
        let short = offer.id.get(..digits);
        let short = short.filter(|_| !again::is_id_given(args, offer));
        let id = short.unwrap_or(&offer.id);
        let options = again::options(args, offer);
        let all = args.cards.sources.iter().map(|source| shell(source));
        let source = all.collect::<Vec<_>>().join(" ");
        let same = offers.iter().filter(|other| other.id == offer.id).count() > 1;
        let length = match same || !offer.proof.proves_length() {
            true => format!(" --length {}", u32::from(offer.words) / 3 * 4),
            false => String::new(),
        };
        let command = format!("bitbox-backup words {source}{options} --id {id}{length} --reveal");
        writeln!(out, "      {command}")?;
    }
    writeln!(out)?;
    let text = "FINGERPRINT is the root fingerprint of the wallet without a passphrase. A passphrase is \
                in no backup and makes another wallet: --passphrase asks for it and shows that \
                wallet's fingerprint, to compare with what the BitBox or its app shows.";
    styled(out, DIM, text, "")
}

/// What showing words means, before it is done. `asked`: whether a question follows.
pub(crate) fn warning(
    out: &mut impl Write,
    offer: &Offer,
    risks: &[Risk],
    global: &Global,
    asked: bool,
    width: usize,
) -> io::Result<()> {
    let mut say = |indent: &str, hanging: &str, text: &str| {
        writeln!(out, "{}", fill(text, width.min(WIDEST), indent, hanging))
    };
    if asked || !global.quiet {
        let heading = format!("{BOLD}The recovery words of {}{BOLD:#}", offer.title());
        say("", "", &heading)?;
        for text in [
            "Whoever sees these words owns the coins of this wallet, today and forever, wherever the card is. \
             Nobody who helps you needs them: no support, no web page, no app.",
            "Best on a computer that never goes online again, started from a medium that keeps nothing; \
             with no one and no camera around. Write them on paper: no photo, no printer, no clipboard.",
        ] {
            say("  ", "  ", text)?;
        }
    }
    if let Some(note) = proof::folder_note(&offer.proof) {
        say("  ", "  ", &note)?;
    }
    let is_shown = |risk: &&Risk| !global.quiet || risk.level == Level::Risk;
    for risk in risks.iter().filter(is_shown) {
        let (style, word) = match risk.level {
            Level::Risk => (BAD, "risk"),
            Level::Unknown => (WARN, "unknown"),
            Level::Good => (AnsiColor::Green.on_default(), "good"),
        };
        let indent = format!("  {style}{word}:{style:#} ");
        say("", "    ", &format!("{indent}{}", risk.text))?;
    }
    if asked { writeln!(out) } else { Ok(()) }
}

/// The words on a screen of this size, or why not: words that do not fit are not shown by halves.
pub(crate) fn page(
    offer: &Offer,
    generations: usize,
    words: &Words,
    size: Size,
    minutes: u64,
) -> Page {
    let mut head = vec![format!("Recovery words of wallet {}", offer.title())];
    head.push(match offer.timestamp {
        Some(_) => format!("Backup made {} UTC", table::made_utc(offer.timestamp)),
        None => "Backup made at an unknown time".to_owned(),
    });
    if generations > 1 {
        head.push(format!(
            "({generations} backups on the card have these words)"
        ));
    }
    if let Some(print) = &offer.fingerprint {
        head.push(format!("Root fingerprint {print} without passphrase"));
    }
    if let Some(print) = &offer.fingerprint_with_passphrase {
        head.push(format!("Root fingerprint {print} with the one you typed"));
    }
    if !offer.proof.proves_length() {
        let words = offer.words;
        head.push(format!("That there are {words} words is not proved."));
    }
    head.extend(proof::folder_note(&offer.proof));
    let foot = format!(
        "Press q or Enter to close; the screen is cleared. It closes by itself after {minutes} minutes without a key."
    );
    let wrap = |text: &String| -> Vec<String> {
        let lines = textwrap::wrap(text, size.columns.max(8));
        lines.into_iter().map(|line| line.into_owned()).collect()
    };
    let (head, foot) = (head.iter().flat_map(wrap).collect::<Vec<_>>(), wrap(&foot));
    let count = words.count();
    let fits =
        |columns: &usize| count.is_multiple_of(*columns) && columns * COLUMN <= size.columns + 2;
    let columns = (1..=MAX_COLUMNS).rev().find(fits);
    let mut page = Page::new();
    match columns {
        Some(columns) if head.len() + count / columns + foot.len() + 2 <= size.rows => {
            head.iter().for_each(|line| page.line([line.as_str()]));
            page.line([]);
            numbered(&mut page, words, count / columns);
            page.line([]);
            foot.iter().for_each(|line| page.line([line.as_str()]));
        }
        _ => {
            let text = format!(
                "This window is too small for {count} words; none of them is shown. Make it larger (80 by 24 is enough), or press q."
            );
            let lines = wrap(&text);
            for line in lines.iter().take(size.rows) {
                page.line([line.as_str()]);
            }
        }
    }
    page
}

/// The words, numbered, one column after the other.
fn numbered(page: &mut Page, words: &Words, rows: usize) {
    for row in 0..rows {
        let mut parts = Vec::new();
        for (index, word) in words.expose().enumerate().skip(row).step_by(rows) {
            let number = Zeroizing::new(format!("{:>2} ", index + 1));
            parts.push((number, word));
        }
        let last = parts.len().saturating_sub(1);
        let parts = parts
            .iter()
            .enumerate()
            .flat_map(|(column, (number, word))| {
                let gap = match column < last {
                    true => COLUMN - 3 - word.len(),
                    false => 0,
                };
                let blank = "              ".get(..gap).unwrap_or_default();
                ["\x1b[2m", number, "\x1b[22;1m", *word, "\x1b[0m", blank]
            });
        page.line(parts);
    }
}

/// The words for a file: all in one line, as other programs take them; then numbered, as people copy
/// them; then whose they are.
pub(crate) fn file(offer: &Offer, words: &Words) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2048));
    for (index, word) in words.expose().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    text.push_str("\n\n");
    for (index, word) in words.expose().enumerate() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{:>2} {word}", index + 1);
    }
    let made = table::made_utc(offer.timestamp);
    let print = offer.fingerprint.as_deref().unwrap_or("none");
    let _ = writeln!(
        text,
        "\nwallet {}\nname {}\nbackup made {made} UTC\nroot fingerprint {print} without passphrase",
        offer.id,
        table::name(offer.name.as_deref()),
    );
    if let Some(print) = &offer.fingerprint_with_passphrase {
        let _ = writeln!(text, "root fingerprint {print} with the passphrase typed");
    }
    if let Some(note) = proof::folder_note(&offer.proof) {
        let _ = writeln!(text, "{note}");
    }
    text
}
