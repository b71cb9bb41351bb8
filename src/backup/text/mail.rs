//! Bytes as mail carries them: Base64 and quoted-printable.

use zeroize::Zeroizing;

use super::escapes::unpack;
use super::if_whole;
use super::lines::{lines, one_more_or_less as one_letter_more_or_less};

/// Fewest letters of a word within a line that is taken for Base64.
const LONG_WORD: usize = 80;
/// Fewest letters of a word at the end of a line that Base64 may begin with.
const FIRST_WORD: usize = 40;
/// Words that may stand before Base64 on lines of their own.
const MOST_BEFORE: usize = 3;

/// Letters of a copy in Base64: from those of 60 bytes to those of 350, more than a device writes.
const TYPED: std::ops::RangeInclusive<usize> = 80..=470;
/// The letters of Base64.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What files that hold others or are compressed begin with: ZIP, gzip, Zstandard, XZ, 7z, RAR, bzip2.
const ATTACHED: [&[u8]; 7] = [
    b"PK\x03\x04",
    b"\x1F\x8B\x08",
    b"\x28\xB5\x2F\xFD",
    b"\xFD7zXZ",
    b"7z\xBC\xAF\x27",
    b"Rar!",
    b"BZh",
];

/// What is attached in Base64 and holds other files, or is compressed.
pub(super) fn attached(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let is_attached = |bytes: &[u8]| ATTACHED.iter().any(|begin| bytes.starts_with(begin));
    let begins = |line: &[u8]| {
        let mut words = line.split(|byte| !is_letter(byte));
        words.any(|word| {
            let begin = word.get(..8).filter(|_| word.len() >= FIRST_WORD);
            is_attached(&decode([begin.unwrap_or_default()]))
        })
    };
    if !lines(text).any(begins) {
        return Vec::new();
    }
    let mut all = base64(text);
    all.retain(|bytes| is_attached(bytes));
    all
}

/// The bytes of each stretch of lines in Base64, also behind `>`, and of each long word in it.
pub(super) fn base64(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut all = Vec::new();
    let mut block: Vec<&[u8]> = Vec::new();
    for line in lines(text).filter(|line| !line.is_empty()) {
        if line.iter().all(is_letter) {
            block.push(line);
            continue;
        }
        push(&mut all, &std::mem::take(&mut block));
        let mut words = line.split(|byte| !is_letter(byte));
        let last = words.next_back().unwrap_or_default();
        for word in words.filter(|word| word.len() >= LONG_WORD) {
            push(&mut all, &[word]);
        }
        if last.len() >= FIRST_WORD {
            block.push(last);
        }
    }
    push(&mut all, &block);
    all
}

/// The bytes of lines of which each has one long word in Base64: in quotes, behind labels, between marks. The last of them is
/// shorter.
pub(super) fn base64_in_columns(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut all = Vec::new();
    let mut block: Vec<&[u8]> = Vec::new();
    for line in lines(text).filter(|line| !line.is_empty()) {
        let words = line.split(|byte| !is_letter(byte));
        let longest = words.max_by_key(|word| word.len()).unwrap_or_default();
        let width = block.first().map_or(FIRST_WORD, |first| first.len());
        if longest.len() >= width {
            block.push(longest);
        } else if !block.is_empty() {
            block.push(longest);
            push(&mut all, &std::mem::take(&mut block));
        }
    }
    push(&mut all, &block);
    all
}

/// Adds the bytes of lines, each of which begins with a whole group of letters, and where they do not all end with one,
/// of what goes on from line to line behind up to three words.
fn push(all: &mut Vec<Zeroizing<Vec<u8>>>, lines: &[&[u8]]) {
    all.push(decode(lines.iter().copied()));
    let uneven = |line: &&[u8]| !line.len().is_multiple_of(4);
    let before = lines.split_last().map(|(_, before)| before);
    let before = before.filter(|before| before.iter().any(uneven));
    let most = before.map_or(0, |before| before.len().min(MOST_BEFORE.saturating_add(1)));
    for skipped in 0..most {
        let letters = Zeroizing::new(lines.get(skipped..).unwrap_or_default().concat());
        all.push(decode([letters.as_slice()]));
    }
}

/// The file in a text of nothing but Base64 that has a letter too few or too many: with that letter left out, or each
/// other one put in, whatever makes it a whole copy.
pub(super) fn one_more_or_less(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // A vector that grows would leave its bytes behind.
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    for line in lines(text) {
        line.iter().all(is_letter).then_some(())?;
        letters.extend(line.iter().filter(|letter| **letter != b'='));
    }
    // A copy begins with a tag and a length: C, and one of k to v.
    let begins = matches!(letters.get(..2)?, [b'C', _] | [_, b'C'] | [b'k'..=b'v', _]);
    if !begins || !TYPED.contains(&letters.len()) {
        return None;
    }
    let whole = |letters: &[u8]| if_whole(decode([letters]));
    one_letter_more_or_less(&letters, 0..letters.len(), LETTERS, whole)
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// The bytes of lines of letters of either alphabet, each of which begins anew; what is padded ends there.
fn decode<'a>(lines: impl IntoIterator<Item = &'a [u8]> + Clone) -> Zeroizing<Vec<u8>> {
    let value = |letter: &u8| match letter {
        b'A'..=b'Z' => Some(letter.wrapping_sub(b'A')),
        b'a'..=b'z' => Some(letter.wrapping_sub(b'a').wrapping_add(26)),
        b'0'..=b'9' => Some(letter.wrapping_sub(b'0').wrapping_add(52)),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let room = lines.clone().into_iter().map(<[u8]>::len).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    for line in lines {
        for part in line.split(|letter| value(letter).is_none()) {
            let length = part.len().saturating_mul(6) / 8;
            unpack(part.iter().filter_map(value), 6, length, &mut bytes);
        }
    }
    bytes
}

/// The bytes of a text in quoted-printable, if there is an escape in it; what is none stays as it is.
pub(super) fn quoted_printable(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        let escaped = || {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        if *byte != b'=' {
            bytes.push(*byte);
        } else if let Some(next) = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")) {
            rest = next;
        } else if let Some(byte) = escaped() {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*byte);
        }
    }
    (bytes.len() < text.len()).then_some(bytes)
}
