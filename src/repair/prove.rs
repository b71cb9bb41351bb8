//! Damaged copies of one backup, and whatever proves one reading of them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use super::budget::{Effort, is_hopeful};
use super::hypotheses::Question;
use super::search::{self, Control, Target};
use crate::backup::Method;
use crate::backup::wire::Field;
use crate::backup::{Contents, Id, Seed};

/// Candidates tried first against each target, before any is tried at length.
pub(super) const FIRST: u64 = 1 << 20;

/// One backup to be proved.
pub struct Case<'a> {
    /// Its damaged copies.
    pub copies: Vec<&'a [u8]>,
    /// Damaged copies of the same wallet from other times: the same seed, other fields.
    pub others: Vec<Vec<&'a [u8]>>,
    /// The ids it may have: its folder's first, then others known.
    pub ids: Vec<Id>,
    /// Whether the first of these is its folder's.
    pub own_id: bool,
    /// When it may have been made, as file names say.
    pub times: Vec<u32>,
    /// Its seed, if another copy or generation proves it: 32 bytes, padded with zeros.
    pub seed: Option<&'a Seed>,
}

/// A reading that is proved.
pub struct Proved {
    /// What was proved.
    pub what: What,
    /// How it was found.
    pub method: Method,
    /// The id the seed was proved by.
    pub id: Option<Id>,
    /// The bits of what was proved that are others than the likeliest reading of the copies says.
    pub changed: Vec<Changed>,
    /// How many candidates were tried up to it, it included.
    pub rank: u64,
}

/// A bit that no vote gave, but trying did: where it lies, not what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// Which field.
    pub field: Field,
    /// Which byte of its value; numbers count from the lowest.
    pub byte: u16,
    /// Which bit, 0 the lowest.
    pub bit: u8,
}

/// What of a backup was proved.
pub enum What {
    /// All fields, by the checksum.
    Whole(Contents),
    /// The seed, by the id.
    Seed {
        /// 32 bytes, padded with zeros.
        seed: Seed,
        /// Its length as [`crate::backup::seed_length`] has it from the copies; `None` is a question.
        length: Option<u32>,
    },
}

/// What an attempt came to.
pub struct Attempt {
    /// What was proved, if anything.
    pub proved: Option<Proved>,
    /// How many candidates were tried.
    pub tried: u64,
    /// Whether it was told to stop.
    pub stopped: bool,
}

/// Tries up to `budget` candidates, of which the first `skip` were tried before in vain.
pub fn prove(case: &Case<'_>, budget: u64, skip: u64, control: &dyn Control) -> Attempt {
    let mut effort = Effort {
        budget,
        skip,
        tried: 0,
        stopped: false,
        control,
    };
    let proved = readings(case, &mut effort);
    Attempt {
        proved,
        tried: effort.tried,
        stopped: effort.stopped,
    }
}

/// The probability that candidates up to `budget` come to this seed: 32 bytes, padded with zeros.
///
/// For tables of what can be expected; nothing is tried.
pub fn chance(case: &Case<'_>, seed: &[u8; 32], budget: u64) -> f64 {
    let Some(question) = Question::of(case) else {
        return 0.0;
    };
    let spaces = question.seeds();
    if !is_hopeful(&spaces, budget) {
        return 0.0;
    }
    search::reach(&spaces, seed, budget)
}

fn readings(case: &Case<'_>, effort: &mut Effort<'_>) -> Option<Proved> {
    let question = Question::of(case)?;
    if let Some(seed) = case.seed {
        let bytes: &[u8; 32] = seed.expose().try_into().ok()?;
        return question.rest(bytes, seed.id(), None, effort);
    }
    if let Some((bytes, id)) = question.anywhere() {
        return question.rest(&bytes, id, Some((Vec::new(), 0)), effort);
    }
    let spaces = question.seeds();
    let target = Target::Id(case.ids.clone());
    let tried = |effort: &mut Effort<'_>, most: u64, done: u64| {
        if case.ids.is_empty() {
            return None;
        }
        effort.search(&spaces, &target, most, done)
    };
    // First a little of everything, then at length where there is most hope.
    let first = effort.tried;
    if let Some(hit) = tried(effort, FIRST, 0) {
        return question.seed(&hit, effort);
    }
    let done = effort.tried - first;
    if let Some(proved) = question.whole(FIRST, effort) {
        return Some(proved);
    }
    let most = if case.own_id {
        effort.left()
    } else {
        effort.left() / 2
    };
    if done >= FIRST
        && let Some(hit) = tried(effort, most, done)
    {
        return question.seed(&hit, effort);
    }
    question.whole(effort.left(), effort)
}
