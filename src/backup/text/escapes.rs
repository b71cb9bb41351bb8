//! Bytes and letters as programming languages and addresses write them in a row.

use zeroize::Zeroizing;

/// The bytes of a text in which some are escaped: `\n`, `\x8e`, `\u008e`, `%8E`; `None` if there is no escape in it.
pub(super) fn unescaped(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        let (length, byte) = escape(rest).unwrap_or((1, *byte));
        bytes.push(byte);
        rest = rest.get(length..).unwrap_or(behind);
    }
    (bytes.len() < text.len()).then_some(bytes)
}

/// The length of an escape, and its byte.
fn escape(text: &[u8]) -> Option<(usize, u8)> {
    let digits = |from: usize, most: usize| {
        let digits = text.get(from..)?.iter().take(most);
        let digits = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
        let end = from.saturating_add(digits);
        let digits = std::str::from_utf8(text.get(from..end)?).ok()?;
        Some((end, u8::from_str_radix(digits, 16).ok()?))
    };
    let byte = match text {
        [b'%', _, _, ..] => return digits(1, 2).filter(|(end, _)| *end == 3),
        [b'\\', b'x', ..] => return digits(2, 2),
        [b'\\', b'u', b'{', ..] => {
            let (end, byte) = digits(3, 6)?;
            return (text.get(end) == Some(&b'}')).then_some((end.saturating_add(1), byte));
        }
        [b'\\', b'u', ..] => return digits(2, 4).filter(|(end, _)| *end == 6),
        [b'\\', b'n', ..] => b'\n',
        [b'\\', b'r', ..] => b'\r',
        [b'\\', b't', ..] => b'\t',
        [b'\\', b'0', ..] => 0,
        [b'\\', b'b', ..] => 8,
        [b'\\', b'f', ..] => 12,
        [b'\\', b'v', ..] => 11,
        [b'\\', b'a', ..] => 7,
        [b'\\', other @ (b'\\' | b'\'' | b'"' | b'/'), ..] => *other,
        _ => return None,
    };
    Some((2, byte))
}

/// Most bytes of a tag.
const MOST_TAG: usize = 4096;
/// Tags at which a line of a page begins or ends, by the beginnings of their names.
const LINES: [&[u8]; 12] = [
    b"address",
    b"article",
    b"blockquote",
    b"br",
    b"dd",
    b"div",
    b"h",
    b"li",
    b"p",
    b"section",
    b"t",
    b"ul",
];

/// The text of an HTML page, or of a part of one, without its marks: a line for each element that is shown on one of its
/// own; `None` if it has no mark.
pub(super) fn without_markup(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        let (length, shown) = tag(rest)
            .or_else(|| reference(rest))
            .unwrap_or((1, Some(*byte)));
        bytes.extend(shown);
        rest = rest.get(length..).unwrap_or(behind);
    }
    (bytes.len() < text.len()).then_some(bytes)
}

/// The length of a tag, and what it shows: the end of a line, or nothing.
fn tag(text: &[u8]) -> Option<(usize, Option<u8>)> {
    let inside = text.strip_prefix(b"<")?;
    let name = inside.strip_prefix(b"/").unwrap_or(inside);
    if !matches!(name.first(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'!')) {
        return None;
    }
    let end = text.iter().take(MOST_TAG).position(|byte| *byte == b'>')?;
    let is = |own: &[u8], tag: &[u8]| own.eq_ignore_ascii_case(tag);
    let begins = |tag: &&[u8]| name.get(..tag.len()).is_some_and(|own| is(own, tag));
    let is_line = LINES.iter().any(begins);
    Some((end.saturating_add(1), is_line.then_some(b'\n')))
}

/// The length of a character that is named or numbered, or of a space that breaks no line, and what it shows.
fn reference(text: &[u8]) -> Option<(usize, Option<u8>)> {
    const NAMED: [(&[u8], u8); 9] = [
        (b"\xC2\xA0", b' '),
        (b"&nbsp;", b' '),
        (b"&#160;", b' '),
        (b"&#xA0;", b' '),
        (b"&amp;", b'&'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&quot;", b'"'),
        (b"&#39;", b'\''),
    ];
    let found = NAMED.iter().find(|(name, _)| text.starts_with(name));
    found.map(|(name, shown)| (name.len(), Some(*shown)))
}

/// The bytes of the lines of uuencode, each of which begins with its length.
pub(super) fn uuencoded(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let value = |letter: &u8| letter.wrapping_sub(b' ') & 0x3F;
        let is_letter = |letter: &u8| (b' '..=b'`').contains(letter);
        let Some((length, letters)) = line.split_first().filter(|_| line.iter().all(is_letter))
        else {
            continue;
        };
        let length = usize::from(value(length));
        // Spaces at the end of a line get lost.
        let needed = length.div_ceil(3).saturating_mul(4);
        if length == 0 || letters.len() > needed.saturating_add(1) {
            continue;
        }
        let six = letters.iter().map(value).chain(std::iter::repeat(0));
        unpack(six.take(needed), 6, length, &mut bytes);
    }
    bytes
}

/// The bytes of all words of Base32 on a line of their own.
pub(super) fn base32(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let value = |letter: &u8| match letter {
        b'A'..=b'Z' => Some(letter.wrapping_sub(b'A')),
        b'a'..=b'z' => Some(letter.wrapping_sub(b'a')),
        b'2'..=b'7' => Some(letter.wrapping_sub(b'2').wrapping_add(26)),
        _ => None,
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let mut five = Zeroizing::new(Vec::new());
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = line.trim_ascii();
        let letters = line.iter().take_while(|byte| **byte != b'=');
        let values: Option<Vec<u8>> = letters.map(value).collect();
        five.extend(values.unwrap_or_default());
    }
    let length = five.len().saturating_mul(5) / 8;
    unpack(five.iter().copied(), 5, length, &mut bytes);
    bytes
}

/// Adds so many bytes made of groups of bits.
pub(super) fn unpack(
    groups: impl Iterator<Item = u8>,
    width: u32,
    length: usize,
    bytes: &mut Zeroizing<Vec<u8>>,
) {
    let end = bytes.len().saturating_add(length);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for group in groups {
        held = held << width | u32::from(group);
        bits = bits.saturating_add(width);
        if bits >= 8 && bytes.len() < end {
            bits = bits.saturating_sub(8);
            bytes.push((held >> bits & 0xFF) as u8);
        }
        held &= 0xFFF;
    }
}
