//! Recognizes backups by their bytes, at any place, even where the first bytes are lost.
//!
//! The lengths of four fields fix the layout of a file that a device wrote (docs/format.md 2): given
//! these, some twenty of its bytes can have only one value. Bytes are taken for a copy in one of four
//! ways: its checksum is right; its header and every tag down to the seed fit exactly; enough of the
//! bytes fixed by one layout fit (`evidence`); or they are the 0xAC of an erased file. Random bytes
//! meet each of them less than once in 2^66 places: 64 GiB give a false trace less than once in 10^9
//! cards. That is evidence, and no proof: only a checksum proves a copy.

use std::ops::Range;

use super::evidence::{HalfBits, evidence, evidence_with_cut, needed};
use super::layout::{LONGEST_NAME, Layout, low, tail_fits, tails};

/// Most bytes of a copy.
const MOST: usize = 1024;
/// Fewest bytes of a copy with a whole header.
const LEAST: usize = 64;
/// Most bytes of the metadata message: a time, a name of 64 bytes, a mode, and their tags.
const MOST_METADATA: usize = 76;
/// Bytes of a sector; files begin where a sector begins.
const SECTOR: usize = 512;
/// Fixed bytes that must fit before the evidence is computed.
const ENOUGH: u32 = 7;
/// Layouts of one place whose evidence is computed.
const MOST_LAYOUTS: usize = 64;
/// Most places in one call that are looked at closely; only bytes made to deceive have more.
const MOST_LOOKS: usize = 1024;
/// How long the trace of an erased file is.
const ERASED: std::ops::RangeInclusive<usize> = 91..=170;

/// What a trace of a backup is, as far as its bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
pub struct Trace {
    /// Where it lies in the bytes looked at: an estimate where its beginning or end is lost.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TraceKind,
}

/// Finds every trace of a backup with an anchor in `range`, which begins where a sector begins.
///
/// A trace may begin before `range` and end behind it; `bytes` should hold what lies around it.
/// Returns whether there were more candidates than the limit.
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

/// Whether bytes hold a tag with its length, or that of a generator. Without branches, so that it runs
/// at the speed of memory.
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
        let mut best: Option<(Candidate, HalfBits)> = None;
        for header in 4..=6_usize {
            let Some(start) = tag.checked_sub(header) else {
                break;
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
            let fits = marks.iter().filter(|kept| **kept).count() >= 3;
            if fits && let Some(next) = self.best_from_start(start) {
                best = best.filter(|best| best.1 >= next.1).or(Some(next));
            }
        }
        self.take(best);
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

    /// Whether a copy with a whole header begins here: with a right checksum, or with every tag and
    /// length down to its seed.
    fn header(&mut self, start: usize) -> bool {
        let bytes = self.bytes.get(start..).unwrap_or_default();
        let Some((content, end)) = header(bytes) else {
            return false;
        };
        let Some(whole) = bytes.get(..end) else {
            return false;
        };
        let kind = if super::decode(whole).is_ok_and(|contents| contents.check().is_ok()) {
            TraceKind::Whole
        } else if has_seed(whole, content).is_some() {
            TraceKind::Header
        } else {
            return false;
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
            let candidate = Candidate {
                ends: true,
                ..Candidate::new(self.bytes, start, layout, true)
            };
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
                    // Of places that fit equally well, one where a sector begins is likelier.
                    let aligned = start % SECTOR == phase;
                    Some(Candidate::new(bytes, start, layout, aligned))
                })
            })
        });
        let best = best(bytes, fits);
        self.take(best)
    }

    fn is_sector(&self, at: usize) -> bool {
        at % SECTOR == self.range.start % SECTOR
    }

    fn take(&mut self, best: Option<(Candidate, HalfBits)>) -> bool {
        let Some((best, _)) = best else {
            return false;
        };
        let Candidate { start, layout, .. } = best;
        let end = if best.ends {
            start.saturating_add(layout.total())
        } else {
            self.end_by_zeros(start, layout.total())
        };
        // Unless it ends before that sector.
        let clipped = self.clipped(start, &layout);
        let start = if clipped < end { clipped } else { start };
        self.add(start..end, TraceKind::Part(best.fits));
        true
    }

    /// A file whose beginning is cut out begins where a sector begins, not in the sector before.
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

    /// Where a file of unknown length ends: at the zeros that follow it in its sector, otherwise where
    /// its layout ends.
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

/// A layout at a place, and how well the bytes there fit.
#[derive(Clone, Copy)]
struct Candidate {
    start: usize,
    layout: Layout,
    /// How many of the fixed bytes fit.
    fits: u32,
    /// Whether what fits says where the file ends.
    ends: bool,
    /// Whether it begins where a sector begins.
    aligned: bool,
}

impl Candidate {
    fn new(bytes: &[u8], start: usize, layout: Layout, aligned: bool) -> Self {
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
fn best(
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

/// Where the content begins and the file ends by the first bytes, if these are `0a LL 0a LL 0a 20` with
/// lengths that agree.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
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
fn has_seed(file: &[u8], content: usize) -> Option<usize> {
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

    /// The chance that random bytes at one place are taken for a copy by their header and its tags:
    /// the sum over every header, every length of the metadata, with and without a length field.
    #[test]
    fn a_header_and_its_tags_are_evidence_enough() {
        let power = |bits: f64| 0.5_f64.powf(bits);
        // A length is written in one byte or in two.
        let length = power(8.0) + power(16.0);
        let headers = (LEAST..=MOST).count() as f64 * power(4.0 * 8.0) * length.powi(2);
        let metadata = (0..=MOST_METADATA).count() as f64 * power(2.0 * 8.0);
        let field = 1.0 + power(8.0);
        let seed = power(5.0 * 8.0) * 3.0 / 256.0;
        let chance = headers * metadata * field * seed;
        assert!(chance < power(66.0 + 16.0), "2^{}", chance.log2());
        // The other ways: the least of an erased file, and a checksum behind a header.
        let erased = power(8.0 * *ERASED.start() as f64);
        assert!(erased < power(66.0 + 16.0));
        assert!(headers * power(256.0) < power(66.0 + 16.0));
    }

    #[test]
    fn a_header_without_its_tags_is_nothing() {
        let known = known();
        let mut header = vec![0x5A; known.len()];
        header[..6].copy_from_slice(&known[..6]);
        assert_eq!(found(&header, 1024), []);
        let mut damaged = known.clone();
        damaged[70] ^= 1;
        assert_eq!(found(&damaged, 1024)[0].kind, TraceKind::Header);
        // A tag on the way is lost: the layout still fits.
        damaged[38] = 0x5A;
        let found = found(&damaged, 1024);
        assert_eq!(found[0].range, 1024..1024 + known.len());
        assert!(matches!(found[0].kind, TraceKind::Part(_)), "{found:?}");
    }

    #[test]
    fn bytes_made_to_deceive_are_not_looked_at_for_ever() {
        let fakes = b"\x22\x08\x10\x12\x20\x22".repeat(100_000);
        assert!(traces(&fakes, 0..fakes.len(), &mut Vec::new()));
    }
}
