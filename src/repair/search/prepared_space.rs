//! A space made ready: its message as words, its bits as masks.

use std::collections::BTreeSet;

use zeroize::{Zeroize, Zeroizing};

use super::searcher::Space;

/// Most levels of different cost that are told apart.
pub(super) const MAX_LEVELS: usize = 24;

/// One bit to flip, in a row of words.
#[derive(Clone, Copy)]
pub(super) struct Flip {
    pub(super) column: u32,
    pub(super) mask: u32,
}

/// Bits of one cost: a range of the flips of their space.
#[derive(Clone, Copy)]
pub(super) struct Bits {
    pub(super) cost: f64,
    pub(super) start: u32,
    pub(super) count: u32,
}

/// A space whose candidates are rows of `W` words: those words of the message that can change,
/// big-endian as SHA-256 reads them, and zeros to fill the row.
pub(super) struct Prepared<const W: usize> {
    /// Index among the spaces given.
    pub(super) index: usize,
    /// Cost of the hypothesis and of its unknown bytes, nats.
    pub(super) cost: f64,
    /// Levels of rising cost, none of them empty, at most [`MAX_LEVELS`].
    pub(super) levels: Vec<Bits>,
    pub(super) flips: Vec<Flip>,
    /// Unknown bytes: column, and how far their value is shifted.
    pub(super) unknown: Vec<(u32, u32)>,
    /// The row with nothing flipped and unknown bytes zero.
    pub(super) row: [u32; W],
    /// The whole message, unknown bytes zero, zeros after its end.
    words: Zeroizing<Vec<u32>>,
    /// Which word of the message stands in each column.
    columns: Vec<usize>,
}

impl<const W: usize> Drop for Prepared<W> {
    fn drop(&mut self) {
        self.row.zeroize();
    }
}

impl<const W: usize> Prepared<W> {
    pub(super) fn new(index: usize, space: &Space) -> Self {
        let mut bytes = space.base.clone();
        let unknown: BTreeSet<usize> = unknown(space).collect();
        for &at in &unknown {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = 0;
            }
        }
        let words = words(&bytes);
        // Where all fits, word and column are the same: then rows of all spaces look alike.
        let columns: Vec<usize> = if words.len() <= W {
            (0..words.len()).collect()
        } else {
            changing(space).into_iter().collect()
        };
        let mut row = [0; W];
        for (to, &column) in row.iter_mut().zip(&columns) {
            *to = words.get(column).copied().unwrap_or_default();
        }
        let column = |word: usize| columns.binary_search(&word).ok().map(|at| at as u32);
        let (levels, flips) = levels(space, &unknown, column);
        let unknown: Vec<_> = unknown
            .iter()
            .filter_map(|&byte| Some((column(byte / 4)?, shift(byte))))
            .collect();
        Self {
            index,
            cost: space.cost + unknown.len() as f64 * 8.0 * std::f64::consts::LN_2,
            levels,
            flips,
            unknown,
            row,
            words,
            columns,
        }
    }

    /// The message as most likely, unknown bytes zero, as words.
    pub(super) fn words(&self) -> &[u32] {
        &self.words
    }

    /// Which word of the message stands in each column of a row.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The message a row stands for, `length` bytes.
    pub(super) fn message(&self, row: &[u32; W], length: usize) -> Zeroizing<Vec<u8>> {
        let mut words = self.words.clone();
        for (&column, &word) in self.columns.iter().zip(row) {
            if let Some(to) = words.get_mut(column) {
                *to = word;
            }
        }
        let bytes = words.iter().flat_map(|word| word.to_be_bytes());
        Zeroizing::new(bytes.take(length).collect())
    }
}

/// The words of a message that some candidate changes.
pub(super) fn changing(space: &Space) -> BTreeSet<usize> {
    let bits = space.levels.iter().flat_map(|level| &level.bits);
    let bytes = bits.map(|&bit| usize::from(bit / 8)).chain(unknown(space));
    bytes
        .filter(|&byte| byte < space.base.len())
        .map(|byte| byte / 4)
        .collect()
}

/// Bits in which two messages differ.
pub(super) fn difference(from: &[u8], to: &[u8]) -> Vec<u16> {
    let bytes = from.iter().zip(to).zip(0u16..);
    bytes
        .flat_map(|((from, to), byte)| {
            let differ = from ^ to;
            (0..8u16)
                .filter(move |bit| differ >> bit & 1 == 1)
                .map(move |bit| byte * 8 + bit)
        })
        .collect()
}

fn unknown(space: &Space) -> impl Iterator<Item = usize> {
    let bytes = space.unknown.iter().map(|&byte| usize::from(byte));
    bytes.filter(|&byte| byte < space.base.len())
}

/// How far a byte of the message is shifted in its word.
fn shift(byte: usize) -> u32 {
    24 - 8 * (byte % 4) as u32
}

fn words(bytes: &[u8]) -> Zeroizing<Vec<u32>> {
    let word = |four: &[u8]| {
        let from = |at| u32::from(four.get(at).copied().unwrap_or_default());
        from(0) << 24 | from(1) << 16 | from(2) << 8 | from(3)
    };
    Zeroizing::new(bytes.chunks(4).map(word).collect())
}

/// Levels of rising cost, each bit once, equal costs joined.
fn levels(
    space: &Space,
    unknown: &BTreeSet<usize>,
    column: impl Fn(usize) -> Option<u32>,
) -> (Vec<Bits>, Vec<Flip>) {
    let given = space.levels.iter().filter(|level| level.cost.is_finite());
    let mut given: Vec<_> = given
        .map(|level| (level.cost.max(0.0), &level.bits))
        .collect();
    given.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut seen = BTreeSet::new();
    let (mut levels, mut flips) = (Vec::<Bits>::new(), Vec::new());
    for (cost, bits) in given {
        let start = flips.len() as u32;
        for &bit in bits {
            let byte = usize::from(bit / 8);
            let usable = byte < space.base.len() && !unknown.contains(&byte);
            if let Some(column) = column(byte / 4)
                && usable
                && seen.insert(bit)
            {
                let mask = 1 << (shift(byte) + u32::from(bit % 8));
                flips.push(Flip { column, mask });
            }
        }
        let count = flips.len() as u32 - start;
        let full = levels.len() == MAX_LEVELS;
        match levels.last_mut() {
            _ if count == 0 => {}
            Some(last) if full || last.cost == cost => last.count += count,
            _ => levels.push(Bits { cost, start, count }),
        }
    }
    (levels, flips)
}
