//! What can be recovered from a card: every backup that can be proved, with its proof, and of
//! the others what is missing.
//!
//! Pure over a [`crate::catalogue::Catalogue`] and what [`crate::assess`] says of it. Results hold seeds and are wiped
//! on drop; what may be said of them is in [`RecoveryReport`].

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod attempt;
mod choice;
mod effort;
mod event;
mod misnamed_folder;
mod mixed_folder;
mod not_recovered;
mod other_wallets;
mod proof;
mod raw;
mod recovery;
mod report;
mod search_context;
mod seed_only;
mod share;
mod sources;
mod unassigned_copies;
mod unread;
mod verify_written;
mod warnings;
mod why_not_proved;
mod why_not_recovered;

pub use attempt::{recover, recover_watched};
pub use choice::{Choice, ChoiceError, PassedOver, Refused, Wanted, choose};
pub use effort::Effort;
pub use event::{SearchEvent, SharedEffort};
pub use not_recovered::{NotRecoveredReport, Reason};
pub use proof::{FieldProof, Proof, SeedProof};
pub use raw::{RawCopy, RawReport};
pub use recovery::{Missing, NotRecovered, REBUILT, Recovered, Recovery};
pub use report::{NotChosenReport, RecoveredReport, RecoveryReport, RecoveryRun};
pub use sources::SourceRun;
pub use verify_written::{Mismatch, verify_written};
pub use warnings::fits_none;
pub use why_not_proved::what_is_missing;
