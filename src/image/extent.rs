//! Runs of bytes, and the sector they are counted in.

/// Bytes in a sector of a card; the BitBox knows no other size.
pub const SECTOR: usize = 512;

/// The same as [`SECTOR`], for offsets.
pub(in crate::image) const SECTOR_BYTES: u64 = 512;

/// A run of bytes, absolute in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extent {
    /// Where it begins: bytes from the start of the image.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl Extent {
    /// The offset just behind it; at most `u64::MAX`.
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}
