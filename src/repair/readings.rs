//! Several readings of one copy: some errors are in the copy and repeat, others are fresh in each reading.
//!
//! A copy on a card is the file passed through a channel that flips bits at one rate, its *persistent* rate. Each
//! reading is that copy passed through another channel, with the *fresh* rate of that reading. So readings of one
//! copy are combined first, and what they say together is worth no more than the persistent rate allows.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::sample::Sample;

/// The least and the greatest rate of flipped bits that a copy is given.
pub(super) const LEAST_RATE: f64 = 1e-4;
pub(super) const GREATEST_RATE: f64 = 0.499;
/// The ratio of a bit that is known, in nats.
const KNOWN: f64 = 40.0;

/// The readings of one copy.
#[derive(Clone, Debug)]
pub(super) struct ReadCopy {
    /// The samples that are readings of it.
    pub(super) readings: Vec<usize>,
    /// The share of bits that are wrong in the copy itself; of no meaning for a single reading.
    pub(super) persistent: f64,
}

impl ReadCopy {
    /// Whether there are several readings.
    pub(super) fn is_read_again(&self) -> bool {
        self.readings.len() > 1
    }

    /// What readings say of the file, from what they say of the copy: log-likelihood ratios in nats.
    pub(super) fn pass(&self, copy: f64) -> f64 {
        let limit = ((1.0 - self.persistent) / self.persistent).ln();
        let soft = |sum: f64| (-sum.abs()).exp().ln_1p();
        copy.signum() * copy.abs().min(limit) + soft(copy + limit) - soft(copy - limit)
    }

    /// The costs of both values of a bit of the file, from those of the copy, in nats.
    pub(super) fn pass_costs(&self, copy: [f64; 2]) -> [f64; 2] {
        let least = copy[0].min(copy[1]);
        let [zero, one] = copy.map(|cost| (least - cost).exp());
        let (right, wrong) = (1.0 - self.persistent, self.persistent);
        [right * zero + wrong * one, right * one + wrong * zero].map(|of| least - of.ln())
    }
}

/// Groups samples by their places, in the order of the first reading of each.
pub(super) fn group_by_place(samples: &[Sample<'_>]) -> Vec<ReadCopy> {
    let mut places: Vec<(usize, ReadCopy)> = Vec::new();
    for (index, sample) in samples.iter().enumerate() {
        match places.iter_mut().find(|(place, _)| *place == sample.place) {
            Some((_, place)) => place.readings.push(index),
            None => places.push((
                sample.place,
                ReadCopy {
                    readings: vec![index],
                    persistent: 0.01,
                },
            )),
        }
    }
    places.into_iter().map(|(_, place)| place).collect()
}

/// Bits seen, and how many of them were flipped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flips {
    pub(super) flipped: f64,
    pub(super) all: f64,
}

impl Flips {
    /// A little that was seen before, so that nothing is taken for certain.
    pub(super) const PRIOR: Self = Self {
        flipped: 0.5,
        all: 40.0,
    };

    pub(super) fn rate(self) -> f64 {
        self.flipped / self.all
    }

    pub(super) fn add(&mut self, flipped: f64, all: f64) {
        self.flipped += flipped;
        self.all += all;
    }
}

/// The bytes of every copy, as far as they are seen.
pub(super) type Columns = [Vec<Option<u8>>];

/// Estimates the fresh rates of the readings of one place from where they differ, before anything is known of the
/// file, and the persistent rate from the bytes that can have one value only.
pub(super) fn guess_rates(
    place: &mut ReadCopy,
    seen: &Columns,
    known: &[Option<u8>],
    flips: &mut [Flips],
) {
    let mut differ = Flips {
        flipped: 0.0,
        all: 0.0,
    };
    for (index, first) in place.readings.iter().enumerate() {
        for second in &place.readings[index + 1..] {
            for (first, second) in seen[*first].iter().zip(&seen[*second]) {
                if let (Some(first), Some(second)) = (first, second) {
                    differ.add(f64::from((first ^ second).count_ones()), 8.0);
                }
            }
        }
    }
    // Two readings differ where one of them is flipped and the other is not.
    let share = (differ.flipped / differ.all.max(1.0)).min(0.49);
    let fresh = (1.0 - (1.0 - 2.0 * share).sqrt()) / 2.0;
    let mut wrong = Flips::PRIOR;
    for reading in &place.readings {
        flips[*reading].add(fresh * differ.all, differ.all);
        for (byte, known) in seen[*reading].iter().zip(known) {
            if let (Some(byte), Some(known)) = (byte, known) {
                wrong.add(f64::from((byte ^ known).count_ones()), 8.0);
            }
        }
    }
    let persistent = (wrong.rate() - fresh) / (1.0 - 2.0 * fresh);
    place.persistent = persistent.clamp(LEAST_RATE, GREATEST_RATE);
}

/// What is known of the file when the rates of a place are estimated.
pub(super) struct RateEvidence<'a> {
    /// The ratios of all copies together.
    pub(super) ratios: &'a [[f64; 8]],
    /// The bytes that can have one value only.
    pub(super) known: &'a [Option<u8>],
    /// The ratio that one bit of each sample gives.
    pub(super) weights: &'a [f64],
}

/// Estimates the rates of one place from all that is known: how often a reading differs from the copy, and the copy
/// from the file.
pub(super) fn estimate_rates(
    place: &mut ReadCopy,
    seen: &Columns,
    told: &RateEvidence<'_>,
    flips: &mut [Flips],
) {
    let mut persistent = Flips::PRIOR;
    for (at, known) in told.known.iter().enumerate() {
        for bit in 0..8 {
            let shown = |reading: &usize| Some(seen[*reading][at]? >> bit & 1 == 1);
            let weigh = |reading: &usize| {
                let weight = told.weights[*reading];
                shown(reading).map(|one| if one { weight } else { -weight })
            };
            if !place
                .readings
                .iter()
                .any(|reading| shown(reading).is_some())
            {
                continue;
            }
            let copy: f64 = place.readings.iter().filter_map(weigh).sum();
            let file = match known {
                Some(known) if known >> bit & 1 == 1 => KNOWN,
                Some(_) => -KNOWN,
                // What the other copies say of it.
                None => told.ratios[at][bit] - place.pass(copy),
            };
            let (one, wrong) = posterior(copy, file, place.persistent);
            persistent.add(wrong, 1.0);
            for reading in &place.readings {
                if let Some(shown) = shown(reading) {
                    flips[*reading].add([one, 1.0 - one][usize::from(shown)], 1.0);
                }
            }
        }
    }
    place.persistent = persistent.rate().clamp(LEAST_RATE, GREATEST_RATE);
}

/// The probability that a bit of the copy is 1, and that it differs from the file, given the ratios of both.
fn posterior(copy: f64, file: f64, persistent: f64) -> (f64, f64) {
    let weight = |in_copy: f64, in_file: f64| {
        let channel = if in_copy == in_file {
            1.0 - persistent
        } else {
            persistent
        };
        // Relative to the greatest, so that nothing overflows.
        (copy * in_copy - copy.max(0.0) + file * in_file - file.max(0.0)).exp() * channel
    };
    let [zeros, wrong_zero] = [weight(0.0, 0.0), weight(0.0, 1.0)];
    let [wrong_one, ones] = [weight(1.0, 0.0), weight(1.0, 1.0)];
    let sum = (zeros + wrong_zero + wrong_one + ones).max(f64::MIN_POSITIVE);
    ((wrong_one + ones) / sum, (wrong_zero + wrong_one) / sum)
}

/// The rates of all copies. Copies with similar damage share one rate: bits with the same evidence are then equally
/// certain, so that a space has few levels.
pub(super) fn share_rates(flips: &[Flips]) -> Vec<f64> {
    let rates: Vec<f64> = flips.iter().map(|flips| flips.rate()).collect();
    let sum = |of: fn(&Flips) -> f64| flips.iter().map(of).sum::<f64>();
    let mean = sum(|flips| flips.flipped) / sum(|flips| flips.all);
    let is_similar = |rate: &f64| (mean / 2.5..=mean * 2.5).contains(rate);
    if rates.iter().all(is_similar) {
        vec![mean; rates.len()]
    } else {
        rates
    }
}

/// The same for the persistent rates of copies that were read several times.
pub(super) fn share_persistent(places: &mut [ReadCopy]) {
    let again = places.iter().filter(|place| place.is_read_again());
    let rates: Vec<f64> = again.map(|place| place.persistent).collect();
    let mean = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
    let is_similar = |rate: &f64| (mean / 2.5..=mean * 2.5).contains(rate);
    if rates.iter().all(is_similar) {
        let again = places.iter_mut().filter(|place| place.is_read_again());
        again.for_each(|place| place.persistent = mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_worth_no_more_than_their_copy() {
        let place = ReadCopy {
            readings: vec![0, 1, 2],
            persistent: 0.1,
        };
        let limit = 9.0_f64.ln();
        assert!((place.pass(1000.0) - limit).abs() < 1e-9);
        assert!((place.pass(-1000.0) + limit).abs() < 1e-9);
        assert_eq!(place.pass(0.0), 0.0);
        // ln((1 + e^(a+b)) / (e^a + e^b)) in full.
        let (a, b) = (1.5_f64, limit);
        let whole = ((1.0 + (a + b).exp()) / (a.exp() + b.exp())).ln();
        assert!((place.pass(a) - whole).abs() < 1e-12);
        let [zero, one] = place.pass_costs([4.0, 1.0]);
        let expected = |right: f64, wrong: f64| -(0.9 * (-right).exp() + 0.1 * (-wrong).exp()).ln();
        assert!((zero - expected(4.0, 1.0)).abs() < 1e-12);
        assert!((one - expected(1.0, 4.0)).abs() < 1e-12);
    }

    #[test]
    fn fresh_and_persistent_errors_are_told_apart() {
        let mut random = crate::repair::test_random::Random(7);
        let mut below = |share: f64| (random.next_u64() >> 11) as f64 / 2_f64.powi(53) < share;
        let file: Vec<u8> = (0..400).map(|at| (at * 37 % 251) as u8).collect();
        let mut flip = |from: &[u8], share: f64| -> Vec<u8> {
            let byte =
                |byte: &u8| (0..8).fold(*byte, |byte, bit| byte ^ u8::from(below(share)) << bit);
            from.iter().map(byte).collect()
        };
        for (persistent, fresh) in [(0.12, 0.02), (0.0, 0.15), (0.08, 0.08)] {
            let copy = flip(&file, persistent);
            let seen: Vec<Vec<Option<u8>>> = (0..3)
                .map(|_| flip(&copy, fresh).into_iter().map(Some).collect())
                .collect();
            let known: Vec<Option<u8>> = file.iter().copied().map(Some).collect();
            let mut place = ReadCopy {
                readings: vec![0, 1, 2],
                persistent: 0.01,
            };
            let mut flips = [Flips::PRIOR; 3];
            guess_rates(&mut place, &seen, &known, &mut flips);
            assert!((place.persistent - persistent).abs() < 0.02, "{place:?}");
            assert!((flips[0].rate() - fresh).abs() < 0.02, "{flips:?}");
            let rate = flips[0].rate().clamp(1e-4, 0.499);
            let weights = [((1.0 - rate) / rate).ln(); 3];
            let ratios = vec![[0.0; 8]; file.len()];
            let told = RateEvidence {
                ratios: &ratios,
                known: &known,
                weights: &weights,
            };
            let mut flips = [Flips::PRIOR; 3];
            estimate_rates(&mut place, &seen, &told, &mut flips);
            assert!((place.persistent - persistent).abs() < 0.02, "{place:?}");
            assert!((flips[1].rate() - fresh).abs() < 0.02, "{flips:?}");
        }
    }
}
