//! Bytes as mail carries them: Base64 and quoted-printable.

use zeroize::Zeroizing;

/// Fewest letters of a word within a line that is taken for Base64.
const LONG_WORD: usize = 80;
/// Words that may stand before Base64 on lines of their own.
const MOST_BEFORE: usize = 3;

/// The bytes of each stretch of lines in Base64, also behind `>`, and of each long word in it.
pub(super) fn base64(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut all = Vec::new();
    let mut block: Vec<&[u8]> = Vec::new();
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let quoted = |byte: &u8| matches!(byte, b'>' | b' ' | b'\t');
        let start = line.iter().take_while(|byte| quoted(byte)).count();
        let line = line.get(start..).unwrap_or_default().trim_ascii_end();
        if line.is_empty() {
            continue;
        }
        if line.iter().all(is_letter) {
            block.push(line);
            continue;
        }
        push(&mut all, &std::mem::take(&mut block));
        let words = line.split(|byte| !is_letter(byte));
        for word in words.filter(|word| word.len() >= LONG_WORD) {
            push(&mut all, &[word]);
        }
    }
    push(&mut all, &block);
    all
}

fn push(all: &mut Vec<Zeroizing<Vec<u8>>>, lines: &[&[u8]]) {
    for skipped in 0..lines.len().min(MOST_BEFORE.saturating_add(1)) {
        all.push(decoded(
            lines.iter().skip(skipped).copied().flatten().copied(),
        ));
    }
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte)
}

/// The bytes of letters of either alphabet; padding is passed over.
fn decoded(letters: impl Iterator<Item = u8>) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in letters {
        let value = match letter {
            b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        held = held << 6 | u32::from(value);
        bits = bits.saturating_add(6);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            bytes.push((held >> bits & 0xFF) as u8);
        }
        held &= 0xFF;
    }
    bytes
}

/// The bytes of a text in quoted-printable, if there is an escape in it.
pub(super) fn quoted_printable(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'=' {
            bytes.push(*byte);
        } else if let Some(next) = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")) {
            rest = next;
        } else {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = rest.get(2..)?;
        }
    }
    (bytes.len() < text.len()).then_some(bytes)
}
