//! Sector numbers as FatFs counts them.

use std::fmt;

/// The number of a sector of the card in FatFs's 32 bits, in which sums wrap as they do there. 0 is the
/// first sector; FatFs also takes it for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lba32(pub u32);

impl Lba32 {
    /// The first sector of the card, or none.
    pub const ZERO: Self = Self(0);

    /// The sector so many sectors behind it.
    #[must_use]
    pub fn wrapping_add(self, sectors: u32) -> Self {
        Self(self.0.wrapping_add(sectors))
    }

    /// Where it begins: bytes from the start of the card.
    pub fn byte(self) -> u64 {
        u64::from(self.0).saturating_mul(512)
    }
}

impl From<Lba32> for u64 {
    fn from(lba: Lba32) -> Self {
        lba.0.into()
    }
}

impl fmt::Display for Lba32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
