//! What the maker of an E01 image noted: the sections `header2` and `header`.
//!
//! Each is a text packed with zlib: a line `main`, a line of names, a line of values, with tabs between them.
//! `header2` is UTF-16 and its times are seconds since 1970; `header` is bytes of an unnamed code page, and
//! its times are those of a clock in no known zone.

use flate2::{Decompress, FlushDecompress, Status};
use jiff::civil::DateTime;

use super::evidence::CaseReport;
use crate::text::{escape, rfc3339};

/// Most bytes of such a section, packed or not; a maker writes some hundreds.
pub(super) const MOST: u64 = 1 << 20;
/// Most characters of a field that are shown.
const MOST_SHOWN: usize = 4096;

/// Reads the body of a section; `None` if it cannot be unpacked, or is none.
pub(super) fn read(packed: &[u8]) -> Option<CaseReport> {
    let text = text(&unpacked(packed)?);
    let mut lines = text.lines().skip_while(|line| line.trim_end() != "main");
    lines.next()?;
    let names = lines.next()?.split('\t');
    let values: Vec<_> = lines.next()?.split('\t').collect();
    let mut case = CaseReport::default();
    for (name, value) in names.zip(values) {
        let shown = shown(value);
        let field = match name.trim() {
            "c" => &mut case.case_number,
            "n" => &mut case.evidence_number,
            "a" => &mut case.description,
            "e" => &mut case.examiner,
            "t" => &mut case.notes,
            "av" => &mut case.program,
            "ov" => &mut case.system,
            "md" => &mut case.model,
            "sn" => &mut case.serial,
            "m" => {
                case.acquired = time(value);
                continue;
            }
            "u" => {
                case.system_date = time(value);
                continue;
            }
            _ => continue,
        };
        *field = shown;
    }
    Some(case)
}

/// Takes from another section what this one lacks.
pub(super) fn fill(case: &mut CaseReport, other: CaseReport) {
    let pairs = [
        (&mut case.case_number, other.case_number),
        (&mut case.evidence_number, other.evidence_number),
        (&mut case.description, other.description),
        (&mut case.examiner, other.examiner),
        (&mut case.notes, other.notes),
        (&mut case.acquired, other.acquired),
        (&mut case.system_date, other.system_date),
        (&mut case.program, other.program),
        (&mut case.system, other.system),
        (&mut case.model, other.model),
        (&mut case.serial, other.serial),
    ];
    for (field, other) in pairs {
        if field.is_none() {
            *field = other;
        }
    }
}

/// At most [`MOST`] bytes.
fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut text = vec![0; usize::try_from(MOST).ok()?];
    let mut decoder = Decompress::new(true);
    let ended = decoder.decompress(packed, &mut text, FlushDecompress::Finish);
    if !matches!(ended, Ok(Status::StreamEnd)) {
        return None;
    }
    text.truncate(usize::try_from(decoder.total_out()).ok()?);
    Some(text)
}

/// UTF-16 by its mark; otherwise UTF-8, or bytes of which each is a character.
fn text(bytes: &[u8]) -> String {
    let units = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<_> = rest
            .chunks_exact(2)
            .map(|unit| of([first(unit), last(unit)]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        },
    }
}

fn first(unit: &[u8]) -> u8 {
    unit.first().copied().unwrap_or_default()
}

fn last(unit: &[u8]) -> u8 {
    unit.last().copied().unwrap_or_default()
}

/// A field as it is shown: escaped, and shortened with a mark where it is long.
fn shown(value: &str) -> Option<String> {
    let value = value.trim_matches(['\0', ' ', '\r']);
    let mut short: String = value.chars().take(MOST_SHOWN).collect();
    if short.len() < value.len() {
        short.push('…');
    }
    (!short.is_empty()).then(|| escape(&short))
}

/// Seconds since 1970, or six numbers of a clock. What is neither is shown as it is.
fn time(value: &str) -> Option<String> {
    let value = value.trim_matches(['\0', ' ', '\r']);
    if let Ok(seconds) = value.parse::<u32>() {
        // What is not known is written as 0.
        return (seconds > 0).then(|| rfc3339(seconds));
    }
    let numbers: Vec<i16> = value
        .split(' ')
        .filter_map(|part| part.parse().ok())
        .collect();
    let clock = match numbers.as_slice() {
        [year, rest @ ..] => {
            let rest: Vec<i8> = rest
                .iter()
                .filter_map(|one| i8::try_from(*one).ok())
                .collect();
            match rest.as_slice() {
                [month, day, hour, minute, second] => {
                    DateTime::new(*year, *month, *day, *hour, *minute, *second, 0).ok()
                }
                _ => None,
            }
        }
        [] => None,
    };
    clock
        .map(|clock| clock.to_string())
        .or_else(|| shown(value))
}

#[cfg(test)]
mod tests;
