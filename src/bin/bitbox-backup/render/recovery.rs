//! What was recovered, for a person: on the terminal, and as the text beside the files.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use bitbox_backup::recover::{FieldProof, SeedProof};
use bitbox_backup::repair::Method;
use bitbox_backup::report::{
    CopyReport, NotChosenReport, NotRecoveredReport, RawReport, Reason, RecoveredReport,
    RecoveryReport, WhyNot, path_text,
};
use comfy_table::{Cell, CellAlignment};

use super::{BOLD, DIM, paragraph, table, width};
use crate::args::{Global, Recover};

/// How wide the text beside the files is.
const TEXT_WIDTH: usize = 96;

/// Prints what was recovered and what was not.
pub(crate) fn recovery(
    out: &mut impl Write,
    report: &RecoveryReport,
    args: &Recover,
    global: &Global,
) -> anyhow::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", report.source)?;
    let style = match (report.needs_attention(), report.recovered.is_empty()) {
        (false, _) => AnsiColor::Green.on_default().bold(),
        (true, false) => AnsiColor::Yellow.on_default().bold(),
        (true, true) => AnsiColor::Red.on_default().bold(),
    };
    paragraph(out, &format!("{style}{}{style:#}", report.verdict), "  ")?;
    if !report.recovered.is_empty() {
        writeln!(out)?;
        recovered(out, &report.recovered)?;
    }
    if global.verbose {
        for one in &report.recovered {
            writeln!(out)?;
            details(out, one, width(), "  ")?;
        }
    }
    let lost = report.not_recovered.iter().filter(|one| one.matters());
    let traces = report.not_recovered.iter().filter(|one| !one.matters());
    for one in lost {
        writeln!(out)?;
        let style = AnsiColor::Red.on_default().bold();
        missing(out, one, style)?;
    }
    if global.verbose {
        for one in traces {
            writeln!(out)?;
            missing(out, one, DIM)?;
        }
    }
    if !global.quiet && !report.not_chosen.is_empty() {
        writeln!(out)?;
        for one in &report.not_chosen {
            paragraph(out, &passed_over(one), "  ")?;
        }
    }
    written(out, report, args)
}

fn recovered(out: &mut impl Write, recovered: &[RecoveredReport]) -> std::io::Result<()> {
    let head = ["NAME", "MADE (UTC)", "WORDS", "HOW", "PROVED BY", "ID"];
    let mut rows = table::plain(&head, width());
    for one in recovered {
        rows.add_row([
            Cell::new(one.name.as_deref().unwrap_or("?")),
            Cell::new(minute(one.created.as_deref())),
            Cell::new(words(one.words)).set_alignment(CellAlignment::Right),
            Cell::new(how(one)),
            Cell::new(seed_proof(one.proof.seed)),
            Cell::new(short(&one.id)),
        ]);
    }
    table::print(out, &rows)
}

fn missing(out: &mut impl Write, one: &NotRecoveredReport, style: Style) -> std::io::Result<()> {
    let text = format!(
        "{style}not recovered{style:#} {}: {}",
        which(one),
        one.message
    );
    paragraph(out, &text, "  ")?;
    let text = format!("{DIM}what would help:{DIM:#} {}", one.advice);
    paragraph(out, &text, "      ")
}

/// Where everything is now.
fn written(out: &mut impl Write, report: &RecoveryReport, args: &Recover) -> anyhow::Result<()> {
    let places = [
        (
            &args.to,
            "three copies of each backup, and recovery-report.txt",
            true,
        ),
        (&args.card, "the image of a card", true),
        (&args.raw, "every copy as it lies, and copies.txt", false),
    ];
    let places = places
        .iter()
        .filter(|(_, _, needs)| !needs || !report.recovered.is_empty());
    let places: Vec<_> = places
        .filter_map(|(place, what, _)| Some((place.as_deref()?, what)))
        .collect();
    if places.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for (place, what) in places {
        paragraph(
            out,
            &format!("{BOLD}{}{BOLD:#}: {what}", path_text(place)),
            "",
        )?;
    }
    Ok(())
}

/// What a person does with it.
pub(crate) fn what_next(out: &mut impl Write, args: &Recover) -> anyhow::Result<()> {
    let mut say = |text: &str| paragraph(out, &format!("{DIM}{text}{DIM:#}"), "");
    if let Some(card) = &args.card {
        let card = path_text(card);
        say(&format!(
            "To get {card} onto a card, write it over the whole card with an imaging program, or with \
             `dd if={card} of=/dev/sdX bs=4M conv=fsync` where sdX is the card. Everything that was on \
             the card is lost."
        ))?;
    }
    if args.to.is_some() {
        say(
            "To get the backups onto a card, copy the folder bitbox02 to the top of an empty card with \
             FAT32.",
        )?;
    }
    say(
        "Then restore from it on the BitBox, have the BitBox make a new backup on a fresh card, and \
         destroy these files.",
    )?;
    Ok(())
}

/// The report as a text, complete in itself.
pub(crate) fn text(report: &RecoveryReport) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let width = Some(TEXT_WIDTH);
    writeln!(out, "Recovery of BitBox02 backups\n")?;
    writeln!(out, "Source:   {}", report.source)?;
    writeln!(out, "Program:  bitbox-backup {}", report.tool)?;
    writeln!(out, "Firmware: {} ({})", report.firmware, report.basis)?;
    writeln!(
        out,
        "Effort:   at most {} candidates a backup",
        report.effort
    )?;
    writeln!(out, "\n{}", report.verdict)?;
    if report.interrupted {
        writeln!(
            out,
            "The search was stopped before it had tried all candidates."
        )?;
    }
    wrapped(
        &mut out,
        "The files hold wallets in plain text; this report holds no secret.",
        width,
        "",
    )?;
    if !report.recovered.is_empty() {
        writeln!(out, "\n\nRECOVERED")?;
    }
    for one in &report.recovered {
        writeln!(out)?;
        details(&mut out, one, width, "")?;
    }
    if !report.not_chosen.is_empty() {
        writeln!(out, "\n\nPROVED AS WELL, AND NOT WRITTEN\n")?;
    }
    for one in &report.not_chosen {
        wrapped(&mut out, &passed_over(one), width, "")?;
    }
    if !report.not_recovered.is_empty() {
        writeln!(out, "\n\nNOT RECOVERED")?;
    }
    for one in &report.not_recovered {
        writeln!(out)?;
        wrapped(
            &mut out,
            &format!("{}: {}", which(one), one.message),
            width,
            "",
        )?;
        wrapped(
            &mut out,
            &format!("What would help: {}", one.advice),
            width,
            "  ",
        )?;
        copies(&mut out, "Found", &one.copies)?;
    }
    Ok(out)
}

/// Everything about one backup, field by field.
fn details(
    out: &mut impl Write,
    one: &RecoveredReport,
    width: Option<usize>,
    indent: &str,
) -> std::io::Result<()> {
    let unknown = || "unknown".to_owned();
    writeln!(out, "{indent}Wallet {}", one.id)?;
    wrapped(
        out,
        &format!("How: {}.", how_long(one)),
        width,
        &format!("{indent}  "),
    )?;
    let proof = &one.proof;
    let time = |time: Option<u32>| time.map_or_else(unknown, bitbox_backup::report::rfc3339);
    let fields = [
        ("Seed", "(not shown)".to_owned(), seed_proof(proof.seed)),
        ("Words", words(one.words), field_proof(proof.seed_length)),
        ("Made", time(one.timestamp), field_proof(proof.timestamp)),
        (
            "Name",
            one.name.clone().unwrap_or_else(unknown),
            field_proof(proof.name),
        ),
        (
            "Birthdate",
            time(one.birthdate),
            field_proof(proof.birthdate),
        ),
        (
            "Generator",
            one.generator.clone(),
            field_proof(proof.generator),
        ),
    ];
    for (name, value, proof) in fields {
        writeln!(out, "{indent}  {name:<10} {value}  [{proof}]")?;
    }
    for file in &one.files {
        writeln!(out, "{indent}  {file}")?;
    }
    writeln!(out, "{indent}  SHA-256 of each: {}", one.sha256)?;
    copies(out, &format!("{indent}  Made of"), &one.copies)
}

fn copies(out: &mut impl Write, what: &str, copies: &[CopyReport]) -> std::io::Result<()> {
    for copy in copies {
        let place = place(copy);
        let (origin, state, path) = (copy.origin, copy.state, &copy.path);
        writeln!(
            out,
            "  {}: {origin}, {state}, {place}: {path}",
            what.trim_start()
        )?;
    }
    Ok(())
}

/// The list of copies as they lie.
pub(crate) fn raw(report: &RawReport) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    writeln!(
        out,
        "Every copy of a BitBox02 backup found in {}, as it lies.",
        report.source
    )?;
    writeln!(
        out,
        "The files hold wallets in plain text; this list holds no secret.\n"
    )?;
    for one in &report.copies {
        let file = one.file.as_deref().unwrap_or("(no bytes)");
        let copy = &one.copy;
        writeln!(
            out,
            "{file}  {}  {}  {} bytes, {}\n    {}",
            copy.origin,
            copy.state,
            copy.size,
            place(copy),
            copy.path
        )?;
        if let Some(id) = &one.id {
            writeln!(out, "    wallet {id}")?;
        }
    }
    Ok(out)
}

fn place(copy: &CopyReport) -> String {
    let run = |run: &bitbox_backup::report::Run| format!("{}+{}", run.0.offset, run.0.length);
    match copy.extents.as_slice() {
        [] => "a file of the computer".to_owned(),
        runs => format!(
            "bytes {}",
            runs.iter().map(run).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn wrapped(
    out: &mut impl Write,
    text: &str,
    width: Option<usize>,
    indent: &str,
) -> std::io::Result<()> {
    let Some(width) = width else {
        return writeln!(out, "{indent}{text}");
    };
    let options = textwrap::Options::new(width)
        .initial_indent(indent)
        .subsequent_indent(indent);
    writeln!(out, "{}", textwrap::fill(text, options))
}

fn passed_over(one: &NotChosenReport) -> String {
    let made = one.created.as_deref().unwrap_or("an unknown time");
    let how = match one.timestamp {
        Some(timestamp) => format!("write it with --timestamp {timestamp}"),
        None => "choose it with --length".to_owned(),
    };
    let why = match one.why {
        WhyNot::Older => "an older one of the same wallet is proved too".to_owned(),
        WhyNot::SeedOnly => "of another one of the same wallet the seed is proved".to_owned(),
        WhyNot::OtherTime => "another one of the same wallet is proved too".to_owned(),
        WhyNot::OtherLength => format!(
            "another wallet of {} words has the same id",
            words(one.words)
        ),
    };
    format!(
        "{} of {made}: {why}, and not written; {how}",
        short(&one.id)
    )
}

fn which(one: &NotRecoveredReport) -> String {
    let id = one.id.as_deref().map(short);
    match (id, one.created.as_deref()) {
        (Some(id), Some(made)) => format!("{id} of {made}"),
        (Some(id), None) => id,
        (None, Some(made)) => format!("a backup of {made}"),
        (None, None) if one.reason == Reason::Nothing => "a trace of a backup".to_owned(),
        (None, None) => "a backup of an unknown wallet".to_owned(),
    }
}

fn how(one: &RecoveredReport) -> String {
    match one.method {
        Method::Copy => "a whole copy".to_owned(),
        Method::Vote => "vote of the copies".to_owned(),
        Method::Splice => "parts of several copies".to_owned(),
        Method::Align => "copies brought into line".to_owned(),
        Method::SeedById => "the seed alone".to_owned(),
        Method::Search => match one.changed_bits {
            1 => "search, 1 bit changed".to_owned(),
            bits => format!("search, {bits} bits changed"),
        },
    }
}

fn how_long(one: &RecoveredReport) -> String {
    let how = match one.method {
        Method::Copy => "a copy on the source is whole; these are its very bytes".to_owned(),
        Method::Vote => "the bitwise majority of the damaged copies".to_owned(),
        Method::Splice => "each field from a copy in which it is whole".to_owned(),
        Method::Align => {
            "copies that lost or gained bytes, brought into line and then voted over".to_owned()
        }
        Method::SeedById => {
            "the seed from a copy in which it is whole; the file around it is made anew".to_owned()
        }
        Method::Search => {
            let rank = one
                .rank
                .map_or_else(String::new, |rank| format!(", candidate {rank}"));
            format!(
                "found by trying, with {} bits that no copy told{rank}",
                one.changed_bits
            )
        }
    };
    if one.original || one.method == Method::SeedById {
        how
    } else {
        format!("{how}; the file is put together from its fields")
    }
}

fn seed_proof(proof: SeedProof) -> &'static str {
    match proof {
        SeedProof::Checksum => "checksum",
        SeedProof::Id => "id",
        SeedProof::Both => "checksum and id",
    }
}

fn field_proof(proof: FieldProof) -> &'static str {
    match proof {
        FieldProof::Checksum => "checksum",
        FieldProof::Copy => "a copy says so, unproved",
        FieldProof::FileName => "a file name says so, unproved",
        FieldProof::Absent => "nothing tells",
    }
}

fn words(words: Option<u8>) -> String {
    words.map_or_else(|| "-".to_owned(), |words| words.to_string())
}

/// A time to the minute.
fn minute(created: Option<&str>) -> String {
    let made = created.and_then(|made| made.get(..16));
    made.map_or_else(|| "?".to_owned(), |made| made.replace('T', " "))
}

fn short(id: &str) -> String {
    id.chars().take(8).chain(['…']).collect()
}
