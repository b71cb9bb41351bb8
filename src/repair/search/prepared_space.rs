//! A space prepared for a search: its message as words, its bits as masks.

use std::collections::BTreeSet;

use zeroize::{Zeroize, Zeroizing};

use super::space::Space;

/// Most levels of different cost that are distinguished.
pub(super) const MAX_LEVELS: usize = 24;

/// One bit to flip, in a row of words.
#[derive(Clone, Copy)]
pub(super) struct Flip {
    pub(super) column: u32,
    pub(super) mask: u32,
}

/// A level of a prepared space: a range of its flips.
#[derive(Clone, Copy)]
pub(super) struct FlipRange {
    pub(super) cost: f64,
    pub(super) start: u32,
    pub(super) count: u32,
}

/// A space whose candidates are rows of `W` words: those words of the message that can change,
/// big-endian as SHA-256 reads them, and zeros to fill the row.
pub(super) struct PreparedSpace<const W: usize> {
    /// The index of the original space.
    pub(super) index: usize,
    /// The cost of the hypothesis and of its unknown bytes, in nats.
    pub(super) cost: f64,
    /// Levels by rising cost, none of them empty, at most [`MAX_LEVELS`].
    pub(super) levels: Vec<FlipRange>,
    pub(super) flips: Vec<Flip>,
    /// Unknown bytes: the column, and by how many bits the value is shifted.
    pub(super) unknown: Vec<(u32, u32)>,
    /// The row with no bit flipped and unknown bytes zero.
    pub(super) row: [u32; W],
    /// The whole message, unknown bytes zero, zeros after its end.
    words: Zeroizing<Vec<u32>>,
    /// The word of the message in each column.
    columns: Vec<usize>,
}

impl<const W: usize> Drop for PreparedSpace<W> {
    fn drop(&mut self) {
        self.row.zeroize();
    }
}

impl<const W: usize> PreparedSpace<W> {
    pub(super) fn new(index: usize, space: &Space) -> Self {
        let mut bytes = space.base.clone();
        let unknown: BTreeSet<usize> = space.unknown_bytes().collect();
        for &at in &unknown {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = 0;
            }
        }
        let words = read_words(&bytes);
        // If the whole message fits, words and columns are the same, for all spaces alike.
        let columns: Vec<usize> = if words.len() <= W {
            (0..words.len()).collect()
        } else {
            space.changing_words().into_iter().collect()
        };
        let mut row = [0; W];
        for (to, &column) in row.iter_mut().zip(&columns) {
            *to = words.get(column).copied().unwrap_or_default();
        }
        let column = |word: usize| columns.binary_search(&word).ok().map(|at| at as u32);
        let (levels, flips) = list_levels(space, &unknown, column);
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

    /// The words of the most likely message, unknown bytes zero.
    pub(super) fn words(&self) -> &[u32] {
        &self.words
    }

    /// The word of the message in each column of a row.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The message of a row, `length` bytes.
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

/// Prepares the spaces whose message has this length and whose cost is finite.
pub(super) fn prepare_spaces<const W: usize>(
    spaces: &[Space],
    length: usize,
) -> Vec<PreparedSpace<W>> {
    let each = spaces.iter().enumerate();
    let fitting = each.filter(|(_, space)| space.base.len() == length && space.cost.is_finite());
    fitting
        .map(|(index, space)| PreparedSpace::new(index, space))
        .collect()
}

/// By how many bits a byte of the message is shifted in its word.
fn shift(byte: usize) -> u32 {
    24 - 8 * (byte % 4) as u32
}

fn read_words(bytes: &[u8]) -> Zeroizing<Vec<u32>> {
    let word = |four: &[u8]| {
        let from = |at| u32::from(four.get(at).copied().unwrap_or_default());
        from(0) << 24 | from(1) << 16 | from(2) << 8 | from(3)
    };
    Zeroizing::new(bytes.chunks(4).map(word).collect())
}

/// Lists levels by rising cost, with each bit once and equal costs joined.
fn list_levels(
    space: &Space,
    unknown: &BTreeSet<usize>,
    column: impl Fn(usize) -> Option<u32>,
) -> (Vec<FlipRange>, Vec<Flip>) {
    let given = space.levels.iter().filter(|level| level.cost.is_finite());
    let mut given: Vec<_> = given
        .map(|level| (level.cost.max(0.0), &level.bits))
        .collect();
    given.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut seen = BTreeSet::new();
    let (mut levels, mut flips) = (Vec::<FlipRange>::new(), Vec::new());
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
            _ => levels.push(FlipRange { cost, start, count }),
        }
    }
    (levels, flips)
}
