//! Backups recognised by their bytes at any place, also where their first bytes are gone.
//!
//! A file a device wrote is fixed by the lengths of four of its fields (docs/format.md 2): given
//! those, some twenty of its bytes can only have one value. A stretch of bytes is taken for a copy if
//! enough of them are where one and the same choice of lengths puts them. Nothing is proved by that.

use std::ops::Range;

/// Longest name a device writes, bytes.
const LONGEST_NAME: usize = 64;
/// Lengths of a generator: `v9.1.0` to `v10.100.10`.
const GENERATORS: Range<usize> = 5..11;
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

/// The lengths that fix where every field of a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bytes of the name.
    pub name: usize,
    /// Bytes of the obsolete length field with its tag: 2, or 0 if it is left out.
    pub length: usize,
    /// Bytes of the birthdate with its tag: 6, or 0 if it is left out.
    pub birthdate: usize,
    /// Bytes of the generator.
    pub generator: usize,
}

impl Layout {
    fn metadata(&self) -> usize {
        match self.name {
            0 => 6,
            name => name.saturating_add(8),
        }
    }

    fn data(&self) -> usize {
        self.birthdate
            .saturating_add(self.generator)
            .saturating_add(38)
    }

    fn content(&self) -> usize {
        self.metadata()
            .saturating_add(self.length)
            .saturating_add(self.data())
            .saturating_add(38)
    }

    /// Bytes of the two tags and lengths before the content.
    fn header(&self) -> usize {
        let inner = bytes_of(self.content()).saturating_add(1);
        let outer = bytes_of(self.content().saturating_add(inner)).saturating_add(1);
        inner.saturating_add(outer)
    }

    /// Bytes of the whole file.
    pub fn total(&self) -> usize {
        self.content().saturating_add(self.header())
    }

    /// Where the checksum lies in the file.
    pub fn checksum(&self) -> Range<usize> {
        let start = self.header().saturating_add(2);
        start..start.saturating_add(32)
    }

    /// Where the tag of the data message lies in the file.
    fn data_tag(&self) -> usize {
        self.header()
            .saturating_add(36)
            .saturating_add(self.metadata())
            .saturating_add(self.length)
    }

    /// Where the seed lies in the file.
    pub fn seed(&self) -> Range<usize> {
        let start = self.data_tag().saturating_add(6);
        start..start.saturating_add(32)
    }

    /// All layouts a device can have written.
    fn all() -> impl Iterator<Item = Self> {
        (0..=LONGEST_NAME).flat_map(|name| {
            [0, 2].into_iter().flat_map(move |length| {
                tails().map(move |(birthdate, generator)| Self {
                    name,
                    length,
                    birthdate,
                    generator,
                })
            })
        })
    }

    /// How many of the bytes that can only have one value have it.
    fn fits(&self, bytes: &[u8], start: usize) -> Fit {
        let count = |from: usize, wanted: &[u8]| {
            let at = start.saturating_add(from);
            let found = bytes.get(at..).unwrap_or_default();
            let same = found.iter().zip(wanted).filter(|(a, b)| a == b).count();
            u32::try_from(same).unwrap_or(0)
        };
        let (head, length) = self.head();
        let head = head.get(..length).unwrap_or_default();
        let header = self.header();
        let head_fits = count(0, head);
        let mut fit = head_fits;
        fit = fit.saturating_add(count(
            header.saturating_add(34),
            &[0x12, low(self.metadata()), 0x08],
        ));
        if self.name > 0 {
            fit = fit.saturating_add(count(header.saturating_add(42), &[0x12, low(self.name)]));
        }
        let data = self.data_tag();
        if self.length > 0 {
            fit = fit.saturating_add(count(data.saturating_sub(2), &[0x18]));
        }
        let data_fits = count(data, &[0x22, low(self.data())]);
        let tail = tail_fits(bytes, start.saturating_add(data), self.birthdate, self.generator);
        Fit {
            all: fit.saturating_add(data_fits).saturating_add(tail.all),
            ends: head_fits as usize == length || data_fits == 2 || tail.ends,
        }
    }

    /// The bytes before the checksum, and how many.
    fn head(&self) -> ([u8; 8], usize) {
        let content = self.content();
        let inner = content.saturating_add(1).saturating_add(bytes_of(content));
        let mut head = [0; 8];
        let mut length = 0;
        let mut put = |byte: u8| {
            if let Some(slot) = head.get_mut(length) {
                *slot = byte;
                length = length.saturating_add(1);
            }
        };
        for message in [inner, content] {
            put(0x0A);
            if message >= 0x80 {
                put(low(message) | 0x80);
                put(low(message >> 7));
            } else {
                put(low(message));
            }
        }
        put(0x0A);
        put(0x20);
        (head, length)
    }
}

/// How well bytes fit a layout.
#[derive(Clone, Copy, Default)]
struct Fit {
    all: u32,
    /// Whether what fits says where the file ends.
    ends: bool,
}

fn low(number: usize) -> u8 {
    u8::try_from(number & 0x7F).unwrap_or(0)
}

/// Bytes of a number as a varint; no length here needs three.
fn bytes_of(number: usize) -> usize {
    if number < 0x80 { 1 } else { 2 }
}

/// Lengths of birthdate and generator.
fn tails() -> impl Iterator<Item = (usize, usize)> + Clone {
    let of = |birthdate| GENERATORS.map(move |generator| (birthdate, generator));
    of(0).chain(of(6))
}

/// How well the data message, whose tag is at `data`, fits from its first field on.
fn tail_fits(bytes: &[u8], data: usize, birthdate: usize, generator: usize) -> Fit {
    let at = |from: usize| bytes.get(data.saturating_add(from)).copied().unwrap_or(0);
    let tag = birthdate.saturating_add(38);
    let seed = [
        at(2) == 0x08,
        matches!(at(3), 16 | 24 | 32),
        at(4) == 0x12,
        at(5) == 0x20,
        birthdate > 0 && at(38) == 0x18,
    ];
    let ends = at(tag) == 0x22 && usize::from(at(tag.saturating_add(1))) == generator;
    let after = |more: usize| at(tag.saturating_add(more));
    let text = [
        at(tag) == 0x22,
        usize::from(after(1)) == generator,
        after(2) == b'v',
        after(3).is_ascii_digit(),
        after(4) == b'.' || after(5) == b'.',
    ];
    let kept = seed.iter().chain(&text).filter(|kept| **kept).count();
    Fit {
        all: u32::try_from(kept).unwrap_or(0),
        ends,
    }
}

/// The layout that fits a file best, if enough of it fits any.
pub fn layout(bytes: &[u8]) -> Option<Layout> {
    let fits = Layout::all().map(|layout| (layout, layout.fits(bytes, 0).all));
    best(fits).filter(|(_, fit)| *fit >= 6).map(|(layout, _)| layout)
}

/// The first of those that fit best.
fn best<T>(fits: impl Iterator<Item = (T, u32)>) -> Option<(T, u32)> {
    fits.fold(None, |best, (one, fit)| match best {
        Some((_, most)) if most >= fit => best,
        _ => Some((one, fit)),
    })
}

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
            self.from_start(start);
        }
    }

    fn anchors(&mut self, range: Range<usize>) {
        for at in range {
            if at < self.behind {
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

    fn checksum_tag(&mut self, tag: usize) {
        for header in 4..=6_usize {
            let Some(start) = tag.checked_sub(header) else {
                return;
            };
            if self.header(start) {
                return;
            }
            let inner = header.min(5).saturating_sub(2);
            let at = |from: usize| self.at(tag.saturating_add(from));
            let marks = [
                self.at(start) == 0x0A,
                self.before(tag, inner.min(3)) == 0x0A || self.before(tag, 2) == 0x0A,
                at(34) == 0x12,
                at(36) == 0x08,
                at(42) == 0x12,
            ];
            if marks.iter().filter(|kept| **kept).count() >= 3 && self.from_start(start) {
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
            self.from_data(data);
        }
    }

    fn generator_tag(&mut self, tag: usize) {
        let dotted = self.at(tag.saturating_add(3)).is_ascii_digit()
            && [4, 5].iter().any(|from| self.at(tag.saturating_add(*from)) == b'.');
        for birthdate in [6, 0] {
            if dotted && let Some(data) = tag.checked_sub(birthdate).and_then(|at| at.checked_sub(38))
                && self.from_data(data)
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

    fn from_start(&mut self, start: usize) -> bool {
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
    fn from_data(&mut self, data: usize) -> bool {
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
        let start = self.clipped(start, &layout);
        self.add(start..end, TraceKind::Part(fit));
        true
    }

    /// A file whose beginning is cut out begins where a sector does, not in the one before.
    fn clipped(&self, start: usize, layout: &Layout) -> usize {
        let ahead = start
            .abs_diff(self.range.start % SECTOR)
            .next_multiple_of(SECTOR)
            .saturating_add(self.range.start % SECTOR);
        let (head, length) = layout.head();
        let head = head.get(..length).unwrap_or_default();
        let found = self.bytes.get(start..).unwrap_or_default();
        let header = head.iter().zip(found).filter(|(a, b)| a == b).count() >= 3;
        let before_metadata = ahead.saturating_sub(start) <= layout.header().saturating_add(34);
        if !self.is_sector(start) && !header && ahead > start && before_metadata {
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
            .saturating_sub(start.abs_diff(self.range.start) % SECTOR);
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
