//! What no copy has whole: found by trying, in order of likelihood, and proved by the ID, the checksum
//! or both.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod align;
mod belief;
mod budget;
pub mod kernel;
mod outlook;
mod prove;
mod question;
mod reading;
mod role;
pub mod search;

pub use outlook::{Against, Outlook, outlook};
pub use prove::{Attempt, Case, Changed, Proved, What, chance, prove};
