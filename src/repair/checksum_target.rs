//! The stored checksum as a target: which of its bits are known, and how many may be wrong.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::erased_run::is_blank;
use super::hypothesis::Hypothesis;
use super::search::SearchTarget;
use crate::backup::damaged_id::allowed_distance;
use crate::backup::wire::Field;

/// The fewest equal bytes in a checksum that are treated as erased.
const SHORTEST_RUN: usize = 4;

/// The checksum under a hypothesis; `None` if too little of it is left to prove anything.
pub(super) fn build_checksum_target(hypothesis: &Hypothesis) -> Option<SearchTarget> {
    let (mut sum, mut mask) = ([0; 32], [0; 32]);
    for (index, at) in hypothesis.positions(Field::Checksum).enumerate().take(32) {
        sum[index] = hypothesis.byte(at);
        for (bit, ratio) in hypothesis.ratios[at].iter().enumerate() {
            mask[index] |= u8::from(*ratio != 0.0) << bit;
        }
    }
    mask_blanks(&sum, &mut mask);
    let known = mask.iter().map(|byte: &u8| byte.count_ones()).sum();
    Some(SearchTarget::Checksum {
        sum,
        mask,
        distance: allowed_distance(known)?,
    })
}

/// The checksums under hypotheses, each once.
pub(super) fn list_checksum_targets(hypotheses: &[Hypothesis]) -> Vec<SearchTarget> {
    let mut targets: Vec<SearchTarget> = Vec::new();
    for target in hypotheses.iter().filter_map(build_checksum_target) {
        if !targets.iter().any(|other| is_same_checksum(other, &target)) {
            targets.push(target);
        }
    }
    targets
}

/// Whether two targets have the same checksum and the same known bits of it.
pub(super) fn is_same_checksum(a: &SearchTarget, b: &SearchTarget) -> bool {
    match (a, b) {
        (
            SearchTarget::Checksum { sum, mask, .. },
            SearchTarget::Checksum {
                sum: other,
                mask: also,
                ..
            },
        ) => sum == other && mask == also,
        _ => false,
    }
}

/// Treats runs of the values of erased bytes as unknown, whatever the hypothesis: only one checksum
/// in fifty million has such a run.
fn mask_blanks(sum: &[u8; 32], mask: &mut [u8; 32]) {
    let mut start = 0;
    for run in sum.chunk_by(|a, b| a == b) {
        let end = start + run.len();
        if run.len() >= SHORTEST_RUN && run.first().copied().is_some_and(is_blank) {
            mask[start..end].fill(0);
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erased_bytes_are_unknown() {
        for value in [0, 0xFF, 0xAC] {
            let mut sum: [u8; 32] = std::array::from_fn(|at| at as u8);
            sum[8..12].fill(value);
            sum[20..23].fill(value);
            let mut mask = [0xFF; 32];
            mask_blanks(&sum, &mut mask);
            let known: Vec<_> = mask.iter().map(|byte| *byte == 0xFF).collect();
            let expected: Vec<_> = (0..32).map(|at| !(8..12).contains(&at)).collect();
            assert_eq!(known, expected);
        }
    }
}
