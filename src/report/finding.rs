//! A finding, in the words of the contract.

use serde::{Deserialize, Serialize};

use super::form::Text;
use crate::finding::{Finding, Severity};
use crate::text::escape;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FindingReport {
    /// The rule's stable name.
    pub rule: Text,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, escaped.
    pub message: String,
    /// Where: bytes from the start of the card.
    pub offset: Option<u64>,
    /// What a person sees on the device or in the app.
    pub shows: Text,
    /// What to do about such a thing; what to do about the card is in [`Source::next`](super::Source::next).
    pub advice: Text,
}

impl FindingReport {
    /// What is said of a finding.
    pub fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.name().into(),
            severity: finding.severity,
            message: escape(&finding.message),
            offset: finding.offset,
            shows: finding.rule.shows().into(),
            advice: finding.rule.advice().into(),
        }
    }
}
