//! How much a finding matters.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A backup is hidden, damaged or lost, or the device would fail or crash.
    Error,
    /// It works, and something needs attention.
    Warning,
    /// Good to know.
    Info,
}
