//! Texts: what they are, by their beginning.

use zeroize::Zeroizing;

use super::{Foreign, MOST_TEXT, Way};
use crate::image::{ReadAt, SECTOR, SECTOR_BYTES};

const TEXT: Way = Way::Hint(
    "a backup is read as hexadecimal, octal or decimal numbers, as a dump, or as Base64, Base32, quoted-printable or uuencode: \
     turn any other text back into a file with the program that made it, such as `xxd -r`, and examine that; what is attached \
     to a mail, save first",
);

/// Whether it is text: valid UTF-8 or marked as UTF-16, without control characters.
pub(super) fn text(head: &[u8], size: u64) -> Option<Foreign> {
    let found = match size {
        0..=MOST_TEXT => Foreign::new("a text file", TEXT),
        _ => Foreign::new(
            "a text of more than 64 MiB, in which nothing was searched",
            Way::Words(
                "split it into parts of which each is searched, with `mkdir NEW && split -C 60M FILE NEW/part.`, then examine what is in NEW",
            ),
        ),
    };
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
        return Some(found).filter(|_| head.len() > 4);
    }
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut where the beginning ends.
        Err(error) if error.error_len().is_none() && (head.len() as u64) < size => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}');
    let found = match has_id(valid) {
        true => Foreign::ID,
        false => found,
    };
    (!valid.is_empty() && valid.chars().all(is_text)).then_some(found)
}

/// Whether a text names a backup or a few by their IDs, 64 hexadecimal digits; a dump has more lines of so many.
fn has_id(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_hexdigit());
    let ids = runs.filter(|run| run.len() == 64).count();
    (1..=3).contains(&ids)
}

/// Whether a file begins and ends as texts do, whatever their character set.
pub(crate) fn seems_text(file: &dyn ReadAt) -> bool {
    let is_text = |byte: &u8| !byte.is_ascii_control() || b"\t\n\r\x0C\x1B".contains(byte);
    let mut part = Zeroizing::new([0; SECTOR]);
    let mut seems = |at: u64| {
        file.read_at(at, part.as_mut_slice()).is_ok()
            && (part.iter().all(is_text) || is_utf16(&part))
    };
    seems(0) && file.size().checked_sub(SECTOR_BYTES).is_some_and(seems)
}

/// Whether most pairs of bytes hold one zero, all at the same place, as in a text in UTF-16.
fn is_utf16(part: &[u8; SECTOR]) -> bool {
    let (pairs, _) = part.as_chunks::<2>();
    // Mostly a card, whose first sector says so at once.
    if pairs.contains(&[0, 0]) {
        return false;
    }
    let is_zero = |pair: &&[u8; 2], place: usize| pair.get(place) == Some(&0);
    let zeros = |place| pairs.iter().filter(|pair| is_zero(pair, place)).count();
    let (first, second) = (zeros(0), zeros(1));
    let most = first.max(second).saturating_mul(4) > pairs.len().saturating_mul(3);
    most && first.min(second) == 0
}
