//! `image` as text: what was written, its hash, and what is missing.

use std::io::{self, Write};

use bitbox_backup::acquire::{Ended, ImageReport};
use bitbox_backup::image::Extent;
use bitbox_backup::text::plural;

use super::{BAD, BOLD, DIM, GOOD, paragraph, what_to_do};
use crate::render::phrase::exact_size;

/// Most parts that are named; the map has them all.
const MOST: usize = 12;

/// What was written; `verify` is whether it was asked to be read back.
pub(crate) fn copied(out: &mut impl Write, report: &ImageReport, verify: bool) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", report.file)?;
    paragraph(out, &verdict(report), "  ")?;
    if let Some(end) = report.cut_at {
        let again = match report.ended {
            Ended::Through => "what is missing was copied again",
            _ => "what is missing has to be copied again",
        };
        let text = format!(
            "{BAD}The file of the earlier run ended at byte {end}, before what its map says was copied{BAD:#}: it had been \
             cut short, and {again}."
        );
        paragraph(out, &text, "  ")?;
    }
    if let Some(kind) = &report.container {
        let text = "is no raw image: its contents were copied, not the file itself.";
        let text = format!("The source ({kind}) {text}");
        paragraph(out, &text, "  ")?;
    }
    for damage in &report.container_damage {
        let text = format!("{BAD}That file is damaged:{BAD:#} {damage}.");
        paragraph(out, &text, "  ")?;
    }
    if report.exchanged {
        let text = format!(
            "{BAD}The card at the end was not the one at the beginning{BAD:#}: the image may hold \
             parts of two. Start again with one card."
        );
        paragraph(out, &text, "  ")?;
    }
    if let Some(sha256) = &report.sha256 {
        paragraph(out, &format!("{DIM}SHA-256{DIM:#}  {sha256}"), "  ")?;
    }
    match report.verified {
        Some(true) => paragraph(out, "Read back: identical.", "  ")?,
        Some(false) => {
            let text = format!("{BAD}Read back and different:{BAD:#} the disk it is on is faulty.");
            paragraph(out, &text, "  ")?;
        }
        None if verify && report.sha256.is_some() => {
            let text = "there is no hash of what was read from the card to compare it with.";
            paragraph(out, &format!("Read back; {text}"), "  ")?;
        }
        None => {}
    }
    readings(out, report)?;
    if let Some(map) = &report.map {
        paragraph(out, &format!("{DIM}map{DIM:#}      {map}"), "  ")?;
    }
    if report.ended == Ended::Through {
        places(out, "unreadable", &report.unreadable, ", in the map")?;
    }
    if let Some(e01) = &report.e01 {
        super::evidence::evidence(out, e01)?;
    }
    advice(out, report)
}

/// How much of the card is in the image, in a sentence.
fn verdict(report: &ImageReport) -> String {
    const GONE: &str = "The card or its reader was removed.";
    let missing: u64 = report.unreadable.iter().map(|part| part.length).sum();
    let (source, size) = (&report.source, exact_size(report.size));
    let there = report.size.saturating_sub(missing);
    match report.ended {
        Ended::Gone if !report.written => format!(
            "{BAD}{GONE}{BAD:#} Nothing was written: a compressed image is written whole or not at all."
        ),
        Ended::Stopped if !report.written => {
            "Stopped: nothing was written. A compressed image is written whole or not at all."
                .to_owned()
        }
        Ended::Gone => {
            format!("{BAD}{GONE}{BAD:#} {there} of {size} of {source} are in the image.")
        }
        Ended::Stopped => format!("Stopped: {there} of {size} of {source} are in the image."),
        _ if report.complete && report.resumed => format!(
            "{GOOD}All {size} are in the image.{GOOD:#} An earlier run began it: of what that run copied, at most the \
             first 16 MiB were compared with {source} now. To compare all of it, add --twice."
        ),
        _ if report.complete => {
            format!("{GOOD}All {size} of {source} are in the image.{GOOD:#}")
        }
        _ => format!(
            "{BAD}{missing} of {size} of {source} cannot be read{BAD:#}, and are zero in the image."
        ),
    }
}

/// What other readings of the card gave.
fn readings(out: &mut impl Write, report: &ImageReport) -> io::Result<()> {
    let Some(differing) = &report.differing else {
        return Ok(());
    };
    let kept = report.readings.as_ref();
    let often = match kept.map(|kept| kept.count) {
        None | Some(..=2) => "a second time".to_owned(),
        Some(count) => format!("{count} times"),
    };
    if differing.is_empty() {
        paragraph(out, &format!("Read {often}: identical."), "  ")?;
    } else {
        // What is compared before a copy is resumed is no proof that it is the same card.
        let why = match report.resumed {
            true => "the card is worn, or it is not the one that was copied",
            false => "the card is worn",
        };
        let text = format!("{BAD}Read {often}, with differences:{BAD:#} {why}.");
        paragraph(out, &text, "  ")?;
        places(out, "differs", differing, "")?;
    }
    let Some((kept, file)) = kept.and_then(|kept| Some((kept, kept.file.as_ref()?))) else {
        return Ok(());
    };
    let sectors = plural(kept.sectors, "sector", "sectors");
    let text = format!(
        "{DIM}readings{DIM:#} {file}: {sectors} that gave other bytes, in plain text as the image is"
    );
    paragraph(out, &text, "  ")?;
    if !kept.complete {
        let text =
            format!("{BAD}Not all that differed is in it:{BAD:#} it takes 64 readings and 64 MiB.");
        paragraph(out, &text, "  ")?;
    }
    Ok(())
}

fn places(
    out: &mut impl Write,
    what: &str,
    parts: &[Extent],
    where_all_are: &str,
) -> io::Result<()> {
    for Extent { offset, length } in parts.iter().take(MOST) {
        writeln!(out, "    {DIM}{what}{DIM:#}  {length} bytes at {offset}")?;
    }
    match parts.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more parts{where_all_are}"),
    }
}

fn advice(out: &mut impl Write, report: &ImageReport) -> io::Result<()> {
    let what = match report.ended {
        Ended::Gone if !report.written => {
            "put the card back in and run the same command again: it begins at the start; an image whose name does \
             not end in .zst can be continued"
        }
        Ended::Stopped if !report.written => to_continue(report),
        Ended::Gone => {
            "put the card back in and run the same command again: it continues where it stopped"
        }
        Ended::Stopped => "run the same command again: it continues where it stopped",
        _ if report.exchanged => "keep one card in the reader, and give a new name",
        _ if report.verified == Some(false) => "write it to another disk",
        _ if report.e01.as_ref().is_some_and(|e01| !e01.is_verified()) => {
            "compare the E01 image with another copy of it, and verify both with `ewfverify`"
        }
        _ if !report.container_damage.is_empty() => {
            "copy the file again from where it came, or make the image again from the card"
        }
        _ if report.has_readings() => {
            "recover from the image: `bitbox-backup recover` uses the readings beside it together; make a new backup \
             on a fresh card"
        }
        _ if !report.complete && report.compressed => {
            "make another image with --retries 20, or in another reader: give a name that does not end in .zst, and \
             it can be continued; the image can be examined as it is, and says where it could not be read"
        }
        _ if !report.complete => {
            "run it again with --retries 20, or in another reader: it continues with what is missing; \
             the image can be examined as it is, and says where it could not be read"
        }
        _ if !report.is_sound() => {
            "make another image in another reader and compare the two; make a new backup on a fresh card"
        }
        _ => return Ok(()),
    };
    what_to_do(out, what, "  ")
}

/// How to do the rest of what was interrupted.
pub(crate) fn to_continue(report: &ImageReport) -> &'static str {
    match (report.compressed, report.written) {
        (false, _) => "run the same command again to continue",
        (true, false) => {
            "run the same command again: it begins at the start; an image whose name does not end in .zst can be \
             continued"
        }
        (true, true) => {
            "the image is written; give another name to do again all that was asked for"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(report: serde_json::Value) -> String {
        let mut out = Vec::new();
        let report: ImageReport = serde_json::from_value(report).unwrap();
        copied(&mut out, &report, report.verified.is_some()).unwrap();
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_compressed_image_that_was_not_finished_is_not_there() {
        let mut report = serde_json::json!({
            "source": "card", "file": "c.img.zst", "written": false, "compressed": true, "map": null, "size": 1024,
            "sha256": null, "complete": false, "ended": "stopped", "unreadable": [[0, 1024]], "resumed": false,
            "verified": null, "differing": null, "card": null, "exchanged": false,
        });
        assert_eq!(
            of(report.clone()),
            "c.img.zst Stopped: nothing was written. A compressed image is written whole or not at all. what to do: \
             run the same command again: it begins at the start; an image whose name does not end in .zst can be \
             continued"
        );
        report["ended"] = "gone".into();
        assert_eq!(
            of(report.clone()),
            "c.img.zst The card or its reader was removed. Nothing was written: a compressed image is written whole \
             or not at all. what to do: put the card back in and run the same command again: it begins at the start; \
             an image whose name does not end in .zst can be continued"
        );
        for (name, written) in [("compressed", false), ("written", true)] {
            report[name] = written.into();
        }
        report["ended"] = "stopped".into();
        report["unreadable"] = serde_json::json!([[512, 512]]);
        assert_eq!(
            of(report),
            "c.img.zst Stopped: 512 of 1024 bytes (1.0 KiB) of card are in the image. what to do: run the same command again: \
             it continues where it stopped"
        );
    }
}
