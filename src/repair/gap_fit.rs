//! Fits a damaged copy to one layout: which byte of the copy is which byte of the file.
//!
//! Flipped bits move nothing. A copy that lost or gained bytes is fitted in two parts, before and
//! after the gap, or in three if there are two gaps. Tags show where a gap is, and so do other copies.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::cost::{ANY_BYTE, known_cost};
use super::role::ByteRole;
use super::sample::Sample;

/// The cost of bytes lost or inserted in the middle, in nats.
const GAP: f64 = 9.0;
/// The cost of an end that is cut off, in nats.
const CUT: f64 = 5.0;
/// The cost of a second gap beside its own, in nats: one can always be divided.
const SECOND: f64 = 20.0;
/// The cost of an end that was filled so that the copy kept its size, in nats.
const FILLED: f64 = 9.0;
/// A gap may be as well wherever it costs at most so much more, in nats.
const ANYWHERE: f64 = 12.0;
/// Most bytes lost or inserted at one of two gaps.
const MOST_MOVED: isize = 12;

/// Where the bytes of a copy belong in a file of one layout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CopyFit {
    /// How unlikely the copy is under this fit, in nats.
    pub(super) cost: f64,
    /// The byte of the file that follows the gap; the length of the file if there is no gap.
    pub(super) gap: usize,
    /// How many bytes more than the file the copy has at the gap (fewer, if negative).
    pub(super) extra: isize,
    /// A second gap behind it: the same two numbers.
    pub(super) second: Option<(usize, isize)>,
}

impl CopyFit {
    /// The cost of the gap alone in a file of this length, in nats.
    pub(super) fn gap_cost(&self, length: usize) -> f64 {
        if let Some((_, extra)) = self.second {
            return 2.0 * GAP + ANY_BYTE * (self.extra.max(0) + extra.max(0)) as f64;
        }
        let inserted = ANY_BYTE * self.extra.max(0) as f64;
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
        if let Some((gap, extra)) = self.second
            && at >= gap
        {
            let is_there = extra >= 0 || at >= gap + extra.unsigned_abs();
            return at
                .checked_add_signed(self.extra + extra)
                .filter(|_| is_there);
        }
        let moved = at.checked_add_signed(self.extra)?;
        // Only bytes after the lost ones: those themselves are not in the copy.
        (self.extra >= 0 || moved >= self.gap).then_some(moved)
    }

    /// Whether bytes were lost or inserted.
    pub(super) fn has_gap(&self) -> bool {
        self.extra != 0 || self.second.is_some()
    }
}

/// Fits a copy to roles; `known` is what other copies have for each byte of the file. There are at most `most_gaps`
/// gaps, one or two.
pub(super) fn fit_sample(
    sample: &Sample<'_>,
    roles: &[ByteRole],
    known: Option<&[Option<u8>]>,
    most_gaps: usize,
) -> CopyFit {
    let (have, want) = (sample.bytes.len(), roles.len());
    let extra = have as isize - want as isize;
    let cost = |at: usize, index: usize| {
        let cost = sample.cost(roles[at], index);
        match (known.and_then(|known| known[at]), roles[at]) {
            (Some(known), ByteRole::Part(..)) if !sample.blank[index] => {
                known_cost(sample.bytes[index], known)
            }
            _ => cost,
        }
    };
    // What fills the end is the rest of its sector, not the file's.
    let written = have - sample.filled();
    if extra == 0 || (extra > 0 && written <= want) {
        let file = (0..want).map(|at| cost(at, at)).sum::<f64>();
        let plain = CopyFit {
            cost: file + 0.05 * extra as f64,
            gap: want,
            extra: 0,
            second: None,
        };
        let shorter = find_filled_gap(written, want, &cost);
        return shorter
            .filter(|shorter| shorter.cost < plain.cost)
            .unwrap_or(plain);
    }
    let one = find_gap(have, want, &cost);
    // Nothing with two gaps costs less than the gaps alone.
    if most_gaps < 2 || one.cost <= 2.0 * GAP + SECOND {
        return one;
    }
    let mut two = find_two_gaps(have, want, &cost);
    two.cost += SECOND;
    if two.cost < one.cost { two } else { one }
}

/// The other places where the one gap of a copy may be just as well: within a field the layout does not show it.
pub(super) fn list_other_gaps(
    sample: &Sample<'_>,
    roles: &[ByteRole],
    fit: &CopyFit,
) -> Vec<CopyFit> {
    if fit.extra == 0 || fit.second.is_some() {
        return Vec::new();
    }
    let cost = |at: usize, index: usize| sample.cost(roles[at], index);
    let have = roles.len().saturating_add_signed(fit.extra);
    let mut gaps = Vec::new();
    each_gap(have, roles.len(), &cost, |gap| gaps.push(gap));
    let best = gaps.iter().map(|gap| gap.cost).fold(f64::MAX, f64::min);
    gaps.retain(|gap| gap.cost < best + ANYWHERE && gap.gap != fit.gap);
    gaps
}

/// Finds the gap of a copy that lost bytes and kept its size, as the end was filled: so many bytes were `written`.
/// Nothing tells an end that was cut off and filled from one that was overwritten: that is no gap.
fn find_filled_gap(
    written: usize,
    want: usize,
    cost: &impl Fn(usize, usize) -> f64,
) -> Option<CopyFit> {
    let lost = want.checked_sub(written)?;
    if lost == 0 || lost > MOST_MOVED.unsigned_abs() {
        return None;
    }
    let mut found = find_gap(written, want, cost);
    found.cost += FILLED;
    (found.gap + lost < want).then_some(found)
}

/// The bytes placed so far at least cost, and where the gaps before them are.
#[derive(Clone, Copy)]
struct Placed {
    cost: f64,
    gaps: [usize; 2],
}

/// Finds the two gaps of least cost.
fn find_two_gaps(have: usize, want: usize, cost: &impl Fn(usize, usize) -> f64) -> CopyFit {
    let extra = have as isize - want as isize;
    let mut best = CopyFit {
        cost: f64::MAX,
        gap: want,
        extra,
        second: None,
    };
    for first in -MOST_MOVED..=MOST_MOVED {
        let second = extra - first;
        if first == 0 || second == 0 || second.abs() > MOST_MOVED {
            continue;
        }
        let placed = place_with_gaps([first, second], have, want, cost);
        if placed.cost < best.cost {
            best = CopyFit {
                cost: placed.cost,
                gap: placed.gaps[0],
                extra: first,
                second: Some((placed.gaps[1], second)),
            };
        }
    }
    best
}

/// Places all bytes of the file with two gaps of these sizes.
fn place_with_gaps(
    extras: [isize; 2],
    have: usize,
    want: usize,
    cost: &impl Fn(usize, usize) -> f64,
) -> Placed {
    const NOTHING: Placed = Placed {
        cost: f64::MAX,
        gaps: [0; 2],
    };
    let shifts = [0, extras[0], extras[0] + extras[1]];
    // For each number of gaps so far, and each byte that comes next.
    let mut placed = vec![[NOTHING; 3]; want + 1];
    placed[0][0].cost = 0.0;
    for at in 0..=want {
        for gaps in 0..3 {
            let now = placed[at][gaps];
            if now.cost == f64::MAX {
                continue;
            }
            if let Some(extra) = extras.get(gaps) {
                let to = at + (-extra).max(0).unsigned_abs();
                let cost = now.cost + GAP + ANY_BYTE * (*extra).max(0) as f64;
                if to <= want && cost < placed[to][gaps + 1].cost {
                    placed[to][gaps + 1] = Placed { cost, ..now };
                    placed[to][gaps + 1].gaps[gaps] = at;
                }
            }
            if at < want {
                let index = at.checked_add_signed(shifts[gaps]);
                let index = index.filter(|index| *index < have);
                let cost = now.cost + index.map_or(ANY_BYTE, |index| cost(at, index));
                if cost < placed[at + 1][gaps].cost {
                    placed[at + 1][gaps] = Placed { cost, ..now };
                }
            }
        }
    }
    placed[want][2]
}

/// Finds the gap of least cost, the first one of several.
fn find_gap(have: usize, want: usize, cost: &impl Fn(usize, usize) -> f64) -> CopyFit {
    let mut best = CopyFit {
        cost: f64::MAX,
        gap: want,
        extra: have as isize - want as isize,
        second: None,
    };
    each_gap(have, want, cost, |fit| {
        if fit.cost < best.cost {
            best = fit;
        }
    });
    best
}

/// Takes every place of one gap; `cost` is that of a byte of the file, given its index in the copy.
fn each_gap(
    have: usize,
    want: usize,
    cost: &impl Fn(usize, usize) -> f64,
    mut take: impl FnMut(CopyFit),
) {
    let extra = have as isize - want as isize;
    let lost = (-extra).max(0) as usize;
    let inserted = extra.max(0) as usize;
    // The cost of all bytes from each position on, where they lie behind the gap.
    let mut after = vec![0.0; want + 1];
    for at in (0..want).rev() {
        let own = match at.checked_add_signed(extra).filter(|index| *index < have) {
            Some(index) => cost(at, index),
            None => 0.0,
        };
        after[at] = after[at + 1] + own;
    }
    // And of those before it.
    let mut before = 0.0;
    for gap in 0..=want.saturating_sub(lost).min(have) {
        let from = gap + lost;
        let open = if from == want { CUT } else { GAP };
        take(CopyFit {
            cost: before + after[from] + open + ANY_BYTE * inserted as f64,
            gap,
            extra,
            second: None,
        });
        if gap < want && gap < have {
            before += cost(gap, gap);
        }
    }
}
