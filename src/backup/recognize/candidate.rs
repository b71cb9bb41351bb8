//! Layouts that bytes at a place may have, and which of them fits best.

use crate::backup::evidence::{HalfBits, evidence, needed};
use crate::backup::layout::Layout;

/// Fixed bytes that must fit before the evidence is computed.
const ENOUGH: u32 = 7;
/// Layouts of one place whose evidence is computed.
const MOST_LAYOUTS: usize = 64;

/// A layout at a place, and how well the bytes there fit.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) start: usize,
    pub(super) layout: Layout,
    /// How many of the fixed bytes fit.
    pub(super) fits: u32,
    /// Whether what fits says where the file ends.
    pub(super) ends: bool,
    /// Whether it begins where a sector begins.
    pub(super) aligned: bool,
}

impl Candidate {
    pub(super) fn new(bytes: &[u8], start: usize, layout: Layout, aligned: bool) -> Self {
        let fit = layout.fits(bytes, start);
        Self {
            start,
            layout,
            fits: fit.all,
            ends: fit.ends,
            aligned,
        }
    }
}

/// Of the candidates that fit best, the first with the most evidence, if that is enough, and how much
/// it has to spare.
pub(super) fn best(
    bytes: &[u8],
    candidates: impl Iterator<Item = Candidate>,
) -> Option<(Candidate, HalfBits)> {
    let mut likely: Vec<Candidate> = Vec::new();
    let mut most = ENOUGH;
    for candidate in candidates.filter(|candidate| candidate.fits >= ENOUGH) {
        if candidate.fits > most {
            most = candidate.fits;
            likely.retain(|one| one.fits.saturating_add(1) >= most);
        }
        if candidate.fits.saturating_add(1) >= most {
            likely.push(candidate);
        }
    }
    likely.sort_by_key(|candidate| std::cmp::Reverse((candidate.fits, candidate.aligned)));
    let weighed = likely.into_iter().take(MOST_LAYOUTS).map(|candidate| {
        let found = evidence(bytes, candidate.start, &candidate.layout);
        (candidate, found.saturating_sub(needed(candidate.aligned)))
    });
    weighed
        .filter(|(_, spare)| *spare >= 0)
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}
