//! What was recovered, for a person: on the terminal, and as the text beside the files.

mod text;

use std::io::{self, Write};

use bitbox_backup::finding::Rest;
use bitbox_backup::recover::{
    NotChosenReport, NotRecoveredReport, PassedOver, Proof, Reason, RecoveredReport,
    RecoveryReport, SourceRun,
};
use bitbox_backup::text::{path_text, plural};

pub(crate) use text::{Run, now, raw, text};

use self::text::details;
use super::grid::{self, Cell, Column};
use super::{BAD, BOLD, DIM, GOOD, WARN, paragraph, proof, styled, width};
use crate::args::Global;
use crate::commands::recover::{Args, Verified};
use crate::render::phrase::{each_wallet, to_new_card};
use bitbox_backup::text::short_id;

/// Prints what was recovered and what was not.
pub(crate) fn recovery(
    out: &mut impl Write,
    report: &RecoveryReport,
    args: &Args,
    verified: Verified,
    global: &Global,
) -> anyhow::Result<()> {
    for source in &report.sources {
        let note = match (reading_of(report, source), &source.error) {
            (_, Some(_)) => "  could not be read".to_owned(),
            (Some(note), None) => format!("  {note}"),
            (None, None) => String::new(),
        };
        writeln!(out, "{BOLD}{}{BOLD:#}{note}", source.source)?;
    }
    let style = match (report.needs_attention(), report.recovered.is_empty()) {
        (false, _) => GOOD,
        (true, false) => WARN,
        (true, true) => BAD,
    };
    styled(out, style, &report.verdict, "  ")?;
    if !report.recovered.is_empty() {
        writeln!(out)?;
        recovered(out, &report.recovered, global.verbose)?;
        for one in &report.recovered {
            folder_note(out, &one.id, &one.proof)?;
        }
    }
    for warning in &report.warnings {
        writeln!(out)?;
        paragraph(out, &format!("{WARN}warning{WARN:#}: {warning}"), "  ")?;
    }
    if global.verbose {
        for one in &report.recovered {
            writeln!(out)?;
            details(out, one, width(), "  ")?;
        }
    }
    not_recovered(out, &report.not_recovered, global.verbose)?;
    if !global.quiet && !report.not_chosen.is_empty() {
        writeln!(out)?;
        for one in &report.not_chosen {
            paragraph(out, &passed_over(one), "  ")?;
        }
    }
    written(out, report, args, verified)
}

/// Of which other source this is another reading, in words.
fn reading_of(report: &RecoveryReport, source: &SourceRun) -> Option<String> {
    let of = report.sources.get(source.reading_of? as usize)?;
    Some(format!("another reading of the card in {}", of.source))
}

/// Prints the backups. Where there is no room, the time is left out first, then the proof.
fn recovered(out: &mut impl Write, recovered: &[RecoveredReport], all: bool) -> io::Result<()> {
    let columns = [
        Column::new("NAME").wrapping(),
        Column::new("MADE (UTC)").left_out(1),
        Column::new("WORDS").right(),
        Column::new("HOW").wrapping(),
        Column::new("PROVED BY").wrapping().left_out(2),
        Column::new("ID"),
    ];
    let cells = |one: &RecoveredReport| {
        vec![
            Cell::new(one.name.as_deref().unwrap_or("?")),
            Cell::new(minute(one.created.as_deref())),
            Cell::new(words(one.words)),
            Cell::new(how(one)),
            Cell::new(proof::seed_and_length(&one.proof)),
            Cell::new(short_id(&one.id)),
        ]
    };
    grid::print(out, &columns, recovered, cells, width(), all)
}

/// Says of a backup that its folder is named for another wallet.
pub(crate) fn folder_note(out: &mut impl Write, id: &str, by: &Proof) -> io::Result<()> {
    let Some(note) = proof::folder_note(by) else {
        return Ok(());
    };
    writeln!(out)?;
    let text = format!("{WARN}{}{WARN:#}: {note}", short_id(id));
    paragraph(out, &text, "  ")
}

/// What is lost and what would help; `traces` also of what matters no more.
pub(crate) fn not_recovered(
    out: &mut impl Write,
    all: &[NotRecoveredReport],
    traces: bool,
) -> io::Result<()> {
    let (lost, rest): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.matters());
    let lost = lost.into_iter().map(|one| (one, BAD));
    let rest = rest.into_iter().filter(|_| traces).map(|one| (one, DIM));
    for (one, style) in lost.chain(rest) {
        writeln!(out)?;
        let text = format!(
            "{style}not recovered{style:#} {}: {}",
            which(one),
            one.message
        );
        paragraph(out, &text, "  ")?;
        let text = format!("{DIM}what would help:{DIM:#} {}", one.advice);
        paragraph(out, &text, "      ")?;
    }
    Ok(())
}

/// Where everything is now.
fn written(
    out: &mut impl Write,
    report: &RecoveryReport,
    args: &Args,
    verified: Verified,
) -> anyhow::Result<()> {
    let any = !report.recovered.is_empty();
    let card = args.card.as_ref().filter(|_| verified == Verified::Listed);
    let places = [
        (
            args.to.as_ref().filter(|_| any),
            "three copies of each backup, and recovery-report.txt",
        ),
        (card.filter(|_| any), "the image of a card"),
        (
            args.raw.as_ref(),
            "every copy as it is on the card, and copies.txt",
        ),
    ];
    let places = places.map(|(place, what)| Some((place?, what)));
    if places.iter().any(Option::is_some) {
        writeln!(out)?;
    }
    for (place, what) in places.into_iter().flatten() {
        let text = format!("{BOLD}{}{BOLD:#}: {what}", path_text(place));
        paragraph(out, &text, "")?;
    }
    Ok(())
}

/// What to do with what was written, step by step; commands stand on lines of their own. `rest` is what else is on the card.
pub(crate) fn what_next(
    args: &Args,
    report: &RecoveryReport,
    verified: Verified,
    rest: &[Rest],
) -> Vec<String> {
    let mut steps: Vec<_> = args.card.iter().map(|card| to_new_card(card)).collect();
    if args.to.is_some() {
        let copy = match verified {
            Verified::Listed => {
                "opy the folder bitbox02 to the top of an empty card with FAT32, never to the old one."
            }
            Verified::TooMany => {
                // The image of a card was not written.
                steps.clear();
                "opy each folder in bitbox02 to a card of its own, an empty one with FAT32, into a new folder bitbox02 at \
                 its top: a BitBox02 cannot list all of these on one card."
            }
        };
        steps.push(match steps.as_slice() {
            [] => format!("C{copy}"),
            _ => format!("Or c{copy}"),
        });
    }
    let is_partial = report.not_recovered.iter().any(NotRecoveredReport::matters);
    let (keep, then) = match kept_for(is_partial, rest) {
        Some(what) => (
            format!("Keep the old card: it holds {what}."),
            "When all of this has worked, destroy the recovered files.",
        ),
        None => (
            "Keep the old card until all of this has worked.".to_owned(),
            "Then destroy these files.",
        ),
    };
    if report.recovered.iter().all(|one| one.words.is_none()) {
        steps.push(format!(
            "A BitBox lists this backup and does not restore it. {keep}"
        ));
        return steps;
    }
    let restore = match each_wallet(report) {
        None => {
            "Then restore from the new card on a BitBox that holds no other wallet, and have that BitBox make a new backup on a \
             fresh card."
                .to_owned()
        }
        Some(each) => format!(
            "Then do this for {each}: restore it from the new card on the BitBox, and have the BitBox make a new backup of \
             it on a fresh card. A BitBox holds one wallet at a time: reset it only when that backup is checked."
        ),
    };
    steps.push(format!("{restore} {keep} {then}"));
    steps
}

/// What a card is kept for on which something could not be recovered, or something else is.
pub(crate) fn kept_for(is_partial: bool, rest: &[Rest]) -> Option<String> {
    let partial = is_partial.then(|| "what could not be recovered".to_owned());
    let rest = (!rest.is_empty()).then(|| Rest::list(rest));
    let all: Vec<_> = partial.into_iter().chain(rest).collect();
    (!all.is_empty()).then(|| all.join(", and "))
}

fn passed_over(one: &NotChosenReport) -> String {
    let made = one.created.as_deref().unwrap_or("an unknown time");
    let how = match one.timestamp {
        Some(timestamp) => format!("write it with --timestamp {timestamp}"),
        None => "choose it with --length".to_owned(),
    };
    let why = match one.why {
        PassedOver::Older => "an older one of the same wallet is proved too".to_owned(),
        PassedOver::SeedOnly => "of another one of the same wallet the seed is proved".to_owned(),
        PassedOver::OtherTime => "another one of the same wallet is proved too".to_owned(),
        PassedOver::OtherLength => {
            format!(
                "another wallet of {} words has the same ID",
                words(one.words)
            )
        }
        _ => "another one is chosen".to_owned(),
    };
    let id = short_id(&one.id);
    format!("{id} of {made}: {why}, and not written; {how}")
}

fn which(one: &NotRecoveredReport) -> String {
    let id = one.id.as_deref().map(short_id);
    match (id, one.created.as_deref()) {
        (Some(id), Some(made)) => format!("{id} of {made}"),
        (Some(id), None) => id,
        (None, Some(made)) => format!("a backup of {made}"),
        (None, None) if one.reason == Reason::Nothing => "a trace of a backup".to_owned(),
        (None, None) => "a backup of an unknown wallet".to_owned(),
    }
}

fn how(one: &RecoveredReport) -> String {
    let how = proof::method(one.method);
    match one.changed_bits {
        0 => how.to_owned(),
        bits => format!("{how}, {} changed", plural(bits as usize, "bit", "bits")),
    }
}

fn words(words: Option<u8>) -> String {
    words.map_or_else(|| "-".to_owned(), |words| words.to_string())
}

fn minute(created: Option<&str>) -> String {
    let made = created.and_then(|made| made.get(..16));
    made.map_or_else(|| "?".to_owned(), |made| made.replace('T', " "))
}
