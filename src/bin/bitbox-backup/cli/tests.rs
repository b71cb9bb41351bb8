//! What help and the README show is what the program takes.

use bitbox_backup::report::Redaction;
use clap::{Command, CommandFactory};

use super::Cli;

fn each(command: &Command, check: &mut dyn FnMut(&Command)) {
    check(command);
    let named = |one: &&Command| one.get_name() != "help";
    for one in command.get_subcommands().filter(named) {
        each(one, check);
    }
}

/// A file may be called like a command: with --redact its other name stands in no command.
#[test]
fn no_name_of_a_command_is_redacted() {
    each(&Cli::command(), &mut |command| {
        let name = command.get_name();
        let mut redaction = Redaction::new([7; 32]);
        redaction.learn_place(&format!("/home/ann/{name}"));
        let mut lines = vec![format!("bitbox-backup {name} …")];
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            redaction.learn_place(&format!("/home/ann/{option}"));
            lines.push(format!("bitbox-backup {name} --{option}"));
        }
        for line in lines {
            assert_eq!(redaction.text(&line), line);
        }
    });
}

/// The command lines of the README; what follows an ellipsis or an upper-case COMMAND is no command line.
#[test]
fn every_command_of_the_readme_parses() {
    let readme = include_str!("../../../../README.md");
    let code = readme
        .split('`')
        .filter(|code| code.starts_with("bitbox-backup "));
    let mut checked = 0;
    for line in code.filter(|line| !line.contains("COMMAND")) {
        let arguments = line
            .split_whitespace()
            .map(|word| word.trim_end_matches('…'));
        let parsed = Cli::command().try_get_matches_from(arguments);
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        checked += 1;
    }
    assert!(checked > 8, "{checked}");
}

#[test]
fn every_help_ends_with_examples_that_parse() {
    let mut checked = 0;
    each(&Cli::command(), &mut |command| {
        let name = command.get_name();
        let end = command
            .get_after_long_help()
            .unwrap_or_else(|| panic!("{name}"));
        let end = end.to_string();
        for line in end.lines() {
            assert!(line.len() < 75, "{name}: {line}"); // a manual page is indented
            if let Some(example) = line.strip_prefix("    bitbox-backup ") {
                let (own, _) = example.split_once(" | ").unwrap_or((example, ""));
                let arguments = ["bitbox-backup"].into_iter().chain(own.split(' '));
                let parsed = Cli::command().try_get_matches_from(arguments);
                assert!(parsed.is_ok(), "{name}: {example}: {}", parsed.unwrap_err());
                checked += 1;
            }
        }
        assert!(end.contains("Examples:\n"), "{name}");
        assert!(
            end.contains("Exit status:\n") || command.has_subcommands(),
            "{name}"
        );
    });
    assert!(checked > 30, "{checked}");
}
