//! What an E01 image says of itself, as text: its case, its hashes, its files.

use std::io::{self, Write};

use bitbox_backup::image::EvidenceReport;

use super::{BAD, BOLD, DIM, GOOD, paragraph};
use crate::privacy;

/// The image and its case, its hashes beside those computed, and its files.
pub(crate) fn evidence(out: &mut impl Write, evidence: &EvidenceReport) -> io::Result<()> {
    writeln!(out, "\n{BOLD}E01 image{BOLD:#}")?;
    for (name, value) in evidence.case.iter().flat_map(|case| case.fields()) {
        paragraph(out, &format!("{DIM}{name}{DIM:#}  {value}"), "  ")?;
    }
    if privacy::is_on() {
        writeln!(out, "  case data and hashes are left out")?;
    } else if evidence.case.is_none() {
        writeln!(out, "  no case data")?;
    }
    hashes(out, evidence)?;
    for segment in &evidence.segments {
        let text = format!("{DIM}file{DIM:#}  {}, {} bytes", segment.file, segment.size);
        paragraph(out, &text, "  ")?;
        if let Some(sha256) = &segment.sha256 {
            writeln!(out, "    {DIM}SHA-256{DIM:#}  {sha256}")?;
        }
    }
    Ok(())
}

/// What is stored, what was computed, and whether they are equal.
fn hashes(out: &mut impl Write, evidence: &EvidenceReport) -> io::Result<()> {
    for hash in &evidence.hashes {
        let name = hash.algorithm.name();
        if privacy::is_on() {
            let compared = match hash.matches {
                Some(true) => "stored and computed are equal",
                Some(false) => "stored and computed are not equal",
                None => "not compared",
            };
            writeln!(out, "  {DIM}{name}{DIM:#}  {compared}")?;
            continue;
        }
        if let Some(stored) = &hash.stored {
            writeln!(out, "  {DIM}{name} stored{DIM:#}    {stored}")?;
        }
        if let Some(computed) = &hash.computed {
            writeln!(out, "  {DIM}{name} computed{DIM:#}  {computed}")?;
        }
        match (hash.matches, &hash.stored) {
            (Some(true), _) => writeln!(out, "    {GOOD}equal{GOOD:#}")?,
            (Some(false), _) => {
                let text = format!(
                    "{BAD}not equal:{BAD:#} the image was changed after it was made, or its \
                     stored hash was. Do not rely on this copy."
                );
                paragraph(out, &text, "    ")?;
            }
            (None, Some(_)) => {
                let text = "not compared; `audit --hash` and `image` compare it";
                writeln!(out, "    {text}")?;
            }
            (None, None) => writeln!(out, "    none is stored in the image")?,
        }
    }
    if evidence.hashes.is_empty() {
        writeln!(out, "  no hash is stored in it")?;
    }
    if let Some(sha256) = &evidence.medium_sha256 {
        writeln!(out, "  {DIM}SHA-256 computed{DIM:#}  {sha256}")?;
    }
    Ok(())
}
