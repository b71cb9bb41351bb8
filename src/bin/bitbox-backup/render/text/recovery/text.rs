//! The texts beside the files, complete in themselves.

use std::io::{self, Write};

use bitbox_backup::backup::Method;
use bitbox_backup::recover::{FieldProof, Proof, REBUILT};
use bitbox_backup::recover::{RawReport, RecoveredReport, RecoveryReport, SourceRun};
use bitbox_backup::report::{CopyReport, WhatWasRead};
use bitbox_backup::text::{bytes, made, plural};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::{proof, set};
use super::{passed_over, reading_of, which, words};
use crate::privacy;

/// How wide they are.
const TEXT_WIDTH: usize = 96;

/// How a run came to its report: what the report beside the files says, and the answer does not, since the
/// same source gives the same answer.
pub(crate) struct Run {
    /// Local time with its offset, and UTC.
    pub(crate) date: String,
    /// The program and its arguments, as a shell takes them.
    pub(crate) command: Vec<String>,
    /// Of each source that was read its bytes, and what of the card was read; `None` if it is no card.
    pub(crate) read: Vec<(Option<u64>, Option<WhatWasRead>)>,
    /// What to do with what was written.
    pub(crate) next: Vec<String>,
}

/// Now, in local time with its offset, and in UTC.
pub(crate) fn now() -> String {
    let now = Timestamp::now();
    let local = now.to_zoned(TimeZone::system());
    let utc = now.to_zoned(TimeZone::UTC);
    format!(
        "{} ({} UTC)",
        local.strftime("%Y-%m-%d %H:%M:%S %:z"),
        utc.strftime("%Y-%m-%d %H:%M:%S")
    )
}

pub(crate) fn text(report: &RecoveryReport, run: &Run) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let width = Some(TEXT_WIDTH);
    let wrapped = |out: &mut Vec<u8>, text: &str| set(out, text, width, "", "");
    writeln!(out, "Recovery of BitBox02 backups\n")?;
    wrapped(&mut out, privacy::first_line())?;
    writeln!(out)?;
    head(&mut out, report, run)?;
    writeln!(out, "\n{}", report.verdict)?;
    if report.interrupted {
        let text = "The search was stopped before it had tried all candidates.";
        writeln!(out, "{text}")?;
    }
    for warning in &report.warnings {
        wrapped(&mut out, &format!("Warning: {warning}"))?;
    }
    let text = "The files hold wallets in plain text; this report holds no secret.";
    wrapped(&mut out, text)?;
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
        wrapped(&mut out, &passed_over(one))?;
    }
    if !report.not_recovered.is_empty() {
        writeln!(out, "\n\nNOT RECOVERED")?;
    }
    for one in &report.not_recovered {
        writeln!(out)?;
        wrapped(&mut out, &format!("{}: {}", which(one), one.message))?;
        let help = format!("What would help: {}", one.advice);
        set(&mut out, &help, width, "  ", "  ")?;
        copies(&mut out, "Found", &one.copies)?;
    }
    writeln!(out, "\n\nWHAT TO DO NEXT\n")?;
    for step in &run.next {
        // Commands stand on lines of their own.
        let (text, command) = step.split_once('\n').unwrap_or((step, ""));
        wrapped(&mut out, text)?;
        let mut lines = command.lines();
        lines.try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(out)
}

/// Everything about one backup, field by field.
pub(super) fn details(
    out: &mut impl Write,
    one: &RecoveredReport,
    width: Option<usize>,
    indent: &str,
) -> io::Result<()> {
    let unknown = || "unknown".to_owned();
    let inner = format!("{indent}  ");
    writeln!(out, "{indent}Wallet {}", one.id)?;
    set(
        out,
        &format!("How: {}.", how_long(one)),
        width,
        &inner,
        &inner,
    )?;
    let by = &one.proof;
    let time = |time: Option<u32>| time.and_then(made).unwrap_or_else(unknown);
    let name = one.name.clone().unwrap_or_else(unknown);
    let fields = [
        ("Seed", "(not shown)".to_owned(), proof::seed(by)),
        ("Words", words(one.words), length_proof(by)),
        ("Made", time(one.timestamp), field_proof(by.timestamp)),
        ("Name", name, field_proof(by.name)),
        ("Birthdate", time(one.birthdate), field_proof(by.birthdate)),
        (
            "Generator",
            one.generator.clone(),
            field_proof(by.generator),
        ),
    ];
    for (name, value, proof) in fields {
        writeln!(out, "{inner}{name:<10} {value}  [{proof}]")?;
    }
    if let Some(id) = &by.damaged_id {
        let note = format!(
            "The ID in a damaged name proves the seed: {} of its 256 bits are left, and {} of these differ from the \
             seed's own ID. Chance alone comes as close at most once in 2^104 times.",
            id.known_bits, id.wrong_bits
        );
        set(out, &note, width, &inner, &inner)?;
    }
    if let Some(note) = proof::folder_note(by) {
        set(out, &note, width, &inner, &inner)?;
    }
    for file in &one.files {
        writeln!(out, "{inner}{file}")?;
    }
    writeln!(out, "{inner}SHA-256 of each: {}", one.sha256)?;
    copies(out, "Made of", &one.copies)
}

fn copies(out: &mut impl Write, what: &str, copies: &[CopyReport]) -> io::Result<()> {
    for copy in copies {
        let place = place(copy);
        let (origin, state, path) = (copy.origin, copy.state, &copy.path);
        writeln!(out, "  {what}: {origin}, {state}, {place}: {path}")?;
    }
    Ok(())
}

fn head(out: &mut Vec<u8>, report: &RecoveryReport, run: &Run) -> anyhow::Result<()> {
    writeln!(out, "Date:     {}", run.date)?;
    for (index, source) in report.sources.iter().enumerate() {
        writeln!(out, "Source:   {}", source.source)?;
        head_of_source(out, report, source, run.read.get(index))?;
    }
    writeln!(out, "Command:  {}", run.command.join(" "))?;
    writeln!(out, "Program:  bitbox-backup {}", report.tool)?;
    writeln!(out, "Firmware: {} ({})", report.firmware, report.basis)?;
    let most = report.effort;
    Ok(writeln!(
        out,
        "Effort:   at most {most} candidates per backup"
    )?)
}

fn head_of_source(
    out: &mut Vec<u8>,
    report: &RecoveryReport,
    source: &SourceRun,
    read: Option<&(Option<u64>, Option<WhatWasRead>)>,
) -> anyhow::Result<()> {
    if let Some(error) = &source.error {
        writeln!(out, "          could not be read: {error}")?;
    }
    if let Some(note) = reading_of(report, source) {
        writeln!(out, "          {note}")?;
    }
    let Some((size, read)) = read.filter(|_| source.error.is_none()) else {
        return Ok(());
    };
    if let Some(size) = size {
        writeln!(out, "          {size} bytes")?;
    }
    if let Some(read) = read {
        let WhatWasRead { bytes, sha256, .. } = read;
        writeln!(
            out,
            "          {bytes} bytes of the card were read; their SHA-256 is"
        )?;
        writeln!(out, "          {sha256}")?;
    }
    Ok(())
}

pub(crate) fn raw(report: &RawReport) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let source = &report.source;
    writeln!(
        out,
        "Every copy of a BitBox02 backup found in {source}, as it is there."
    )?;
    let text = "The files hold wallets in plain text; this list holds no secret.";
    writeln!(out, "{text}\n")?;
    for one in &report.copies {
        let file = one.file.as_deref().unwrap_or("(no bytes)");
        let (place, size) = (place(&one.copy), bytes(one.copy.size));
        let CopyReport {
            origin,
            state,
            path,
            ..
        } = &one.copy;
        writeln!(
            out,
            "{file}  {origin}  {state}  {size}, {place}\n    {path}"
        )?;
        if let Some(id) = &one.id {
            writeln!(out, "    wallet {id}")?;
        }
    }
    Ok(out)
}

fn place(copy: &CopyReport) -> String {
    let run = |run: &bitbox_backup::image::Extent| format!("{}+{}", run.offset, run.length);
    match copy.extents.as_slice() {
        [] => "a file of the computer".to_owned(),
        runs => {
            let runs: Vec<_> = runs.iter().map(run).collect();
            format!("bytes {}", runs.join(", "))
        }
    }
}

fn how_long(one: &RecoveredReport) -> String {
    let how = match one.method {
        Method::Copy => "a copy on the source is intact; these are exactly its bytes".to_owned(),
        Method::Vote => "the bitwise majority of the damaged copies".to_owned(),
        Method::Splice => "each field from a copy in which it is intact".to_owned(),
        Method::Likeliest => {
            "the likeliest bits of all damaged copies together, with what the format fixes"
                .to_owned()
        }
        Method::Align => "copies that lost or gained bytes, aligned and then voted on".to_owned(),
        Method::SeedById => "the seed from a copy in which it is intact".to_owned(),
        Method::Search => {
            let rank = one.rank.map(|rank| format!(", candidate {rank}"));
            let (rank, bits) = (rank.unwrap_or_default(), one.changed_bits as usize);
            let bits = plural(bits, "bit", "bits");
            format!("found by search, with {bits} that no copy contained{rank}")
        }
        _ => "repaired".to_owned(),
    };
    if one.original {
        how
    } else if !one.proof.seed.is_whole() {
        format!(
            "{how}; only the seed is proved, so the rest of the file is generated: name and birthdate are \
             left out, and its generator says {REBUILT}"
        )
    } else {
        format!("{how}; the file is assembled from its fields")
    }
}

fn length_proof(proof: &Proof) -> &'static str {
    match proof.proves_length() {
        true => field_proof(proof.seed_length),
        false => "your word, unproved",
    }
}

fn field_proof(proof: FieldProof) -> &'static str {
    match proof {
        FieldProof::Checksum => "checksum",
        FieldProof::Id => "ID, the shortest that its zeros allow",
        FieldProof::Owner => "what the owner knows",
        FieldProof::Copy => "a copy says so, unproved",
        FieldProof::FileName => "a file name says so, unproved",
        FieldProof::Absent => "unknown",
    }
}
