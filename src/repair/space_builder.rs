//! From beliefs to what can be tried: the seed against ids, or all fields against the checksum.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use zeroize::Zeroizing;

use super::likelihood::Belief;
use super::prove::Changed;
use super::search::{Level, Space, Target};
use crate::backup::checksum::{GENERATOR_ROOM, NAME_ROOM};
use crate::backup::wire::Field;

/// Most steps of likelihood a space has.
const LEVELS: usize = 14;
/// Bits surer than this are not doubted, in nats.
const SURE: f64 = 80.0;
/// Two bits whose sureness differs by less are equally sure, in nats.
const SAME: f64 = 0.02;
/// What a time is worth that is the same as the backup's own: 28 bits that need not be guessed.
const SAME_TIME: f64 = 18.0;
/// How sure a proof by the checksum has to be: one chance in two to this power.
const PROOF: f64 = 104.0;

/// Fewest equal bytes in a checksum that are taken for erased.
const BLANK: usize = 4;

// Where the fields lie in what the checksum hashes (docs/format.md 2), in bytes.
const TIMESTAMP: usize = 0;
const NAME: usize = 5;
const SEED_LENGTH: usize = NAME + NAME_ROOM;
const SEED: usize = SEED_LENGTH + 4;
const BIRTHDATE: usize = SEED + 32;
const GENERATOR: usize = BIRTHDATE + 4;
const LENGTH: usize = GENERATOR + GENERATOR_ROOM;
/// Bytes the checksum hashes.
const HASHED: usize = LENGTH + 4;

/// A space while it is made: the likeliest bytes, and how sure each bit is.
struct Draft {
    base: Zeroizing<Vec<u8>>,
    bits: Vec<(f64, u16)>,
    unknown: Vec<u16>,
}

impl Draft {
    fn new(length: usize) -> Self {
        Self {
            base: Zeroizing::new(vec![0; length]),
            bits: Vec::new(),
            unknown: Vec::new(),
        }
    }

    fn bit(&mut self, at: usize, bit: usize, ratio: f64) {
        if ratio > 0.0 {
            self.base[at] |= 1 << bit;
        }
        if ratio.abs() < SURE {
            self.bits.push((ratio.abs(), (at * 8 + bit) as u16));
        }
    }

    /// A byte as a belief has it at a place in the file.
    fn byte(&mut self, at: usize, belief: &Belief, place: usize) {
        if belief.is_unknown(place) {
            self.unknown.push(at as u16);
            return;
        }
        for (bit, ratio) in belief.ratios[place].iter().enumerate() {
            self.bit(at, bit, *ratio);
        }
    }

    /// A number of four bytes, as a varint has it: seven bits a byte.
    fn varint(&mut self, at: usize, belief: &Belief, places: impl Iterator<Item = usize>) {
        for (index, place) in places.enumerate() {
            for (bit, ratio) in belief.ratios[place].iter().enumerate().take(7) {
                let bit = index * 7 + bit;
                if bit < 32 {
                    self.bit(at + bit / 8, bit % 8, *ratio);
                }
            }
        }
    }

    /// Sets a number of four bytes; no bit of it is doubted any more.
    fn number(&mut self, at: usize, value: u32) {
        self.base[at..at + 4].copy_from_slice(&value.to_le_bytes());
        self.bits
            .retain(|(_, bit)| !(at * 8..at * 8 + 32).contains(&usize::from(*bit)));
    }

    /// What it costs that a number of four bytes is another than the likeliest, in nats.
    fn differs(&self, at: usize, value: u32) -> f64 {
        let bytes = value.to_le_bytes();
        let differs = |bit: usize| (self.base[bit / 8] ^ bytes[bit / 8 - at]) >> (bit % 8) & 1 == 1;
        (at * 8..at * 8 + 32)
            .filter(|bit| differs(*bit))
            .map(|bit| {
                self.bits
                    .iter()
                    .find(|(_, of)| usize::from(*of) == bit)
                    .map_or(SURE, |(cost, _)| *cost)
            })
            .sum()
    }

    fn space(&self, cost: f64) -> Space {
        Space {
            base: self.base.clone(),
            cost,
            levels: levels(self.bits.clone()),
            unknown: self.unknown.clone(),
        }
    }
}

/// Groups bits that are equally sure, the least sure first.
fn levels(mut bits: Vec<(f64, u16)>) -> Vec<Level> {
    bits.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut levels: Vec<(f64, f64, Vec<u16>)> = Vec::new();
    for (cost, bit) in bits {
        match levels.last_mut() {
            Some((first, sum, bits)) if cost - *first < SAME => {
                *sum += cost;
                bits.push(bit);
            }
            _ => levels.push((cost, cost, vec![bit])),
        }
    }
    while levels.len() > LEVELS {
        let gap = |pair: &[(f64, f64, Vec<u16>)]| pair[1].0 - pair[0].0;
        let nearest = levels
            .windows(2)
            .enumerate()
            .min_by(|(_, a), (_, b)| gap(a).total_cmp(&gap(b)));
        let Some((index, _)) = nearest else { break };
        let (_, sum, bits) = levels.remove(index + 1);
        levels[index].1 += sum;
        levels[index].2.extend(bits);
    }
    levels
        .into_iter()
        .map(|(_, sum, bits)| Level {
            cost: sum / bits.len() as f64,
            bits,
        })
        .collect()
}

/// The seed field, to be tried against ids.
pub(super) fn seed(belief: &Belief, cost: f64) -> Space {
    let mut draft = Draft::new(32);
    let length = belief.seed_length as usize;
    for (at, place) in belief.places(Field::Seed).enumerate().take(length) {
        draft.byte(at, belief, place);
    }
    draft.space(cost)
}

/// How much about a space is not known, in bits: its entropy.
pub(super) fn doubt(space: &Space) -> f64 {
    let bit = |cost: f64| {
        let wrong = 1.0 / (1.0 + cost.exp());
        -(wrong * wrong.log2() + (1.0 - wrong) * (1.0 - wrong).log2())
    };
    let levels = space.levels.iter();
    let levels: f64 = levels
        .map(|level| level.bits.len() as f64 * bit(level.cost.min(30.0)))
        .sum();
    levels + 8.0 * space.unknown.len() as f64
}

/// All fields, to be tried against the checksum; `known` is a seed that is proved, `times` what
/// file names say.
pub(super) fn whole(
    belief: &Belief,
    known: Option<&[u8; 32]>,
    times: &[u32],
    cost: f64,
) -> Vec<Space> {
    let mut draft = Draft::new(HASHED);
    draft.varint(TIMESTAMP, belief, belief.places(Field::Timestamp));
    for (index, place) in belief.places(Field::Name).enumerate() {
        draft.byte(NAME + index, belief, place);
    }
    draft.number(SEED_LENGTH, belief.seed_length);
    match known {
        Some(seed) => draft.base[SEED..SEED + 32].copy_from_slice(seed),
        None => {
            let length = belief.seed_length as usize;
            for (index, place) in belief.places(Field::Seed).enumerate().take(length) {
                draft.byte(SEED + index, belief, place);
            }
        }
    }
    draft.varint(BIRTHDATE, belief, belief.places(Field::Birthdate));
    for (index, place) in belief.places(Field::Generator).enumerate() {
        draft.byte(GENERATOR + index, belief, place);
    }
    draft.number(LENGTH, belief.layout.length_value());
    let mut spaces = Vec::new();
    let many = (times.len().max(1) as f64).ln();
    let mut named: Vec<(Option<u32>, f64)> = times.iter().map(|time| (Some(*time), many)).collect();
    named.push((None, if times.is_empty() { 0.0 } else { 4.0 }));
    for (time, more) in named {
        let mut draft = Draft {
            base: draft.base.clone(),
            bits: draft.bits.clone(),
            unknown: draft.unknown.clone(),
        };
        if let Some(time) = time {
            draft.number(TIMESTAMP, time);
        }
        spaces.push(draft.space(cost + more));
        if belief.layout.birthdate > 0 {
            let bytes = [0, 1, 2, 3].map(|index| draft.base[TIMESTAMP + index]);
            let time = u32::from_le_bytes(bytes);
            let differs = draft.differs(BIRTHDATE, time);
            draft.number(BIRTHDATE, time);
            spaces.push(draft.space(cost + more + differs - SAME_TIME));
        }
    }
    spaces
}

/// The checksum as the copies tell it; `None` if too little of it is left to prove anything.
pub(super) fn checksum(belief: &Belief) -> Option<Target> {
    let (mut sum, mut mask) = ([0; 32], [0; 32]);
    for (index, place) in belief.places(Field::Checksum).enumerate().take(32) {
        sum[index] = belief.byte(place);
        for (bit, ratio) in belief.ratios[place].iter().enumerate() {
            mask[index] |= u8::from(*ratio != 0.0) << bit;
        }
    }
    forget_blanks(&sum, &mut mask);
    let known = mask.iter().map(|byte: &u8| byte.count_ones()).sum();
    Some(Target::Checksum {
        sum,
        mask,
        distance: allowed(known)?,
    })
}

/// Takes runs of the values of erased bytes for unknown, however a reading has them: no checksum
/// has such a run but one in fifty million.
fn forget_blanks(sum: &[u8; 32], mask: &mut [u8; 32]) {
    let mut start = 0;
    for run in sum.chunk_by(|a, b| a == b) {
        let end = start + run.len();
        if run.len() >= BLANK && matches!(run.first(), Some(0 | 0xFF | 0xAC)) {
            mask[start..end].fill(0);
        }
        start = end;
    }
}

/// How many of so many bits may differ that chance alone comes as near once in 2^104 times at most.
pub(super) fn allowed(bits: u32) -> Option<u32> {
    let bits = f64::from(bits);
    // The binomial distribution summed up from 0, as logarithms to the base 2.
    let mut term = -bits;
    let mut sum = term;
    let mut allowed = None;
    for wrong in 0..=bits as u32 {
        if sum > -PROOF {
            break;
        }
        allowed = Some(wrong);
        let wrong = f64::from(wrong);
        term += ((bits - wrong) / (wrong + 1.0)).log2();
        sum = sum.max(term) + (1.0 + (-(sum - term).abs()).exp2()).log2();
    }
    allowed
}

/// In which fields these bits of what the checksum hashes lie.
pub(super) fn changed(bits: &[u16]) -> Vec<Changed> {
    let starts = [
        (Field::Length, LENGTH),
        (Field::Generator, GENERATOR),
        (Field::Birthdate, BIRTHDATE),
        (Field::Seed, SEED),
        (Field::SeedLength, SEED_LENGTH),
        (Field::Name, NAME),
        (Field::Mode, TIMESTAMP + 4),
        (Field::Timestamp, TIMESTAMP),
    ];
    let place = |bit: &u16| {
        let byte = usize::from(bit / 8);
        let (field, start) = starts.iter().find(|(_, start)| byte >= *start)?;
        Some(Changed {
            field: *field,
            byte: (byte - start) as u16,
            bit: (bit % 8) as u8,
        })
    };
    bits.iter().filter_map(place).collect()
}

/// The fields a checksum hashes, taken apart again.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    fn number(&self, at: usize) -> u32 {
        u32::from_le_bytes([0, 1, 2, 3].map(|index| self.0[at + index]))
    }

    pub(super) fn timestamp(&self) -> u32 {
        self.number(TIMESTAMP)
    }

    pub(super) fn birthdate(&self) -> u32 {
        self.number(BIRTHDATE)
    }

    pub(super) fn name(&self, length: usize) -> &[u8] {
        &self.0[NAME..NAME + length]
    }

    pub(super) fn generator(&self, length: usize) -> &[u8] {
        &self.0[GENERATOR..GENERATOR + length]
    }

    pub(super) fn seed(&self) -> [u8; 32] {
        std::array::from_fn(|index| self.0[SEED + index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erased_bytes_are_no_checksum() {
        for value in [0, 0xFF, 0xAC] {
            let mut sum: [u8; 32] = std::array::from_fn(|at| at as u8);
            sum[8..12].fill(value);
            sum[20..23].fill(value);
            let mut mask = [0xFF; 32];
            forget_blanks(&sum, &mut mask);
            let known: Vec<_> = mask.iter().map(|byte| *byte == 0xFF).collect();
            let expected: Vec<_> = (0..32).map(|at| !(8..12).contains(&at)).collect();
            assert_eq!(known, expected);
        }
    }

    #[test]
    fn a_checksum_may_be_as_wrong_as_still_proves() {
        assert_eq!(allowed(103), None);
        assert_eq!(allowed(104), Some(0));
        assert_eq!(allowed(256), Some(38));
    }
}
