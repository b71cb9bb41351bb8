//! IDs as a text: 64 hexadecimal digits, one after the other, two bytes each, or in the name of a file on exFAT.

use std::ops::Range;

/// Digits of an ID.
const DIGITS: usize = 64;
/// Bytes of an entry of a directory of exFAT.
const ENTRY: usize = 32;
/// Characters of a name in one.
const IN_ENTRY: usize = 15;

/// So far apart are the places looked at: of so many digits one lies there that is none of the last 16.
const STEP: usize = 48;

/// The IDs in these bytes that begin in a range or a little before it, each with where it begins.
pub fn ids_in(bytes: &[u8], range: Range<usize>) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let end = range.end.min(bytes.len());
    let own = bytes.get(range.start..end).unwrap_or_default();
    let digit = |byte: u8| byte.is_ascii_hexdigit();
    let mut add = |one: Option<(usize, String)>| {
        let is_known = |place: usize| found.iter().rev().take(4).any(|(known, _)| *known == place);
        found.extend(one.filter(|(place, _)| !is_known(*place)));
    };
    // Without branches: most bytes are no digits, and which are cannot be foreseen.
    for (step, part) in own.chunks(STEP).enumerate() {
        let &[a, b, c, ..] = part else { break };
        let is_plain = digit(a) & digit(b) & digit(c);
        let is_wide = (digit(a) & (b == 0) & digit(c)) | ((a == 0) & digit(b) & (c == 0));
        if is_plain | is_wide {
            let at = range.start.saturating_add(step.saturating_mul(STEP));
            add(plain(bytes, at).or_else(|| wide(bytes, at)));
            add(wide(bytes, at.saturating_add(1)));
        }
    }
    for (entry, part) in own.chunks_exact(ENTRY).enumerate() {
        if let &[a, b, c, ..] = part
            && ((a == 0xC1) | (a == 0x41)) & (b == 0) & digit(c)
        {
            let at = range.start.saturating_add(entry.saturating_mul(ENTRY));
            add(in_names(bytes, at));
        }
    }
    found
}

fn is_digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_hexdigit)
}

/// The digits around a place, one behind the other, where they are as many as an ID has.
fn plain(bytes: &[u8], at: usize) -> Option<(usize, String)> {
    let is_one = |at: usize| is_digit(bytes, at);
    is_one(at).then(|| around(at, 1, is_one, bytes)).flatten()
}

/// The same in UTF-16.
fn wide(bytes: &[u8], at: usize) -> Option<(usize, String)> {
    let is_wide = |at: usize| is_digit(bytes, at) && bytes.get(at.saturating_add(1)) == Some(&0);
    is_wide(at).then(|| around(at, 2, is_wide, bytes)).flatten()
}

fn around(
    at: usize,
    step: usize,
    is_one: impl Fn(usize) -> bool,
    bytes: &[u8],
) -> Option<(usize, String)> {
    let most = DIGITS.saturating_mul(step);
    let mut first = at;
    while let Some(before) = first.checked_sub(step).filter(|before| is_one(*before)) {
        first = before;
        if at.saturating_sub(first) >= most {
            return None;
        }
    }
    let places = || (first..).step_by(step).take_while(|at| is_one(*at));
    if places().take(DIGITS.saturating_add(1)).count() != DIGITS {
        return None;
    }
    let digits = places().filter_map(|at| bytes.get(at));
    Some((first, digits.map(|byte| char::from(*byte)).collect()))
}

/// The name in the entries of exFAT that begin here, where it is an ID.
fn in_names(bytes: &[u8], at: usize) -> Option<(usize, String)> {
    let mut text = String::new();
    let entries = bytes.get(at..)?.chunks_exact(ENTRY);
    for entry in entries.take(DIGITS.div_ceil(IN_ENTRY)) {
        let units = match entry {
            [0xC1 | 0x41, 0, units @ ..] => units,
            _ => return None,
        };
        for unit in units.chunks_exact(2) {
            match unit {
                [0, 0] => break,
                [digit, 0] if digit.is_ascii_hexdigit() => text.push(char::from(*digit)),
                _ => return None,
            }
        }
    }
    (text.len() == DIGITS).then_some((at, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";

    fn wide_id() -> Vec<u8> {
        ID.bytes().flat_map(|byte| [byte, 0]).collect()
    }

    fn names(kind: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in wide_id().chunks(30) {
            bytes.extend([kind, 0]);
            bytes.extend(part);
            bytes.resize(bytes.len().next_multiple_of(32), 0);
        }
        bytes
    }

    #[test]
    fn an_id_is_found_wherever_it_begins() {
        for text in [ID.as_bytes().to_vec(), wide_id()] {
            for place in 0..200 {
                let mut bytes = vec![b'/'; 600];
                bytes[place..place + text.len()].copy_from_slice(&text);
                let found = ids_in(&bytes, 0..600);
                assert_eq!(found, [(place, ID.to_owned())], "{place}");
            }
        }
        for (kind, place) in [(0xC1, 0), (0x41, 96)] {
            let mut bytes = vec![0; 600];
            let names = names(kind);
            bytes[place..place + names.len()].copy_from_slice(&names);
            assert_eq!(ids_in(&bytes, 0..600), [(place, ID.to_owned())]);
        }
    }

    #[test]
    fn more_or_fewer_digits_are_no_id() {
        for text in [format!("{ID}0"), ID[1..].to_owned(), "a".repeat(600)] {
            let bytes = format!("{:/<600}", format!("////{text}")).into_bytes();
            assert!(ids_in(&bytes, 0..600).is_empty(), "{text}");
        }
        let mut short = names(0xC1);
        short.truncate(100);
        assert!(ids_in(&short, 0..100).is_empty());
    }
}
