//! Where the fields of a file lie, by the lengths of the few that differ in length.

use std::ops::Range;

use super::checksum::NAME_ROOM;

/// Lengths of a generator: `v9.1.0` to `v10.100.10`.
const GENERATORS: Range<usize> = 5..11;

/// The lengths that fix where every field of a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Bytes of the metadata message.
    pub(super) fn metadata(&self) -> usize {
        match self.name {
            0 => 6,
            name => name.saturating_add(8),
        }
    }

    /// Bytes of the data message.
    pub(super) fn data(&self) -> usize {
        let generator = match self.generator {
            0 => 0,
            generator => generator.saturating_add(2),
        };
        self.birthdate.saturating_add(generator).saturating_add(36)
    }

    fn content(&self) -> usize {
        self.metadata()
            .saturating_add(self.length)
            .saturating_add(self.data())
            .saturating_add(38)
    }

    /// Bytes of the two tags and lengths before the content.
    pub(super) fn header(&self) -> usize {
        let inner = bytes_of(self.content()).saturating_add(1);
        let outer = bytes_of(self.content().saturating_add(inner)).saturating_add(1);
        inner.saturating_add(outer)
    }

    /// Bytes of the whole file.
    pub fn total(&self) -> usize {
        self.content().saturating_add(self.header())
    }

    /// What the obsolete length field says: the length of the data message plus 2, or 0 without it.
    pub fn length_value(&self) -> u32 {
        match self.length {
            0 => 0,
            _ => u32::try_from(self.data().saturating_add(2)).unwrap_or(0),
        }
    }

    /// Where the checksum lies in the file.
    pub fn checksum(&self) -> Range<usize> {
        let start = self.header().saturating_add(2);
        start..start.saturating_add(32)
    }

    /// Where the tag of the data message lies in the file.
    pub(super) fn data_tag(&self) -> usize {
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
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Self::with_tails(tails())
    }

    /// All layouts with these lengths of birthdate and generator.
    pub(super) fn with_tails(
        tails: impl Iterator<Item = (usize, usize)> + Clone,
    ) -> impl Iterator<Item = Self> {
        let names = (0..=NAME_ROOM).flat_map(|name| [(name, 0), (name, 2)]);
        names.flat_map(move |(name, length)| {
            tails.clone().map(move |(birthdate, generator)| Self {
                name,
                length,
                birthdate,
                generator,
            })
        })
    }

    /// Gives each stretch of bytes before the seed that can only have one value, with its place.
    fn fixed(&self, mut give: impl FnMut(usize, &[u8])) {
        let (head, length) = self.head();
        give(0, head.get(..length).unwrap_or_default());
        let metadata = self.header().saturating_add(34);
        give(metadata, &[0x12, low(self.metadata()), 0x08]);
        if self.name > 0 {
            give(metadata.saturating_add(8), &[0x12, low(self.name)]);
        }
        let data = self.data_tag();
        if self.length > 0 {
            give(data.saturating_sub(2), &[0x18]);
        }
        give(data, &[0x22, low(self.data())]);
    }

    /// How many of the bytes that can only have one value have it.
    pub(super) fn fits(&self, bytes: &[u8], start: usize) -> Fit {
        let data = self.data_tag();
        let tag = start.saturating_add(data);
        let mut fit = tail_fits(bytes, tag, self.birthdate, self.generator);
        self.fixed(|from, wanted| {
            let found = bytes.get(start.saturating_add(from)..).unwrap_or_default();
            let same = found.iter().zip(wanted).filter(|(a, b)| a == b).count();
            fit.all = fit.all.saturating_add(same as u32);
            fit.ends |= (from == 0 || from == data) && same == wanted.len();
        });
        fit
    }

    /// Whether bytes are the beginning of a file of this layout, as far as tags and lengths before the seed tell.
    fn begins(&self, bytes: &[u8]) -> bool {
        let is_there = |from: usize, wanted: &[u8]| {
            let found = bytes.get(from..).unwrap_or_default();
            found.iter().zip(wanted).all(|(a, b)| a == b)
        };
        let mut begins = is_there(self.data_tag().saturating_add(2), &[0x08]);
        self.fixed(|from, wanted| begins &= is_there(from, wanted));
        begins
    }

    /// The bytes before the checksum, and how many.
    pub(super) fn head(&self) -> ([u8; 8], usize) {
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

/// Whether bytes are the beginning of a file and end before its seed, whichever layout it has.
pub(crate) fn ends_before_seed(bytes: &[u8]) -> bool {
    let mut layouts = Layout::all()
        .filter(|layout| layout.begins(bytes))
        .peekable();
    let begins = !bytes.is_empty() && layouts.peek().is_some();
    begins && layouts.all(|layout| bytes.len() <= layout.seed().start)
}

/// How well bytes fit a layout.
#[derive(Clone, Copy, Default)]
pub(super) struct Fit {
    pub(super) all: u32,
    /// Whether what fits says where the file ends.
    pub(super) ends: bool,
}

/// How many of these marks are there.
pub(super) fn count(marks: &[bool]) -> usize {
    marks.iter().filter(|is_there| **is_there).count()
}

pub(super) fn low(number: usize) -> u8 {
    u8::try_from(number & 0x7F).unwrap_or(0)
}

/// Bytes of a number as a varint; no length here needs three.
fn bytes_of(number: usize) -> usize {
    if number < 0x80 { 1 } else { 2 }
}

/// Lengths of birthdate and generator.
pub(super) fn tails() -> impl Iterator<Item = (usize, usize)> + Clone {
    let of = |birthdate| GENERATORS.map(move |generator| (birthdate, generator));
    of(0).chain(of(6))
}

/// How well the data message, whose tag is at `data`, fits from its first field on.
pub(super) fn tail_fits(bytes: &[u8], data: usize, birthdate: usize, generator: usize) -> Fit {
    let at = |from: usize| bytes.get(data.saturating_add(from)).copied().unwrap_or(0);
    let tag = birthdate.saturating_add(38);
    let after = |more: usize| at(tag.saturating_add(more));
    let (is_tag, is_length) = (after(0) == 0x22, usize::from(after(1)) == generator);
    let kept = count(&[
        at(2) == 0x08,
        matches!(at(3), 16 | 24 | 32),
        at(4) == 0x12,
        at(5) == 0x20,
        birthdate > 0 && at(38) == 0x18,
        is_tag,
        is_length,
        after(2) == b'v',
        after(3).is_ascii_digit(),
        after(4) == b'.' || after(5) == b'.',
    ]);
    Fit {
        all: kept as u32,
        ends: is_tag && is_length,
    }
}

/// The layout that fits a file best, if enough of it fits any.
pub fn layout(bytes: &[u8]) -> Option<Layout> {
    let fits = Layout::all().map(|layout| (layout, layout.fits(bytes, 0).all));
    // The first of those that fit best.
    let best = fits.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.filter(|(_, fit)| *fit >= 6).map(|(layout, _)| layout)
}
