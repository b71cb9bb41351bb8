//! The search for places at which bytes are or were a copy.

use std::ops::Range;

use super::candidate::{Candidate, MOST, Trace, TraceKind, best, has_seed, header};
use crate::backup::contents;
use crate::backup::evidence::{HalfBits, evidence_with_cut, needed};
use crate::backup::layout::{Layout, count, low, tail_fits, tails};

/// Bytes of a sector; files begin where a sector begins.
const SECTOR: usize = 512;
/// Most places in one call that are looked at closely; only bytes made to deceive have more.
const MOST_LOOKS: usize = 1024;
/// How long the trace of an erased file is.
pub(super) const ERASED: std::ops::RangeInclusive<usize> = 91..=170;

/// Whether bytes hold a tag with its length, or that of a generator. Without branches, so that it runs
/// at the speed of memory.
#[inline]
pub(super) fn has_mark(bytes: &[u8]) -> bool {
    let second = bytes.get(1..).unwrap_or_default();
    let third = bytes.get(2..).unwrap_or_default();
    let each = bytes.iter().zip(second).zip(third);
    each.fold(0_u8, |seen, ((first, second), third)| {
        let field = (*second == 0x20) & ((*first == 0x12) | (*first == 0x0A));
        let text = (*first == 0x22) & (*third == b'v');
        seen | u8::from(field | text)
    }) != 0
}

/// The same for WebAssembly, whose compilers make no vectors of that where a program is to be small: eight bytes at
/// once. It may say so of bytes that hold none, and never overlooks one.
#[cfg(any(test, target_arch = "wasm32"))]
pub(super) fn may_have_mark(bytes: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    /// The upper bit of each byte that is this one, and perhaps of some above it.
    fn is(word: u64, byte: u8) -> u64 {
        let other = word ^ ONES.wrapping_mul(byte.into());
        other.wrapping_sub(ONES) & !other & ONES.wrapping_mul(0x80)
    }
    let from = |at: usize| bytes.get(at..).unwrap_or_default().as_chunks::<8>().0;
    let words = from(0).iter().zip(from(1)).zip(from(2));
    let looked = from(2).len().saturating_mul(8);
    let found = words.fold(0, |seen, ((first, second), third)| {
        let [first, second, third] = [first, second, third].map(|word| u64::from_le_bytes(*word));
        let field = is(second, 0x20) & (is(first, 0x12) | is(first, 0x0A));
        seen | field | is(first, 0x22) & is(third, b'v')
    });
    found != 0 || has_mark(bytes.get(looked..).unwrap_or_default())
}

/// A search through bytes for places that a copy may have.
pub(super) struct Search<'a> {
    bytes: &'a [u8],
    range: Range<usize>,
    /// The end of the last trace: what lies in it is no trace of its own.
    behind: usize,
    /// The end of the last whole copy.
    behind_whole: usize,
    looks: usize,
    found: Vec<Trace>,
}

impl<'a> Search<'a> {
    pub(super) fn new(bytes: &'a [u8], range: Range<usize>) -> Self {
        Self {
            bytes,
            range,
            behind: 0,
            behind_whole: 0,
            looks: 0,
            found: Vec::new(),
        }
    }

    /// Looks at every place, and says whether there were more candidates than the limit.
    pub(super) fn run(mut self) -> (Vec<Trace>, bool) {
        let mut at = self.range.start;
        while at < self.range.end {
            let end = at.saturating_add(SECTOR).min(self.range.end);
            self.sector_start(at);
            let beyond = end.saturating_add(2).min(self.bytes.len());
            let sector = self.bytes.get(at..beyond).unwrap_or_default();
            #[cfg(target_arch = "wasm32")]
            let is_worth_it = may_have_mark(sector);
            #[cfg(not(target_arch = "wasm32"))]
            let is_worth_it = has_mark(sector);
            if is_worth_it {
                self.anchors(at..end);
            }
            at = end;
        }
        (self.found, self.looks > MOST_LOOKS)
    }

    fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte `back` bytes before `at`.
    fn before(&self, at: usize, back: usize) -> u8 {
        at.checked_sub(back).map_or(0, |at| self.at(at))
    }

    /// Files begin where sectors do: there fewer marks are enough to look closely.
    fn sector_start(&mut self, start: usize) {
        if start < self.behind {
            return;
        }
        let first = self.at(start);
        let at = |from: usize| self.at(start.saturating_add(from));
        if first == 0xAC && at(90) == 0xAC {
            let rest = self.bytes.get(start..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| **byte == 0xAC).count();
            if ERASED.contains(&length) {
                self.add(start..start.saturating_add(length), TraceKind::Erased);
                return;
            }
        }
        let marks = count(&[
            first == 0x0A,
            at(2) == 0x0A,
            at(4) == 0x0A,
            at(5) == 0x20,
            at(38) == 0x12,
            at(40) == 0x08,
            at(46) == 0x12,
        ]);
        if marks >= 3 {
            self.look_from_start(start);
        }
    }

    fn anchors(&mut self, range: Range<usize>) {
        for at in range {
            if at < self.behind {
                // A whole copy is never hidden by what only looks like one.
                if at >= self.behind_whole && self.at(at) == 0x0A {
                    self.headers(at);
                }
                continue;
            }
            match (self.at(at), self.at(at.saturating_add(1))) {
                (0x0A, 0x20) => self.checksum_tag(at),
                (0x12, 0x20) => self.seed_tag(at),
                (0x22, 5..=10) if self.at(at.saturating_add(2)) == b'v' => self.generator_tag(at),
                _ => {}
            }
        }
    }

    /// Whether a whole header ends with this tag.
    fn headers(&mut self, tag: usize) -> bool {
        self.at(tag.saturating_add(1)) == 0x20
            && (4..=6_usize).any(|header| {
                let start = tag.checked_sub(header);
                start.is_some_and(|start| self.header(start))
            })
    }

    fn checksum_tag(&mut self, tag: usize) {
        if self.headers(tag) {
            return;
        }
        let mut best: Option<(Candidate, HalfBits)> = None;
        for header in 4..=6_usize {
            let Some(start) = tag.checked_sub(header) else {
                break;
            };
            let inner = header.min(5).saturating_sub(2);
            let at = |from: usize| self.at(tag.saturating_add(from));
            let marks = count(&[
                self.at(start) == 0x0A,
                self.before(tag, inner.min(3)) == 0x0A || self.before(tag, 2) == 0x0A,
                at(34) == 0x12,
                at(36) == 0x08,
                at(42) == 0x12,
            ]);
            if marks >= 3
                && let Some(next) = self.best_from_start(start)
            {
                best = best.filter(|best| best.1 >= next.1).or(Some(next));
            }
        }
        self.take(best);
    }

    fn seed_tag(&mut self, tag: usize) {
        let at = |from: usize| self.at(tag.saturating_add(from));
        let marks = count(&[
            self.before(tag, 2) == 0x08,
            matches!(self.before(tag, 1), 16 | 24 | 32),
            self.before(tag, 4) == 0x22,
            at(34) == 0x22 || at(34) == 0x18,
            (at(34) == 0x22 && at(36) == b'v') || (at(40) == 0x22 && at(42) == b'v'),
        ]);
        if marks >= 2
            && let Some(data) = tag.checked_sub(4)
        {
            self.look_from_data(data);
        }
    }

    fn generator_tag(&mut self, tag: usize) {
        let at = |from: usize| self.at(tag.saturating_add(from));
        if at(3).is_ascii_digit() && (at(4) == b'.' || at(5) == b'.') {
            let data = [44, 38]
                .into_iter()
                .filter_map(|back| tag.checked_sub(back));
            let _ = data.into_iter().any(|data| self.look_from_data(data));
        }
    }

    /// Whether a copy with a whole header begins here: with a right checksum, or with every tag and
    /// length down to its seed.
    fn header(&mut self, start: usize) -> bool {
        let bytes = self.bytes.get(start..).unwrap_or_default();
        let file = header(bytes).and_then(|(at, end)| Some((at, end, bytes.get(..end)?)));
        let Some((content, end, file)) = file else {
            return false;
        };
        let kind = match contents::whole(file) {
            Some(_) => TraceKind::Whole,
            None if has_seed(file, content).is_some() => TraceKind::Header,
            None => return false,
        };
        self.add(start..start.saturating_add(end), kind);
        true
    }

    fn look(&mut self) -> bool {
        self.looks = self.looks.saturating_add(1);
        self.looks <= MOST_LOOKS
    }

    fn look_from_start(&mut self, start: usize) -> bool {
        if self.header(start) {
            return true;
        }
        let best = self.best_from_start(start);
        self.take(best)
    }

    fn best_from_start(&mut self, start: usize) -> Option<(Candidate, HalfBits)> {
        if !self.look() {
            return None;
        }
        let aligned = self.is_sector(start);
        let fits = Layout::all().map(|layout| Candidate::new(self.bytes, start, layout, aligned));
        best(self.bytes, fits).or_else(|| self.best_with_cut(start))
    }

    /// A copy with a whole header and bytes cut out behind it, if a sector begins here.
    fn best_with_cut(&self, start: usize) -> Option<(Candidate, HalfBits)> {
        let bytes = self.bytes.get(start..)?;
        let (_, end) = header(bytes).filter(|_| self.is_sector(start))?;
        let layouts = Layout::all().filter(|layout| layout.total() == end);
        let weighed = layouts.map(|layout| {
            let found = evidence_with_cut(self.bytes, start, &layout);
            let mut candidate = Candidate::new(self.bytes, start, layout, true);
            candidate.fit.ends = true;
            (candidate, found.saturating_sub(needed(true)))
        });
        weighed
            .filter(|(_, spare)| *spare >= 0)
            .max_by_key(|(_, spare)| *spare)
    }

    /// From the tag of the data message: first what lies behind it, then what lies before it.
    fn look_from_data(&mut self, data: usize) -> bool {
        if !self.look() {
            return false;
        }
        let mut behind: Vec<_> = tails()
            .map(|(birthdate, generator)| {
                let fit = tail_fits(self.bytes, data, birthdate, generator).all;
                let length = birthdate.saturating_add(generator).saturating_add(38);
                let said = self.at(data.saturating_add(1)) == low(length);
                (fit.saturating_add(u32::from(said)), birthdate, generator)
            })
            .collect();
        behind.sort_by_key(|(fit, ..)| std::cmp::Reverse(*fit));
        let bytes = self.bytes;
        let likely = behind
            .iter()
            .take(3)
            .map(|(_, birthdate, generator)| (*birthdate, *generator));
        let fits = likely.flat_map(|tail| {
            Layout::with_tails(std::iter::once(tail)).filter_map(|layout| {
                let start = data.checked_sub(layout.data_tag())?;
                // Of places that fit equally well, one where a sector begins is likelier.
                Some(Candidate::new(bytes, start, layout, self.is_sector(start)))
            })
        });
        let best = best(bytes, fits);
        self.take(best)
    }

    fn is_sector(&self, at: usize) -> bool {
        at % SECTOR == self.range.start % SECTOR
    }

    fn take(&mut self, best: Option<(Candidate, HalfBits)>) -> bool {
        let Some((
            Candidate {
                start, layout, fit, ..
            },
            _,
        )) = best
        else {
            return false;
        };
        let end = match fit.ends {
            true => start.saturating_add(layout.total()),
            false => self.end_by_zeros(start, layout.total()),
        };
        // Unless it ends before that sector.
        let clipped = self.clipped(start, &layout);
        let start = if clipped < end { clipped } else { start };
        self.add(start..end, TraceKind::Part(fit.all));
        true
    }

    /// A file whose beginning is cut out begins where a sector begins, not in the sector before.
    fn clipped(&self, start: usize, layout: &Layout) -> usize {
        let phase = self.range.start % SECTOR;
        let ahead = start
            .abs_diff(phase)
            .next_multiple_of(SECTOR)
            .saturating_add(phase);
        let lost = ahead.saturating_sub(start);
        let (head, length) = layout.head();
        let head = head.get(..length).unwrap_or_default();
        let metadata = layout.header().saturating_add(34);
        let tag = start.saturating_add(metadata);
        let tag = self.at(tag) == 0x12 && self.at(tag.saturating_add(2)) == 0x08;
        let found = self.bytes.get(start..).unwrap_or_default();
        let header = head.iter().zip(found).filter(|(a, b)| a == b).count() >= 3;
        let whole_before = header || (tag && lost > metadata);
        let is_clipped = !self.is_sector(start) && !whole_before;
        match is_clipped && lost > 0 && lost <= layout.data_tag() {
            true => ahead,
            false => start,
        }
    }

    /// Where a file of unknown length ends: at the zeros that follow it in its sector, otherwise where
    /// its layout ends.
    fn end_by_zeros(&self, start: usize, total: usize) -> usize {
        let within = start.saturating_sub(self.range.start % SECTOR) % SECTOR;
        let sector = start.saturating_add(SECTOR).saturating_sub(within);
        let most = sector.min(start.saturating_add(MOST)).min(self.bytes.len());
        let bytes = self.bytes.get(start..most).unwrap_or_default();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        // What goes on to the sector's end is slack.
        let used = match used.saturating_add(8) >= bytes.len() {
            true => total,
            false => used.saturating_add(1),
        };
        start.saturating_add(used)
    }

    fn add(&mut self, range: Range<usize>, kind: TraceKind) {
        self.behind = self.behind.max(range.end);
        if kind == TraceKind::Whole {
            self.behind_whole = range.end;
        }
        self.found.push(Trace { range, kind });
    }
}
