//! SHA-256 over words: the states and paddings that are the same for every candidate.

use sha2::block_api::compress256;

/// The state before the first block.
pub(super) const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The state after the inner pad of the HMAC key `backup`.
pub(super) const INNER: [u32; 8] = [
    0xce8f7941, 0x6015873e, 0xbb03b7c9, 0x2e5d0351, 0x529931a0, 0xbb2da7aa, 0x2a01b2b5, 0x62574e37,
];

/// The state after the outer pad of the HMAC key `backup`.
pub(super) const OUTER: [u32; 8] = [
    0x87b9179a, 0x7c69f6bb, 0x8d9aae30, 0x0935b68b, 0x538e62b8, 0xe5bcd113, 0x2283d6a7, 0xba4e910e,
];

/// The padding of a message of one whole block and 32 bytes: a one bit, zeros, and the length of 96
/// bytes in bits.
pub(super) const PADDING: [u32; 8] = [0x8000_0000, 0, 0, 0, 0, 0, 0, 768];

/// The bits of word 33 of a padded message of 133 bytes that are padding.
pub(super) const LAST_BITS: u32 = 0x00ff_ffff;

/// The big-endian words of 32 bytes.
pub(super) fn read_words(bytes: &[u8; 32]) -> [u32; 8] {
    std::array::from_fn(|at| {
        let byte = |next| u32::from(bytes[4 * at + next]);
        byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)
    })
}

/// Compresses one block, given as its two halves.
#[inline]
pub(super) fn compress_halves(state: &mut [u32; 8], first: &[u32; 8], second: &[u32; 8]) {
    let mut block = [0; 64];
    for (to, from) in block.chunks_exact_mut(4).zip(first.iter().chain(second)) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    compress256(state, &[block]);
}

/// Compresses one of the three blocks of a message.
#[inline]
pub(super) fn compress_block(state: &mut [u32; 8], message: &[u32; 48], block: usize) {
    let words = &message[16 * block..16 * block + 16];
    let mut bytes = [0; 64];
    for (to, from) in bytes.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    compress256(state, &[bytes]);
}
