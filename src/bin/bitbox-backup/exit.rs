//! The exit status, a contract.

use std::ffi::OsString;
use std::io::Write;

use bitbox_backup::report::Summary;
use bitbox_backup::text::escape;
use serde::Serialize;

use crate::answers::{Answer, Outcome, Status, error_text, with_causes};
use crate::terminal::Unanswered;
use crate::{interrupt, output, privacy, render};

/// What the program ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, and no finding of severity error.
    #[default]
    Done = 0,
    /// Done, and something needs attention.
    Attention = 1,
    Impossible = 2,
    /// It was interrupted; the status tells by which signal.
    Interrupted = 130,
}

impl Exit {
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

impl From<Exit> for Status {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::Done,
            Exit::Attention => Self::Refused,
            Exit::Impossible => Self::Failed,
            Exit::Interrupted => Self::Interrupted,
        }
    }
}

/// The person or the device refused: an answer too, but not the one wanted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(String);

impl Refused {
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
pub(crate) fn usage(
    error: &clap::Error,
    arguments: &[OsString],
    command: Option<String>,
) -> std::process::ExitCode {
    let given = |option: &str| {
        let mut given = arguments.iter().take_while(|one| *one != "--");
        given.any(|one| one == option)
    };
    if !error.use_stderr() {
        // Nobody may be listening: a closed pipe is not worth another error.
        let printed = error.print();
        return match printed {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Impossible.into(),
            _ => Exit::Done.into(),
        };
    }
    let mut text = error.render().to_string();
    if given("--redact") {
        // Without random numbers for other names nothing would say that it is redacted; the values are left out even so.
        let _ = privacy::begin([""; 0]);
        text = without_values(&text, arguments, command.as_deref());
        let _ = write!(anstream::stderr(), "{text}");
    } else {
        let _ = error.print();
    }
    if given("--json") {
        let outcome = of_usage(&text, command.as_deref());
        print(command, outcome);
    }
    Exit::Impossible.into()
}

/// Prints an error with its causes, and what it is to end with.
pub(crate) fn failed(error: &anyhow::Error) -> Exit {
    if let Some(Unanswered::Interrupted) = error.downcast_ref() {
        return Exit::Interrupted;
    }
    // What is wrong, and on lines of their own what to do next.
    let text = privacy::text(&error_text(error));
    let mut lines = text.lines();
    let mut err = anstream::stderr();
    let _ = writeln!(err, "error: {}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(err, "       {line}");
    }
    match error.is::<Refused>() {
        true => Exit::Attention,
        false => Exit::Impossible,
    }
}

/// The same for an error that ends a command, which answers with it in JSON where that was asked for;
/// `json` is the command's name then.
pub(crate) fn ended(error: &anyhow::Error, json: Option<&'static str>) -> Exit {
    let exit = failed(error);
    if let Some(command) = json {
        print(Some(command.to_owned()), Outcome::of(exit.into(), error));
    }
    exit
}

/// The field of its own that an answer has although the command came to nothing.
#[derive(Debug, Serialize)]
struct Nothing {
    /// Of `device create`: until the device is asked for a backup nothing is written, and then it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<Option<bool>>,
}

impl Nothing {
    fn of(command: Option<&str>) -> Self {
        Self {
            written: (command == Some("device create")).then_some(Some(false)),
        }
    }
}

/// Prepares the answer in JSON of a command that a signal ends at once.
pub(crate) fn may_be_cut(command: Option<&'static str>) {
    if let Some(command) = command {
        cut_with(command, Nothing::of(Some(command)), "run it again");
    }
}

/// The same from when on a backup may be written.
pub(crate) fn may_be_cut_writing(command: &'static str) {
    let unknown = Nothing {
        written: Some(None),
    };
    let hint = "leave the card and the cable where they are until the screen of the BitBox no longer changes, and run \
                `bitbox-backup device check`";
    cut_with(command, unknown, hint);
}

fn cut_with(command: &'static str, own: Nothing, hint: &str) {
    let error = "it was interrupted, and ended at once".to_owned();
    let outcome = Outcome::because(Status::Interrupted, error, Some(hint.to_owned()));
    if let Ok(answer) = render::json::bytes(&Answer::of(command, outcome, own)) {
        output::if_cut(answer);
    }
}

/// Prints the whole answer of a command that came to nothing.
fn print(command: Option<String>, outcome: Outcome) {
    // An answer that is begun ends with it.
    let fields = privacy::value(&outcome).map_or_else(
        || serde_json::to_string(&outcome).unwrap_or_default(),
        |redacted| serde_json::to_string(&redacted).unwrap_or_default(),
    );
    if output::end_open(fields.trim_start_matches('{')) {
        return;
    }
    let own = Nothing::of(command.as_deref());
    // Nobody may be listening.
    let _ = render::json::print(&Answer::of_any(command.map(Into::into), outcome, own));
}

/// What is wrong with a command line, without the values that were given on it: no answer says yet what they are.
fn without_values(text: &str, arguments: &[OsString], command: Option<&str>) -> String {
    /// The fewest characters of a value that is left out wherever it stands.
    const LONG: usize = 4;
    let values = arguments.iter().skip(1).map(|one| one.to_string_lossy());
    let values = values.filter_map(|one| match one.strip_prefix('-') {
        None => Some(one.into_owned()),
        Some(option) => option.split_once('=').map(|(_, value)| value.to_owned()),
    });
    let is_command =
        |value: &str| command.is_some_and(|name| name.split(' ').any(|part| part == value));
    let mut values: Vec<_> = values
        .filter(|value| !value.is_empty() && !is_command(value))
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.iter().fold(text.to_owned(), |text, value| {
        let text = text.replace(&format!("'{value}'"), "'(left out)'");
        match value.len() < LONG {
            true => text,
            false => text.replace(value.as_str(), "(left out)"),
        }
    })
}

fn of_usage(text: &str, command: Option<&str>) -> Outcome {
    // The first paragraph says what is wrong; usage follows.
    let wrong = text.lines().take_while(|line| !line.is_empty());
    let wrong: Vec<_> = wrong.map(|line| escape(line.trim())).collect();
    let wrong = wrong.join(" ");
    let of = command.map(|name| format!(" {name}")).unwrap_or_default();
    Outcome::because(
        Status::Failed,
        wrong.trim_start_matches("error: ").to_owned(),
        Some(format!("run `bitbox-backup{of} --help`")),
    )
}
