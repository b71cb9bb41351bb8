//! Many cards: which sources there are, all of them examined at once and answered in order, and what
//! only shows across cards: on how many a wallet is backed up, which are copies of each other, what
//! a register expects, what changed since the last time.
//!
//! Everything across cards is made from reports alone, so lines that were written elsewhere or
//! earlier count as much as cards just read.

mod across;
mod cards;
mod clones;
mod compare;
mod diff;
mod plan;
mod queue;
mod register;
mod wallet;

pub use across::{Across, Audit, MissingReport, WalletCounts};
pub use clones::{CloneGroup, counted_as};
pub use diff::{
    CardChange, Change, Difference, DifferenceSummary, Effect, Fate, Fates, WalletChange, What,
    diff,
};
pub use plan::{Job, Note, Plan, Skipped};
pub use queue::{Run, RunEnd};
pub use register::{Expectation, Register, RegisterCounts, RegisterError};
pub use wallet::{Generation, Wallet, WalletState};
