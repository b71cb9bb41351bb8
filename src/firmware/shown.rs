//! What comes of loading one directory.

use super::crash::Crash;
use super::trace::Hidden;

/// What a copy that passed says.
pub(super) struct Shown {
    pub(super) timestamp: u32,
    pub(super) name: String,
}

/// Why there is nothing to show.
pub(super) enum Failure {
    Hidden(Hidden),
    Crash(Crash),
}

impl From<Hidden> for Failure {
    fn from(why: Hidden) -> Self {
        Self::Hidden(why)
    }
}
