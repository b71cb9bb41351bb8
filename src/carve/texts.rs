//! Texts of digits: bytes that were written down as hexadecimal, Base64, quoted-printable, or a list of numbers.
//!
//! A file begins where a sector does, so a text that no directory leads to any more is sectors of text, one behind the
//! other. What somebody wrote in words is none: only what can be bytes as a text is worth undoing.

/// Bytes of a sector that are looked at first.
const HEAD: usize = 16;
/// Fewest characters of a sector that say what it is.
const LEAST: usize = 24;
/// Fewest characters of Base64 in one row: mail breaks lines at 76, PEM at 64.
const ROW: usize = 40;
/// Fewest bytes written as `=0A`.
const QUOTED: usize = 8;

/// Whether a sector begins with a text of digits.
#[inline]
pub(super) fn is_digits(sector: &[u8; 512]) -> bool {
    let head = sector.first_chunk::<HEAD>();
    head.is_some_and(|head| text_length(head) == HEAD) && is_digits_text(sector)
}

fn is_digits_text(sector: &[u8]) -> bool {
    let text = sector.get(..text_length(sector)).unwrap_or_default();
    let (mut all, mut digits, mut quoted) = (0_usize, 0_usize, 0_usize);
    let (mut row, mut longest) = (0_usize, 0_usize);
    for character in text.iter().copied().filter(|byte| *byte != 0) {
        let is_space = character.is_ascii_whitespace()
            || matches!(character, b',' | b':' | b';' | b'|' | b'-');
        all = all.saturating_add(usize::from(!is_space));
        digits = digits.saturating_add(usize::from(character.is_ascii_hexdigit()));
        quoted = quoted.saturating_add(usize::from(character == b'='));
        let in_row = character.is_ascii_alphanumeric() || matches!(character, b'+' | b'/' | b'=');
        row = if in_row { row.saturating_add(1) } else { 0 };
        longest = longest.max(row);
    }
    // In English not half of the letters are digits, too.
    let mostly_digits = digits.saturating_mul(5) >= all.saturating_mul(3);
    all >= LEAST && (mostly_digits || longest >= ROW || quoted >= QUOTED)
}

/// How many bytes from the first on are text: ASCII, or UTF-16 of it.
pub(crate) fn text_length(bytes: &[u8]) -> usize {
    let is_text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let pairs = |little: bool, from: usize| {
        let (pairs, _) = bytes.get(from..).unwrap_or_default().as_chunks::<2>();
        let is_one = |pair: &&[u8; 2]| match (little, pair) {
            (true, [letter, 0]) | (false, [0, letter]) => is_text(*letter),
            _ => false,
        };
        let count = pairs.iter().take_while(is_one).count();
        from.saturating_add(count.saturating_mul(2))
    };
    match bytes {
        [0xFF, 0xFE, ..] => pairs(true, 2),
        [0xFE, 0xFF, ..] => pairs(false, 2),
        [0, letter, ..] if is_text(*letter) => pairs(false, 0),
        [letter, 0, ..] if is_text(*letter) => pairs(true, 0),
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            let count = rest.iter().take_while(|byte| is_text(**byte)).count();
            count.saturating_add(3)
        }
        _ => bytes.iter().take_while(|byte| is_text(**byte)).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector(text: &[u8]) -> [u8; 512] {
        let mut sector = [0; 512];
        for (to, from) in sector.iter_mut().zip(text) {
            *to = *from;
        }
        sector
    }

    #[test]
    fn digits_are_distinguished_from_words() {
        let wide: Vec<u8> = "0a660a640a20"
            .repeat(9)
            .bytes()
            .flat_map(|byte| [byte, 0])
            .collect();
        let digits: [&[u8]; 9] = [
            b"\xef\xbb\xbfCmYKZAogb45kdmZt52dkMbgfkt1/GYTqYEaZq5pVrQQKZwpk",
            b"0a660a640a206f8e6476666de7676431b81f92dd7f1984ea6046",
            b"00000000: 0a66 0a64 0a20 6f8e 6476 666d e767 6431  .f.d. o.dvfm.gd1\n00000010: b81f 92dd",
            b"00000000  0a 66 0a 64 0a 20 6f 8e  64 76 66 6d e7 67 64 31  |.f.d. o.dvfm.gd1|\n",
            b"{ 0x0a, 0x66, 0x0a, 0x64, 0x0a, 0x20, 0x6f, 0x8e, 0x64, 0x76, 0x66, 0x6d, 0xe7 }",
            b"[10, 102, 10, 100, 10, 32, 111, 142, 100, 118, 102, 109, 231, 103, 100, 49, 184]",
            b"CmYKZAogb45kdmZt52dkMbgfkt1/GYTqYEaZq5pVrQQKZwpk",
            b"=0Af=0Ad=0A o=8Edvfm=E7gd1=B8=1F=92=DD=7F=19=84=EA`F",
            &wide,
        ];
        for text in digits {
            assert!(
                is_digits(&sector(text)),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        let words: [&[u8]; 5] = [
            b"Dear all, please find the minutes of the meeting below; the next one is on Monday.",
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n",
            b"0a66",
            b"",
            b"\0\0\0\0 0a660a640a206f8e6476666de7676431b81f92dd",
        ];
        for text in words {
            assert!(
                !is_digits(&sector(text)),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn a_text_ends_where_it_is_none_any_more() {
        assert_eq!(text_length(b"abc\r\n\0\0"), 5);
        assert_eq!(text_length(b"a\0b\0c\0\0\0"), 6);
        assert_eq!(text_length(b"\0a\0b\0\0"), 4);
        assert_eq!(text_length(b"\xff\xfea\0b\0\xff\xff"), 6);
        assert_eq!(text_length(b"\xef\xbb\xbfab\0"), 5);
        assert_eq!(text_length(b"\xfe\xff\0a\0b"), 6);
        assert_eq!(text_length(b"\0\0"), 0);
        assert_eq!(text_length(b""), 0);
    }
}
