//! Bytes as the columns of dumps and tables: behind labels, offsets and line numbers, before letters, between marks.
//!
//! What a column is cannot be told by its line alone, so each reading is made of all lines. A wrong one gives no copy.

use zeroize::Zeroizing;

/// Most bytes in a line of a dump with letters behind them, which may look like digits.
const ROW: usize = 16;
/// Fewest digits in a row that go on from line to line.
const LONG: usize = 16;

/// How a word is bytes.
type Value = fn(&Word<'_>, &mut Zeroizing<Vec<u8>>) -> bool;

/// How each word is read, how many that can be read so stand before the bytes in each line, and most bytes in a line.
const READINGS: [(Value, usize, usize); 15] = [
    (hexadecimal, 0, usize::MAX),
    (hexadecimal, 1, usize::MAX),
    (hexadecimal, 2, usize::MAX),
    (hexadecimal, 0, ROW),
    (hexadecimal, 1, ROW),
    (hexadecimal, 2, ROW),
    (number::<4, 16>, 0, usize::MAX),
    (number::<4, 16>, 1, usize::MAX),
    (number::<8, 16>, 0, usize::MAX),
    (number::<16, 16>, 0, usize::MAX),
    (number::<6, 8>, 0, usize::MAX),
    (number::<3, 8>, 0, usize::MAX),
    (number::<8, 2>, 0, usize::MAX),
    (decimal, 0, usize::MAX),
    (decimal, 1, usize::MAX),
];

/// A word of letters and digits.
struct Word<'a> {
    letters: &'a str,
    is_negative: bool,
}

/// The bytes of all lines by each reading.
pub(super) fn columns(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut all: Vec<_> = READINGS.iter().map(|_| Zeroizing::default()).collect();
    let (mut digits, mut goes_on) = (Zeroizing::new(Vec::new()), false);
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let words = words(line);
        let is_hex = |word: &&Word<'_>| word.letters.bytes().all(|byte| byte.is_ascii_hexdigit());
        let longest = words
            .iter()
            .filter(is_hex)
            .max_by_key(|word| word.letters.len());
        let longest = longest.map_or("", |word| word.letters);
        // The last line is shorter.
        if longest.len() >= LONG || goes_on {
            digits.extend_from_slice(longest.as_bytes());
        }
        goes_on = longest.len() >= LONG;
        for (bytes, (value, skipped, most)) in all.iter_mut().zip(READINGS) {
            add(&words, value, skipped, most, bytes);
        }
    }
    // Lines of an odd length.
    let whole = digits.len() & !1;
    digits.truncate(whole);
    all.extend(hex::decode(digits.as_slice()).ok().map(Zeroizing::new));
    all.push(records(text));
    all.push(letters(text));
    all.sort_unstable_by(|one, other| one.as_slice().cmp(other.as_slice()));
    all.dedup();
    all
}

/// Adds the bytes of the first words in a row that can be read so.
fn add(
    words: &[Word<'_>],
    value: Value,
    skipped: usize,
    most: usize,
    bytes: &mut Zeroizing<Vec<u8>>,
) {
    let before = bytes.len();
    let mut one = Zeroizing::new(Vec::new());
    let is_read = |word: &Word<'_>, one: &mut Zeroizing<Vec<u8>>| {
        one.clear();
        value(word, one)
    };
    let first = words.iter().position(|word| is_read(word, &mut one));
    let row = words
        .get(first.unwrap_or(words.len())..)
        .unwrap_or_default();
    for (place, word) in row.iter().enumerate() {
        let is_full = bytes.len().saturating_sub(before) >= most;
        if is_full || !is_read(word, &mut one) {
            break;
        }
        if place >= skipped {
            bytes.extend_from_slice(&one);
        }
    }
}

/// The bytes of the lines of Intel HEX and of Motorola's S-records.
fn records(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut digits = Zeroizing::new(Vec::new());
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        // A length, an address and a type stand before the bytes, a checksum behind them.
        let data = match line.trim_ascii() {
            [b':', data @ ..] => data.get(8..),
            [b'S', kind @ b'1'..=b'3', data @ ..] => {
                let address = usize::from(kind.wrapping_sub(b'0')).saturating_mul(2);
                data.get(address.saturating_add(4)..)
            }
            _ => None,
        };
        let data = data.and_then(|data| data.get(..data.len().checked_sub(2)?));
        let data = data.filter(|data| data.iter().all(u8::is_ascii_hexdigit));
        digits.extend_from_slice(data.unwrap_or_default());
    }
    Zeroizing::new(hex::decode(digits.as_slice()).unwrap_or_default())
}

/// The bytes of `od -c`: four places for each, behind an offset of seven.
fn letters(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let cells = line.split_at_checked(7);
        let cells = cells.filter(|(offset, _)| offset.iter().all(u8::is_ascii_digit));
        for cell in cells.map_or(&[][..], |(_, cells)| cells).chunks(4) {
            let byte = match cell.trim_ascii() {
                [] => Some(b' '),
                [letter] => Some(*letter),
                digits @ [_, _, _] => std::str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| u8::from_str_radix(digits, 8).ok()),
                escaped => {
                    super::escapes::unescaped(escaped).and_then(|bytes| bytes.first().copied())
                }
            };
            bytes.extend(byte);
        }
    }
    bytes
}

/// The words of a line. What stands before a colon and a space is a label or an offset.
fn words(line: &[u8]) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0_usize;
    for part in line.split(|byte| !byte.is_ascii_alphanumeric()) {
        let end = at.saturating_add(part.len());
        let behind = line.get(end..).unwrap_or_default();
        let is_label = matches!(behind, [b':'] | [b':', b' ' | b'\t', ..]);
        let before = |back: usize| at.checked_sub(back).and_then(|at| line.get(at));
        let is_negative =
            before(1) == Some(&b'-') && before(2).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let prefix = [b"0x".as_slice(), b"0X", b"x"];
        let letters = prefix.iter().find_map(|prefix| part.strip_prefix(*prefix));
        if let Ok(letters) = std::str::from_utf8(letters.unwrap_or(part))
            && !letters.is_empty()
            && !is_label
        {
            words.push(Word {
                letters,
                is_negative,
            });
        }
        at = end.saturating_add(1);
    }
    words
}

fn hexadecimal(word: &Word<'_>, bytes: &mut Zeroizing<Vec<u8>>) -> bool {
    let (pairs, rest) = word.letters.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    for [high, low] in pairs {
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
            return false;
        };
        bytes.extend(u8::try_from(high << 4 | low));
    }
    rest.is_empty()
}

/// A number of so many digits in a radix, the lower byte first.
fn number<const DIGITS: usize, const RADIX: u32>(
    word: &Word<'_>,
    bytes: &mut Zeroizing<Vec<u8>>,
) -> bool {
    let length = match (DIGITS, RADIX) {
        (_, 16) => DIGITS / 2,
        (6, _) => 2,
        _ => 1,
    };
    let value = match word.letters.len() == DIGITS {
        true => u64::from_str_radix(word.letters, RADIX).ok(),
        false => None,
    };
    let Some(value) = value else {
        return false;
    };
    let value = value.to_le_bytes();
    let (own, rest) = value.split_at(length);
    bytes.extend_from_slice(own);
    rest.iter().all(|byte| *byte == 0)
}

/// Some programs print signed bytes.
fn decimal(word: &Word<'_>, bytes: &mut Zeroizing<Vec<u8>>) -> bool {
    let number = match word.letters.len() {
        1..=3 => word.letters.parse::<i16>().ok(),
        _ => None,
    };
    let byte = number.and_then(|number| match word.is_negative {
        true => i8::try_from(number.wrapping_neg())
            .ok()
            .map(i8::cast_unsigned),
        false => u8::try_from(number).ok(),
    });
    bytes.extend(byte);
    byte.is_some()
}
