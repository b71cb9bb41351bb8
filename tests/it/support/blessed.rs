//! Files that hold what the program said when it was last looked at. With `BLESS=1` they are written
//! anew, and `git diff` shows what changed; otherwise a difference fails the test.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::program::Ran;

/// Where the file of this name, below `tests/`, lies.
fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// Whether the files are to be written.
pub fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// What a file holds, or nothing.
pub fn stored(name: &str) -> String {
    std::fs::read_to_string(place(name)).unwrap_or_default()
}

/// Compares a text with the file of this name, or writes it: what differs, if anything does.
pub fn compare(name: &str, text: &str) -> Option<String> {
    if is_blessing() {
        let place = place(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        if stored(name) != text {
            std::fs::write(place, text).unwrap();
        }
        return None;
    }
    let stored = stored(name);
    (stored != text).then(|| format!("tests/{name}\n{}", difference(&stored, text)))
}

/// The lines of two texts that differ, with their numbers: removed ones behind `-`, added ones
/// behind `+`.
pub fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut told = String::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        // The nearest lines that are the same again.
        let same = |(i, j): &(usize, usize)| {
            let (i, j) = (a + i, b + j);
            (i == old.len() && j == new.len())
                || (i < old.len() && j < new.len() && old[i] == new[j])
        };
        let most = old.len().max(new.len());
        let pairs = (0..=2 * most).flat_map(|sum| (0..=sum).map(move |i| (i, sum - i)));
        let (i, j) = pairs
            .filter(|(i, j)| a + i <= old.len() && b + j <= new.len())
            .find(same)
            .unwrap();
        for line in &old[a..a + i] {
            a += 1;
            writeln!(told, "{a:5} - {line}").unwrap();
        }
        for line in &new[b..b + j] {
            b += 1;
            writeln!(told, "{b:5} + {line}").unwrap();
        }
    }
    if told.is_empty() && old.len() != new.len() {
        told.push_str("the end differs\n");
    }
    told
}

/// What a person sees of a run: the command, what it writes to each stream, and its exit status.
pub fn session(arguments: &[&str], ran: &Ran) -> String {
    let mut text = format!("$ bitbox-backup {}\n{}", arguments.join(" "), ran.out);
    if !ran.err.is_empty() {
        text.push_str("--- standard error\n");
        text.push_str(&ran.err);
    }
    let status = ran
        .status
        .map_or("none".to_owned(), |status| status.to_string());
    writeln!(text, "--- exit status {status}").unwrap();
    text
}
