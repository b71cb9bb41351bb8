//! Repairs a backup of which no copy is intact: searches hypotheses about the damaged copies, most
//! likely first, and proves the result by the ID, the checksum or both.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod alignment;
mod attempt;
mod budget;
mod case;
mod changed_bit;
mod channel;
mod checksum_target;
mod cost;
mod erased_run;
mod estimate;
mod gap_fit;
mod hashed_fields;
mod hypotheses;
mod hypothesis;
pub mod kernel;
mod likelihood;
mod other_wallet;
mod prove;
mod proved_backup;
mod prover;
mod readings;
mod remembered;
mod role;
mod sample;
pub mod search;
mod space_builder;
mod spliced;
#[cfg(test)]
mod test_random;
mod typing_errors;

pub use attempt::Attempt;
pub use case::Case;
pub use changed_bit::ChangedBit;
pub use estimate::{DEEP, SearchEstimate, TargetKind, estimate_search};
pub use other_wallet::is_of_another;
pub use prove::{estimate_success, prove};
pub use proved_backup::{ProvedBackup, ProvedFields};
