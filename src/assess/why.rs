//! Why a backup is not shown, in long and in short.

use super::Backup;
use crate::finding::{Finding, Rule, Severity};

/// Why a backup is not shown: the finding, and in short the cause and what to do.
pub(super) struct Why {
    finding: Finding,
    more: Option<Finding>,
    cause: String,
    remedy: String,
}

pub(super) const FRESH: &str = "make a new backup on a fresh card";

impl Why {
    pub(super) fn new(
        rule: Rule,
        message: impl Into<String>,
        offset: Option<u64>,
        cause: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = remedy.into();
        let mut advice = remedy.clone();
        if let Some(first) = advice.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            finding: Finding::new(rule, message, offset).advising(advice + "."),
            more: None,
            cause: cause.into(),
            remedy,
        }
    }
}

impl Why {
    /// Tells the backup; the finding that hides it comes first.
    pub(super) fn tell(self, backup: &mut Backup) {
        backup.cause = Some(self.cause);
        backup.remedy = Some(self.remedy);
        backup.findings.insert(0, self.finding);
        backup.findings.extend(self.more);
    }

    /// The same at another severity.
    pub(super) fn at(mut self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    /// The same with a second finding.
    pub(super) fn and(mut self, more: Finding) -> Self {
        self.more = Some(more);
        self
    }
}
