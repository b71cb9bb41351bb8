//! `bitbox-backup CARD` for `bitbox-backup list CARD`, and `bitbox-backup` alone for `bitbox-backup rescue`.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::Path;

use clap::CommandFactory;

use super::Cli;

/// Global options with a value of their own, which is no command and no card.
const WITH_VALUE: &[&str] = &["--color"];

/// The arguments, with `rescue` where somebody at a terminal gave none.
pub(crate) fn guide(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_person = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if arguments.len() == 1 && is_person {
        arguments.push("rescue".into());
    }
    arguments
}

/// The arguments, with `list` before a card that stands where a command is expected.
pub(crate) fn expand(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    if let Some(place) = first(&arguments)
        && arguments.get(place).is_some_and(|first| is_card(first))
    {
        arguments.insert(place, "list".into());
    }
    arguments
}

/// Where the first argument stands that is no global option.
fn first(arguments: &[OsString]) -> Option<usize> {
    let mut place = 1;
    while let Some(argument) = arguments.get(place) {
        let text = argument.to_string_lossy();
        if !text.starts_with('-') {
            return Some(place);
        }
        place = place.saturating_add(if WITH_VALUE.contains(&&*text) { 2 } else { 1 });
    }
    None
}

/// Whether an argument names a card rather than a command.
fn is_card(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    if text == "help" || Cli::command().find_subcommand(&*text).is_some() {
        return false;
    }
    let path = Path::new(argument);
    path.exists() || text.contains(std::path::is_separator) || path.extension().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(line: &str) -> String {
        let arguments = expand(line.split(' ').map(OsString::from));
        let words: Vec<_> = arguments.iter().map(|one| one.to_string_lossy()).collect();
        words.join(" ")
    }

    #[test]
    fn a_card_where_a_command_is_expected_is_listed() {
        for (line, expected) in [
            ("b card.img", "b list card.img"),
            ("b ./card", "b list ./card"),
            ("b /dev/sdb --json", "b list /dev/sdb --json"),
            ("b -q a.img b.img", "b -q list a.img b.img"),
            ("b --color never a.img", "b --color never list a.img"),
            ("b --color=never a.img", "b --color=never list a.img"),
            (".", "."),
            ("b .", "b list ."),
        ] {
            assert_eq!(expanded(line), expected);
        }
    }

    #[test]
    fn a_command_stays_one() {
        for line in [
            "b",
            "b list card.img",
            "b help",
            "b help list",
            "b frobnicate",
            "b frobnicate card.img",
            "b --version",
            "b --color a.img",
            "b self-test",
        ] {
            assert_eq!(expanded(line), line);
        }
    }
}
