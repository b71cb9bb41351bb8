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
        match name.trim() {
            "c" => case.case_number = shown(value),
            "n" => case.evidence_number = shown(value),
            "a" => case.description = shown(value),
            "e" => case.examiner = shown(value),
            "t" => case.notes = shown(value),
            "av" => case.program = shown(value),
            "ov" => case.system = shown(value),
            "md" => case.model = shown(value),
            "sn" => case.serial = shown(value),
            "m" => case.acquired = time(value),
            "u" => case.system_date = time(value),
            _ => {}
        }
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
        let (pairs, _) = rest.as_chunks::<2>();
        let units: Vec<_> = pairs.iter().map(|pair| of(*pair)).collect();
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
    let mut numbers = value.split(' ').filter_map(|part| part.parse::<i16>().ok());
    let year = numbers.next();
    let rest: Vec<i8> = numbers.filter_map(|one| one.try_into().ok()).collect();
    let clock = match (year, rest.as_slice()) {
        (Some(year), [month, day, hour, minute, second]) => {
            DateTime::new(year, *month, *day, *hour, *minute, *second, 0).ok()
        }
        _ => None,
    };
    let clock = clock.map(|clock| clock.to_string());
    clock.or_else(|| shown(value))
}

#[cfg(test)]
mod tests;
