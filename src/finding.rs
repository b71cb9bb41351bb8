//! Findings: what is wrong with a card or a backup, by stable rule names.
//!
//! The tables in `rule` are the source of docs/findings.md; a test holds them together.

mod advice;
mod rule;

pub use advice::{Advice, Place, Rest};
pub use rule::{Rule, Severity};

/// Something found, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How much it matters here; mostly the rule's own severity.
    pub severity: Severity,
    /// What was found, in a sentence; names in it are as stored.
    pub message: String,
    /// Where: bytes from the start of the card; `None` if it is computed or has no place.
    pub offset: Option<u64>,
}

impl Finding {
    /// A finding with its rule's own severity.
    pub fn new(rule: Rule, message: impl Into<String>, offset: impl Into<Option<u64>>) -> Self {
        let severity = rule.severity();
        Self {
            rule,
            severity,
            message: message.into(),
            offset: offset.into(),
        }
    }

    /// The same with another severity.
    #[must_use]
    pub fn at(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
