//! What answers begin with.

use std::borrow::Cow;

use bitbox_backup::firmware::Version;
use bitbox_backup::report::{SCHEMA, basis};
use serde::Serialize;

use super::outcome::Outcome;
use crate::privacy;

/// The answer of a command: a head that is alike for all, then what is its own.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<T> {
    schema: &'static str,
    /// `None` if the command line names none.
    command: Option<Cow<'static, str>>,
    redacted: bool,
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(flatten)]
    own: T,
}

impl<T> Answer<T> {
    /// A command that did its work.
    pub(crate) fn done(command: &'static str, own: T) -> Self {
        Self::of(command, Outcome::DONE, own)
    }

    pub(crate) fn of(command: impl Into<Cow<'static, str>>, outcome: Outcome, own: T) -> Self {
        Self::of_any(Some(command.into()), outcome, own)
    }

    /// Also of a command line that names no command.
    pub(crate) fn of_any(command: Option<Cow<'static, str>>, outcome: Outcome, own: T) -> Self {
        Self {
            schema: SCHEMA,
            command,
            redacted: privacy::is_on(),
            outcome,
            own,
        }
    }
}

/// The firmware whose rules were applied, and how they are known.
#[derive(Debug, Serialize)]
pub(crate) struct Rules {
    firmware: String,
    basis: &'static str,
}

impl Rules {
    pub(crate) fn of(firmware: Version) -> Self {
        Self {
            firmware: firmware.to_string(),
            basis: basis(firmware),
        }
    }
}

/// The head of an answer whose sources say each for itself how they ended.
#[derive(Debug, Serialize)]
pub(crate) struct Examined {
    schema: &'static str,
    command: &'static str,
    redacted: bool,
    #[serde(flatten)]
    rules: Rules,
}

impl Examined {
    pub(crate) fn new(command: &'static str, firmware: Version) -> Self {
        Self {
            schema: SCHEMA,
            command,
            redacted: privacy::is_on(),
            rules: Rules::of(firmware),
        }
    }
}
