//! What several damaged copies together say of every bit of a file, and how sure that is.
//!
//! Each copy is taken for a channel that flips bits at a rate of its own and in which runs of equal
//! bytes (0, 0xFF, 0xAC) may have been laid over the contents. Rates and runs are estimated from
//! what is known (tags, lengths, padding) and from where copies disagree; then every bit has a
//! log-likelihood ratio: above zero it is rather 1, and the further from zero the surer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use zeroize::{Zeroize, Zeroizing};

use super::alignment::{ANY, Candidate, Sample};
use super::role::{self, Role};
use crate::backup::layout::Layout;
use crate::backup::wire::Field;

/// What it costs that a run of a copy was erased, in nats.
const ERASED: f64 = 7.0;
/// What it costs that other copies were erased at the same place.
const ERASED_TOO: f64 = 1.0;
/// What each erased byte costs.
const ERASED_BYTE: f64 = 0.1;
/// How unsure a choice must be, in nats, for its other side to be tried too.
const OPEN: f64 = 16.0;
/// What it costs at most to take copies as they stand, in nats.
const PLAIN: f64 = 12.0;

/// A file of one layout and seed length, as several copies tell it.
pub(super) struct Belief {
    pub(super) layout: Layout,
    pub(super) roles: Vec<Role>,
    pub(super) seed_length: u32,
    /// How unlikely all this is, in nats.
    pub(super) cost: f64,
    /// For each bit of the file, byte by byte from the lowest: the log-likelihood ratio of 1 to 0,
    /// in nats; exactly 0 if nothing is known.
    pub(super) ratios: Vec<[f64; 8]>,
}

impl Drop for Belief {
    fn drop(&mut self) {
        self.ratios.zeroize();
    }
}

impl Belief {
    /// The likeliest value of a byte.
    pub(super) fn byte(&self, at: usize) -> u8 {
        let bits = self.ratios[at].iter().enumerate();
        bits.fold(0, |byte, (bit, ratio)| byte | u8::from(*ratio > 0.0) << bit)
    }

    /// Whether nothing is known of a byte.
    pub(super) fn is_unknown(&self, at: usize) -> bool {
        self.ratios[at].iter().all(|ratio| *ratio == 0.0)
    }

    /// Where the bytes of a field lie, in order.
    pub(super) fn places(&self, field: Field) -> impl Iterator<Item = usize> {
        let is = move |role: &Role| matches!(role, Role::Part(of, _) if *of == field);
        self.roles
            .iter()
            .enumerate()
            .filter(move |(_, role)| is(role))
            .map(|(at, _)| at)
    }
}

/// A stretch in which copies show one of the values erased flash or a device leaves.
struct Run {
    start: usize,
    end: usize,
    value: u8,
    /// Which copies show exactly it.
    copies: Vec<usize>,
    /// Whether it is taken for erased.
    erased: bool,
    /// How much likelier that is than the opposite, in nats; negative if it is less likely.
    margin: f64,
}

/// What the copies of one layout and seed length say: of up to `open` unsure choices both sides.
pub(super) fn beliefs(
    samples: &[Sample<'_>],
    candidate: &Candidate,
    seed_length: u32,
    open: usize,
) -> Vec<Belief> {
    let columns = columns(samples, candidate);
    let mut view = View {
        known: candidate
            .roles
            .iter()
            .map(|role| known(*role, seed_length))
            .collect(),
        prior: candidate.roles.iter().map(|role| prior(*role)).collect(),
        runs: runs(&columns),
        rates: Vec::new(),
        columns,
    };
    view.settle();
    let most = open;
    let mut open: Vec<usize> = (0..view.runs.len())
        .filter(|run| view.runs[*run].margin.abs() < OPEN && view.matters(*run, candidate))
        .collect();
    open.sort_by(|a, b| {
        view.runs[*a]
            .margin
            .abs()
            .total_cmp(&view.runs[*b].margin.abs())
    });
    open.truncate(most);
    // Of wallets with 12, 18 and 24 words: half, few, half.
    let length = if seed_length == 24 { 3.0 } else { 0.7 };
    let base = role::cost(candidate.layout) + gaps(candidate) + length;
    let mut beliefs: Vec<Belief> = (0..1_usize << open.len())
        .map(|sides| {
            let turned = (0..open.len()).filter(|index| sides >> index & 1 == 1);
            let turned: Vec<usize> = turned.map(|index| open[index]).collect();
            let turn = |view: &mut View| {
                turned.iter().for_each(|run| view.runs[*run].erased ^= true);
            };
            turn(&mut view);
            let belief = view.belief(candidate, seed_length, base);
            turn(&mut view);
            belief
        })
        .collect();
    // A seed of many zeros is unlikely, and still somebody's: the copies as they stand are tried.
    if view.runs.iter().any(|run| run.erased) {
        let cost = beliefs
            .iter()
            .map(|belief| belief.cost)
            .fold(f64::MAX, f64::min);
        view.runs.iter_mut().for_each(|run| run.erased = false);
        let mut plain = view.belief(candidate, seed_length, base);
        plain.cost = plain.cost.min(cost + PLAIN);
        beliefs.push(plain);
    }
    beliefs
}

/// The bytes of each copy in their places in the file.
fn columns(samples: &[Sample<'_>], candidate: &Candidate) -> Vec<Vec<Option<u8>>> {
    let of = |(sample, fit): (&Sample<'_>, &super::alignment::Fit)| {
        let byte = |at| sample.bytes.get(fit.index(at)?).copied();
        (0..candidate.roles.len()).map(byte).collect()
    };
    samples.iter().zip(&candidate.fits).map(of).collect()
}

/// What a byte must be: tags, lengths, and the zeros behind a short seed.
fn known(role: Role, seed_length: u32) -> Option<u8> {
    match role {
        Role::Fixed(fixed) => Some(fixed),
        Role::Part(Field::Seed, index) if u32::from(index) >= seed_length => Some(0),
        Role::Part(Field::SeedLength, _) => u8::try_from(seed_length).ok(),
        Role::Part(..) => None,
    }
}

/// All runs of the values of erased bytes; copies that show the same one share it.
fn runs(columns: &[Vec<Option<u8>>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (copy, column) in columns.iter().enumerate() {
        let mut start = 0;
        for run in column.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if let Some(Some(value @ (0 | 0xFF | 0xAC))) = run.first() {
                let same = |run: &&mut Run| (run.start, run.end, run.value) == (start, end, *value);
                match runs.iter_mut().find(same) {
                    Some(run) => run.copies.push(copy),
                    None => runs.push(Run {
                        start,
                        end,
                        value: *value,
                        copies: vec![copy],
                        erased: end - start >= 2,
                        margin: 0.0,
                    }),
                }
            }
            start = end;
        }
    }
    runs
}

struct View {
    columns: Vec<Vec<Option<u8>>>,
    known: Vec<Option<u8>>,
    prior: Vec<[f64; 8]>,
    runs: Vec<Run>,
    /// How often each copy's bits are flipped.
    rates: Vec<f64>,
}

impl Drop for View {
    fn drop(&mut self) {
        self.columns.zeroize();
    }
}

impl View {
    fn belief(&self, candidate: &Candidate, seed_length: u32, base: f64) -> Belief {
        Belief {
            layout: candidate.layout,
            roles: candidate.roles.clone(),
            seed_length,
            cost: base + self.cost(),
            ratios: self.ratios(),
        }
    }

    /// Estimates rates and runs in turn until they hold still.
    fn settle(&mut self) {
        self.rates = vec![0.02; self.columns.len()];
        self.rate(true);
        for _ in 0..4 {
            self.decide();
            self.rate(false);
        }
        self.decide();
    }

    /// The byte of a copy, unless it is taken for erased.
    fn seen(&self, copy: usize, at: usize) -> Option<u8> {
        let byte = self.columns[copy][at]?;
        let erased = self.runs.iter().any(|run| {
            run.erased && (run.start..run.end).contains(&at) && run.copies.contains(&copy)
        });
        (!erased).then_some(byte)
    }

    fn weight(&self, copy: usize) -> f64 {
        let rate = self.rates[copy].clamp(1e-4, 0.499);
        ((1.0 - rate) / rate).ln()
    }

    /// The bytes of every copy, erased ones left out.
    fn all_seen(&self) -> Zeroizing<Vec<Vec<Option<u8>>>> {
        let mut seen = Zeroizing::new(self.columns.clone());
        for run in self.runs.iter().filter(|run| run.erased) {
            for copy in &run.copies {
                seen[*copy][run.start..run.end].fill(None);
            }
        }
        seen
    }

    fn ratios(&self) -> Vec<[f64; 8]> {
        self.ratios_of(&self.all_seen())
    }

    fn ratios_of(&self, seen: &[Vec<Option<u8>>]) -> Vec<[f64; 8]> {
        let mut ratios = self.prior.clone();
        for (copy, column) in seen.iter().enumerate() {
            let weight = self.weight(copy);
            for (ratios, byte) in ratios.iter_mut().zip(column) {
                let Some(byte) = byte else { continue };
                for (bit, ratio) in ratios.iter_mut().enumerate() {
                    *ratio += if byte >> bit & 1 == 1 {
                        weight
                    } else {
                        -weight
                    };
                }
            }
        }
        ratios
    }

    /// Estimates how often each copy is flipped: from what is known alone, or from all bits.
    fn rate(&mut self, known_only: bool) {
        let seen = self.all_seen();
        let ratios = self.ratios_of(&seen);
        // As if 40 bits had been seen before, one of them flipped.
        let mut flipped = vec![0.5; self.columns.len()];
        let mut all = vec![40.0; self.columns.len()];
        for at in 0..self.known.len() {
            for (copy, column) in seen.iter().enumerate() {
                let Some(byte) = column[at] else { continue };
                if let Some(known) = self.known[at] {
                    flipped[copy] += f64::from((byte ^ known).count_ones());
                    all[copy] += 8.0;
                } else if !known_only && self.columns.len() > 1 {
                    for (bit, ratio) in ratios[at].iter().enumerate() {
                        let one = 1.0 / (1.0 + (-ratio).exp());
                        flipped[copy] += if byte >> bit & 1 == 1 { 1.0 - one } else { one };
                        all[copy] += 1.0;
                    }
                }
            }
        }
        let rates: Vec<f64> = flipped
            .iter()
            .zip(&all)
            .map(|(flipped, all)| flipped / all)
            .collect();
        // Copies that are damaged alike share one rate: bits with the same evidence are then equally
        // sure, and the order of likelihood has few steps.
        let mean = flipped.iter().sum::<f64>() / all.iter().sum::<f64>();
        let alike = |rate: &f64| (mean / 2.5..=mean * 2.5).contains(rate);
        self.rates = if rates.iter().all(alike) {
            vec![mean; rates.len()]
        } else {
            rates
        };
    }

    /// Decides of each run whether it was erased, beside the others as they stand.
    fn decide(&mut self) {
        for index in 0..self.runs.len() {
            let was = std::mem::replace(&mut self.runs[index].erased, true);
            let run = &self.runs[index];
            let erased = self.erased_cost(run);
            let real: f64 = (run.start..run.end).map(|at| self.real(run, at)).sum();
            self.runs[index].margin = real - erased;
            self.runs[index].erased = if (real - erased).abs() < 1e-9 {
                was
            } else {
                real > erased
            };
        }
    }

    /// What it costs that a byte of a run is as it stands, in nats.
    fn real(&self, run: &Run, at: usize) -> f64 {
        let weights: f64 = run.copies.iter().map(|copy| self.weight(*copy)).sum();
        if let Some(known) = self.known[at] {
            return weights * f64::from((run.value ^ known).count_ones());
        }
        let others = (0..self.columns.len()).filter(|copy| !run.copies.contains(copy));
        let mut ratios = [0.0; 8];
        let mut any = false;
        for copy in others {
            let Some(byte) = self.seen(copy, at) else {
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
            return ANY;
        }
        let wrong = ratios
            .iter()
            .enumerate()
            .filter(|(bit, ratio)| (**ratio > 0.0) != (run.value >> bit & 1 == 1));
        wrong.map(|(_, ratio)| ratio.abs().min(weights)).sum()
    }

    /// Whether it makes a difference to the contents if a run is erased.
    fn matters(&self, run: usize, candidate: &Candidate) -> bool {
        let run = &self.runs[run];
        (run.start..run.end)
            .any(|at| matches!(candidate.roles[at], Role::Part(..)) && self.known[at].is_none())
    }

    /// How unlikely the copies are, taken so, in nats: the likelihood over all contents.
    fn cost(&self) -> f64 {
        let runs = self.runs.iter().filter(|run| run.erased);
        let mut cost: f64 = runs.map(|run| self.erased_cost(run)).sum();
        let seen = self.all_seen();
        let sure: Vec<(f64, f64)> = (0..seen.len())
            .map(|copy| self.rates[copy].clamp(1e-4, 0.499))
            .map(|rate| (-(1.0 - rate).ln(), -rate.ln()))
            .collect();
        for (at, known) in self.known.iter().enumerate() {
            for bit in 0..8 {
                // What it costs if the bit is 0, and if it is 1.
                let mut costs = [0.0, 0.0];
                for (column, (kept, flipped)) in seen.iter().zip(&sure) {
                    let Some(byte) = column[at] else { continue };
                    let shown = usize::from(byte >> bit & 1);
                    costs[shown] += kept;
                    costs[1 - shown] += flipped;
                }
                cost += match known {
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

    fn erased_cost(&self, run: &Run) -> f64 {
        let copies = run.copies.len() as f64;
        ERASED + ERASED_TOO * (copies - 1.0) + ERASED_BYTE * copies * (run.end - run.start) as f64
    }
}

/// What is likely of a byte of a role before any copy is looked at: log-likelihood ratios of 1 to 0.
fn prior(role: Role) -> [f64; 8] {
    let like = |byte: u8, sure: f64| {
        std::array::from_fn(|bit| if byte >> bit & 1 == 1 { sure } else { -sure })
    };
    let none = [0.0; 8];
    match role {
        // The low bytes of a number go on, the last ends; times lie between 2014 and 2048.
        Role::Part(Field::Timestamp | Field::Birthdate, 0..=3) => {
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 12.0]
        }
        Role::Part(Field::Timestamp | Field::Birthdate, _) => {
            [0.0, 0.0, 2.0, -2.0, -12.0, -12.0, -12.0, -12.0]
        }
        Role::Part(Field::Name, _) => [0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0, -3.0],
        Role::Part(Field::Generator, 0) => like(b'v', 5.0),
        Role::Part(Field::Generator, 1) => like(b'9', 4.0),
        Role::Part(Field::Generator, 2) => like(b'.', 4.0),
        Role::Part(Field::Generator, _) => [0.0, 0.0, 0.0, -0.5, 1.5, 5.0, -5.0, -5.0],
        _ => none,
    }
}

/// What gaps cost.
fn gaps(candidate: &Candidate) -> f64 {
    candidate
        .fits
        .iter()
        .map(|fit| fit.gap_cost(candidate.roles.len()))
        .sum()
}
