//! Which parts of a card were read into an image, and which could not be: the map file of GNU ddrescue.
//!
//! The form is that of ddrescue's manual, "Mapfile structure": comments begin with `#`; the first line
//! that is none says where the copying stands; each later one has a position, a size and a status.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::image::{Extent, SystemError, join};

/// Most lines of a map that are read: every second sector of a card of 1 GiB bad.
const MAX_LINES: usize = 1 << 21;

/// What is known of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Nothing: it was not read yet. `?`
    No,
    /// A read of a larger part that it lies in failed. `*`
    NotTrimmed,
    /// Its edges were read up to bad sectors. `/`
    NotScraped,
    /// It was read on its own and failed. `-`
    Bad,
    /// It was read. `+`
    Done,
}

impl Tried {
    const ALL: [(Self, char); 5] = [
        (Self::No, '?'),
        (Self::NotTrimmed, '*'),
        (Self::NotScraped, '/'),
        (Self::Bad, '-'),
        (Self::Done, '+'),
    ];

    /// How a map file writes it.
    pub fn letter(self) -> char {
        let found = Self::ALL.iter().find(|(tried, _)| *tried == self);
        found.map_or('?', |(_, letter)| *letter)
    }

    fn of(text: &str) -> Option<Self> {
        let is = |letter: char| text.strip_prefix(letter) == Some("");
        let found = Self::ALL.iter().find(|(_, letter)| is(*letter));
        found.map(|(tried, _)| *tried)
    }
}

/// Why a text is no map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RescueMapError {
    /// It has no line that says where the copying stands.
    #[error("it is no map file of ddrescue: its first line gives no position and status")]
    NoMap,
    /// A line is not as it should be.
    #[error("line {line} of the map gives no position, size and status in order")]
    Line {
        /// Which line, from 1.
        line: usize,
    },
    /// There are more lines than any card makes.
    #[error("the map has more than {MAX_LINES} lines")]
    TooLong,
    /// The system does not read it.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] SystemError),
}

/// What is known of every byte of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RescueMap {
    size: u64,
    /// Where each part begins; it ends where the next one does. No two neighbors are equal.
    parts: BTreeMap<u64, Tried>,
}

impl RescueMap {
    /// Most bytes of a map that are read.
    pub const MAX_TEXT: u64 = 64 << 20;

    /// The map of a card of `size` bytes of which nothing was read yet.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            parts: BTreeMap::from([(0, Tried::No)]),
        }
    }

    /// Bytes of the card.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The map of a card of at least `size` bytes: what lies behind the end of this one was not tried.
    pub(crate) fn reaching(mut self, size: u64) -> Self {
        let behind = Extent::between(self.size, size);
        self.size = behind.end();
        self.set(behind, Tried::No);
        self
    }

    /// What it says was read, of an image that ends at `end`: what lies behind that is not there, as if it had not been
    /// tried. Whether there was any.
    pub fn cut(&mut self, end: u64) -> bool {
        let mut read = self.all(Tried::Done);
        read.retain(|part| part.end() > end);
        for part in &read {
            self.set(Extent::between(part.offset.max(end), part.end()), Tried::No);
        }
        !read.is_empty()
    }

    /// Reads a map file. What it leaves out was not tried.
    ///
    /// # Errors
    /// [`RescueMapError`].
    pub fn read(text: &str) -> Result<Self, RescueMapError> {
        let lines = text.lines().map(|line| line.split('#').next());
        let lines = lines.map(|line| line.unwrap_or_default().trim());
        let mut lines = (1..).zip(lines).filter(|(_, line)| !line.is_empty());
        let (_, status) = lines.next().ok_or(RescueMapError::NoMap)?;
        let mut words = status.split_whitespace();
        let position = words.next().and_then(number);
        let state = words
            .next()
            .filter(|word| word.len() == 1 && "?*/-FG+".contains(word));
        if position.is_none() || state.is_none() {
            return Err(RescueMapError::NoMap);
        }
        let mut map = Self::new(0);
        for (count, (line, text)) in lines.enumerate() {
            if count >= MAX_LINES {
                return Err(RescueMapError::TooLong);
            }
            let part = part(text).filter(|(extent, _)| extent.offset >= map.size);
            let (extent, tried) = part.ok_or(RescueMapError::Line { line })?;
            let left_out = Extent::between(map.size, extent.offset);
            map.size = extent.end();
            map.set(left_out, Tried::No);
            map.set(extent, tried);
        }
        Ok(map)
    }

    /// Writes it as a map file: `position` is where the copying stands, `pass` its number.
    pub fn write(&self, position: u64, doing: Tried, pass: u32) -> String {
        let mut text = format!(
            "# Mapfile. Created by bitbox-backup {}\n\
             # current_pos  current_status  current_pass\n\
             0x{position:08X}     {}               {pass}\n\
             #      pos        size  status\n",
            env!("CARGO_PKG_VERSION"),
            doing.letter(),
        );
        for (extent, tried) in self.parts() {
            let Extent { offset, length } = extent;
            // Writing to a string does not fail.
            let _ = writeln!(text, "0x{offset:08X}  0x{length:08X}  {}", tried.letter());
        }
        text
    }

    /// Notes what is known of a part; what lies behind the end of the card is left out.
    pub fn set(&mut self, extent: Extent, tried: Tried) {
        let end = extent.end().min(self.size);
        let start = extent.offset;
        if start >= end {
            return;
        }
        let behind = self.at(end);
        let before = start.checked_sub(1).and_then(|before| self.at(before));
        let inside: Vec<u64> = self.parts.range(start..end).map(|(at, _)| *at).collect();
        for at in inside {
            self.parts.remove(&at);
        }
        if before != Some(tried) {
            self.parts.insert(start, tried);
        }
        match behind.filter(|behind| *behind != tried) {
            Some(behind) => self.parts.insert(end, behind),
            None => self.parts.remove(&end),
        };
    }

    fn at(&self, offset: u64) -> Option<Tried> {
        let part = self.parts.range(..=offset).next_back();
        part.filter(|_| offset < self.size).map(|(_, tried)| *tried)
    }

    /// Every part, ascending; they cover the card.
    pub fn parts(&self) -> impl Iterator<Item = (Extent, Tried)> + '_ {
        let ends = self.parts.keys().skip(1).copied().chain([self.size]);
        self.parts.iter().zip(ends).map(|((offset, tried), end)| {
            let extent = Extent::between(*offset, end);
            (extent, *tried)
        })
    }

    /// The parts of which this is known, ascending.
    pub fn all(&self, wanted: Tried) -> Vec<Extent> {
        let parts = self.parts().filter(|(_, tried)| *tried == wanted);
        parts.map(|(extent, _)| extent).collect()
    }

    /// The parts that are not in the image, ascending and joined.
    pub fn missing(&self) -> Vec<Extent> {
        let parts = self.parts().filter(|(_, tried)| *tried != Tried::Done);
        let parts = parts.map(|(extent, _)| extent);
        join(parts.filter(|extent| extent.length > 0))
    }
}

fn part(line: &str) -> Option<(Extent, Tried)> {
    let mut words = line.split_whitespace();
    let extent = Extent {
        offset: number(words.next()?)?,
        length: number(words.next()?)?,
    };
    let tried = Tried::of(words.next()?)?;
    extent.offset.checked_add(extent.length)?;
    words.next().is_none().then_some((extent, tried))
}

/// A number as ddrescue reads one: hexadecimal with 0x, octal with 0, else decimal.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(offset: u64, length: u64) -> Extent {
        Extent { offset, length }
    }

    #[test]
    fn a_map_as_ddrescue_writes_it() {
        let text = "# Mapfile. Created by GNU ddrescue version 1.27\n\
                    # Command line: ddrescue -n /dev/sdb card.img card.map\n\
                    # Start time:   2026-01-02 03:04:05\n\
                    # current_pos  current_status  current_pass\n\
                    0x00010000     ?               1\n\
                    #      pos        size  status\n\
                    0x00000000  0x00010000  +\n\
                    0x00010000  0x00000200  -\n\
                    0x00010200  0x0000FE00  ?\n";
        let map = RescueMap::read(text).unwrap();
        assert_eq!(map.size(), 0x20000);
        assert_eq!(map.all(Tried::Bad), [extent(0x10000, 0x200)]);
        assert_eq!(map.missing(), [extent(0x10000, 0x10000)]);
        let again = RescueMap::read(&map.write(0x10000, Tried::No, 1)).unwrap();
        assert_eq!(again, map);
    }

    #[test]
    fn parts_grow_together() {
        let mut map = RescueMap::new(1000);
        map.set(extent(0, 100), Tried::Done);
        map.set(extent(200, 100), Tried::Done);
        map.set(extent(100, 100), Tried::Bad);
        let parts: Vec<_> = map.parts().collect();
        assert_eq!(
            parts,
            [
                (extent(0, 100), Tried::Done),
                (extent(100, 100), Tried::Bad),
                (extent(200, 100), Tried::Done),
                (extent(300, 700), Tried::No),
            ]
        );
        map.set(extent(100, 100), Tried::Done);
        assert_eq!(map.all(Tried::Done), [extent(0, 300)]);
        map.set(extent(300, 9999), Tried::Done);
        assert_eq!(map.missing(), []);
        assert_eq!(map.parts().count(), 1);
    }

    /// Against one status a byte.
    #[test]
    fn as_a_status_for_each_byte() {
        let mut random = 1_u64;
        let mut next = |most: u64| {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (random >> 33) % most
        };
        for _ in 0..200 {
            let mut map = RescueMap::new(64);
            let mut bytes = [Tried::No; 64];
            for _ in 0..20 {
                let (from, length) = (next(70), next(20));
                let tried = Tried::ALL[next(5) as usize].0;
                map.set(extent(from, length), tried);
                for at in from..from + length {
                    if let Some(byte) = bytes.get_mut(at as usize) {
                        *byte = tried;
                    }
                }
                let mut told = Vec::new();
                for (extent, tried) in map.parts() {
                    assert!(extent.length > 0);
                    told.extend((0..extent.length).map(|_| tried));
                }
                assert_eq!(told, bytes);
                let parts: Vec<_> = map.parts().map(|(_, tried)| tried).collect();
                assert!(parts.windows(2).all(|pair| pair[0] != pair[1]));
            }
        }
    }

    #[test]
    fn what_an_image_does_not_reach_was_not_tried() {
        let mut map = RescueMap::read("0 + 1\n0 100 +\n100 100 -\n200 100 +\n300 50 -\n").unwrap();
        assert!(!map.cut(300));
        assert!(map.cut(250));
        assert_eq!(map.all(Tried::No), [extent(250, 50)]);
        assert!(map.cut(40));
        assert_eq!(map.all(Tried::No), [extent(40, 60), extent(200, 100)]);
        assert_eq!(map.all(Tried::Bad), [extent(100, 100), extent(300, 50)]);
    }

    #[test]
    fn what_lies_behind_its_end_was_not_tried() {
        for (lines, missing) in [
            ("", extent(0, 100)),
            ("0 10 +\n", extent(10, 90)),
            ("0 10 +\n10 20 -\n", extent(10, 90)),
        ] {
            let map = RescueMap::read(&format!("0 + 1\n{lines}")).unwrap();
            let map = map.reaching(100);
            assert_eq!((map.size(), map.missing()), (100, vec![missing]));
            assert_eq!(map.clone().reaching(50), map);
        }
    }

    #[test]
    fn what_is_no_map() {
        let error = |text: &str| RescueMap::read(text).unwrap_err();
        assert_eq!(error(""), RescueMapError::NoMap);
        assert_eq!(error("# a comment\n"), RescueMapError::NoMap);
        assert_eq!(error("shopping list\n"), RescueMapError::NoMap);
        let head = "0 + 1\n";
        for wrong in [
            "0 1",
            "0 1 x",
            "x 1 +",
            "0 0xffffffffffffffff0 +",
            "1 0xffffffffffffffff +",
            "0 1 + +",
        ] {
            let text = format!("{head}{wrong}\n");
            assert_eq!(error(&text), RescueMapError::Line { line: 2 }, "{wrong}");
        }
        assert_eq!(
            error(&format!("{head}10 5 +\n0 5 +\n")),
            RescueMapError::Line { line: 3 }
        );
        let map = RescueMap::read(&format!("{head}10 5 +\n20 5 -\n")).unwrap();
        assert_eq!(map.missing(), [extent(0, 10), extent(15, 10)]);
    }
}
