//! A space of candidates: one hypothesis about a message.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

/// A message looks whole if less than this is uncertain, in bits.
const WHOLE: f64 = 4.0;

/// One hypothesis about a message: its most likely bytes, and how uncertain each bit is.
///
/// No `Debug`: the bytes are secret. A bit that is named twice counts once, at its lowest cost.
/// Bits outside the message or in an unknown byte are left out, and so are levels whose cost is not
/// finite.
#[derive(Clone)]
pub struct Space {
    /// [`ID_MESSAGE`](super::ID_MESSAGE) bytes for [`SearchTarget::Id`](super::SearchTarget::Id),
    /// [`CHECKSUM_MESSAGE`](super::CHECKSUM_MESSAGE) for
    /// [`SearchTarget::Checksum`](super::SearchTarget::Checksum); a space of another length has no candidates.
    pub base: Zeroizing<Vec<u8>>,
    /// The cost of the hypothesis itself, in nats; a space whose cost is not finite has no
    /// candidates.
    pub cost: f64,
    /// Bits that may be flipped, in groups of equal cost. At most 24 different costs are
    /// distinguished: more expensive bits are tried as if they had the 24th cost.
    pub levels: Vec<Level>,
    /// The indices of bytes of which nothing is known: every value is tried, all at the same cost.
    pub unknown: Vec<u16>,
}

/// Bits with the same cost of flipping one.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Nats for each flip; negative counts as 0.
    pub cost: f64,
    /// The bits: byte × 8 + bit, bit 0 the least significant.
    pub bits: Vec<u16>,
}

/// How likely a bit is wrong that costs so much to flip.
pub(in crate::repair) fn chance_of_wrong(cost: f64) -> f64 {
    1.0 / (1.0 + cost.exp())
}

/// The entropy of a bit that costs so much to flip, in bits.
pub(in crate::repair) fn bit_entropy(cost: f64) -> f64 {
    let wrong = chance_of_wrong(cost);
    if wrong <= 0.0 || wrong >= 1.0 {
        return 0.0;
    }
    -(wrong * wrong.log2() + (1.0 - wrong) * (1.0 - wrong).log2())
}

impl Space {
    /// How much of the message is unknown: its entropy, in bits.
    pub(in crate::repair) fn entropy(&self) -> f64 {
        let levels = self.levels.iter();
        let levels: f64 = levels
            .map(|level| level.bits.len() as f64 * bit_entropy(level.cost.min(30.0)))
            .sum();
        levels + 8.0 * self.unknown.len() as f64
    }

    /// Whether nothing in it shows damage.
    pub(in crate::repair) fn looks_whole(&self) -> bool {
        self.unknown.is_empty() && self.entropy() < WHOLE
    }

    /// The unknown bytes within the message.
    pub(super) fn unknown_bytes(&self) -> impl Iterator<Item = usize> {
        let bytes = self.unknown.iter().map(|&byte| usize::from(byte));
        bytes.filter(|&byte| byte < self.base.len())
    }

    /// The words of the message that some candidate changes.
    pub(super) fn changing_words(&self) -> BTreeSet<usize> {
        let bits = self.levels.iter().flat_map(|level| &level.bits);
        let bytes = bits.map(|&bit| usize::from(bit / 8));
        bytes
            .chain(self.unknown_bytes())
            .filter(|&byte| byte < self.base.len())
            .map(|byte| byte / 4)
            .collect()
    }

    /// The bits in which a message differs from the base, ascending.
    pub(in crate::repair) fn changed_bits(&self, message: &[u8]) -> Vec<u16> {
        let bytes = self.base.iter().zip(message).zip(0u16..);
        bytes
            .flat_map(|((from, to), byte)| {
                let differ = from ^ to;
                (0..8u16)
                    .filter(move |bit| differ >> bit & 1 == 1)
                    .map(move |bit| byte * 8 + bit)
            })
            .collect()
    }
}
