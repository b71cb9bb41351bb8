//! What a terminal pastes where a file is dragged into it: a path in quotes, or with what a shell would take for its own
//! marked by backslashes.

use std::path::PathBuf;

/// The path that was typed or pasted: as it stands, if something is there.
pub(super) fn path(answer: &str) -> PathBuf {
    let ways = [answer.to_owned(), answer.trim().to_owned()];
    let ways = ways.into_iter().chain(unquoted(answer.trim()));
    let mut paths = ways.map(|way| PathBuf::from(at_home(way)));
    let there = paths.find(|path| path.symlink_metadata().is_ok());
    there.unwrap_or_else(|| {
        let path = unquoted(answer.trim()).unwrap_or_else(|| answer.trim().to_owned());
        PathBuf::from(at_home(path))
    })
}

/// The path in the home folder that `~` stands for.
fn at_home(path: String) -> String {
    let home = std::env::var("HOME").ok();
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path,
    }
}

/// One word as a shell reads it; `None` if quotes are left open. On systems whose paths hold backslashes these mark
/// nothing.
fn unquoted(text: &str) -> Option<String> {
    let mut path = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') if !cfg!(windows) => path.push(characters.next()?),
            (_, c) => path.push(c),
        }
    }
    quote.is_none().then_some(path)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)]
    fn what_terminals_paste_is_the_path() {
        use super::*;

        for (pasted, path) in [
            ("card.img", "card.img"),
            ("'/tmp/my card.img'", "/tmp/my card.img"),
            ("'/tmp/Ann'\\''s.img'", "/tmp/Ann's.img"),
            ("\"/tmp/my card.img\"", "/tmp/my card.img"),
            ("/tmp/my\\ card\\(1\\).img", "/tmp/my card(1).img"),
        ] {
            assert_eq!(unquoted(pasted).as_deref(), Some(path), "{pasted}");
        }
        assert_eq!(unquoted("'/tmp/x"), None);
        let home = std::env::var("HOME").unwrap();
        let nowhere = PathBuf::from(format!("{home}/no such card.img"));
        assert_eq!(path(" ~/no\\ such\\ card.img "), nowhere);
        // What is there as it is typed is meant.
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("'a\\b' ");
        std::fs::write(&odd, "").unwrap();
        assert_eq!(path(odd.to_str().unwrap()), odd);
    }
}
