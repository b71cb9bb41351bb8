//! Ids and times in names, wherever on the card a name is: what damaged copies can be tried against.

use super::copy::Origin;
use crate::backup::Id;

/// An id in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sighting {
    /// The id.
    pub id: Id,
    /// Where the name's directory entry, or what is left of it, lies: bytes from the start of the
    /// card; `None` for a folder of the computer.
    pub offset: Option<u64>,
    /// How the name was found.
    pub origin: Origin,
}

/// A time in the name of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeSeen {
    /// Seconds since 1970 UTC.
    pub timestamp: u32,
    /// Where the name lies, as in [`Sighting`].
    pub offset: Option<u64>,
    /// How the name was found.
    pub origin: Origin,
}
