//! The exit status, a contract.

use std::ffi::OsString;
use std::io::Write;

use bitbox_backup::report::{SCHEMA, Summary};
use bitbox_backup::text::escape;
use clap::CommandFactory;
use serde::Serialize;

use crate::args::Args;
use crate::interrupt;
use crate::terminal::Unanswered;

/// What the program ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, and no finding of severity error.
    Done = 0,
    /// Done, and something needs attention.
    Attention = 1,
    /// The work could not be done.
    Impossible = 2,
    /// It was interrupted; the status tells by which signal.
    Interrupted = 130,
}

impl Exit {
    /// The number that the system gets.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Interrupted => interrupt::status(),
            other => other as u8,
        }
    }

    /// What the counts of an examination mean.
    pub(crate) fn of(summary: &Summary) -> Self {
        if summary.examined == 0 {
            Self::Impossible
        } else if summary.failed > 0 || summary.findings.error > 0 {
            Self::Attention
        } else {
            Self::Done
        }
    }
}

/// The person or the device refused: an answer too, but not the one wanted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(String);

impl Refused {
    /// What was refused, and what to do next.
    pub(crate) fn error(what: &str, next: &str) -> anyhow::Error {
        Self(format!("{what}\n{next}")).into()
    }

    /// The same for an error that says both.
    pub(crate) fn because(error: &anyhow::Error) -> anyhow::Error {
        Self(with_causes(error)).into()
    }
}

/// Prints what clap says: help and version on stdout with 0, anything else on stderr with 2, and with
/// `--json` on stdout too.
pub(crate) fn usage(error: &clap::Error, arguments: &[OsString]) -> std::process::ExitCode {
    // Nobody may be listening: a closed pipe is not worth another error.
    let _ = error.print();
    if !error.use_stderr() {
        return Exit::Done.into();
    }
    let mut given = arguments.iter().take_while(|one| *one != "--");
    if given.any(|one| one == "--json") {
        Failure::of_usage(error, arguments).print();
    }
    Exit::Impossible.into()
}

/// Prints an error with its causes, and what it is to end with.
pub(crate) fn failed(error: &anyhow::Error) -> Exit {
    if let Some(Unanswered::Interrupted) = error.downcast_ref() {
        return Exit::Interrupted;
    }
    // What is wrong, and on lines of their own what to do next.
    let text = text(error);
    let mut lines = text.lines();
    let mut err = anstream::stderr();
    let _ = writeln!(err, "error: {}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(err, "       {line}");
    }
    if error.is::<Refused>() {
        return Exit::Attention;
    }
    Exit::Impossible
}

/// The same for an error that ends a command, which answers with it in JSON where that was asked for;
/// `json` is the command's name then.
pub(crate) fn ended(error: &anyhow::Error, json: Option<&'static str>) -> Exit {
    let exit = failed(error);
    if let Some(command) = json {
        Failure::of(command, error, exit).print();
    }
    exit
}

/// An error and its causes, without those that its text names already.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// The lines of an error, escaped: what is wrong, then what to do.
fn text(error: &anyhow::Error) -> String {
    let text = with_causes(error);
    let lines: Vec<_> = text.lines().map(escape).collect();
    lines.join("\n")
}

/// What ended a command, in JSON: `status`, `error` and `hint`, alike for all commands.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    status: &'static str,
    error: Option<String>,
    hint: Option<String>,
}

impl Outcome {
    /// Nothing kept the command from its work.
    pub(crate) const DONE: Self = Self {
        status: "done",
        error: None,
        hint: None,
    };

    /// An error, and what the program ends with because of it.
    pub(crate) fn of(error: &anyhow::Error, exit: Exit) -> Self {
        let (error, hint) = Self::lines(error);
        Self {
            status: match exit {
                Exit::Done => "done",
                Exit::Attention => "refused",
                Exit::Impossible => "failed",
                Exit::Interrupted => "interrupted",
            },
            error: Some(error),
            hint,
        }
    }

    /// What is wrong, and what to do about it.
    pub(crate) fn lines(error: &anyhow::Error) -> (String, Option<String>) {
        let text = text(error);
        match text.split_once('\n') {
            Some((error, hint)) => (error.to_owned(), Some(hint.to_owned())),
            None => (text, None),
        }
    }
}

/// The whole answer of a command that came to nothing.
#[derive(Debug, Serialize)]
struct Failure {
    schema: &'static str,
    command: Option<String>,
    #[serde(flatten)]
    outcome: Outcome,
    /// Of `device create`: until the device is asked for a backup nothing is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<bool>,
}

impl Failure {
    fn of(command: &'static str, error: &anyhow::Error, exit: Exit) -> Self {
        Self {
            schema: SCHEMA,
            command: Some(command.to_owned()),
            outcome: Outcome::of(error, exit),
            written: (command == "device create").then_some(false),
        }
    }

    fn of_usage(error: &clap::Error, arguments: &[OsString]) -> Self {
        let text = error.render().to_string();
        // The first paragraph says what is wrong; usage follows.
        let wrong = text.lines().take_while(|line| !line.is_empty());
        let wrong: Vec<_> = wrong.map(|line| escape(line.trim())).collect();
        let wrong = wrong.join(" ");
        let command = named(arguments);
        let of = command.as_deref().map(|name| format!(" {name}"));
        let of = of.unwrap_or_default();
        Self {
            schema: SCHEMA,
            outcome: Outcome {
                status: "failed",
                error: Some(wrong.trim_start_matches("error: ").to_owned()),
                hint: Some(format!("run `bitbox-backup{of} --help`")),
            },
            written: (command.as_deref() == Some("device create")).then_some(false),
            command,
        }
    }

    fn print(&self) {
        // Nobody may be listening.
        if let Ok(json) = serde_json::to_string(self) {
            let _ = writeln!(crate::output::stdout(), "{json}");
        }
    }
}

/// The command that arguments name, as far as they name one.
fn named(arguments: &[OsString]) -> Option<String> {
    let mut command = Args::command();
    let mut names = Vec::new();
    for argument in arguments.iter().skip(1) {
        if let Some(next) = command.find_subcommand(argument).cloned() {
            names.push(next.get_name().to_owned());
            command = next;
        }
    }
    (!names.is_empty()).then(|| names.join(" "))
}
