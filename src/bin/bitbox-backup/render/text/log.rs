//! `log verify` as text: a sentence, what it proves, and the head.

use std::io::{self, Write};
use std::path::Path;

use bitbox_backup::journal::{LineFlaw, Verified, VerifyError};
use bitbox_backup::text::escape;

use super::{BAD, BOLD, DIM, GOOD, paragraph, styled, what_to_do};
use crate::args::Global;

/// Most torn lines that are named.
const MOST_TORN: usize = 10;

const ALONE: &str = "That proves only that nothing was changed by accident: whoever can write the \
                     file could have rewritten all of it. Write the head down, away from this \
                     machine; later, --head with it proves every line up to it.";
const KEEP: &str = "Keep the file as it is, for it may be evidence, and look for a copy of it that \
                    fits the head you wrote down.";

pub(crate) fn log(
    out: &mut impl Write,
    file: &Path,
    verified: &Result<Verified, VerifyError>,
    global: &Global,
) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", escape(&file.display().to_string()))?;
    match verified {
        Ok(found) => unbroken(out, found, global),
        Err(error) => broken(out, error, global),
    }
}

fn unbroken(out: &mut impl Write, found: &Verified, global: &Global) -> io::Result<()> {
    let proved = found.behind.map_or(0, |behind| found.lines - behind);
    styled(out, GOOD, &sentence(found, proved), "  ")?;
    torn(out, found)?;
    paragraph(out, &format!("{DIM}head:{DIM:#} {}", found.head), "  ")?;
    if proved == 0 && found.lines > 0 && !global.quiet {
        paragraph(out, ALONE, "  ")?;
    }
    Ok(())
}

fn sentence(found: &Verified, proved: u64) -> String {
    let lines = count(found.lines);
    let span = match (&found.first, &found.last) {
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    match found.behind {
        _ if found.lines == 0 => {
            "The log is empty: nothing was written yet, or all of it was removed.".to_owned()
        }
        Some(0) => {
            format!("Every line is as it was when the head was written down: {lines}{span}.")
        }
        Some(behind) if proved > 0 => format!(
            "Up to line {proved} every line is as it was when the head was written down; what follows \
             it ({}) fits and is not proved: {lines}{span}.",
            count(behind)
        ),
        _ => format!("The log is consistent: {lines}{span}."),
    }
}

fn torn(out: &mut impl Write, found: &Verified) -> io::Result<()> {
    if found.torn.is_empty() {
        return Ok(());
    }
    let named = found.torn.iter().take(MOST_TORN).map(u64::to_string);
    let named: Vec<_> = named.collect();
    let more = match found.torn.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "Cut off while written, as by a power cut, and so incomplete: line {}{more}.",
        named.join(", ")
    );
    paragraph(out, &text, "  ")
}

fn broken(out: &mut impl Write, error: &VerifyError, global: &Global) -> io::Result<()> {
    paragraph(out, &format!("{BAD}error:{BAD:#} {error}"), "  ")?;
    match error {
        VerifyError::Broken { proved, .. } => {
            if let Some(proved) = proved.filter(|proved| *proved > 0) {
                let text = "every line is as it was when the head was written down.";
                paragraph(out, &format!("Up to line {proved} {text}"), "  ")?;
            }
        }
        VerifyError::OtherHead { found } => {
            let text = format!(
                "The log is consistent ({}), so it was replaced or cut back, or the \
                 head is that of another log.",
                count(found.lines)
            );
            paragraph(out, &text, "  ")?;
        }
        _ => {}
    }
    if global.quiet {
        return Ok(());
    }
    let first = match error {
        VerifyError::OtherHead { .. } => "Compare the digits with those you wrote down. ",
        VerifyError::Broken {
            line: 1,
            flaw: LineFlaw::Form,
            ..
        } => "Check that this is the file you mean: a log written by --log. ",
        _ => "",
    };
    what_to_do(out, &format!("{first}{KEEP}"), "  ")
}

fn count(lines: u64) -> String {
    format!("{lines} {}", if lines == 1 { "line" } else { "lines" })
}
