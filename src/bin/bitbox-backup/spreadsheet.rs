//! Text in CSV that no spreadsheet takes for a formula. Names on cards are anybody's.

/// What makes a spreadsheet take a field for a formula, and the apostrophe itself, so that what was
/// guarded can be told from what was not.
const FORMULA: [char; 9] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\''];

/// Puts an apostrophe before each place where a formula could begin: the start of the text, and
/// behind a separator of another country's CSV.
pub(crate) fn guard(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins && FORMULA.contains(&c) {
            guarded.push('\'');
        }
        begins = still_begins(begins, c);
        guarded.push(c);
    }
    guarded
}

/// Takes the apostrophes of [`guard`] away again.
pub(crate) fn unguard(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut begins = true;
    let mut chars = text.chars().peekable();
    while let Some(mut c) = chars.next() {
        if begins && c == '\'' {
            c = chars.next_if(|next| FORMULA.contains(next)).unwrap_or(c);
        }
        begins = still_begins(begins, c);
        plain.push(c);
    }
    plain
}

/// Whether a field would still begin behind this character.
fn still_begins(begins: bool, c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '\t' | '\n' | '\r') || (begins && (c == '"' || c.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_come_back() {
        for (text, guarded) in [
            ("My BitBox", "My BitBox"),
            ("=1+1", "'=1+1"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("'quoted'", "''quoted'"),
            ("''", "'''"),
            ("'=x", "''=x"),
            ("a;=x", "a;'=x"),
            ("a,\" =x", "a,\" '=x"),
            ("=cmd|' /C calc'!A0", "'=cmd|'' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("  =1+1", "  '=1+1"),
            ("\u{3000}＝1", "\u{3000}'＝1"),
            ("＋1;－1;＠a", "'＋1;'－1;'＠a"),
            ("a;=1;b; -2", "a;'=1;b; '-2"),
            ("a-b", "a-b"),
            ("", ""),
        ] {
            assert_eq!(guard(text), guarded);
            assert_eq!(unguard(guarded), text);
        }
        assert_eq!(unguard("'s"), "'s", "a person may begin with an apostrophe");
    }
}
