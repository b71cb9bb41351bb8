//! What no copy has whole: found by trying, in order of likelihood, and proved by the ID, the checksum
//! or both.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod alignment;
mod budget;
mod estimate;
mod hypotheses;
pub mod kernel;
mod likelihood;
mod prove;
mod role;
pub mod search;
mod space_builder;

pub use estimate::{Against, Outlook, outlook};
pub use prove::{Attempt, Case, Changed, Proved, What, chance, prove};
