//! The effort of one card, shared by its searches one after the other.

/// The candidates that are left, and how many searches wait for their share.
pub(super) struct Shared {
    left: u64,
    waiting: u64,
}

impl Shared {
    /// So many candidates for so many searches.
    pub(super) fn new(candidates: u64, searches: usize) -> Self {
        Self {
            left: candidates,
            waiting: searches as u64,
        }
    }

    /// The share of the next one: an equal part of what is left, and all of it for the last.
    pub(super) fn share(&self) -> u64 {
        self.left.checked_div(self.waiting).unwrap_or(self.left)
    }

    /// What no search has tried.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Takes off what a search tried; what it leaves of its share is the others'.
    pub(super) fn take(&mut self, tried: u64, took_part: bool) {
        self.left = self.left.saturating_sub(tried);
        self.waiting = self.waiting.saturating_sub(u64::from(took_part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_has_all() {
        assert_eq!(Shared::new(1000, 1).share(), 1000);
        assert_eq!(Shared::new(1000, 0).share(), 1000);
    }

    #[test]
    fn the_sum_is_never_more_than_the_effort_and_nothing_is_lost() {
        let mut shared = Shared::new(1000, 3);
        assert_eq!(shared.share(), 333);
        // One that is found at once leaves nearly all of its share.
        shared.take(3, true);
        assert_eq!(shared.share(), 498);
        // One without a chance takes nothing.
        shared.take(0, false);
        assert_eq!(shared.share(), 498);
        shared.take(498, true);
        assert_eq!(shared.share(), 499);
        shared.take(499, true);
        assert_eq!(shared.share(), 0);
    }
}
