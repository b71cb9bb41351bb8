//! System calls that are tried where nothing forbids them: none.

/// What somebody who has taken over this program would try.
pub(super) struct Attempt {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
}

impl Attempt {
    /// Not tried.
    pub(super) fn is_forbidden(&self) -> bool {
        false
    }
}

/// None.
pub(super) const ALL: &[Attempt] = &[];
