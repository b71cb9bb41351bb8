//! How the bits of a copy are flipped: with which rates, and which of them say nothing.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::readings::{Flips, GREATEST_RATE, LEAST_RATE};
use super::role::ByteRole;
use crate::backup::wire::Field;

/// Rates of zeros and ones are different only if that explains the copies so much better, in nats, and if one is so
/// many times the other: cells that lose their charge flip one way.
const EVIDENT: f64 = 30.0;
const DIFFERENT: f64 = 2.5;
/// Fewest bytes of checksum and seed in which a bit never changes until that is no chance.
const FEWEST_BYTES: usize = 24;

/// The channel of one copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitChannel {
    /// The share of zeros that show as ones, and of ones that show as zeros.
    rates: [f64; 2],
    /// Bits of every byte that are stuck: they say nothing.
    pub(super) dead: u8,
}

impl BitChannel {
    /// A channel that flips bits of both values at one rate.
    pub(super) fn symmetric(rate: f64) -> Self {
        Self {
            rates: [rate; 2],
            dead: 0,
        }
    }

    fn rate(&self, value: usize) -> f64 {
        self.rates[value].clamp(LEAST_RATE, GREATEST_RATE)
    }

    /// The log-likelihood ratio of 1 to 0 that a bit shown gives, in nats.
    pub(super) fn ratio(&self, shown: usize) -> f64 {
        let [zero, one] = self.costs(shown);
        zero - one
    }

    /// What a bit costs that is 0, and that is 1, if this is shown, in nats.
    pub(super) fn costs(&self, shown: usize) -> [f64; 2] {
        [0, 1].map(|value| {
            let rate = self.rate(value);
            -(if shown == value { 1.0 - rate } else { rate }).ln()
        })
    }

    /// The magnitude of the ratio that a bit gives, whatever it shows, in nats.
    pub(super) fn weight(&self) -> f64 {
        let rate = (self.rates[0] + self.rates[1]) / 2.0;
        let rate = rate.clamp(LEAST_RATE, GREATEST_RATE);
        ((1.0 - rate) / rate).ln()
    }
}

/// Which bits of a copy never change where its bytes are random.
pub(super) fn find_dead_bits(column: &[Option<u8>], roles: &[ByteRole], seed_length: u32) -> u8 {
    let is_random = |role: &ByteRole| match role {
        ByteRole::Part(Field::Checksum, _) => true,
        ByteRole::Part(Field::Seed, index) => u32::from(*index) < seed_length,
        _ => false,
    };
    let bytes = column.iter().zip(roles).filter(|(_, role)| is_random(role));
    let (mut count, mut all, mut any) = (0, 0xFF, 0);
    for byte in bytes.filter_map(|(byte, _)| *byte) {
        count += 1;
        all &= byte;
        any |= byte;
    }
    let dead = all | !any;
    // If none changes, the copy is erased, which is something else.
    if count >= FEWEST_BYTES && dead.count_ones() <= 3 {
        dead
    } else {
        0
    }
}

/// The flipped bits of a copy, by what they were: zeros and ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlipsByValue(pub(super) [Flips; 2]);

impl FlipsByValue {
    pub(super) const NONE: Self = Self(
        [Flips {
            flipped: 0.0,
            all: 0.0,
        }; 2],
    );

    /// Bits of this value, of which these are flipped.
    pub(super) fn add(&mut self, value: usize, flipped: f64, all: f64) {
        self.0[value].add(flipped, all);
    }

    /// A bit that shows this, and that is a 1 with this log-likelihood ratio.
    pub(super) fn add_uncertain(&mut self, shown: usize, ratio: f64) {
        let one = 1.0 / (1.0 + (-ratio).exp());
        for (value, chance) in [1.0 - one, one].into_iter().enumerate() {
            let flipped = if value == shown { 0.0 } else { chance };
            self.add(value, flipped, chance);
        }
    }

    /// All of them, after a little that was seen before.
    pub(super) fn total(&self) -> Flips {
        let mut total = Flips::PRIOR;
        for flips in self.0 {
            total.add(flips.flipped, flips.all);
        }
        total
    }

    fn sum(all: &[Self]) -> Self {
        let mut sum = Self::NONE;
        for (value, flips) in all.iter().flat_map(|one| one.0.iter().enumerate()) {
            sum.add(value, flips.flipped, flips.all);
        }
        sum
    }

    /// How much likelier these flips are with a rate for each value than with one for both, in nats.
    fn evidence(&self) -> f64 {
        let likelihood = |flips: &Flips, rate: f64| {
            let rate = rate.clamp(LEAST_RATE, GREATEST_RATE);
            flips.flipped * rate.ln() + (flips.all - flips.flipped) * (1.0 - rate).ln()
        };
        let both = self.total().rate();
        let of = |flips: &Flips| likelihood(flips, smooth(flips)) - likelihood(flips, both);
        self.0.iter().map(of).sum()
    }

    /// How many times one rate is the other.
    fn ratio(&self) -> f64 {
        let [zeros, ones] = self.0.each_ref().map(smooth);
        (zeros / ones).max(ones / zeros)
    }
}

/// The rate of flips, a little of which was seen before.
fn smooth(flips: &Flips) -> f64 {
    let mut seen = Flips::PRIOR;
    seen.all /= 4.0;
    seen.flipped /= 4.0;
    seen.add(flips.flipped, flips.all);
    seen.rate()
}

/// Gives each copy the rates of its zeros and ones, if flips are evidently one-sided. `rates` are those of both.
pub(super) fn make_channels(rates: &[f64], flips: &[FlipsByValue], dead: &[u8]) -> Vec<BitChannel> {
    let all = FlipsByValue::sum(flips);
    let is_one_sided = all.evidence() > EVIDENT && all.ratio() > DIFFERENT;
    let is_shared = rates.windows(2).all(|pair| pair[0] == pair[1]);
    let channel = |((rate, own), dead): ((&f64, &FlipsByValue), &u8)| {
        let of = if is_shared { &all } else { own };
        BitChannel {
            rates: if is_one_sided {
                of.0.each_ref().map(smooth)
            } else {
                [*rate; 2]
            },
            dead: *dead,
        }
    };
    rates.iter().zip(flips).zip(dead).map(channel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flips(zeros: (f64, f64), ones: (f64, f64)) -> FlipsByValue {
        let mut flips = FlipsByValue::NONE;
        flips.add(0, zeros.0, zeros.1);
        flips.add(1, ones.0, ones.1);
        flips
    }

    #[test]
    fn one_sided_flips_have_two_rates_and_others_one() {
        let one_sided = [flips((0.0, 300.0), (40.0, 200.0)); 3];
        let made = make_channels(&[0.08; 3], &one_sided, &[0; 3]);
        assert!(made[0].rates[0] < 2e-3 && (made[0].rates[1] - 0.2).abs() < 0.02);
        // A one is nearly certain, a zero is not.
        assert!(made[0].ratio(1) > 5.0 && made[0].ratio(0) > -2.0);
        let both = [flips((30.0, 300.0), (18.0, 200.0)); 3];
        let made = make_channels(&[0.1; 3], &both, &[0; 3]);
        assert_eq!(made[1].rates, [0.1; 2]);
        assert!((made[1].ratio(1) + made[1].ratio(0)).abs() < 1e-12);
        // Few flips are no evidence.
        let few = [flips((0.0, 300.0), (3.0, 200.0)); 1];
        assert_eq!(make_channels(&[0.01], &few, &[0])[0].rates, [0.01; 2]);
    }

    #[test]
    fn a_bit_that_never_changes_is_dead() {
        let roles: Vec<_> = (0..32)
            .map(|at| ByteRole::Part(Field::Checksum, at))
            .collect();
        let bytes: Vec<u8> = (0..32).map(|at| (at * 97 % 251) as u8).collect();
        let dead = |of: &dyn Fn(u8) -> u8, count: usize| {
            let column: Vec<_> = bytes.iter().map(|byte| Some(of(*byte))).collect();
            find_dead_bits(&column[..count], &roles[..count], 16)
        };
        assert_eq!(dead(&|byte| byte, 32), 0);
        assert_eq!(dead(&|byte| byte | 0x10, 32), 0x10);
        assert_eq!(dead(&|byte| byte & 0x7F, 32), 0x80);
        assert_eq!(dead(&|byte| byte & 0x7F, 20), 0);
        assert_eq!(dead(&|_| 0xFF, 32), 0);
    }
}
