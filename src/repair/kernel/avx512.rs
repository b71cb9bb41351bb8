//! Tests sixteen candidates at a time, with the foundation of AVX-512 alone.
//!
//! A vector holds one word of sixteen messages. The functions here only preselect: they find groups
//! of sixteen rows of which one may pass, and the portable kernel decides.
//!
//! # Why the unsafe code is sound
//!
//! There are two kinds. [`find_id_group`], [`find_near_id_group`] and [`find_checksum_group`] call functions that
//! need AVX-512F: all check first that the processor has it, and do nothing otherwise. `load` reads the
//! 32 bytes that a reference to eight words guarantees, by an instruction that needs no alignment.

#![allow(
    unsafe_code,
    reason = "the one module with vector code; the proof is in its documentation"
)]

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_loadu_si256, _mm512_add_epi32, _mm512_and_si512,
    _mm512_castsi256_si512, _mm512_cmpeq_epi32_mask, _mm512_cmple_epu32_mask, _mm512_inserti64x4,
    _mm512_ror_epi32, _mm512_set1_epi32, _mm512_shuffle_i32x4, _mm512_srli_epi32, _mm512_sub_epi32,
    _mm512_ternarylogic_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32,
    _mm512_unpacklo_epi64, _mm512_xor_si512,
};

use super::checksum_test::ChecksumTest;
use super::lanes::{self, K_256 as K};
use super::near_id_test::NearId;
use super::sha256::{INNER, LAST_BITS, OUTER, PADDING};

/// Sixteen rows of `W` words.
pub(super) type Group<const W: usize> = [[u32; W]; 16];

/// Whether the processor and the operating system support what is used here.
pub(super) fn is_present() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
}

/// The first group of which a row may have an ID that ends in one of `last_words`.
pub(super) fn find_id_group(last_words: &[u32], groups: &[Group<8>]) -> Option<usize> {
    if !is_present() {
        return None;
    }
    // SAFETY: AVX-512F is present.
    unsafe { find_id_group_by_lanes(last_words, groups) }
}

/// The first group of which a row may have an ID near one of `ids`.
pub(super) fn find_near_id_group(ids: &[NearId], groups: &[Group<8>]) -> Option<usize> {
    if !is_present() {
        return None;
    }
    // SAFETY: AVX-512F is present.
    unsafe { find_near_id_group_by_lanes(ids, groups) }
}

/// The first group of which a row may pass the test.
pub(super) fn find_checksum_group<const W: usize>(
    test: &ChecksumTest,
    groups: &[Group<W>],
) -> Option<usize> {
    if !is_present() {
        return None;
    }
    // SAFETY: AVX-512F is present.
    unsafe { find_checksum_group_by_lanes(test, groups) }
}

#[target_feature(enable = "avx512f")]
fn find_id_group_by_lanes(last_words: &[u32], groups: &[Group<8>]) -> Option<usize> {
    groups.iter().position(|group| {
        let last = compute_last_words(transpose(group, 0));
        last_words
            .iter()
            .any(|word| _mm512_cmpeq_epi32_mask(last, splat(*word)) != 0)
    })
}

#[target_feature(enable = "avx512f")]
fn find_near_id_group_by_lanes(ids: &[NearId], groups: &[Group<8>]) -> Option<usize> {
    groups.iter().position(|group| {
        let own = compute_ids(transpose(group, 0));
        ids.iter().any(|id| {
            let (words, mask) = (splats(id.words), splats(id.mask));
            let mut differ = own;
            for ((word, of), mask) in differ.iter_mut().zip(words).zip(mask) {
                *word = _mm512_and_si512(_mm512_xor_si512(*word, of), mask);
            }
            _mm512_cmple_epu32_mask(count_ones(differ), splat(id.distance)) != 0
        })
    })
}

/// The last words of the HMACs of sixteen seed fields, which are given as words.
///
/// The last word is known three rounds before the end, and half of both blocks is padding.
#[inline]
#[target_feature(enable = "avx512f")]
fn compute_last_words(seed: [__m512i; 8]) -> __m512i {
    compute_ids(seed)[7]
}

/// The HMACs of sixteen seed fields, which are given as words.
#[inline]
#[target_feature(enable = "avx512f")]
fn compute_ids(seed: [__m512i; 8]) -> [__m512i; 8] {
    let inner = lanes::compress_256!(splats(INNER), pad(seed));
    lanes::compress_256!(splats(OUTER), pad(inner))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn pad(words: [__m512i; 8]) -> [__m512i; 16] {
    let [a, b, c, d, e, f, g, h] = words;
    let [i, j, k, l, m, n, o, p] = splats(PADDING);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

#[target_feature(enable = "avx512f")]
fn find_checksum_group_by_lanes<const W: usize>(
    test: &ChecksumTest,
    groups: &[Group<W>],
) -> Option<usize> {
    let (sum, mask) = (splats(test.sum), splats(test.mask));
    let most = splat(test.distance);
    let mut message = [splat(0); 48];
    for (to, word) in message.iter_mut().zip(test.message) {
        *to = splat(word);
    }
    let last_byte = splat(test.message[33] & LAST_BITS);
    let found = groups.iter().position(|group| {
        for (chunk, words) in test.columns.chunks(8).enumerate() {
            let made = transpose(group, 8 * chunk);
            for (&word, made) in words.iter().zip(made) {
                message[word] = made;
            }
        }
        let mut state = splats(test.midstate);
        if test.block == 0 {
            state = compress(state, block(&message, 0));
        }
        if test.block <= 1 {
            state = compress(state, block(&message, 16));
        }
        let padded = or(message[33], last_byte);
        state = compress_last(state, message[32], padded);
        for ((word, sum), mask) in state.iter_mut().zip(sum).zip(mask) {
            *word = _mm512_and_si512(_mm512_xor_si512(*word, sum), mask);
        }
        _mm512_cmple_epu32_mask(count_ones(state), most) != 0
    });
    // The vectors held part of a message, which is secret.
    for word in &mut message {
        *word = splat(0);
    }
    std::hint::black_box(&message);
    found
}

#[inline]
#[target_feature(enable = "avx512f")]
fn block(message: &[__m512i; 48], from: usize) -> [__m512i; 16] {
    let mut words = [splat(0); 16];
    words.copy_from_slice(&message[from..from + 16]);
    words
}

#[target_feature(enable = "avx512f")]
fn compress(state: [__m512i; 8], words: [__m512i; 16]) -> [__m512i; 8] {
    lanes::compress_256!(state, words)
}

/// Compresses the last of three blocks of 133 bytes: two words that may change, zeros and the
/// length.
#[target_feature(enable = "avx512f")]
fn compress_last(state: [__m512i; 8], first: __m512i, second: __m512i) -> [__m512i; 8] {
    let mut words = [splat(0); 16];
    words[0] = first;
    words[1] = second;
    words[15] = splat(133 * 8);
    lanes::compress_256!(state, words)
}

/// How many bits of eight words are set, for each lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn count_ones(words: [__m512i; 8]) -> __m512i {
    let [a, b, c, d, e, f, g, h] = words;
    // Carry-save adders: eight bits of weight 1 become one each of weight 1, 2, 4 and 8.
    let (abc, abc2) = (parity(a, b, c), majority(a, b, c));
    let (def, def2) = (parity(d, e, f), majority(d, e, f));
    let (seven, seven2) = (parity(g, abc, def), majority(g, abc, def));
    let (one, eight2) = (_mm512_xor_si512(seven, h), _mm512_and_si512(seven, h));
    let (twos, twos4) = (parity(abc2, def2, seven2), majority(abc2, def2, seven2));
    let (two, eight4) = (
        _mm512_xor_si512(twos, eight2),
        _mm512_and_si512(twos, eight2),
    );
    let (four, eight) = (
        _mm512_xor_si512(twos4, eight4),
        _mm512_and_si512(twos4, eight4),
    );
    let mut sum = splat(0);
    for bits in [eight, four, two, one] {
        sum = add(add(sum, sum), count_ones_per_byte(bits)); // at most 64 in each byte
    }
    let halves = add(
        _mm512_and_si512(sum, splat(0x00ff_00ff)),
        _mm512_and_si512(shift::<8>(sum), splat(0x00ff_00ff)),
    );
    _mm512_and_si512(add(halves, shift::<16>(halves)), splat(0x1ff))
}

/// How many bits of each byte are set.
#[inline]
#[target_feature(enable = "avx512f")]
fn count_ones_per_byte(bits: __m512i) -> __m512i {
    let pairs = _mm512_sub_epi32(bits, _mm512_and_si512(shift::<1>(bits), splat(0x5555_5555)));
    let two = splat(0x3333_3333);
    let fours = add(
        _mm512_and_si512(pairs, two),
        _mm512_and_si512(shift::<2>(pairs), two),
    );
    _mm512_and_si512(add(fours, shift::<4>(fours)), splat(0x0f0f_0f0f))
}

/// Eight columns of sixteen rows, starting at column `from`. The order of the rows is not theirs in
/// the group, but the same in every column.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose<const W: usize>(group: &Group<W>, from: usize) -> [__m512i; 8] {
    let mut pairs = [splat(0); 8];
    for (pair, rows) in pairs.iter_mut().zip(group.chunks_exact(2)) {
        let low = _mm512_castsi256_si512(load(take_eight(&rows[0], from)));
        *pair = _mm512_inserti64x4::<1>(low, load(take_eight(&rows[1], from)));
    }
    let [a, b, c, d, e, f, g, h] = pairs;
    let left = transpose_half(a, b, c, d);
    let right = transpose_half(e, f, g, h);
    let mut columns = [splat(0); 8];
    for at in 0..4 {
        columns[at] = _mm512_shuffle_i32x4::<0b10_00_10_00>(left[at], right[at]);
        columns[at + 4] = _mm512_shuffle_i32x4::<0b11_01_11_01>(left[at], right[at]);
    }
    columns
}

/// Columns 0 to 3 of eight rows, and columns 4 to 7 beside them.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose_half(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> [__m512i; 4] {
    let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
    let (ab_high, cd_high) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab, cd),
        _mm512_unpackhi_epi64(ab, cd),
        _mm512_unpacklo_epi64(ab_high, cd_high),
        _mm512_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// Eight words of a row, or zeros if it has fewer.
#[inline]
fn take_eight<const W: usize>(row: &[u32; W], from: usize) -> &[u32; 8] {
    row.get(from..)
        .and_then(|rest| rest.first_chunk())
        .unwrap_or(&[0; 8])
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(words: &[u32; 8]) -> __m256i {
    // SAFETY: the reference is valid for 32 bytes, and the load may be unaligned.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splats(words: [u32; 8]) -> [__m512i; 8] {
    let [a, b, c, d, e, f, g, h] = words;
    [
        splat(a),
        splat(b),
        splat(c),
        splat(d),
        splat(e),
        splat(f),
        splat(g),
        splat(h),
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: __m512i, b: __m512i) -> __m512i {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn rotate<const BITS: i32>(a: __m512i) -> __m512i {
    _mm512_ror_epi32::<BITS>(a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn shift<const BITS: u32>(a: __m512i) -> __m512i {
    _mm512_srli_epi32::<BITS>(a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn parity(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn upper_sigma_0(a: __m512i) -> __m512i {
    parity(rotate::<2>(a), rotate::<13>(a), rotate::<22>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn upper_sigma_1(a: __m512i) -> __m512i {
    parity(rotate::<6>(a), rotate::<11>(a), rotate::<25>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn lower_sigma_0(a: __m512i) -> __m512i {
    parity(rotate::<7>(a), rotate::<18>(a), shift::<3>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn lower_sigma_1(a: __m512i) -> __m512i {
    parity(rotate::<17>(a), rotate::<19>(a), shift::<10>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn choose(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xca>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn majority(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xe8>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn or(a: __m512i, b: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xfc>(a, b, b)
}
