//! How many candidates may still be tried, over several searches one after the other.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use super::search::{self, Control, Hit, Space, Target};
use super::space_builder as question;

/// A search whose odds are below one in two to this power is not begun.
const HOPE: f64 = 30.0;

/// Whether a search over these spaces has any chance worth the while.
pub(super) fn is_hopeful(spaces: &[Space], budget: u64) -> bool {
    let reach = f64::from(budget.max(1).ilog2()) + HOPE;
    spaces.iter().any(|space| question::doubt(space) < reach)
}

/// What may still be tried.
pub(super) struct Effort<'a> {
    /// Most candidates in all.
    pub(super) budget: u64,
    /// How many of the first were tried before in vain.
    pub(super) skip: u64,
    pub(super) tried: u64,
    pub(super) stopped: bool,
    pub(super) control: &'a dyn Control,
}

/// Adds what was tried before to what is tried now.
struct Onward<'a> {
    before: u64,
    control: &'a dyn Control,
}

impl Control for Onward<'_> {
    fn tried(&self, tried: u64) {
        self.control.tried(self.before + tried);
    }

    fn is_stopped(&self) -> bool {
        self.control.is_stopped()
    }
}

impl Effort<'_> {
    pub(super) fn left(&self) -> u64 {
        self.budget - self.tried
    }

    /// Tries at most `most` candidates of these spaces, of which `done` were tried already.
    pub(super) fn search(
        &mut self,
        spaces: &[Space],
        target: &Target,
        most: u64,
        done: u64,
    ) -> Option<Hit> {
        let most = most.min(self.left());
        if self.stopped || !is_hopeful(spaces, done + most) {
            return None;
        }
        let skip = self.skip.saturating_sub(self.tried).min(most);
        let control = Onward {
            before: self.tried.saturating_sub(done),
            control: self.control,
        };
        let outcome = search::search(spaces, target, done + most, done + skip, &control);
        let now = outcome.tried.saturating_sub(done);
        self.tried += now;
        self.stopped = outcome.stopped;
        outcome.hit
    }
}
