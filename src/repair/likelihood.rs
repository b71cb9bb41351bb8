//! The likelihood of every bit of a file, given several damaged copies of it.
//!
//! Each copy is modeled as a channel that flips bits at a rate of its own, and in which runs of
//! equal bytes (0, 0xFF, 0xAC) may have overwritten the contents. Rates and runs are estimated from
//! what is known (tags, lengths, padding) and from where copies differ. Every bit then has a
//! log-likelihood ratio: it is positive if 1 is more likely than 0, and the greater its magnitude,
//! the more certain the bit.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use zeroize::{Zeroize, Zeroizing};

use super::alignment::Alignment;
use super::channel::{BitChannel, FlipsByValue, find_dead_bits, make_channels};
use super::cost::ANY_BYTE;
use super::erased_run::{BlankRun, add_foreign_runs, list_blank_runs};
use super::gap_fit::CopyFit;
use super::readings::{self, Flips, RateEvidence, ReadCopy, group_by_place};
use super::role::ByteRole;
use super::sample::Sample;

/// The cost of an erased run of one copy, in nats.
const ERASED: f64 = 7.0;
/// The cost for each further copy that was erased at the same place.
const ERASED_TOO: f64 = 1.0;
/// The cost of each erased byte.
const ERASED_BYTE: f64 = 0.1;
/// How often rates and runs are estimated in turn.
const PASSES: usize = 4;

/// For each bit of the file, or of a field, byte by byte from the lowest bit: the log-likelihood ratio of 1 to 0, in
/// nats; exactly 0 if nothing is known. Their signs are the bits of the seed.
pub(super) type Ratios = Zeroizing<Vec<[f64; 8]>>;

/// The bytes of each copy, in the order of the file.
fn place_copies(samples: &[Sample<'_>], alignment: &Alignment) -> Vec<Vec<Option<u8>>> {
    let place_copy = |(sample, fit): (&Sample<'_>, &CopyFit)| {
        let byte = |at| sample.byte(fit.index(at)?);
        (0..alignment.roles.len()).map(byte).collect()
    };
    samples
        .iter()
        .zip(&alignment.fits)
        .map(place_copy)
        .collect()
}

/// What the copies show under one alignment and seed length.
pub(super) struct Likelihood {
    /// For each copy, its bytes in the order of the file.
    columns: Vec<Vec<Option<u8>>>,
    known: Vec<Option<u8>>,
    prior: Vec<[f64; 8]>,
    pub(super) runs: Vec<BlankRun>,
    /// For each copy, how its bits are flipped; of one that was read several times, in this reading alone.
    channels: Vec<BitChannel>,
    /// For each copy, the bits of every byte that are stuck.
    dead: Vec<u8>,
    /// Which copies are readings of one.
    places: Vec<ReadCopy>,
}

impl Drop for Likelihood {
    fn drop(&mut self) {
        self.columns.zeroize();
    }
}

impl Likelihood {
    /// Estimates rates and runs in turn until they no longer change much.
    pub(super) fn estimate(
        samples: &[Sample<'_>],
        alignment: &Alignment,
        seed_length: u32,
    ) -> Self {
        let columns = place_copies(samples, alignment);
        let known = alignment.roles.iter();
        let mut likelihood = Self {
            known: known.map(|role| role.known_value(seed_length)).collect(),
            prior: alignment.priors(samples),
            runs: list_runs(&columns, alignment),
            channels: vec![BitChannel::symmetric(0.02); columns.len()],
            dead: columns
                .iter()
                .zip(samples)
                .map(|(column, sample)| {
                    let dead = find_dead_bits(column, &alignment.roles, seed_length);
                    dead & !sample.spared_bits()
                })
                .collect(),
            places: group_by_place(samples),
            columns,
        };
        likelihood.estimate_rates(true);
        for _ in 0..PASSES {
            likelihood.classify_runs();
            likelihood.estimate_rates(false);
        }
        likelihood.classify_runs();
        likelihood
    }

    /// How much costlier it is if the other one of two copies is foreign in a stretch, in nats.
    pub(super) fn swap_margin(&mut self, run: usize) -> Option<f64> {
        let other = self.runs[run].other?;
        if self.runs[run].erased == self.runs[other].erased {
            return None;
        }
        let before = self.cost();
        self.toggle_runs(&[run, other]);
        let after = self.cost();
        self.toggle_runs(&[run, other]);
        Some(after - before)
    }

    /// Treats each of these runs as erased if it was not, and the other way round.
    pub(super) fn toggle_runs(&mut self, runs: &[usize]) {
        runs.iter().for_each(|run| self.runs[*run].erased ^= true);
    }

    /// The byte of a copy, unless it is treated as erased.
    fn seen_byte(&self, copy: usize, at: usize) -> Option<u8> {
        let byte = self.columns[copy][at]?;
        let erased = self.runs.iter().any(|run| {
            run.erased && (run.start..run.end).contains(&at) && run.copies.contains(&copy)
        });
        (!erased).then_some(byte)
    }

    /// The log-likelihood ratio that one bit of a copy gives, in nats, whatever it shows.
    fn weight(&self, copy: usize) -> f64 {
        self.channels[copy].weight()
    }

    /// The bytes of every copy, without erased ones.
    fn seen_columns(&self) -> Zeroizing<Vec<Vec<Option<u8>>>> {
        let mut seen = Zeroizing::new(self.columns.clone());
        for run in self.runs.iter().filter(|run| run.erased) {
            for copy in &run.copies {
                seen[*copy][run.start..run.end].fill(None);
            }
        }
        seen
    }

    /// The log-likelihood ratio of 1 to 0 for each bit of the file, in nats.
    pub(super) fn ratios(&self) -> Ratios {
        self.sum_ratios(&self.seen_columns())
    }

    fn sum_ratios(&self, seen: &[Vec<Option<u8>>]) -> Ratios {
        let mut ratios = Zeroizing::new(self.prior.clone());
        for place in &self.places {
            if !place.is_read_again() {
                place
                    .readings
                    .iter()
                    .for_each(|copy| self.add_copy(&mut ratios, seen, *copy));
                continue;
            }
            let mut own = Zeroizing::new(vec![[0.0; 8]; ratios.len()]);
            place
                .readings
                .iter()
                .for_each(|copy| self.add_copy(&mut own, seen, *copy));
            let bits = ratios.iter_mut().flatten().zip(own.iter().flatten());
            bits.for_each(|(ratio, own)| *ratio += place.pass(*own));
        }
        ratios
    }

    /// Adds what one copy says.
    fn add_copy(&self, ratios: &mut [[f64; 8]], seen: &[Vec<Option<u8>>], copy: usize) {
        let channel = self.channels[copy];
        let of_shown = [channel.ratio(0), channel.ratio(1)];
        for (ratios, byte) in ratios.iter_mut().zip(&seen[copy]) {
            let Some(byte) = byte else { continue };
            for (bit, ratio) in ratios.iter_mut().enumerate() {
                if channel.dead >> bit & 1 == 0 {
                    *ratio += of_shown[usize::from(byte >> bit & 1)];
                }
            }
        }
    }

    /// Estimates the flip rate of each copy: only from what is known, or from all bits.
    fn estimate_rates(&mut self, known_only: bool) {
        let seen = self.seen_columns();
        let ratios = self.sum_ratios(&seen);
        // The prior: 40 bits seen before, half a bit of them flipped.
        let mut flips = vec![Flips::PRIOR; self.columns.len()];
        let mut by_value = vec![FlipsByValue::NONE; self.columns.len()];
        let weights: Vec<f64> = (0..seen.len()).map(|copy| self.weight(copy)).collect();
        let mut places = std::mem::take(&mut self.places);
        for place in &mut places {
            match place.readings.as_slice() {
                [copy] => {
                    by_value[*copy] = self.count_flips(*copy, &seen[*copy], &ratios, known_only);
                    flips[*copy] = by_value[*copy].total();
                }
                _ if known_only => {
                    readings::guess_rates(place, &seen, &self.known, &mut flips);
                }
                _ => {
                    let told = RateEvidence {
                        ratios: &ratios,
                        known: &self.known,
                        weights: &weights,
                    };
                    readings::estimate_rates(place, &seen, &told, &mut flips);
                }
            }
        }
        readings::share_persistent(&mut places);
        self.places = places;
        self.channels = make_channels(&readings::share_rates(&flips), &by_value, &self.dead);
    }

    /// Counts the flipped bits of a copy that was read once.
    fn count_flips(
        &self,
        copy: usize,
        column: &[Option<u8>],
        ratios: &[[f64; 8]],
        known_only: bool,
    ) -> FlipsByValue {
        let mut flips = FlipsByValue::NONE;
        let live = !self.dead[copy];
        for (at, byte) in column.iter().enumerate() {
            let Some(byte) = byte else { continue };
            if let Some(known) = self.known[at] {
                for (value, of) in [!known, known].into_iter().enumerate() {
                    let all = f64::from((of & live).count_ones());
                    flips.add(
                        value,
                        f64::from(((byte ^ known) & of & live).count_ones()),
                        all,
                    );
                }
            } else if !known_only && self.columns.len() > 1 {
                for (bit, ratio) in ratios[at].iter().enumerate() {
                    if live >> bit & 1 == 0 {
                        continue;
                    }
                    flips.add_uncertain(usize::from(byte >> bit & 1), *ratio);
                }
            }
        }
        flips
    }

    /// Decides for each run whether it was erased, given the present state of the others.
    fn classify_runs(&mut self) {
        for index in 0..self.runs.len() {
            let was = std::mem::replace(&mut self.runs[index].erased, true);
            let run = &self.runs[index];
            let erased = self.erased_cost(run);
            let kept: f64 = (run.start..run.end).map(|at| self.kept_cost(run, at)).sum();
            self.runs[index].margin = kept - erased;
            self.runs[index].erased = if (kept - erased).abs() < 1e-9 {
                was
            } else {
                kept > erased
            };
        }
    }

    /// The cost of a byte of a run that was not erased, in nats.
    fn kept_cost(&self, run: &BlankRun, at: usize) -> f64 {
        let weights: f64 = run.copies.iter().map(|copy| self.weight(*copy)).sum();
        let value = run.value.or_else(|| self.columns[*run.copies.first()?][at]);
        let Some(value) = value else { return 0.0 };
        if let Some(known) = self.known[at] {
            return weights * f64::from((value ^ known).count_ones());
        }
        let others = (0..self.columns.len()).filter(|copy| !run.copies.contains(copy));
        let mut ratios = [0.0; 8];
        let mut any = false;
        for copy in others {
            let Some(byte) = self.seen_byte(copy, at) else {
                continue;
            };
            any = true;
            let weight = self.weight(copy);
            for (bit, ratio) in ratios.iter_mut().enumerate() {
                *ratio += if byte >> bit & 1 == 1 {
                    weight
                } else {
                    -weight
                };
            }
        }
        if !any {
            return ANY_BYTE;
        }
        let wrong = ratios
            .iter()
            .enumerate()
            .filter(|(bit, ratio)| (**ratio > 0.0) != (value >> bit & 1 == 1));
        wrong.map(|(_, ratio)| ratio.abs().min(weights)).sum()
    }

    /// Whether it makes a difference to the contents if a run was erased.
    pub(super) fn is_relevant(&self, run: usize, alignment: &Alignment) -> bool {
        let run = &self.runs[run];
        (run.start..run.end)
            .any(|at| matches!(alignment.roles[at], ByteRole::Part(..)) && self.known[at].is_none())
    }

    /// How unlikely the copies are, in nats: their likelihood over all contents.
    pub(super) fn cost(&self) -> f64 {
        let runs = self.runs.iter().filter(|run| run.erased);
        let mut cost: f64 = runs.map(|run| self.erased_cost(run)).sum();
        let seen = self.seen_columns();
        let costs_of_bits: Vec<[[f64; 2]; 2]> = self
            .channels
            .iter()
            .map(|channel| [channel.costs(0), channel.costs(1)])
            .collect();
        for (at, known) in self.known.iter().enumerate() {
            for bit in 0..8 {
                // The cost if the bit is 0, and if it is 1.
                let mut costs = [0.0, 0.0];
                for place in &self.places {
                    let own = self.bit_costs(place, &seen, &costs_of_bits, (at, bit));
                    costs[0] += own[0];
                    costs[1] += own[1];
                }
                cost += match known {
                    // What a text editor replaced is known to be none of most tags.
                    Some(known) if self.prior[at][bit] > 0.0 && known >> bit & 1 == 0 => {
                        self.prior[at][bit]
                    }
                    Some(known) => costs[usize::from(known >> bit & 1)],
                    None => {
                        let one = 1.0 / (1.0 + (-self.prior[at][bit]).exp());
                        -((1.0 - one) * (-costs[0]).exp() + one * (-costs[1]).exp()).ln()
                    }
                };
            }
        }
        cost
    }

    /// What a bit costs at one place if it is 0, and if it is 1, by what its readings show.
    fn bit_costs(
        &self,
        place: &ReadCopy,
        seen: &[Vec<Option<u8>>],
        costs_of_bits: &[[[f64; 2]; 2]],
        (at, bit): (usize, usize),
    ) -> [f64; 2] {
        let mut own = [0.0, 0.0];
        for copy in &place.readings {
            let Some(byte) = seen[*copy][at] else {
                continue;
            };
            if self.dead[*copy] >> bit & 1 == 1 {
                continue;
            }
            let costs = costs_of_bits[*copy][usize::from(byte >> bit & 1)];
            own[0] += costs[0];
            own[1] += costs[1];
        }
        if place.is_read_again() {
            place.pass_costs(own)
        } else {
            own
        }
    }

    /// The cost of a run that was erased, in nats.
    fn erased_cost(&self, run: &BlankRun) -> f64 {
        let copies = run.copies.len() as f64;
        if run.value.is_none() {
            return ERASED + ANY_BYTE * (run.end - run.start) as f64;
        }
        ERASED + ERASED_TOO * (copies - 1.0) + ERASED_BYTE * copies * (run.end - run.start) as f64
    }
}

/// All runs that may not be the file's.
fn list_runs(columns: &[Vec<Option<u8>>], alignment: &Alignment) -> Vec<BlankRun> {
    let mut runs = list_blank_runs(columns);
    // Behind a gap that is in the wrong place everything looks foreign.
    if !alignment.fits.iter().any(CopyFit::has_gap) && columns.len() == 2 {
        add_foreign_runs(&mut runs, columns);
    }
    runs
}
