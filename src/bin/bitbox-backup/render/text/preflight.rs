//! `inspect --preflight` as text: whether a BitBox02 would take this card for a new backup.

use std::io::Write;

use bitbox_backup::firmware::Version;
use bitbox_backup::report::Source;

use super::{BAD, BOLD, DIM, GOOD, WARN, paragraph, place, source, styled, what_to_do};
use crate::args::Global;
use crate::render::phrase::basis;
use bitbox_backup::text::short_id;

/// Prints the answer, each reason with what to do, and the commands that mend it.
pub(crate) fn preflight(
    mut out: impl Write,
    one: &Source,
    global: &Global,
    firmware: Version,
) -> anyhow::Result<()> {
    let Some(report) = &one.preflight else {
        source(&mut out, one, global)?;
        return Ok(out.flush()?);
    };
    writeln!(out, "{BOLD}{}{BOLD:#}", one.source)?;
    let first = report.first().map(|first| &*first.reason);
    let text = match first {
        _ if !report.accepted => "A BitBox02 would not make a good backup on this card.",
        None => "A BitBox02 would make a new backup on this card.",
        Some("not-searched") => {
            "Make no new backup on this card yet: not all of it was searched, and a backup may still be on it."
        }
        Some("bitbox01-backups") => {
            "Do not make a new backup on this card: it holds files of a BitBox01."
        }
        Some(_) => {
            "Do not make a new backup on this card: a backup can still be recovered from it."
        }
    };
    let style = if report.accepted && first.is_none() {
        GOOD
    } else {
        BAD
    };
    styled(&mut out, style, text, "  ")?;
    let warnings = report.warnings.iter().map(|warning| (WARN, warning));
    let reasons = report.reasons.iter().map(|reason| (style, reason));
    for (style, reason) in reasons.chain(warnings) {
        let about = reason.id.as_deref();
        let about = about.map_or_else(String::new, |id| format!("{}: ", short_id(id)));
        let text = format!(
            "{style}{}{style:#}: {about}{}",
            reason.reason, reason.message
        );
        writeln!(out)?;
        paragraph(&mut out, &(text + &place(reason.offset)), "  ")?;
        what_to_do(&mut out, &reason.advice, "      ")?;
    }
    if !report.commands.is_empty() {
        writeln!(out)?;
        let text = "This command fixes it. It changes the card permanently, and formatting erases all that is on \
            it: make sure that the path is that of this card.";
        paragraph(&mut out, text, "  ")?;
        for command in &report.commands {
            writeln!(out, "      {command}")?;
        }
    }
    if !global.quiet {
        let text =
            "Determined without writing to the card. How long the card will last cannot be tested.";
        writeln!(out)?;
        styled(&mut out, DIM, &format!("{text} {}", basis(firmware)), "")?;
    }
    Ok(out.flush()?)
}
