//! Which byte of a damaged copy stands for which byte of the whole file.
//!
//! Flipped bits move nothing. A copy that lost or gained bytes is held against a layout in two
//! parts, before and behind the gap; where the gap lies, the tags and the other copies tell.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use super::role::{self, Role};
use crate::backup::layout::Layout;
use crate::backup::wire::Field;

/// What one flipped bit costs before anything is known of the copy, in nats: a rate of 3 in 100.
const FLIP: f64 = 3.5;
/// What any byte of the seed, of a checksum or of foreign bytes costs: one of 256 values, in nats.
pub(super) const ANY: f64 = 5.545;
/// What it costs that bytes were lost or inserted in the middle, in nats.
const GAP: f64 = 9.0;
/// What it costs that the end is cut off, in nats.
const CUT: f64 = 5.0;
/// What a byte costs that looks erased, in nats.
const BLANK: f64 = 1.5;
/// Fewest equal bytes that look erased.
const RUN: usize = 3;

/// A copy to be held against layouts.
pub(super) struct Sample<'a> {
    pub(super) bytes: &'a [u8],
    /// Which bytes lie in a run of 0, 0xFF or 0xAC.
    blank: Vec<bool>,
}

impl<'a> Sample<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut blank = vec![false; bytes.len()];
        let mut start = 0;
        for run in bytes.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if run.len() >= RUN && matches!(run.first(), Some(0 | 0xFF | 0xAC)) {
                blank[start..end].fill(true);
            }
            start = end;
        }
        Self { bytes, blank }
    }

    /// What it costs to take this byte of the copy for one of this role.
    fn cost(&self, role: Role, at: usize) -> f64 {
        let Some(byte) = self.bytes.get(at) else {
            return 0.0;
        };
        let real = role_cost(role, *byte);
        if self.blank[at] {
            real.min(BLANK)
        } else {
            real
        }
    }
}

fn flips(byte: u8, wanted: u8) -> f64 {
    FLIP * f64::from((byte ^ wanted).count_ones())
}

/// What a byte costs in a role, in nats: how unlikely it is there.
fn role_cost(role: Role, byte: u8) -> f64 {
    let nearest = |wanted: &[u8]| {
        wanted
            .iter()
            .map(|want| flips(byte, *want))
            .fold(f64::MAX, f64::min)
    };
    let cost = match role {
        Role::Fixed(fixed) => 0.2 + flips(byte, fixed),
        Role::Part(Field::SeedLength, _) => 1.0 + nearest(&[16, 24, 32]),
        Role::Part(Field::Timestamp | Field::Birthdate, 0..=3) => {
            4.85 + if byte & 0x80 == 0 { FLIP } else { 0.0 }
        }
        Role::Part(Field::Timestamp | Field::Birthdate, _) => 1.5 + flips(byte & 0xF0, 0),
        Role::Part(Field::Generator, 0) => 0.2 + flips(byte, b'v'),
        Role::Part(Field::Generator, 1) => 0.5 + flips(byte, b'9'),
        Role::Part(Field::Generator, 2) => 0.5 + flips(byte, b'.'),
        Role::Part(Field::Generator, _) => 2.5 + flips(byte & 0xF0, 0x30).min(flips(byte, b'.')),
        Role::Part(Field::Name, _) => {
            4.3 + if byte & 0x80 == 0 { 0.0 } else { FLIP / 2.0 }
                + if byte & 0x60 == 0 { FLIP / 2.0 } else { 0.0 }
        }
        Role::Part(..) => ANY,
    };
    cost.min(12.0)
}

/// Where a copy's bytes belong in a file of one layout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    /// How unlikely the copy is, taken so, in nats.
    pub(super) cost: f64,
    /// The byte of the file before which the gap lies; the length of the file if there is none.
    pub(super) gap: usize,
    /// How many bytes the copy has more than the file (fewer, if negative) at the gap.
    pub(super) extra: isize,
}

impl Fit {
    /// What the gap alone costs in a file of this length, in nats.
    pub(super) fn gap_cost(&self, length: usize) -> f64 {
        let inserted = ANY * self.extra.max(0) as f64;
        match self.extra {
            0 => 0.0,
            lost if lost < 0 && self.gap + lost.unsigned_abs() >= length => CUT,
            _ => GAP + inserted,
        }
    }

    /// The index in the copy of a byte of the file, if the copy has it.
    pub(super) fn index(&self, at: usize) -> Option<usize> {
        if at < self.gap {
            return Some(at);
        }
        let moved = at.checked_add_signed(self.extra)?;
        // Behind lost bytes; those themselves have no place in the copy.
        (self.extra >= 0 || moved >= self.gap).then_some(moved)
    }
}

/// Holds a copy against roles; `known` tells what other copies say of each byte of the file.
pub(super) fn fit(sample: &Sample<'_>, roles: &[Role], known: Option<&[Option<u8>]>) -> Fit {
    let (have, want) = (sample.bytes.len(), roles.len());
    let extra = have as isize - want as isize;
    let cost = |at: usize, index: usize| {
        let role = sample.cost(roles[at], index);
        match (known.and_then(|known| known[at]), roles[at]) {
            (Some(known), Role::Part(..)) if !sample.blank[index] => {
                (0.2 + flips(sample.bytes[index], known)).min(12.0)
            }
            _ => role,
        }
    };
    // Bytes behind the file that are all zero are what was left of its sector.
    let surplus = sample.bytes.get(want..).unwrap_or_default();
    let padded = !surplus.is_empty() && surplus.iter().all(|byte| *byte == 0);
    if extra == 0 || padded {
        let whole = (0..want).map(|at| cost(at, at)).sum::<f64>();
        let surplus = 0.05 * surplus.len() as f64;
        return Fit {
            cost: whole + surplus,
            gap: want,
            extra: 0,
        };
    }
    let lost = (-extra).max(0) as usize;
    let inserted = extra.max(0) as usize;
    // Costs of all bytes before, and of all bytes from, a place on.
    let mut before = Vec::with_capacity(want + 1);
    before.push(0.0);
    for at in 0..want {
        let own = if at < have { cost(at, at) } else { 0.0 };
        before.push(before[at] + own);
    }
    let mut behind = vec![0.0; want + 1];
    for at in (0..want).rev() {
        let own = match at.checked_add_signed(extra).filter(|index| *index < have) {
            Some(index) => cost(at, index),
            None => 0.0,
        };
        behind[at] = behind[at + 1] + own;
    }
    let mut best = Fit {
        cost: f64::MAX,
        gap: want,
        extra,
    };
    for (gap, before) in before.iter().enumerate().take(have + 1) {
        let from = (gap + lost).min(want);
        let open = if from == want { CUT } else { GAP };
        let total = before + behind[from] + open + ANY * inserted as f64;
        if gap + lost <= want && total < best.cost {
            best = Fit {
                cost: total,
                gap,
                extra,
            };
        }
    }
    best
}

/// A layout that may be the file's, with each copy held against it.
pub(super) struct Candidate {
    pub(super) layout: Layout,
    pub(super) roles: Vec<Role>,
    pub(super) fits: Vec<Fit>,
}

/// The layouts that fit the copies best, the likeliest first.
pub(super) fn layouts(samples: &[Sample<'_>], most: usize) -> Vec<Candidate> {
    let mut found: Vec<(f64, Layout)> = role::layouts()
        .map(|layout| {
            let roles = role::roles(layout);
            let fits = samples.iter().map(|sample| fit(sample, &roles, None).cost);
            (role::cost(layout) + fits.sum::<f64>(), layout)
        })
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let best = found.first().map_or(0.0, |(cost, _)| *cost);
    let near = found
        .into_iter()
        .take_while(|(cost, _)| *cost < best + 25.0);
    near.take(most)
        .map(|(_, layout)| refine(samples, layout))
        .collect()
}

/// Holds each copy against what the others say, so that a gap within a field finds its place.
fn refine(samples: &[Sample<'_>], layout: Layout) -> Candidate {
    let roles = role::roles(layout);
    let mut fits: Vec<_> = samples
        .iter()
        .map(|sample| fit(sample, &roles, None))
        .collect();
    if fits.iter().any(|fit| fit.extra != 0) {
        for _ in 0..3 {
            for own in 0..samples.len() {
                let known = consensus(samples, &fits, own, roles.len());
                fits[own] = fit(&samples[own], &roles, Some(&known));
            }
        }
    }
    Candidate {
        layout,
        roles,
        fits,
    }
}

/// What the copies but one say of each byte, where any does.
fn consensus(samples: &[Sample<'_>], fits: &[Fit], but: usize, length: usize) -> Vec<Option<u8>> {
    (0..length)
        .map(|at| {
            let others = samples
                .iter()
                .zip(fits)
                .enumerate()
                .filter(|(index, _)| *index != but);
            let bytes: Vec<u8> = others
                .filter_map(|(_, (sample, fit))| {
                    let index = fit.index(at)?;
                    let byte = sample.bytes.get(index)?;
                    (!sample.blank[index]).then_some(*byte)
                })
                .collect();
            match bytes.as_slice() {
                [] => None,
                [one] => Some(*one),
                [first, .., last] => Some(if first == last { *first } else { *last }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::tests::KNOWN;

    fn known() -> Vec<u8> {
        hex::decode(KNOWN).unwrap()
    }

    fn layout() -> Layout {
        Layout {
            name: 9,
            length: 0,
            birthdate: 6,
            generator: 7,
        }
    }

    fn best(copies: &[Vec<u8>]) -> Candidate {
        let samples: Vec<_> = copies.iter().map(|copy| Sample::new(copy)).collect();
        layouts(&samples, 4).swap_remove(0)
    }

    /// The bytes of a copy in their places in the file.
    fn placed(copy: &[u8], fit: &Fit, length: usize) -> Vec<Option<u8>> {
        (0..length)
            .map(|at| copy.get(fit.index(at)?).copied())
            .collect()
    }

    #[test]
    fn one_whole_copy_tells_the_layout() {
        assert_eq!(best(&[known()]).layout, layout());
    }

    #[test]
    fn destroyed_beginnings_and_ends_do_not_hide_it() {
        let mut copy = known();
        copy[..45].fill(0);
        assert_eq!(best(&[copy]).layout, layout());
        let cut = known()[..90].to_vec();
        let found = best(&[cut, known()[..100].to_vec()]);
        assert_eq!((found.layout.name, found.layout.birthdate), (9, 6));
    }

    #[test]
    fn lost_and_inserted_bytes_find_their_place() {
        let whole = known();
        for at in [0, 10, 50, 70, 90, 100] {
            let mut lost = whole.clone();
            lost.drain(at..at + 3);
            let copies = [lost.clone(), whole.clone(), whole.clone()];
            let found = best(&copies);
            assert_eq!(found.layout, layout(), "{at}");
            for (byte, own) in whole.iter().zip(placed(&lost, &found.fits[0], 110)) {
                assert!(own.is_none_or(|own| own == *byte), "{at}");
            }
            let mut more = whole.clone();
            more.splice(at..at, [0x5A, 0xC3]);
            let found = best(&[more.clone(), whole.clone(), whole.clone()]);
            let own = placed(&more, &found.fits[0], 110);
            let same = whole
                .iter()
                .zip(&own)
                .filter(|(byte, own)| Some(**byte) == **own)
                .count();
            assert!(found.layout == layout() && same >= 108, "{at}: {same}");
        }
    }

    #[test]
    fn thirds_cut_out_of_each_copy_cover_the_file() {
        let whole = known();
        let third = 36;
        let copies = [0, 1, 2].map(|part| {
            let mut copy = whole.clone();
            copy.drain(part * third..(part + 1) * third);
            copy
        });
        let found = best(&copies);
        assert_eq!(found.layout, layout());
        for (copy, fit) in copies.iter().zip(&found.fits) {
            for (byte, own) in whole.iter().zip(placed(copy, fit, 110)) {
                assert!(own.is_none_or(|own| own == *byte));
            }
        }
    }
}
