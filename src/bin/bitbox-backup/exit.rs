//! The exit status, a contract.

use std::io::Write;

use bitbox_backup::report::Summary;

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
    /// It was interrupted.
    Interrupted = 130,
}

impl Exit {
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
}

/// Prints what clap says: help and version on stdout with 0, anything else on stderr with 2.
pub(crate) fn usage(error: &clap::Error) -> std::process::ExitCode {
    let exit = if error.use_stderr() {
        Exit::Impossible
    } else {
        Exit::Done
    };
    // Nobody may be listening: a closed pipe is not worth another error.
    let _ = error.print();
    exit.into()
}

/// Whether it is only that nobody listens to standard output any more.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind)
            .or_else(|| cause.downcast_ref::<serde_json::Error>()?.io_error_kind());
        kind == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// Prints an error with its causes.
pub(crate) fn failed(error: &anyhow::Error) -> Exit {
    if is_closed_pipe(error) {
        return Exit::Done;
    }
    if let Some(Unanswered::Interrupted) = error.downcast_ref() {
        return Exit::Interrupted;
    }
    // What is wrong, and on lines of their own what to do next.
    let text = format!("{error:#}");
    let mut lines = text.lines().map(bitbox_backup::report::escape);
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
