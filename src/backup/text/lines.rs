//! The lines of a text, where a long text is cut, and what people mistype.

use std::ops::Range;

use zeroize::Zeroizing;

/// The lines of a text, without a byte order mark, white space, and the `>` of an answer before them.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.map(|line| {
        let is_before = |byte: &&u8| b"> \t\xEF\xBB\xBF".contains(*byte);
        let start = line.iter().take_while(is_before).count();
        line.get(start..).unwrap_or_default().trim_ascii_end()
    })
}

/// Where the next stretch of a text begins in this one: with a line, or where that is too long with a whole group of
/// the digits of a word.
pub(super) fn next_stretch(stretch: &[u8], overlap: usize) -> usize {
    let latest = stretch.len().saturating_sub(overlap);
    let before = stretch.get(..latest).unwrap_or_default();
    let behind = |is: fn(&u8) -> bool| {
        let last = before.iter().rposition(is);
        last.map_or(0, |last| last.saturating_add(1))
    };
    let line = behind(|byte| *byte == b'\n');
    if line > latest / 2 {
        return line;
    }
    let word = behind(|byte| !byte.is_ascii_alphanumeric() && !b"+/-_".contains(byte));
    latest.saturating_sub(latest.saturating_sub(word) % 4)
}

/// What letters give that have one too few or too many in a range: with one of them left out, or each of the alphabet put
/// in.
pub(super) fn one_more_or_less(
    letters: &[u8],
    range: Range<usize>,
    alphabet: &[u8],
    give: impl Fn(&[u8]) -> Option<Zeroizing<Vec<u8>>>,
) -> Option<Zeroizing<Vec<u8>>> {
    let with = |at: usize, lost: usize, put: &[u8]| {
        let (before, rest) = letters.split_at_checked(at)?;
        give(&Zeroizing::new([before, put, rest.get(lost..)?].concat()))
    };
    let less = range.clone().find_map(|at| with(at, 1, &[]));
    let more = |at| alphabet.iter().find_map(|letter| with(at, 0, &[*letter]));
    less.or_else(|| (range.start..=range.end).find_map(more))
}
