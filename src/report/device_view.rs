//! What the device answers, in the words of the contract.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::form::Text;
use crate::assess::Assessment;
use crate::firmware::List;
use crate::text::escape;

/// How `list_backups` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListStatus {
    /// With a list.
    Ok,
    /// With an error: 103.
    Error,
    /// With a crash.
    Crash,
}

impl fmt::Display for ListStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What `list_backups` of the chosen firmware answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeviceView {
    /// `ok`, `error` (103) or `crash`.
    pub list: ListStatus,
    /// The rule, when not `ok`.
    pub reason: Option<Text>,
    /// The backups, in the device's order.
    pub backups: Vec<ListedReport>,
}

/// One backup as the device lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListedReport {
    /// The name of its folder.
    pub id: String,
    /// Seconds since 1970 UTC.
    pub timestamp: u32,
    /// The device's name, escaped.
    pub name: String,
}

impl DeviceView {
    pub(super) fn of(assessment: &Assessment) -> Option<Self> {
        let answer = assessment.answer.as_ref();
        let answer = answer.filter(|_| !assessment.is_untold())?;
        let (list, backups) = match &answer.list {
            List::Ok(backups) => (ListStatus::Ok, backups.as_slice()),
            List::Error(_) => (ListStatus::Error, &[][..]),
            List::Crash(_) => (ListStatus::Crash, &[][..]),
        };
        let backups = backups.iter().map(|listed| ListedReport {
            id: escape(&listed.id),
            timestamp: listed.timestamp,
            name: escape(&listed.name),
        });
        Some(Self {
            list,
            reason: assessment.reason.map(|rule| rule.name().into()),
            backups: backups.collect(),
        })
    }
}
