//! A hypothesis about the file: its layout, the length of its seed, which runs were erased, and
//! from these how likely every bit is.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::alignment::Alignment;
use super::erased_run::BlankRun;
use super::likelihood::{Likelihood, Ratios};
use super::role::{self, ByteRole};
use super::sample::Sample;
use crate::backup::layout::Layout;
use crate::backup::wire::Field;

/// A run is taken both ways if its margin is less than this, in nats.
const OPEN: f64 = 16.0;
/// The most that it costs to treat no run as erased, in nats.
const PLAIN: f64 = 12.0;

/// A file of one layout and seed length, as the copies together have it.
pub(super) struct Hypothesis {
    pub(super) layout: Layout,
    pub(super) roles: Vec<ByteRole>,
    pub(super) seed_length: u32,
    /// How unlikely the hypothesis is, in nats.
    pub(super) cost: f64,
    pub(super) ratios: Ratios,
}

impl Hypothesis {
    /// The most likely value of a byte.
    pub(super) fn byte(&self, at: usize) -> u8 {
        let bits = self.ratios[at].iter().enumerate();
        bits.fold(0, |byte, (bit, ratio)| byte | u8::from(*ratio > 0.0) << bit)
    }

    /// Whether nothing is known of a byte.
    pub(super) fn is_unknown(&self, at: usize) -> bool {
        self.ratios[at].iter().all(|ratio| *ratio == 0.0)
    }

    /// The positions of the bytes of a field, in order.
    pub(super) fn positions(&self, field: Field) -> impl Iterator<Item = usize> {
        let is_part = move |role: &ByteRole| matches!(role, ByteRole::Part(of, _) if *of == field);
        self.roles
            .iter()
            .enumerate()
            .filter(move |(_, role)| is_part(role))
            .map(|(at, _)| at)
    }
}

/// Lists the hypotheses of one alignment and seed length: up to `most_open` uncertain runs are
/// taken both as erased and as they are.
pub(super) fn list_hypotheses(
    samples: &[Sample<'_>],
    alignment: &Alignment,
    seed_length: u32,
    most_open: usize,
) -> Vec<Hypothesis> {
    let mut likelihood = Likelihood::estimate(samples, alignment, seed_length);
    let open = list_open_runs(&mut likelihood, alignment, most_open);
    // Of wallets with 12, 18 and 24 words: half, few, half.
    let length = if seed_length == 24 { 3.0 } else { 0.7 };
    let base = role::layout_cost(alignment.layout) + gap_cost(alignment) + length;
    let build = |likelihood: &Likelihood| Hypothesis {
        layout: alignment.layout,
        roles: alignment.roles.clone(),
        seed_length,
        cost: base + likelihood.cost(),
        ratios: likelihood.ratios(),
    };
    let mut hypotheses: Vec<Hypothesis> = (0..1_usize << open.len())
        .map(|choices| {
            let toggled = (0..open.len()).filter(|index| choices >> index & 1 == 1);
            let toggled: Vec<usize> = toggled.flat_map(|index| open[index].clone()).collect();
            likelihood.toggle_runs(&toggled);
            let hypothesis = build(&likelihood);
            likelihood.toggle_runs(&toggled);
            hypothesis
        })
        .collect();
    // A seed with many zeros is unlikely, but it may exist: the copies are also tried as they are.
    let is_blank = |run: &BlankRun| run.erased && run.value.is_some();
    if likelihood.runs.iter().any(is_blank) {
        let best = hypotheses
            .iter()
            .map(|hypothesis| hypothesis.cost)
            .fold(f64::MAX, f64::min);
        likelihood
            .runs
            .iter_mut()
            .filter(|run| run.value.is_some())
            .for_each(|run| run.erased = false);
        let mut plain = build(&likelihood);
        plain.cost = plain.cost.min(best + PLAIN);
        hypotheses.push(plain);
    }
    hypotheses
}

/// The uncertain runs that make a difference, at most `most`, the most uncertain first: each alone, or with the run of
/// the other copy, one of which is foreign.
fn list_open_runs(
    likelihood: &mut Likelihood,
    alignment: &Alignment,
    most: usize,
) -> Vec<Vec<usize>> {
    let mut open: Vec<(f64, Vec<usize>)> = Vec::new();
    for run in 0..likelihood.runs.len() {
        if !likelihood.is_relevant(run, alignment) {
            continue;
        }
        let other = likelihood.runs[run].other;
        let margin = match other {
            Some(other) if other < run => continue,
            Some(_) => likelihood.swap_margin(run),
            None => Some(likelihood.runs[run].margin),
        };
        if let Some(margin) = margin.map(f64::abs).filter(|margin| *margin < OPEN) {
            open.push((margin, [run].into_iter().chain(other).collect()));
        }
    }
    open.sort_by(|a, b| a.0.total_cmp(&b.0));
    open.truncate(most);
    open.into_iter().map(|(_, runs)| runs).collect()
}

/// The cost of the gaps in all copies, in nats.
fn gap_cost(alignment: &Alignment) -> f64 {
    alignment
        .fits
        .iter()
        .map(|fit| fit.gap_cost(alignment.roles.len()))
        .sum()
}
