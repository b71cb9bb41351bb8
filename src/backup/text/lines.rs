//! The lines of a text, and where a long text is cut.

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
