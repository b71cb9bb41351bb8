//! Runs of bytes, and the sector they are counted in.

use serde::{Deserialize, Serialize};

/// Bytes in a sector of a card; the BitBox knows no other size.
pub const SECTOR: usize = 512;

pub(crate) const SECTOR_BYTES: u64 = 512;

/// A run of bytes, absolute in the image; serialized as `[offset, length]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Extent {
    /// Where it begins: bytes from the start of the image.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl Extent {
    /// All from one offset up to another; empty where that lies before it.
    pub const fn between(offset: u64, end: u64) -> Self {
        let length = end.saturating_sub(offset);
        Self { offset, length }
    }

    /// It, unless it is empty.
    pub(crate) fn some(self) -> Option<Self> {
        (self.length > 0).then_some(self)
    }

    /// The offset just behind it; at most `u64::MAX`.
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

impl From<(u64, u64)> for Extent {
    fn from((offset, length): (u64, u64)) -> Self {
        Self { offset, length }
    }
}

impl From<Extent> for (u64, u64) {
    fn from(Extent { offset, length }: Extent) -> Self {
        (offset, length)
    }
}
