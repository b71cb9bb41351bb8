//! What bytes at a place may be: layouts, of which one fits best; a copy whose first bytes are left; a trace, of several that
//! overlap the surest.

use std::ops::Range;

use crate::backup::evidence::{HalfBits, evidence, needed};
use crate::backup::layout::{Fit, Layout};

/// Most bytes of a copy.
pub(super) const MOST: usize = 1024;
/// Fewest bytes of a copy with a whole header.
pub(super) const LEAST: usize = 64;
/// Most bytes of the metadata message: a time, a name of 64 bytes, a mode, and their tags.
pub(super) const MOST_METADATA: usize = 76;
/// Fixed bytes that must fit before the evidence is computed.
const ENOUGH: u32 = 7;
/// Layouts of one place whose evidence is computed.
const MOST_LAYOUTS: usize = 64;

/// A layout at a place, and how well the bytes there fit.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) start: usize,
    pub(super) layout: Layout,
    pub(super) fit: Fit,
    /// Whether it begins where a sector begins.
    pub(super) aligned: bool,
}

impl Candidate {
    pub(super) fn new(bytes: &[u8], start: usize, layout: Layout, aligned: bool) -> Self {
        Self {
            start,
            layout,
            fit: layout.fits(bytes, start),
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
    for candidate in candidates.filter(|candidate| candidate.fit.all >= ENOUGH) {
        if candidate.fit.all > most {
            most = candidate.fit.all;
            likely.retain(|one| one.fit.all.saturating_add(1) >= most);
        }
        if candidate.fit.all.saturating_add(1) >= most {
            likely.push(candidate);
        }
    }
    likely.sort_by_key(|candidate| std::cmp::Reverse((candidate.fit.all, candidate.aligned)));
    let weighed = likely.into_iter().take(MOST_LAYOUTS).map(|candidate| {
        let found = evidence(bytes, candidate.start, &candidate.layout);
        (candidate, found.saturating_sub(needed(candidate.aligned)))
    });
    weighed
        .filter(|(_, spare)| *spare >= 0)
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Where the content begins and the file ends by the first bytes, if these are `0a LL 0a LL 0a 20` with
/// lengths that agree.
pub(super) fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let (outer, at) = length_at(bytes, 0)?;
    let total = at.checked_add(outer)?;
    let (inner, at) = length_at(bytes, at)?;
    let fits = at.checked_add(inner)? == total
        && (LEAST..=MOST).contains(&total)
        && bytes.get(at..at.checked_add(2)?) == Some(&[0x0A, 0x20]);
    fits.then_some((at, total))
}

/// Where the seed begins in a file whose content begins at `content`, if every tag and length on the
/// way to it fits and the data message ends with the file.
pub(super) fn has_seed(file: &[u8], content: usize) -> Option<usize> {
    let metadata = content.checked_add(34)?;
    let [0x12, length] = *file.get(metadata..)?.first_chunk()? else {
        return None;
    };
    let length = usize::from(length);
    let mut data = metadata.checked_add(2)?.checked_add(length)?;
    if *file.get(data)? == 0x18 {
        data = data.checked_add(2)?;
    }
    let [0x22, rest, 0x08, 16 | 24 | 32, 0x12, 0x20] = *file.get(data..)?.first_chunk()? else {
        return None;
    };
    let end = data.checked_add(2)?.checked_add(usize::from(rest))?;
    (length <= MOST_METADATA && end == file.len()).then_some(data.checked_add(6)?)
}

/// The length behind a tag 0x0A, of one byte or two, and where it ends.
fn length_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let low = usize::from(*bytes.get(at.checked_add(1)?)?);
    if *bytes.get(at)? != 0x0A {
        return None;
    }
    if low < 0x80 {
        return Some((low, at.checked_add(2)?));
    }
    let high = usize::from(*bytes.get(at.checked_add(2)?)?);
    (high < 0x80).then_some((low & 0x7F | high << 7, at.checked_add(3)?))
}

/// What a trace of a backup is, as far as its bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TraceKind {
    /// As many bytes 0xAC as a file has bytes.
    Erased,
    /// Part of a copy: this many of the bytes that its layout fixes fit.
    Part(u32),
    /// The header and every tag and length down to the seed fit; the checksum does not.
    Header,
    /// A whole copy with a right checksum.
    Whole,
}

/// A stretch of bytes that is or was a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// Where it lies in the bytes looked at: an estimate where its beginning or end is lost.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TraceKind,
}

/// Traces in ascending order, of those that overlap the surest, of equally sure ones the first.
pub(super) fn surest(mut traces: Vec<Trace>) -> Vec<Trace> {
    traces.sort_by_key(|trace| (trace.range.start, trace.range.end));
    let mut kept: Vec<Trace> = Vec::new();
    for trace in traces {
        match kept.last_mut() {
            Some(last) if trace.range.start < last.range.end => {
                if trace.kind > last.kind {
                    *last = trace;
                }
            }
            _ => kept.push(trace),
        }
    }
    kept
}
