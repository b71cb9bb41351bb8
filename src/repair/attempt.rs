//! The result of an attempt to prove a backup.

use super::proved_backup::ProvedBackup;

/// The result of an attempt to prove a backup.
#[non_exhaustive]
pub struct Attempt {
    /// The backup, if it is proved.
    pub proved: Option<ProvedBackup>,
    /// How many candidates were tried.
    pub tried: u64,
    /// How many of them against the strongest that the owner knows.
    pub tried_by_owner: u64,
    /// Whether somebody ended it.
    pub stopped: bool,
}
