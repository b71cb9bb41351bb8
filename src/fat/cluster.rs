//! The number of a cluster.

use std::fmt;

use super::entry::RawEntry;

/// The number of a cluster of a volume, as a FAT, an entry or a boot sector has it. The first cluster is
/// 2; a number alone says nothing of where it lies, nor whether the volume has such a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cluster(pub u32);

impl Cluster {
    /// What stands for none: the start of an empty file, or of the root directory.
    pub const NONE: Self = Self(0);

    /// The start cluster that an entry names. Its upper half counts only where `wide`, as on FAT32.
    pub fn of_entry(entry: &RawEntry, wide: bool) -> Self {
        let high = if wide { entry.cluster_high() } else { 0 };
        Self(u32::from(entry.cluster_low()) | u32::from(high) << 16)
    }

    /// How many clusters lie before it; `None` for a number below 2.
    pub fn index(self) -> Option<u32> {
        self.0.checked_sub(2)
    }

    /// The upper 16 bits of the number.
    pub fn upper_half(self) -> u32 {
        self.0 >> 16
    }

    /// The same number with other upper 16 bits.
    #[must_use]
    pub fn with_upper_half(self, half: u32) -> Self {
        Self(self.0 & 0xFFFF | half << 16)
    }
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_half_of_an_entry_counts_on_fat32_only() {
        let mut entry = RawEntry([0; 32]);
        (entry.0[20], entry.0[26], entry.0[27]) = (1, 7, 0x80);
        assert_eq!(Cluster::of_entry(&entry, true), Cluster(0x1_8007));
        assert_eq!(Cluster::of_entry(&entry, false), Cluster(0x8007));
        let moved = Cluster(0x1_8007).with_upper_half(2);
        assert_eq!((moved, moved.upper_half()), (Cluster(0x2_8007), 2));
        assert_eq!(
            [0, 1, 2].map(|number| Cluster(number).index()),
            [None, None, Some(0)]
        );
    }
}
