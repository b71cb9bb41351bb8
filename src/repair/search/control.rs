//! Observes a search and ends it.

/// Observes a search and ends it.
pub trait Control: Sync {
    /// Takes the number of candidates tried so far, including skipped ones. It never decreases.
    fn report_tried(&self, tried: u64);
    /// Whether the search should end; every thread asks about once a millisecond.
    fn is_stopped(&self) -> bool;
}

/// Observes nothing and never ends a search.
impl Control for () {
    fn report_tried(&self, _: u64) {}

    fn is_stopped(&self) -> bool {
        false
    }
}
