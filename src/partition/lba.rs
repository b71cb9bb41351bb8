//! Sector numbers of a card.

use crate::image::Extent;

/// The number of a sector of the card, from 0, or of one that a damaged record invents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lba(pub u64);

impl Lba {
    /// The sector that holds a byte of the card.
    pub fn of(offset: u64) -> Self {
        Self(offset / 512)
    }

    /// The sector so many sectors behind it, at most the last that can be counted.
    #[must_use]
    pub fn behind(self, sectors: impl Into<u64>) -> Self {
        Self(self.0.saturating_add(sectors.into()))
    }

    /// Where it begins: bytes from the start of the card.
    pub fn byte(self) -> u64 {
        self.0.saturating_mul(512)
    }

    /// This many sectors from here.
    pub fn extent(self, sectors: impl Into<u64>) -> Extent {
        Extent {
            offset: self.byte(),
            length: sectors.into().saturating_mul(512),
        }
    }
}
