//! Enumerates the candidates of a class, as rows of words.

#![cfg_attr(
    not(test),
    allow(
        clippy::indexing_slicing,
        reason = "the innermost loop: elements, positions and rows are made together, of equal length"
    )
)]

use zeroize::{Zeroize, Zeroizing};

use super::combinations::count_combinations;
use super::prepared_space::{Flip, PreparedSpace};
use super::segment::Segment;

/// Most rows at a time.
const MOST_ROWS: usize = 512;

/// One choice of a candidate: a bit of a level, or the value of an unknown byte.
///
/// The bits chosen of one level are successive elements with rising positions.
#[derive(Clone, Copy)]
struct Element {
    source: Source,
    /// How many choices there are.
    choices: u32,
    /// Elements of the same level before this one.
    before: u32,
    /// Elements of the same level after this one.
    after: u32,
}

#[derive(Clone, Copy)]
enum Source {
    /// Flips of the space, starting with this one.
    Flips(u32),
    /// A byte, by its column and shift.
    Byte(u32, u32),
}

/// Enumerates the candidates of segments, and holds them until they are tested. Wiped on drop.
pub(super) struct Enumerator<const W: usize> {
    rows: Zeroizing<Vec<[u32; W]>>,
    /// For each segment that has rows here: the first row, the space, and the candidates before it.
    marks: Vec<(usize, u32, u64)>,
    elements: Vec<Element>,
    /// The choice of each element.
    positions: Vec<u32>,
    /// The row after the choices of the first 0, 1, 2, … elements.
    partial_rows: Zeroizing<Vec<[u32; W]>>,
    /// Candidates of the segment that are still to be made.
    left: u64,
    space: u32,
    /// Candidates before the next one.
    before: u64,
}

impl<const W: usize> Enumerator<W> {
    pub(super) fn new() -> Self {
        Self {
            rows: Zeroizing::new(Vec::with_capacity(MOST_ROWS)),
            marks: Vec::new(),
            elements: Vec::new(),
            positions: Vec::new(),
            partial_rows: Zeroizing::new(Vec::with_capacity(64)),
            left: 0,
            space: 0,
            before: 0,
        }
    }

    pub(super) fn rows(&self) -> &[[u32; W]] {
        &self.rows
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear(); // the memory is reused, and wiped at the end
        self.marks.clear();
    }

    /// The space of a row and the number of candidates up to and including it.
    pub(super) fn origin(&self, row: usize) -> Option<(u32, u64)> {
        let mark = self.marks.iter().rev().find(|mark| mark.0 <= row)?;
        Some((mark.1, mark.2 + (row - mark.0) as u64 + 1))
    }

    /// Starts a segment; its rows follow those that are here already.
    pub(super) fn start_segment(&mut self, space: &PreparedSpace<W>, segment: &Segment) {
        self.left = segment.count;
        self.space = segment.space;
        self.before = segment.before;
        self.elements.clear();
        self.positions.clear();
        self.list_elements(space, segment);
        self.unrank(segment.start);
        let needed = self.elements.len() + 1;
        if self.partial_rows.capacity() < needed {
            // Not grown by the Vec itself, which would leave rows behind without wiping them.
            self.partial_rows.zeroize();
            self.partial_rows = Zeroizing::new(Vec::with_capacity(needed * 2));
        }
        self.partial_rows.clear();
        self.partial_rows.resize(needed, space.row);
        self.update_partial_rows(space, 0);
    }

    /// Makes rows until the segment ends or there is no more room; returns whether there is no more
    /// room.
    pub(super) fn fill_rows(&mut self, space: &PreparedSpace<W>) -> bool {
        if self.left > 0 && self.rows.len() < MOST_ROWS {
            self.marks.push((self.rows.len(), self.space, self.before));
        }
        while self.left > 0 && self.rows.len() < MOST_ROWS {
            let room =
                (MOST_ROWS - self.rows.len()).min(usize::try_from(self.left).unwrap_or(MOST_ROWS));
            let made = self.push_rows(space, room);
            self.left -= made as u64;
            self.before += made as u64;
        }
        self.rows.len() >= MOST_ROWS
    }

    /// Makes the candidates that differ only in the last element, at least one and at most `room`.
    fn push_rows(&mut self, space: &PreparedSpace<W>, room: usize) -> usize {
        let Some(last) = self.elements.len().checked_sub(1) else {
            self.rows.push(space.row);
            return 1;
        };
        let element = self.elements[last];
        let from = self.positions[last];
        let made = room.min((element.choices - from) as usize);
        let prefix = self.partial_rows[last];
        match element.source {
            Source::Flips(start) => {
                let start = (start + from) as usize;
                let flips = &space.flips[start..start + made];
                self.rows
                    .extend(flips.iter().map(|flip| flip_row(prefix, *flip)));
            }
            Source::Byte(column, shift) => {
                let values = from..from + made as u32;
                self.rows.extend(values.map(|value| {
                    let mask = value << shift;
                    flip_row(prefix, Flip { column, mask })
                }));
            }
        }
        self.positions[last] = from + made as u32;
        if self.positions[last] == element.choices {
            self.advance_prefix(space, last);
        }
        made
    }

    /// Moves the elements before the last one to their next choices.
    fn advance_prefix(&mut self, space: &PreparedSpace<W>, last: usize) {
        for at in (0..last).rev() {
            let element = self.elements[at];
            if self.positions[at] + 1 + element.after < element.choices {
                self.positions[at] += 1;
                self.reset_positions(at + 1);
                self.update_partial_rows(space, at);
                return;
            }
        }
        self.reset_positions(0); // after the last candidate comes the first, which is never used
        self.update_partial_rows(space, 0);
    }

    /// Sets the first choices of all elements starting with this one.
    fn reset_positions(&mut self, from: usize) {
        for at in from..self.elements.len() {
            self.positions[at] = match self.elements[at].before {
                0 => 0,
                _ => self.positions[at - 1] + 1,
            };
        }
    }

    /// Updates the partial rows starting with the choice of an element.
    fn update_partial_rows(&mut self, space: &PreparedSpace<W>, from: usize) {
        for at in from..self.elements.len() {
            let position = self.positions[at];
            let flip = match self.elements[at].source {
                Source::Flips(start) => space.flips[(start + position) as usize],
                Source::Byte(column, shift) => Flip {
                    column,
                    mask: position << shift,
                },
            };
            self.partial_rows[at + 1] = flip_row(self.partial_rows[at], flip);
        }
    }

    /// Lists the elements: levels, with the one of the most choices for each flip last, then
    /// unknown bytes.
    fn list_elements(&mut self, space: &PreparedSpace<W>, segment: &Segment) {
        let levels = || {
            let each = space.levels.iter().zip(&segment.flip_counts).enumerate();
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
                choices: bits.count,
                before,
                after: flips - 1 - before,
            }));
        }
        let bytes = space.unknown.iter();
        self.elements.extend(bytes.map(|&(column, shift)| Element {
            source: Source::Byte(column, shift),
            choices: 256,
            before: 0,
            after: 0,
        }));
    }

    /// Sets all choices to those of the candidate with this number.
    fn unrank(&mut self, mut number: u64) {
        self.positions.resize(self.elements.len(), 0);
        self.reset_positions(0);
        let mut end = self.elements.len();
        while number > 0 && end > 0 {
            // The last element of a level gives the number of its elements.
            let last = self.elements[end - 1];
            let start = end - 1 - last.before as usize;
            let ways = count_combinations(last.choices, last.before + 1);
            self.unrank_level(start..end, number % ways);
            number /= ways;
            end = start;
        }
    }

    /// Sets the choices of one level to those of the combination with this number.
    fn unrank_level(&mut self, elements: std::ops::Range<usize>, mut number: u64) {
        let mut position = 0;
        for at in elements {
            let element = self.elements[at];
            loop {
                let ways = count_combinations(element.choices - position - 1, element.after);
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
fn flip_row<const W: usize>(mut row: [u32; W], flip: Flip) -> [u32; W] {
    row[flip.column as usize] ^= flip.mask;
    row
}
