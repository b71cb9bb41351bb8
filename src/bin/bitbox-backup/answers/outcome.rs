//! How a command ended: `status`, `error` and `hint`, alike for all commands.

use bitbox_backup::text::escape;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Done,
    Failed,
    /// The person or the device refused.
    Refused,
    Interrupted,
}

/// How a command ended, what is wrong, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    status: Status,
    error: Option<String>,
    hint: Option<String>,
}

impl Outcome {
    /// Nothing kept the command from its work.
    pub(crate) const DONE: Self = Self {
        status: Status::Done,
        error: None,
        hint: None,
    };

    /// What kept it from it.
    pub(crate) fn of(status: Status, error: &anyhow::Error) -> Self {
        let (error, hint) = Self::lines(error);
        Self::because(status, error, hint)
    }

    pub(crate) fn because(status: Status, error: String, hint: Option<String>) -> Self {
        Self {
            status,
            error: Some(error),
            hint,
        }
    }

    /// Every source failed, and says why itself.
    pub(crate) fn no_source() -> Self {
        Self {
            status: Status::Failed,
            error: Some("no source could be read".to_owned()),
            hint: Some("the error and the hint of each source say why".to_owned()),
        }
    }

    pub(crate) fn lines(error: &anyhow::Error) -> (String, Option<String>) {
        let text = error_text(error);
        match text.split_once('\n') {
            Some((error, hint)) => (error.to_owned(), Some(hint.to_owned())),
            None => (text, None),
        }
    }
}

/// The lines of an error, escaped: what is wrong, then what to do.
pub(crate) fn error_text(error: &anyhow::Error) -> String {
    let text = with_causes(error);
    let lines: Vec<_> = text.lines().map(escape).collect();
    lines.join("\n")
}

/// An error and its causes, without those that its text names already.
pub(crate) fn with_causes(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}
