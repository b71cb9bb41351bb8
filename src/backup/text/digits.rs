//! Bytes as hexadecimal or decimal numbers.

use zeroize::Zeroizing;

use super::lines::{lines, one_more_or_less as one_letter_more_or_less};
use super::{from_hex, if_whole};

/// Fewest digits of a word within a line of words that is taken for bytes: those of 64 bytes.
const LONG_WORD: usize = 128;

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Stands for a digit that nobody can read.
const UNKNOWN: u8 = b'?';
/// Most of them that are tried.
const MOST_UNKNOWN: usize = 4;

/// Most digits of a copy: those of 350 bytes, more than a device writes.
const MOST_TYPED: usize = 700;

/// The bytes of each stretch of lines with hexadecimal digits: plain, with separators, as dumps print them
/// (with offsets before and letters behind), or as `0x0a` and `\x0a`; and of each long word of digits.
pub(super) fn hexadecimal(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut blocks = Vec::new();
    let mut block = Zeroizing::new(Vec::new());
    for line in lines(text) {
        match line_of_hex(line).or_else(|| mistyped(line)) {
            Some(bytes) => block.extend_from_slice(&bytes),
            None if line.is_empty() => {}
            None => {
                blocks.push(std::mem::take(&mut block));
                blocks.extend(long_words(line));
            }
        }
    }
    blocks.push(block);
    blocks
}

/// The bytes of long words in a line of others: behind a label, in quotes, or as a database writes them.
fn long_words(line: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let words = line.split(|byte| !byte.is_ascii_hexdigit());
    let long = words.filter(|word| word.len() >= LONG_WORD);
    long.filter_map(from_hex).collect()
}

/// The bytes of one line, or `None` if it holds anything else.
fn line_of_hex(line: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if let Some(bytes) = prefixed(line, b"0x").or_else(|| prefixed(line, b"\\x")) {
        return Some(bytes);
    }
    // What dumps print behind the bytes.
    let line = line.split(|byte| *byte == b'|').next()?.trim_ascii();
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let offset = digits.count();
    let behind = line.get(offset..)?;
    let has_offset = offset >= 4 && (behind.starts_with(b":") || behind.starts_with(b"  "));
    let digits = match has_offset {
        true => behind
            .strip_prefix(b":")
            .unwrap_or(behind)
            .trim_ascii_start(),
        false => line,
    };
    // In a dump letters follow two spaces; eight bytes of `hexdump -C` do so, too. Where all behind the first
    // two spaces are bytes, all behind later ones are.
    let gap = digits.windows(2).position(|pair| pair == b"  ");
    let end = gap.filter(|at| {
        let rest = digits.get(*at..).unwrap_or_default().trim_ascii_start();
        has_offset && !tokens(rest).all(|token| token.len() == 2 && is_hex(token))
    });
    let mut words: Vec<&[u8]> = tokens(digits.get(..end.unwrap_or(digits.len()))?).collect();
    if let [[_, _, _, _, _, _, _], rest @ ..] = words.as_slice()
        && let Some(bytes) = of_words(rest)
    {
        return Some(bytes);
    }
    // `od` has one space behind its offset.
    if let [first, rest @ ..] = words.as_slice()
        && first.len() >= 6
        && !rest.is_empty()
        && rest.iter().all(|word| word.len() == 2)
    {
        words = rest.to_vec();
    }
    let digits = Zeroizing::new(words.concat());
    from_hex(&digits).filter(|bytes| !bytes.is_empty())
}

/// The bytes of a line that somebody typed with a letter for a digit that looks like it, or with one digit too few or
/// too many: then the last of them stands for a byte, so that the next line begins where it should. A digit that could not be
/// read is a zero.
fn mistyped(line: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = typed(line)?;
    for digit in digits.iter_mut().filter(|digit| **digit == UNKNOWN) {
        *digit = b'0';
    }
    if digits.len() % 2 == 1 {
        digits.push(b'0');
    }
    from_hex(&digits)
}

/// The digits of a line that is surely one of digits, with a digit for each letter that looks like one, and [`UNKNOWN`] for
/// what people write for a digit that they cannot read.
fn typed(line: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    /// Fewest digits of such a line.
    const LEAST: usize = 16;
    let mut digits = Zeroizing::new(Vec::with_capacity(line.len().saturating_add(1)));
    for token in tokens(line.trim_ascii()) {
        digits.extend(token.iter().map(|byte| match byte {
            b'O' | b'o' | b'Q' => b'0',
            b'l' | b'I' | b'i' | b'|' | b'!' => b'1',
            b'Z' | b'z' => b'2',
            b'S' | b's' => b'5',
            b'G' => b'6',
            b'g' | b'q' => b'9',
            b'?' => UNKNOWN,
            // By itself it may stand before the digits.
            b'_' | b'*' | b'#' | b'x' | b'X' if token.len() > 1 => UNKNOWN,
            other => *other,
        }));
    }
    let right = line.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    let wrong = digits.len().saturating_sub(right);
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || *byte == UNKNOWN;
    let is_sure = right >= LEAST && wrong.saturating_mul(8) <= right && digits.iter().all(is_digit);
    is_sure.then_some(digits)
}

/// The file in lines of digits of which a few could not be read: with each digit in their places, whatever makes it a whole
/// copy.
pub(super) fn unknown_digits(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // A vector that grows would leave its bytes behind.
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    for line in lines(text) {
        digits.extend_from_slice(&typed(line).unwrap_or_default());
    }
    let is_unknown = |at: &usize| digits.get(*at) == Some(&UNKNOWN);
    let unknown: Vec<usize> = (0..digits.len()).filter(is_unknown).collect();
    if !(1..=MOST_UNKNOWN).contains(&unknown.len()) || digits.len() > MOST_TYPED {
        return None;
    }
    let all = 1_usize << unknown.len().saturating_mul(4);
    (0..all).find_map(|number| {
        for (place, at) in unknown.iter().enumerate() {
            let value = number >> place.saturating_mul(4) & 0xF;
            if let Some(digit) = digits.get_mut(*at) {
                *digit = HEX.get(value).copied().unwrap_or(UNKNOWN);
            }
        }
        if_whole(from_hex(&digits)?)
    })
}

/// The file that was typed as lines of digits, of which one has a digit too few or too many: with that digit left out,
/// or each other one put in, whatever makes it a whole copy.
pub(super) fn one_more_or_less(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // A vector that grows would leave its bytes behind.
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut odd = None;
    for line in lines(text).filter(|line| !line.is_empty()) {
        let line = typed(line)?;
        if line.len() % 2 == 1 {
            // Of several no line is known to be the only wrong one.
            odd = odd.xor(Some(digits.len()..digits.len().saturating_add(line.len())));
            odd.as_ref()?;
        }
        digits.extend_from_slice(&line);
    }
    let mut pairs = digits.get(..7)?.windows(2);
    let begins = pairs.any(|pair| pair == b"0a" || pair == b"0A");
    if !begins || digits.len() > MOST_TYPED {
        return None;
    }
    let whole = |digits: &[u8]| if_whole(from_hex(digits)?);
    one_letter_more_or_less(&digits, odd?, HEX, whole)
}

/// The bytes of words of 16 bits, as `hexdump` and `od` print them where nothing else is asked for: hexadecimal or octal,
/// the lower byte first. They stand behind an offset of seven digits.
fn of_words(words: &[&[u8]]) -> Option<Zeroizing<Vec<u8>>> {
    let length = words.first()?.len();
    let radix = match length {
        4 => 16,
        6 => 8,
        _ => return None,
    };
    let mut bytes = Zeroizing::new(Vec::new());
    for word in words {
        let digits = std::str::from_utf8(word)
            .ok()
            .filter(|digits| digits.len() == length)?;
        bytes.extend(u16::from_str_radix(digits, radix).ok()?.to_le_bytes());
    }
    Some(bytes)
}

fn is_hex(token: &[u8]) -> bool {
    token.iter().all(u8::is_ascii_hexdigit)
}

/// What stands between separators.
fn tokens(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let separates = |byte: &u8| b" \t,:;-\"'{}[]()<>".contains(byte);
    line.split(separates).filter(|token| !token.is_empty())
}

/// Pairs of digits, each behind a prefix.
fn prefixed(line: &[u8], prefix: &[u8; 2]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let prefixes = line.windows(2).enumerate();
    for (at, _) in prefixes.filter(|(_, pair)| pair == prefix) {
        let digits = line.get(at.checked_add(2)?..)?;
        let own = digits.iter().take_while(|byte| byte.is_ascii_hexdigit());
        let count = own.take(3).count();
        // Before more it is the prefix of all of it.
        (count <= 2).then_some(())?;
        let text = std::str::from_utf8(digits.get(..count)?).ok()?;
        bytes.push(u8::from_str_radix(text, 16).ok()?);
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The bytes of each list of decimal numbers in square brackets or braces.
pub(super) fn decimal(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let lists = text.split(|byte| matches!(byte, b'[' | b']' | b'{' | b'}' | b'(' | b')'));
    let numbers = lists.filter_map(|list| {
        let mut bytes = Zeroizing::new(Vec::new());
        for number in list.split(|byte| *byte == b',') {
            let number = std::str::from_utf8(number.trim_ascii()).ok()?;
            if !number.is_empty() {
                // Some languages have signed bytes.
                let number = number.parse::<i16>().ok()?;
                let byte =
                    u8::try_from(number).or_else(|_| i8::try_from(number).map(i8::cast_unsigned));
                bytes.push(byte.ok()?);
            }
        }
        Some(bytes)
    });
    numbers.collect()
}
