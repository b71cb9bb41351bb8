//! Builds search spaces of a hypothesis: the seed against IDs, or all fields against the checksum.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use zeroize::Zeroizing;

use super::hashed_fields::{
    BIRTHDATE, GENERATOR, HASHED, LENGTH, NAME, SEED, SEED_LENGTH, TIMESTAMP,
};
use super::hypothesis::Hypothesis;
use super::search::{Level, Space};
use crate::backup::wire::Field;

/// Most levels of a space.
const MOST_LEVELS: usize = 14;
/// Bits more certain than this are never flipped, in nats.
const CERTAIN: f64 = 80.0;
/// Two bits whose certainty differs by less than this are equally certain, in nats.
const EQUAL: f64 = 0.02;
/// The gain of a birthdate that equals the time of the backup: 28 bits that need not be guessed, in
/// nats.
const SAME_TIME: f64 = 18.0;
/// The cost of a time other than those of the file names, in nats.
const OTHER_TIME: f64 = 4.0;

/// Collects the most likely bytes of a space, and how certain each bit is.
#[derive(Clone)]
struct SpaceBuilder {
    base: Zeroizing<Vec<u8>>,
    /// The cost of flipping a bit, and the bit: byte × 8 + bit.
    bits: Vec<(f64, u16)>,
    unknown: Vec<u16>,
}

impl SpaceBuilder {
    fn new(length: usize) -> Self {
        Self {
            base: Zeroizing::new(vec![0; length]),
            bits: Vec::new(),
            unknown: Vec::new(),
        }
    }

    fn set_bit(&mut self, at: usize, bit: usize, ratio: f64) {
        if ratio > 0.0 {
            self.base[at] |= 1 << bit;
        }
        if ratio.abs() < CERTAIN {
            self.bits.push((ratio.abs(), (at * 8 + bit) as u16));
        }
    }

    /// Sets a byte from its position in the file.
    fn set_byte(&mut self, at: usize, hypothesis: &Hypothesis, position: usize) {
        if hypothesis.is_unknown(position) {
            self.unknown.push(at as u16);
            return;
        }
        for (bit, ratio) in hypothesis.ratios[position].iter().enumerate() {
            self.set_bit(at, bit, *ratio);
        }
    }

    /// Sets the bytes of the seed that count.
    fn set_seed(&mut self, at: usize, hypothesis: &Hypothesis) {
        let length = hypothesis.seed_length as usize;
        for (index, position) in hypothesis.positions(Field::Seed).enumerate().take(length) {
            self.set_byte(at + index, hypothesis, position);
        }
    }

    /// Sets a number of four bytes from a varint, which has seven bits in each byte.
    fn set_varint(&mut self, at: usize, hypothesis: &Hypothesis, field: Field) {
        for (index, position) in hypothesis.positions(field).enumerate() {
            for (bit, ratio) in hypothesis.ratios[position].iter().enumerate().take(7) {
                let bit = index * 7 + bit;
                if bit < 32 {
                    self.set_bit(at + bit / 8, bit % 8, *ratio);
                }
            }
        }
    }

    /// Sets a number of four bytes that is certain.
    fn set_number(&mut self, at: usize, value: u32) {
        self.base[at..at + 4].copy_from_slice(&value.to_le_bytes());
        self.bits
            .retain(|(_, bit)| !(at * 8..at * 8 + 32).contains(&usize::from(*bit)));
    }

    /// The cost of a number of four bytes instead of the most likely one, in nats.
    fn difference_cost(&self, at: usize, value: u32) -> f64 {
        let bytes = value.to_le_bytes();
        let differs = |bit: usize| (self.base[bit / 8] ^ bytes[bit / 8 - at]) >> (bit % 8) & 1 == 1;
        (at * 8..at * 8 + 32)
            .filter(|bit| differs(*bit))
            .map(|bit| {
                self.bits
                    .iter()
                    .find(|(_, of)| usize::from(*of) == bit)
                    .map_or(CERTAIN, |(cost, _)| *cost)
            })
            .sum()
    }

    fn build(&self, cost: f64) -> Space {
        Space {
            base: self.base.clone(),
            cost,
            levels: group_levels(self.bits.clone()),
            unknown: self.unknown.clone(),
        }
    }
}

/// Groups bits that are equally certain, the least certain first.
fn group_levels(mut bits: Vec<(f64, u16)>) -> Vec<Level> {
    bits.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut levels: Vec<(f64, f64, Vec<u16>)> = Vec::new();
    for (cost, bit) in bits {
        match levels.last_mut() {
            Some((first, sum, bits)) if cost - *first < EQUAL => {
                *sum += cost;
                bits.push(bit);
            }
            _ => levels.push((cost, cost, vec![bit])),
        }
    }
    while levels.len() > MOST_LEVELS {
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

/// Builds the space of the seed field, to be tried against IDs.
pub(super) fn build_seed_space(hypothesis: &Hypothesis) -> Space {
    let mut builder = SpaceBuilder::new(32);
    builder.set_seed(0, hypothesis);
    builder.build(hypothesis.cost)
}

/// Builds the spaces of all fields, to be tried against the checksum.
///
/// `known` is a seed that is proved, `times` are those of the file names.
pub(super) fn build_checksum_spaces(
    hypothesis: &Hypothesis,
    known: Option<&[u8; 32]>,
    times: &[u32],
) -> Vec<Space> {
    let fields = set_fields(hypothesis, known);
    let cost = hypothesis.cost;
    let each = (times.len().max(1) as f64).ln();
    let mut choices: Vec<(Option<u32>, f64)> =
        times.iter().map(|time| (Some(*time), each)).collect();
    choices.push((None, if times.is_empty() { 0.0 } else { OTHER_TIME }));
    let mut spaces = Vec::new();
    for (time, more) in choices {
        let mut builder = fields.clone();
        if let Some(time) = time {
            builder.set_number(TIMESTAMP, time);
        }
        spaces.push(builder.build(cost + more));
        if hypothesis.layout.birthdate > 0 {
            let bytes = [0, 1, 2, 3].map(|index| builder.base[TIMESTAMP + index]);
            let time = u32::from_le_bytes(bytes);
            let difference = builder.difference_cost(BIRTHDATE, time);
            builder.set_number(BIRTHDATE, time);
            spaces.push(builder.build(cost + more + difference - SAME_TIME));
        }
    }
    spaces
}

/// Sets all fields that the checksum hashes.
fn set_fields(hypothesis: &Hypothesis, known: Option<&[u8; 32]>) -> SpaceBuilder {
    let mut builder = SpaceBuilder::new(HASHED);
    builder.set_varint(TIMESTAMP, hypothesis, Field::Timestamp);
    for (index, position) in hypothesis.positions(Field::Name).enumerate() {
        builder.set_byte(NAME + index, hypothesis, position);
    }
    builder.set_number(SEED_LENGTH, hypothesis.seed_length);
    match known {
        Some(seed) => builder.base[SEED..SEED + 32].copy_from_slice(seed),
        None => builder.set_seed(SEED, hypothesis),
    }
    builder.set_varint(BIRTHDATE, hypothesis, Field::Birthdate);
    for (index, position) in hypothesis.positions(Field::Generator).enumerate() {
        builder.set_byte(GENERATOR + index, hypothesis, position);
    }
    builder.set_number(LENGTH, hypothesis.layout.length_value());
    builder
}
