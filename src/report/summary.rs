//! The counts at the end of an answer.

use serde::{Deserialize, Serialize};

use super::source::{Source, Status};
use crate::assess::{CardState, State};
use crate::finding::Severity;

/// The counts at the end of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many sources were given.
    pub sources: usize,
    /// How many of them were examined.
    pub examined: usize,
    /// How many of them failed.
    pub failed: usize,
    /// In how many nothing was found so far and not everything was searched.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unsearched: usize,
    /// How many are empty cards.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub empty: usize,
    /// How many backups there are, deleted and erased ones left out.
    pub backups: usize,
    /// How many of these are healthy.
    pub healthy: usize,
    /// How many findings there are.
    pub findings: Counts,
    /// How many more sources were given and not come to, since the run was interrupted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Infos.
    pub info: usize,
}

impl Summary {
    /// Counts one more source.
    pub fn add(&mut self, source: &Source) {
        self.sources += 1;
        match source.status {
            Status::Examined => self.examined += 1,
            Status::Failed => self.failed += 1,
        }
        match source.state {
            CardState::Unsearched => self.unsearched += 1,
            CardState::Empty => self.empty += 1,
            _ => {}
        }
        for backup in source.backups.iter().filter(|one| !one.state.is_trace()) {
            self.backups += 1;
            self.healthy += usize::from(backup.state == State::Healthy);
        }
        for finding in source.all_findings() {
            self.findings.add(finding.severity);
        }
    }
}

impl Counts {
    /// Counts one more finding.
    pub fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.error += 1,
            Severity::Warning => self.warning += 1,
            Severity::Info => self.info += 1,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form serde wants
fn is_zero(count: &usize) -> bool {
    *count == 0
}
