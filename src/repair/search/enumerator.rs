//! The candidates of a class one after the other, as rows of words.

#![cfg_attr(
    not(test),
    allow(
        clippy::indexing_slicing,
        reason = "the innermost loop; elements, positions and rows are made together, of one length"
    )
)]

use zeroize::{Zeroize, Zeroizing};

use super::batch::Segment;
use super::prepared_space::{Flip, Prepared};
use super::ranking::combinations;

/// Rows of a full batch.
const ROWS: usize = 512;

/// One choice of a candidate: a bit of a level or the value of an unknown byte.
///
/// The bits chosen of a level are elements that follow one another, their positions rising.
#[derive(Clone, Copy)]
struct Element {
    source: Source,
    /// Choices there are.
    of: u32,
    /// Elements of the same level before this one.
    before: u32,
    /// Elements of the same level after this one.
    after: u32,
}

#[derive(Clone, Copy)]
enum Source {
    /// Flips of the space, from this one on.
    Flips(u32),
    /// A byte: its column and shift.
    Byte(u32, u32),
}

/// Candidates waiting to be tested, and the walk that makes them. Wiped on drop.
pub(super) struct Batch<const W: usize> {
    rows: Zeroizing<Vec<[u32; W]>>,
    /// First row, space and rank of each segment that has rows here; ranks are those of the first row.
    marks: Vec<(usize, u32, u64)>,
    elements: Vec<Element>,
    /// The choice of each element.
    positions: Vec<u32>,
    /// The row after the choices of the first 0, 1, 2, … elements.
    partial: Zeroizing<Vec<[u32; W]>>,
    /// Candidates of the segment still to be made.
    left: u64,
    space: u32,
    /// Candidates before the next one.
    rank: u64,
}

impl<const W: usize> Batch<W> {
    pub(super) fn new() -> Self {
        Self {
            rows: Zeroizing::new(Vec::with_capacity(ROWS)),
            marks: Vec::new(),
            elements: Vec::new(),
            positions: Vec::new(),
            partial: Zeroizing::new(Vec::with_capacity(64)),
            left: 0,
            space: 0,
            rank: 0,
        }
    }

    pub(super) fn rows(&self) -> &[[u32; W]] {
        &self.rows
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear(); // the memory is written again and wiped in the end
        self.marks.clear();
    }

    /// The space of a row and the number of candidates up to and including it.
    pub(super) fn origin(&self, row: usize) -> Option<(u32, u64)> {
        let mark = self.marks.iter().rev().find(|mark| mark.0 <= row)?;
        Some((mark.1, mark.2 + (row - mark.0) as u64 + 1))
    }

    /// Starts a segment after what is in the batch.
    pub(super) fn begin(&mut self, space: &Prepared<W>, segment: &Segment) {
        self.left = segment.count;
        self.space = segment.space;
        self.rank = segment.rank;
        self.elements.clear();
        self.positions.clear();
        self.elements_of(space, segment);
        self.place(segment.start);
        let needed = self.elements.len() + 1;
        if self.partial.capacity() < needed {
            // Grown by hand: a Vec that moves would leave rows behind unwiped.
            self.partial.zeroize();
            self.partial = Zeroizing::new(Vec::with_capacity(needed * 2));
        }
        self.partial.clear();
        self.partial.resize(needed, space.row);
        self.apply(space, 0);
    }

    /// Makes candidates until the segment ends or the batch is full: true if it is full.
    pub(super) fn fill(&mut self, space: &Prepared<W>) -> bool {
        if self.left > 0 && self.rows.len() < ROWS {
            self.marks.push((self.rows.len(), self.space, self.rank));
        }
        while self.left > 0 && self.rows.len() < ROWS {
            let room = (ROWS - self.rows.len()).min(usize::try_from(self.left).unwrap_or(ROWS));
            let made = self.run(space, room);
            self.left -= made as u64;
            self.rank += made as u64;
        }
        self.rows.len() >= ROWS
    }

    /// Makes the candidates that differ in the last element only, at most `room`, at least one.
    fn run(&mut self, space: &Prepared<W>, room: usize) -> usize {
        let Some(last) = self.elements.len().checked_sub(1) else {
            self.rows.push(space.row);
            return 1;
        };
        let element = self.elements[last];
        let from = self.positions[last];
        let made = room.min((element.of - from) as usize);
        let prefix = self.partial[last];
        match element.source {
            Source::Flips(start) => {
                let start = (start + from) as usize;
                let flips = &space.flips[start..start + made];
                self.rows
                    .extend(flips.iter().map(|flip| flipped(prefix, *flip)));
            }
            Source::Byte(column, shift) => {
                let values = from..from + made as u32;
                self.rows.extend(values.map(|value| {
                    let mask = value << shift;
                    flipped(prefix, Flip { column, mask })
                }));
            }
        }
        self.positions[last] = from + made as u32;
        if self.positions[last] == element.of {
            self.carry(space, last);
        }
        made
    }

    /// Moves the elements before the last one on by one candidate.
    fn carry(&mut self, space: &Prepared<W>, last: usize) {
        for at in (0..last).rev() {
            let element = self.elements[at];
            if self.positions[at] + 1 + element.after < element.of {
                self.positions[at] += 1;
                self.reset(at + 1);
                self.apply(space, at);
                return;
            }
        }
        self.reset(0); // after the last candidate of the class comes its first; nobody asks for it
        self.apply(space, 0);
    }

    /// Gives elements from here on their first choices.
    fn reset(&mut self, from: usize) {
        for at in from..self.elements.len() {
            self.positions[at] = match self.elements[at].before {
                0 => 0,
                _ => self.positions[at - 1] + 1,
            };
        }
    }

    /// Makes the partial rows anew after the choice of an element.
    fn apply(&mut self, space: &Prepared<W>, from: usize) {
        for at in from..self.elements.len() {
            let position = self.positions[at];
            let flip = match self.elements[at].source {
                Source::Flips(start) => space.flips[(start + position) as usize],
                Source::Byte(column, shift) => Flip {
                    column,
                    mask: position << shift,
                },
            };
            self.partial[at + 1] = flipped(self.partial[at], flip);
        }
    }

    /// Lists the elements: levels, the one with the longest runs last, then unknown bytes.
    fn elements_of(&mut self, space: &Prepared<W>, segment: &Segment) {
        let levels = || {
            let each = space.levels.iter().zip(&segment.flipped).enumerate();
            each.filter(|(_, (_, flips))| **flips > 0)
        };
        let longest = levels()
            .max_by_key(|(_, (bits, flips))| bits.count / u32::from(**flips))
            .map(|(level, _)| level);
        let (inner, outer) = (
            levels().filter(|(level, _)| Some(*level) == longest),
            levels().filter(|(level, _)| Some(*level) != longest),
        );
        for (_, (bits, &flips)) in outer.chain(inner) {
            let flips = u32::from(flips);
            self.elements.extend((0..flips).map(|before| Element {
                source: Source::Flips(bits.start),
                of: bits.count,
                before,
                after: flips - 1 - before,
            }));
        }
        let bytes = space.unknown.iter();
        self.elements.extend(bytes.map(|&(column, shift)| Element {
            source: Source::Byte(column, shift),
            of: 256,
            before: 0,
            after: 0,
        }));
    }

    /// Puts all elements where the candidate of this number has them.
    fn place(&mut self, mut number: u64) {
        self.positions.resize(self.elements.len(), 0);
        self.reset(0);
        let mut end = self.elements.len();
        while number > 0 && end > 0 {
            // The last element of a level knows how many there are.
            let last = self.elements[end - 1];
            let start = end - 1 - last.before as usize;
            let ways = combinations(last.of, last.before + 1);
            self.choose(start..end, number % ways);
            number /= ways;
            end = start;
        }
    }

    /// Puts the elements of one level where its combination of this number has them.
    fn choose(&mut self, elements: std::ops::Range<usize>, mut number: u64) {
        let mut position = 0;
        for at in elements {
            let element = self.elements[at];
            loop {
                let ways = combinations(element.of - position - 1, element.after);
                if number < ways {
                    break;
                }
                number -= ways;
                position += 1;
            }
            self.positions[at] = position;
            position += 1;
        }
    }
}

#[inline(always)]
fn flipped<const W: usize>(mut row: [u32; W], flip: Flip) -> [u32; W] {
    row[flip.column as usize] ^= flip.mask;
    row
}
