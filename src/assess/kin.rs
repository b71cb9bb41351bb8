//! Which damaged copies that no folder names belong together.

use std::ops::Range;

use crate::backup::recognise::{self, Layout};

/// Fewest bytes of checksum and seed that must be left in both to compare them.
const FEWEST: usize = 8;

/// What of a copy tells it from others: its checksum and its seed, where they lie in it.
pub(super) struct Marks<'a> {
    bytes: &'a [u8],
    layout: Option<Layout>,
}

impl<'a> Marks<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            layout: recognise::layout(bytes),
        }
    }

    fn part(&self, of: impl Fn(&Layout) -> Range<usize>) -> &'a [u8] {
        let range = self.layout.as_ref().map(of).unwrap_or_default();
        let end = range.end.min(self.bytes.len());
        self.bytes.get(range.start..end).unwrap_or_default()
    }

    /// Whether both are copies of one backup, as far as that can be told: in two different ones half
    /// of the bits of the checksum differ, and of another wallet's half of the seed's too.
    pub(super) fn is_kin_of(&self, other: &Self) -> bool {
        let parts = if self.layout.is_some() && other.layout.is_some() {
            let compare = |of: fn(&Layout) -> Range<usize>| compare(self.part(of), other.part(of));
            vec![compare(Layout::checksum), compare(Layout::seed)]
        } else if self.bytes.len() == other.bytes.len() {
            // Half of a file is the same in all: what is left must differ the less.
            vec![compare(self.bytes, other.bytes)]
        } else {
            return false;
        };
        let sum = |of: fn(&(usize, u32)) -> u64| parts.iter().map(of).sum::<u64>();
        let (compared, differing) = (sum(|part| part.0 as u64), sum(|part| u64::from(part.1)));
        let bits = compared.saturating_mul(8);
        let worse = |(bytes, differing): &(usize, u32)| {
            *bytes >= 6 && u64::from(*differing).saturating_mul(3) > (*bytes as u64).saturating_mul(8)
        };
        let share = if parts.len() == 1 { 8 } else { 4 };
        compared >= FEWEST as u64
            && differing.saturating_mul(share) <= bits
            && !parts.iter().any(worse)
    }
}

/// How many bytes are left in both, and how many of their bits differ.
fn compare(first: &[u8], second: &[u8]) -> (usize, u32) {
    let left = first.iter().zip(second).filter(|(a, b)| {
        !matches!(**a, 0 | 0xFF) && !matches!(**b, 0 | 0xFF)
    });
    left.fold((0, 0), |(bytes, bits), (a, b)| {
        (bytes.saturating_add(1), bits.saturating_add((a ^ b).count_ones()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<u8> {
        hex::decode(crate::backup::tests::KNOWN).unwrap()
    }

    #[test]
    fn few_bits_make_kin_and_another_wallet_does_not() {
        let mut first = known();
        let mut second = known();
        first[70] ^= 0x11;
        second[20] ^= 0x81;
        second[..8].fill(0);
        assert!(Marks::of(&first).is_kin_of(&Marks::of(&second)));
        let mut other = known();
        for byte in other[6..38].iter_mut().chain(&mut other[63..79]) {
            *byte = byte.wrapping_mul(77).wrapping_add(31);
        }
        assert!(!Marks::of(&first).is_kin_of(&Marks::of(&other)));
    }

    #[test]
    fn nothing_left_is_no_kin() {
        let zeros = vec![0; 110];
        assert!(!Marks::of(&zeros).is_kin_of(&Marks::of(&zeros)));
        assert!(!Marks::of(&[]).is_kin_of(&Marks::of(&known())));
    }
}
