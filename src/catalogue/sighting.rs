//! Ids and times in names, wherever on the card a name is: what damaged copies can be tried against.

use super::{Catalogue, Origin};
use crate::backup::{FileName, Id};

/// Most ids, and most times, kept of one card.
const MOST: usize = 20_000;

/// An id in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub struct TimeSeen {
    /// Seconds since 1970 UTC.
    pub timestamp: u32,
    /// Where the name lies, as in [`Sighting`].
    pub offset: Option<u64>,
    /// How the name was found.
    pub origin: Origin,
}

impl Catalogue {
    /// Notes what a name says.
    pub(super) fn see(&mut self, name: &str, offset: Option<u64>, origin: Origin) {
        if let Ok(id) = name.parse::<Id>()
            && self.ids.len() < MOST
        {
            self.ids.push(Sighting { id, offset, origin });
        }
        if let Some(FileName { timestamp, .. }) = FileName::parse(name)
            && self.times.len() < MOST
        {
            self.times.push(TimeSeen {
                timestamp,
                offset,
                origin,
            });
        }
    }
}
