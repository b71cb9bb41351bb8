//! Sentences without names, IDs, times, and long numbers.

use std::ops::Range;

use super::Key;
use super::aliases::{Aliases, is_of_systems};

/// From how many letters and digits a word is a key or an address.
const KEY: usize = 20;
/// From how many hex digits it is an ID or a fingerprint.
const ID: usize = 8;
/// From how many digits a number may tell a card from another.
const NUMBER: usize = 4;

/// How many spaces stand between two cells of a table, at least.
const BETWEEN_CELLS: usize = 2;

/// The text with other names for what is known, and without what may identify something.
pub(super) fn text(text: &str, aliases: &Aliases, key: &Key) -> String {
    // Names first, wherever they stand: what is around them may be a part of one.
    let (text, given) = renamed(text, aliases);
    let mut given = given.into_iter().peekable();
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let at = text.len().saturating_sub(rest.len());
        while given.next_if(|alias| alias.end <= at).is_some() {}
        let until = given.peek().map_or(text.len(), |alias| alias.start);
        // What is before the next other name, or that name.
        let (own, alias) = match until.checked_sub(at).filter(|length| *length > 0) {
            Some(length) => (rest.get(..length).unwrap_or(rest), None),
            None => ("", given.next()),
        };
        if let Some((alias, behind)) =
            alias.and_then(|alias| rest.split_at_checked(alias.end.saturating_sub(at)))
        {
            out.push_str(alias);
            (rest, before) = (behind, ' ');
            continue;
        }
        if let Some(length) = style(own) {
            let (style, behind) = rest.split_at(length);
            out.push_str(style);
            (rest, before) = (behind, ' ');
            continue;
        }
        let taken = quoted(rest, aliases, key)
            .or_else(|| date(own, before))
            .or_else(|| word(own, before, key));
        let (length, instead) = taken.unwrap_or_else(|| (first.len_utf8(), first.to_string()));
        let (gone, behind) = rest.split_at(length);
        out.push_str(&instead);
        before = gone.chars().next_back().unwrap_or(' ');
        rest = aligned(&mut out, gone, &instead, behind);
    }
    out
}

/// The text with other names for what is known, and where these are.
fn renamed(text: &str, aliases: &Aliases) -> (String, Vec<Range<usize>>) {
    let mut out = String::with_capacity(text.len());
    let mut given = Vec::new();
    let mut rest = text;
    let mut found = found(text, aliases).into_iter().peekable();
    while let Some((name, alias)) = found.next() {
        let at = text.len().saturating_sub(rest.len());
        let next = found.peek().map_or(text.len(), |(next, _)| next.start);
        out.push_str(text.get(at..name.start).unwrap_or_default());
        let start = out.len();
        out.push_str(alias);
        given.push(start..out.len());
        let behind = text.get(name.end..next).unwrap_or_default();
        let gone = text.get(name).unwrap_or_default();
        let behind = aligned(&mut out, gone, alias, behind);
        rest = text
            .get(next.saturating_sub(behind.len())..)
            .unwrap_or_default();
    }
    out.push_str(rest);
    (out, given)
}

/// Where names are in a text, ascending, and the other name of each.
fn found<'a>(text: &str, aliases: &'a Aliases) -> Vec<(Range<usize>, &'a str)> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let at = text.len().saturating_sub(rest.len());
        if let Some(length) = style(rest) {
            (rest, before) = (rest.get(length..).unwrap_or_default(), ' ');
            continue;
        }
        if let Some(length) = option(rest, before, aliases) {
            (rest, before) = (rest.get(length..).unwrap_or_default(), 'x');
            continue;
        }
        let name = names(rest, before, aliases);
        let length = name.map_or(first.len_utf8(), |(length, _)| length);
        found.extend(name.map(|(length, alias)| (at..at.saturating_add(length), alias)));
        let (gone, behind) = rest.split_at(length);
        before = gone.chars().next_back().unwrap_or(' ');
        rest = behind;
    }
    found
}

/// How long the option of a command is, such as `--redact`, if one stands here, and no name that is longer: a file that
/// is called like it says nothing of anybody.
fn option(rest: &str, before: char, aliases: &Aliases) -> Option<usize> {
    let begins = before.is_whitespace() || "`([|\"".contains(before);
    let name = rest.strip_prefix("--").filter(|_| begins)?;
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'-';
    let length = name.bytes().take_while(is_part).count();
    let mut behind = name.get(length..)?.chars();
    let ends = match behind.next() {
        // The end of a sentence, and not the name of a file.
        Some('.') => behind.next().is_none_or(char::is_whitespace),
        Some(c) => c.is_whitespace() || "=`)]|,;:\"".contains(c),
        None => true,
    };
    let length = length.saturating_add(2);
    let mut before = before;
    let mut longest = 0;
    for (at, c) in rest.char_indices().take(length) {
        let name = rest.get(at..).and_then(|rest| aliases.at(rest, before));
        longest = longest.max(name.map_or(0, |(name, _)| at.saturating_add(name)));
        before = c;
    }
    (ends && length > 3 && longest <= length).then_some(length)
}

/// The name that stands here, with those that begin within it: how long they are together, and the other name of the
/// longest. Of names that overlap nothing may be left.
fn names<'a>(rest: &str, before: char, aliases: &'a Aliases) -> Option<(usize, &'a str)> {
    let (mut end, mut alias) = aliases.at(rest, before)?;
    let mut longest = end;
    let mut before = before;
    for (at, c) in rest.char_indices() {
        if at >= end {
            break;
        }
        let name = rest.get(at..).and_then(|rest| aliases.at(rest, before));
        if let Some((length, other)) = name {
            end = end.max(at.saturating_add(length));
            if length > longest {
                (longest, alias) = (length, other);
            }
        }
        before = c;
    }
    Some((end, alias))
}

/// What follows. In a table it stays in its column: the room behind a cell takes what the cell lost or gained.
fn aligned<'a>(out: &mut String, gone: &str, instead: &str, behind: &'a str) -> &'a str {
    let room = behind.bytes().take_while(|byte| *byte == b' ').count();
    let Some(spare) = room.checked_sub(BETWEEN_CELLS) else {
        return behind;
    };
    let (before, after) = (gone.chars().count(), instead.chars().count());
    let lost = before.saturating_sub(after);
    out.extend(std::iter::repeat_n(' ', lost));
    behind
        .get(after.saturating_sub(before).min(spare)..)
        .unwrap_or(behind)
}

/// How long the sequence is that changes how a terminal shows what follows, if one stands here.
fn style(rest: &str) -> Option<usize> {
    let sequence = rest.strip_prefix("\x1b[")?;
    let end = sequence.find(|c: char| c.is_ascii_alphabetic())?;
    Some(end.saturating_add(3))
}

/// A name or a path in quotes that was not met elsewhere.
fn quoted(rest: &str, aliases: &Aliases, key: &Key) -> Option<(usize, String)> {
    let inside = rest.strip_prefix('"')?;
    let (inside, _) = inside.split_once('"')?;
    if inside.contains('\n') {
        return None;
    }
    let part = |part: &str| -> String {
        match aliases.get(part) {
            Some(alias) => alias.to_owned(),
            // What the format and systems call it may still have an ID or a time in it.
            None if is_of_systems(part) => plain(part, key),
            None if part == "…" || aliases.is_given(part) => part.to_owned(),
            None if is_known_again(part, key) => part.to_owned(),
            None => "…".to_owned(),
        }
    };
    let parts: Vec<_> = inside.split('/').map(part).collect();
    let length = inside.len().saturating_add(2);
    Some((length, format!("\"{}\"", parts.join("/"))))
}

/// A text in which nothing is a name.
fn plain(text: &str, key: &Key) -> String {
    self::text(text, &Aliases::default(), key)
}

/// Whether something is the short form of an ID, or a copy's name without its time.
fn is_known_again(part: &str, key: &Key) -> bool {
    let is_short = part
        .strip_suffix('…')
        .is_some_and(|digits| key.has_made(digits));
    is_short || part.starts_with("backup_") && plain(part, key) == part
}

/// The days of the week before a date.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A date with what is before and behind it: only its year is left. A time of day is left out.
fn date(rest: &str, before: char) -> Option<(usize, String)> {
    if before.is_ascii_digit() {
        return None;
    }
    if !before.is_alphanumeric()
        && let Some(behind) = WEEKDAYS.iter().find_map(|day| rest.strip_prefix(day))
        && let Some(behind) = behind.strip_prefix(['_', ' '])
        && behind.starts_with(|c: char| c.is_ascii_digit())
    {
        let (length, year) = date(behind, ' ')?;
        let day = rest.len().saturating_sub(behind.len());
        return year
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| (length.saturating_add(day), year));
    }
    let shaped = |text: &str, shape: &str| {
        let mut bytes = text.bytes();
        shape.bytes().all(|wanted| match (wanted, bytes.next()) {
            (b'0', Some(byte)) => byte.is_ascii_digit(),
            (wanted, byte) => byte == Some(wanted),
        })
    };
    if shaped(rest, "00:00") {
        return Some((clock_length(rest, b":."), "…".to_owned()));
    }
    if !shaped(rest, "0000-00-00") {
        return None;
    }
    let behind = rest.get(10..)?;
    let clock = behind.strip_prefix(['T', ' ']);
    let clock = clock.filter(|clock| shaped(clock, "00:00") || shaped(clock, "00-00-00"));
    let length = clock.map_or(0, |clock| clock_length(clock, b":.-+Z").saturating_add(1));
    Some((length.saturating_add(10), rest.get(..4)?.to_owned()))
}

/// How long a time of day is, with these between its digits; what ends the sentence behind it is none of it.
fn clock_length(text: &str, between: &[u8]) -> usize {
    let is_part = |c: char| c.is_ascii_digit() || between.iter().any(|&byte| c == char::from(byte));
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let clock = text.get(..end).unwrap_or_default();
    clock.trim_end_matches([':', '.', '-', '+']).len()
}

/// A word of digits and letters: an ID by its keyed form; a key, an address, a long number not at all.
fn word(rest: &str, before: char, key: &Key) -> Option<(usize, String)> {
    if before.is_alphanumeric() {
        return None;
    }
    let word = |text: &str| text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let length = word(rest);
    let (this, behind) = rest.split_at_checked(length)?;
    let hex = this.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = this.bytes().all(|byte| byte.is_ascii_digit());
    let is_cut = behind.starts_with('…');
    if hex && length >= ID && (!digits || is_cut || length >= KEY) {
        let taken = length.saturating_add(if is_cut { '…'.len_utf8() } else { 0 });
        return Some((taken, key.short(this)));
    }
    // A volume's serial number.
    if hex && length == 4 && behind.starts_with('-') {
        let second = behind.get(1..).map_or(0, word);
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if second == 4 && behind.get(1..5).is_some_and(is_hex) {
            return Some((9, "…".to_owned()));
        }
    }
    // The checksum of a descriptor.
    if before == '#' && length == ID {
        return Some((length, "…".to_owned()));
    }
    if length >= KEY && this.bytes().any(|byte| byte.is_ascii_digit()) {
        return Some((length, "…".to_owned()));
    }
    if !digits || length == 0 {
        return None;
    }
    // With its separators: 62,333,952.
    let number = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b',')
        .count();
    let number = rest.get(..number)?.trim_end_matches(',');
    let count = number.bytes().filter(u8::is_ascii_digit).count();
    let is_year = count == 4 && matches!(number.parse(), Ok(1980..=2107));
    (count >= NUMBER && !is_year).then(|| (number.len(), "…".to_owned()))
}
