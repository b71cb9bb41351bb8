//! Backups recognised by their bytes at any place, also where their first bytes are gone.
//!
//! A file a device wrote is fixed by the lengths of four of its fields (docs/format.md 2): given
//! those, some twenty of its bytes can only have one value. A stretch of bytes is taken for a copy if
//! enough of them are where one and the same choice of lengths puts them. Nothing is proved by that.

use std::ops::Range;

use super::layout::{LONGEST_NAME, Layout, best, low, tail_fits, tails};

/// Most bytes of a copy.
const MOST: usize = 1024;
/// Bytes a sector has, where files begin.
const SECTOR: usize = 512;
/// Bytes that must fit for a copy without a whole header. By chance as many fit about once in
/// 10^13 places.
const ENOUGH: u32 = 7;
/// Most places in one call that are looked at closely; only bytes made to deceive have so many.
const MOST_LOOKS: usize = 1024;
/// How long the trace of an erased file is.
const ERASED: std::ops::RangeInclusive<usize> = 91..=170;

/// What a trace of a backup is, as far as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TraceKind {
    /// Bytes 0xAC, as many as a file has.
    Erased,
    /// So many bytes are those of a copy.
    Part(u32),
    /// A whole header with fitting lengths.
    Header,
    /// A whole copy, with its checksum.
    Whole,
}

/// A stretch of bytes that is or was a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where it lies in the bytes looked at; where its beginning or end is lost, the best estimate.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TraceKind,
}

/// Finds every trace of a backup with an anchor in `range`, which begins where a sector begins.
///
/// `bytes` are to go on before and behind `range`, as a trace may. Returns whether there was more
/// that looked like traces than is looked at.
pub fn traces(bytes: &[u8], range: Range<usize>, found: &mut Vec<Trace>) -> bool {
    let mut search = Search {
        bytes,
        range: range.clone(),
        behind: 0,
        behind_whole: 0,
        looks: 0,
        found,
    };
    let mut at = range.start;
    while at < range.end {
        let end = at.saturating_add(SECTOR).min(range.end);
        search.sector_start(at);
        let beyond = end.saturating_add(2).min(bytes.len());
        if has_mark(bytes.get(at..beyond).unwrap_or_default()) {
            search.anchors(at..end);
        }
        at = end;
    }
    search.looks > MOST_LOOKS
}

/// Finds every trace of a backup in one file, whatever its name: in ascending order, none overlapping
/// another, all within the file.
///
/// `bytes` are the whole file, and the file begins where a sector does, as every file in a FAT does.
/// The rules are those of [`traces`]. What was padded to a cluster, cut short or has something before
/// or behind the copy is found like any other; a file that *is* a copy gives one [`TraceKind::Whole`]
/// over all of its bytes. A trace whose end is lost ends with the file at the latest.
pub fn traces_in_file(bytes: &[u8]) -> Vec<Trace> {
    let mut found = Vec::new();
    traces(bytes, 0..bytes.len(), &mut found);
    for trace in &mut found {
        trace.range.end = trace.range.end.min(bytes.len());
    }
    found.retain(|trace| !trace.range.is_empty());
    found.sort_by_key(|trace| (trace.range.start, trace.range.end));
    let mut kept: Vec<Trace> = Vec::new();
    for trace in found {
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

/// Whether bytes hold a tag with its length, or a generator's. Without branches, so that it runs at
/// the speed of memory.
#[inline]
fn has_mark(bytes: &[u8]) -> bool {
    let second = bytes.get(1..).unwrap_or_default();
    let third = bytes.get(2..).unwrap_or_default();
    let each = bytes.iter().zip(second).zip(third);
    each.fold(0_u8, |seen, ((first, second), third)| {
        let field = (*second == 0x20) & ((*first == 0x12) | (*first == 0x0A));
        let text = (*first == 0x22) & (*third == b'v');
        seen | u8::from(field | text)
    }) != 0
}

struct Search<'a> {
    bytes: &'a [u8],
    range: Range<usize>,
    /// The end of the last trace: what lies in it is no trace of its own.
    behind: usize,
    /// The end of the last whole copy.
    behind_whole: usize,
    looks: usize,
    found: &'a mut Vec<Trace>,
}

impl Search<'_> {
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
        let marks = [
            first == 0x0A,
            at(2) == 0x0A,
            at(4) == 0x0A,
            at(5) == 0x20,
            at(38) == 0x12,
            at(40) == 0x08,
            at(46) == 0x12,
        ];
        if marks.iter().filter(|kept| **kept).count() >= 3 {
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
        for header in 4..=6_usize {
            let Some(start) = tag.checked_sub(header) else {
                return;
            };
            let inner = header.min(5).saturating_sub(2);
            let at = |from: usize| self.at(tag.saturating_add(from));
            let marks = [
                self.at(start) == 0x0A,
                self.before(tag, inner.min(3)) == 0x0A || self.before(tag, 2) == 0x0A,
                at(34) == 0x12,
                at(36) == 0x08,
                at(42) == 0x12,
            ];
            if marks.iter().filter(|kept| **kept).count() >= 3 && self.look_from_start(start) {
                return;
            }
        }
    }

    fn seed_tag(&mut self, tag: usize) {
        let at = |from: usize| self.at(tag.saturating_add(from));
        let marks = [
            self.before(tag, 2) == 0x08,
            matches!(self.before(tag, 1), 16 | 24 | 32),
            self.before(tag, 4) == 0x22,
            at(34) == 0x22 || at(34) == 0x18,
            (at(34) == 0x22 && at(36) == b'v') || (at(40) == 0x22 && at(42) == b'v'),
        ];
        if marks.iter().filter(|kept| **kept).count() >= 2
            && let Some(data) = tag.checked_sub(4)
        {
            self.look_from_data(data);
        }
    }

    fn generator_tag(&mut self, tag: usize) {
        let dotted = self.at(tag.saturating_add(3)).is_ascii_digit()
            && [4, 5]
                .iter()
                .any(|from| self.at(tag.saturating_add(*from)) == b'.');
        for birthdate in [6, 0] {
            if dotted
                && let Some(data) = tag.checked_sub(birthdate).and_then(|at| at.checked_sub(38))
                && self.look_from_data(data)
            {
                return;
            }
        }
    }

    /// A whole header with fitting lengths: what it says is taken as it is.
    fn header(&mut self, start: usize) -> bool {
        let bytes = self.bytes.get(start..).unwrap_or_default();
        let Some(length) = header(bytes) else {
            return false;
        };
        let Some(whole) = bytes.get(..length) else {
            return false;
        };
        let sound = super::decode(whole).is_ok_and(|contents| contents.check().is_ok());
        let kind = if sound {
            TraceKind::Whole
        } else {
            TraceKind::Header
        };
        self.add(start..start.saturating_add(length), kind);
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
        if !self.look() {
            return false;
        }
        let fits = Layout::all().map(|layout| {
            let fit = layout.fits(self.bytes, start);
            ((start, layout, fit.ends), fit.all)
        });
        let best = best(fits);
        self.take(best)
    }

    /// From the place of the data message's tag: first what lies behind it, then what before.
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
        let (bytes, phase) = (self.bytes, self.range.start % SECTOR);
        let fits = behind.iter().take(3).flat_map(|(_, birthdate, generator)| {
            (0..=LONGEST_NAME).flat_map(move |name| {
                [0, 2].into_iter().filter_map(move |length| {
                    let layout = Layout {
                        name,
                        length,
                        birthdate: *birthdate,
                        generator: *generator,
                    };
                    let start = data.checked_sub(layout.data_tag())?;
                    let fit = layout.fits(bytes, start);
                    // Of places that fit alike the one where a sector begins is likelier.
                    let aligned = u32::from(start % SECTOR == phase);
                    let all = fit.all.saturating_mul(2).saturating_add(aligned);
                    Some(((start, layout, fit.ends), all))
                })
            })
        });
        let best = best(fits).map(|(one, fit)| (one, fit / 2));
        self.take(best)
    }

    fn is_sector(&self, at: usize) -> bool {
        at % SECTOR == self.range.start % SECTOR
    }

    fn take(&mut self, best: Option<((usize, Layout, bool), u32)>) -> bool {
        let Some(((start, layout, ends), fit)) = best.filter(|(_, fit)| *fit >= ENOUGH) else {
            return false;
        };
        let end = if ends {
            start.saturating_add(layout.total())
        } else {
            self.end_by_zeros(start, layout.total())
        };
        // Unless it ends before that sector.
        let clipped = self.clipped(start, &layout);
        let start = if clipped < end { clipped } else { start };
        self.add(start..end, TraceKind::Part(fit));
        true
    }

    /// A file whose beginning is cut out begins where a sector does, not in the one before.
    fn clipped(&self, start: usize, layout: &Layout) -> usize {
        let ahead = start
            .abs_diff(self.range.start % SECTOR)
            .next_multiple_of(SECTOR)
            .saturating_add(self.range.start % SECTOR);
        let lost = ahead.saturating_sub(start);
        let (head, length) = layout.head();
        let head = head.get(..length).unwrap_or_default();
        let metadata = layout.header().saturating_add(34);
        let tag = self.at(start.saturating_add(metadata)) == 0x12
            && self.at(start.saturating_add(metadata).saturating_add(2)) == 0x08;
        let found = self.bytes.get(start..).unwrap_or_default();
        let header = head.iter().zip(found).filter(|(a, b)| a == b).count() >= 3;
        let whole_before = header || (tag && lost > metadata);
        if !self.is_sector(start) && !whole_before && lost > 0 && lost <= layout.data_tag() {
            ahead
        } else {
            start
        }
    }

    /// Where a file of unknown length ends: at the zeros that follow it in its sector, else as long
    /// as its layout.
    fn end_by_zeros(&self, start: usize, total: usize) -> usize {
        let sector = start
            .saturating_add(SECTOR)
            .saturating_sub(start.saturating_sub(self.range.start % SECTOR) % SECTOR);
        let most = sector.min(start.saturating_add(MOST)).min(self.bytes.len());
        let bytes = self.bytes.get(start..most).unwrap_or_default();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        // What goes on to the sector's end is slack.
        let used = if used.saturating_add(8) >= bytes.len() {
            total
        } else {
            used.saturating_add(1)
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

/// The length of a file by its first bytes, if they are `0a LL 0a LL 0a 20` with fitting lengths.
fn header(bytes: &[u8]) -> Option<usize> {
    let (outer, at) = length_at(bytes, 0)?;
    let total = at.checked_add(outer)?;
    let (inner, at) = length_at(bytes, at)?;
    let fits = at.checked_add(inner)? == total
        && (64..=MOST).contains(&total)
        && bytes.get(at..at.checked_add(2)?) == Some(&[0x0A, 0x20]);
    fits.then_some(total)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<u8> {
        hex::decode(crate::backup::tests::KNOWN).unwrap()
    }

    /// The traces in 4 KiB of noise with these bytes at that place.
    fn found(bytes: &[u8], at: usize) -> Vec<Trace> {
        let noise = |i: usize| (i as u32).wrapping_mul(2_654_435_761).rotate_left(9) as u8 | 0x80;
        let mut surface: Vec<u8> = (0..4096).map(noise).collect();
        surface[at..at + bytes.len()].copy_from_slice(bytes);
        let mut found = Vec::new();
        assert!(!traces(&surface, 512..3584, &mut found));
        found
    }

    #[test]
    fn a_whole_copy_at_any_place() {
        let known = known();
        for at in 1024..1024 + 520 {
            let trace = Trace {
                range: at..at + known.len(),
                kind: TraceKind::Whole,
            };
            assert_eq!(found(&known, at), [trace]);
        }
    }

    #[test]
    fn any_forty_bytes_may_be_lost() {
        let known = known();
        for from in 0..known.len() - 40 {
            for byte in [0, 0xFF, 0x5A] {
                let mut copy = known.clone();
                copy[from..from + 40].fill(byte);
                for at in [1024, 1333] {
                    let found = found(&copy, at);
                    let same = found.iter().any(|trace| trace.range.start == at);
                    assert!(same, "{from} {byte} at {at}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn a_file_gives_its_traces_whatever_is_around_them() {
        let known = known();
        let whole = |at: usize| Trace {
            range: at..at + known.len(),
            kind: TraceKind::Whole,
        };
        assert_eq!(traces_in_file(&known), [whole(0)]);
        assert_eq!(traces_in_file(&[]), []);
        for padding in [1, 402, 4096 - 110, 65_536 - 110] {
            let padded = [known.clone(), vec![0; padding]].concat();
            assert_eq!(traces_in_file(&padded), [whole(0)], "{padding}");
        }
        let two = [b"text".as_slice(), &known, &known, &[0; 700]].concat();
        assert_eq!(traces_in_file(&two), [whole(4), whole(4 + known.len())]);
        let cut = traces_in_file(&known[..80]);
        assert_eq!(cut.len(), 1);
        assert_eq!(cut[0].range, 0..80);
        assert!(cut[0].kind < TraceKind::Whole);
    }

    #[test]
    fn the_trace_of_an_erased_file() {
        assert_eq!(found(&[0xAC; 110], 1024)[0].kind, TraceKind::Erased);
        assert_eq!(found(&[0xAC; 90], 1024), []);
        assert_eq!(found(&[0xAC; 512], 1024), []);
        assert_eq!(found(&[0xAC; 110], 1030), []);
    }

    #[test]
    fn bytes_made_to_deceive_are_not_looked_at_for_ever() {
        let fakes = b"\x22\x08\x10\x12\x20\x22".repeat(100_000);
        assert!(traces(&fakes, 0..fakes.len(), &mut Vec::new()));
    }
}
