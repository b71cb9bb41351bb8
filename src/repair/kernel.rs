//! Tests batches of candidates: which of them has the id or the checksum.
//!
//! A batch is a slice of rows; a row holds those words of a message that differ between candidates,
//! big-endian as SHA-256 reads them. Two kernels do the same work: one calls the compression
//! function of `sha2`, which uses the SHA instructions where the processor has them; the other
//! computes sixteen candidates at a time with AVX-512.

#![cfg_attr(
    not(test),
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "the innermost loop; arrays of fixed size, and words of SHA-256"
    )
)]

use sha2::block_api::compress256;
use zeroize::Zeroize;

use crate::backup::Id;

/// How candidates are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// One at a time, everywhere.
    Portable,
    /// Sixteen at a time, with AVX-512.
    Avx512,
}

impl Kernel {
    /// The fastest this machine has.
    pub fn best() -> Self {
        Self::Avx512.or_present()
    }

    /// This kernel if the machine has it, else the portable one.
    pub fn or_present(self) -> Self {
        Self::Portable
    }
}

/// Tests rows of `W` words.
pub(super) trait Test<const W: usize>: Sync {
    /// The first row that passes, and which of the targets it has.
    fn first(&self, kernel: Kernel, rows: &[[u32; W]]) -> Option<(usize, usize)>;
}

/// SHA-256 of nothing yet.
const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The state after the inner pad of the key `backup`.
const INNER: [u32; 8] = [
    0xce8f7941, 0x6015873e, 0xbb03b7c9, 0x2e5d0351, 0x529931a0, 0xbb2da7aa, 0x2a01b2b5, 0x62574e37,
];

/// The state after the outer pad of the key `backup`.
const OUTER: [u32; 8] = [
    0x87b9179a, 0x7c69f6bb, 0x8d9aae30, 0x0935b68b, 0x538e62b8, 0xe5bcd113, 0x2283d6a7, 0xba4e910e,
];

/// What follows 32 bytes of a message that stand after one whole block: a one bit, zeros, and the
/// length of 96 bytes in bits.
const PADDING: [u32; 8] = [0x8000_0000, 0, 0, 0, 0, 0, 0, 768];

/// Tests whether a row, all eight words of a seed field, has one of some ids.
pub(super) struct IdTest {
    ids: Vec<[u32; 8]>,
}

impl IdTest {
    pub(super) fn new(ids: &[Id]) -> Self {
        Self {
            ids: ids.iter().map(|id| words(&id.0)).collect(),
        }
    }

    /// Which of the ids this row has.
    fn one(&self, row: &[u32; 8]) -> Option<usize> {
        let mut state = INNER;
        compress(&mut state, row, &PADDING);
        let inner = state;
        state = OUTER;
        compress(&mut state, &inner, &PADDING);
        self.ids.iter().position(|id| *id == state)
    }
}

impl Test<8> for IdTest {
    fn first(&self, _kernel: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        first_of(rows, |row| self.one(row))
    }
}

/// Tests whether a row, the changing words of 133 bytes, has nearly a checksum. Wiped on drop.
pub(super) struct ChecksumTest {
    sum: [u32; 8],
    /// Which bits of it are known.
    mask: [u32; 8],
    distance: u32,
    /// The state after the blocks before the first that changes.
    midstate: [u32; 8],
    /// The first block that changes: 0, 1 or 2.
    block: usize,
    /// The padded message as most likely, three blocks.
    message: [u32; 48],
    /// Which word stands in each column of a row.
    columns: Vec<usize>,
}

impl Drop for ChecksumTest {
    fn drop(&mut self) {
        self.message.zeroize();
        self.midstate.zeroize();
    }
}

impl ChecksumTest {
    /// A test of messages of 34 words (133 bytes and zeros) whose `columns` are words that change.
    ///
    /// `sum` is the checksum, and which bits of it are known.
    pub(super) fn new(
        words_of: &[u32],
        columns: &[usize],
        sum: &([u8; 32], [u8; 32]),
        distance: u32,
    ) -> Self {
        let mut message = [0; 48];
        for (to, from) in message.iter_mut().zip(words_of) {
            *to = *from;
        }
        message[33] |= 0x0080_0000;
        message[47] = 133 * 8;
        let block = columns.iter().min().map_or(2, |word| (word / 16).min(2));
        let mut midstate = INITIAL;
        for before in 0..block {
            compress_block(&mut midstate, &message, before);
        }
        Self {
            sum: words(&sum.0),
            mask: words(&sum.1),
            distance,
            midstate,
            block,
            message,
            columns: columns.to_vec(),
        }
    }
}

impl<const W: usize> Test<W> for ChecksumTest {
    fn first(&self, _kernel: Kernel, rows: &[[u32; W]]) -> Option<(usize, usize)> {
        let mut message = zeroize::Zeroizing::new(self.message);
        first_of(rows, |row| {
            for (&word, &value) in self.columns.iter().zip(row) {
                message[word] = value;
            }
            message[33] |= 0x0080_0000; // the padding after byte 132, in a word that may change
            let mut state = self.midstate;
            for block in self.block..3 {
                compress_block(&mut state, &message, block);
            }
            let differ = state.iter().zip(&self.sum).zip(&self.mask);
            let distance: u32 = differ
                .map(|((a, b), mask)| ((a ^ b) & mask).count_ones())
                .sum();
            (distance <= self.distance).then_some(0)
        })
    }
}

fn first_of<const W: usize>(
    rows: &[[u32; W]],
    mut test: impl FnMut(&[u32; W]) -> Option<usize>,
) -> Option<(usize, usize)> {
    let mut each = rows.iter().enumerate();
    each.find_map(|(at, row)| Some((at, test(row)?)))
}

fn words(bytes: &[u8; 32]) -> [u32; 8] {
    std::array::from_fn(|at| {
        let byte = |next| u32::from(bytes[4 * at + next]);
        byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)
    })
}

fn compress(state: &mut [u32; 8], first: &[u32; 8], second: &[u32; 8]) {
    let mut block = [0; 64];
    for (to, from) in block.chunks_exact_mut(4).zip(first.iter().chain(second)) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    compress256(state, &[block]);
}

fn compress_block(state: &mut [u32; 8], message: &[u32; 48], block: usize) {
    let words = &message[16 * block..16 * block + 16];
    let mut bytes = [0; 64];
    for (to, from) in bytes.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    compress256(state, &[bytes]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_are_of_the_key() {
        for (pad, state) in [(0x36, INNER), (0x5c, OUTER)] {
            let mut block = [pad; 64];
            for (to, key) in block.iter_mut().zip(b"backup") {
                *to ^= key;
            }
            let mut made = INITIAL;
            compress256(&mut made, &[block]);
            assert_eq!(made, state);
        }
    }
}
