//! Tests all fields against the checksum.

use zeroize::{Zeroize, Zeroizing};

use super::sha256::{INITIAL, LAST_BITS, compress_block, read_words};

/// Tests whether a row, the changing words of 133 bytes, has the checksum or nearly so. Wiped on
/// drop.
pub(in crate::repair) struct ChecksumTest {
    pub(super) sum: [u32; 8],
    /// Which bits of the checksum are known.
    pub(super) mask: [u32; 8],
    /// How many of the known bits may differ.
    pub(super) distance: u32,
    /// The state after the blocks that never change.
    pub(super) midstate: [u32; 8],
    /// The first block that changes: 0, 1 or 2.
    pub(super) block: usize,
    /// The most likely message with its padding, three blocks.
    pub(super) message: [u32; 48],
    /// The word of the message in each column of a row.
    pub(super) columns: Vec<usize>,
}

impl Drop for ChecksumTest {
    fn drop(&mut self) {
        self.message.zeroize();
        self.midstate.zeroize();
    }
}

impl ChecksumTest {
    /// Makes a test of messages of 34 words (133 bytes and zeros), of which the words in `columns`
    /// change.
    ///
    /// `sum` is the checksum and the mask of its known bits.
    pub(in crate::repair) fn new(
        words: &[u32],
        columns: &[usize],
        sum: &([u8; 32], [u8; 32]),
        distance: u32,
    ) -> Self {
        let mut message = [0; 48];
        for (to, from) in message.iter_mut().zip(words) {
            *to = *from;
        }
        message[33] = message[33] & !LAST_BITS | 0x0080_0000;
        message[47] = 133 * 8;
        let block = columns.iter().min().map_or(2, |word| (word / 16).min(2));
        let mut midstate = INITIAL;
        for before in 0..block {
            compress_block(&mut midstate, &message, before);
        }
        Self {
            sum: read_words(&sum.0),
            mask: read_words(&sum.1),
            distance,
            midstate,
            block,
            message,
            columns: columns.to_vec(),
        }
    }

    /// Makes a check for one row after another; it keeps a message of its own.
    pub(super) fn row_check<const W: usize>(&self) -> impl FnMut(&[u32; W]) -> Option<usize> {
        let mut message = Zeroizing::new(self.message);
        move |row| {
            for (&word, &value) in self.columns.iter().zip(row) {
                message[word] = value;
            }
            message[33] |= self.message[33] & LAST_BITS; // a word that may change ends in padding
            let mut state = self.midstate;
            for block in self.block..3 {
                compress_block(&mut state, &message, block);
            }
            let differ = state.iter().zip(&self.sum).zip(&self.mask);
            let distance: u32 = differ
                .map(|((a, b), mask)| ((a ^ b) & mask).count_ones())
                .sum();
            (distance <= self.distance).then_some(0)
        }
    }
}
