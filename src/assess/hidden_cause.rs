//! Why a backup is not shown, in long and in short, and what would show it.

use super::backup::Backup;
use crate::finding::{Advice, Finding, Rule, Severity};

/// Why the device does not show a backup, where it asked for what the image does not have.
pub(super) const PAST_END: &str = "the image ends before what the BitBox reads";
/// The same, where it asked for what was not copied yet.
pub(super) const NOT_COPIED: &str = "what the BitBox reads was not copied yet";
/// The same, where it is a folder of a computer that could not read it.
pub(super) const NOT_READ: &str = "this computer could not read all of its folder";

/// That nobody knows what the device shows, for this reason.
pub(super) fn cannot_tell(untold: &str) -> String {
    match untold {
        NOT_READ => format!("{untold}; what the BitBox would show is not known"),
        _ => format!("{untold}; what the BitBox shows is not known from this image"),
    }
}

/// Whether a backup is hidden by nothing but what the image does not have.
pub(super) fn is_untold(cause: Option<&str>) -> bool {
    matches!(cause, Some(PAST_END | NOT_COPIED | NOT_READ))
}

/// Why a backup is not shown: the finding, in short the cause, and the step on the card that would show
/// it, where there is one.
pub(super) struct Why {
    finding: Finding,
    more: Option<Finding>,
    cause: String,
    fix: Option<Advice>,
}

impl Why {
    /// `cause` is a clause: what follows "because".
    pub(super) fn new(
        rule: Rule,
        message: impl Into<String>,
        offset: Option<u64>,
        cause: impl Into<String>,
    ) -> Self {
        Self {
            finding: Finding::new(rule, message, offset),
            more: None,
            cause: cause.into(),
            fix: None,
        }
    }

    /// Adds it to the backup; the finding that hides it comes first.
    pub(super) fn add_to(self, backup: &mut Backup) {
        backup.cause = Some(self.cause);
        backup.fix = self.fix;
        backup.findings.insert(0, self.finding);
        backup.findings.extend(self.more);
    }

    /// The same where the device asked for what the image does not have, for this reason: what it would find there hides
    /// nothing.
    pub(super) fn untold(mut self, untold: &str) -> Self {
        let is_by_reading = match self.finding.rule {
            Rule::FileUnreadable
            | Rule::FileUnopenable
            | Rule::FolderUnopenableWallet
            | Rule::ListCutShort
            | Rule::NotReached => true,
            // What could not be read is longer there than a device reads.
            Rule::FileTooLarge => untold == NOT_READ,
            Rule::EntryCount => self.fix.is_none() && self.more.is_none(),
            _ => false,
        };
        if is_by_reading {
            if self.finding.rule == Rule::FileTooLarge {
                self.finding.rule = Rule::FileUnreadable;
            }
            self.finding.message = cannot_tell(untold);
            untold.clone_into(&mut self.cause);
            self.fix = None;
        }
        self
    }

    pub(super) fn fixed_by(mut self, fix: Option<Advice>) -> Self {
        self.fix = fix;
        self
    }

    pub(super) fn at(mut self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    pub(super) fn and(mut self, more: Finding) -> Self {
        self.more = Some(more);
        self
    }
}
