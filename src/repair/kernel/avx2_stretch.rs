//! Repeats the HMAC of four candidates at a time, with AVX2. A vector holds one word
//! of four messages.
//!
//! # Why the unsafe code is sound
//!
//! There are three kinds. [`repeat`] calls a function that needs the processor's feature: it checks first that it is
//! there, and does nothing otherwise. `load` reads, and `store` writes, the 32 bytes that a reference to four words
//! guarantees, by an instruction that needs no alignment.

#![allow(
    unsafe_code,
    reason = "vector code; the proof is in the documentation of the module"
)]

use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_loadu_si256, _mm256_or_si256,
    _mm256_set1_epi64x, _mm256_slli_epi64, _mm256_srli_epi64, _mm256_storeu_si256,
    _mm256_xor_si256,
};

use zeroize::Zeroizing;

use super::lanes::{self, K_512 as K, ROUNDS, States};

const LANES: usize = 4;

/// Whether the processor and the operating system support what is used here.
pub(super) fn is_present() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

lanes::stretch_kernel!("avx2", __m256i, _mm256_loadu_si256, _mm256_storeu_si256);

#[inline]
#[target_feature(enable = "avx2")]
fn splat(word: u64) -> __m256i {
    _mm256_set1_epi64x(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: __m256i, b: __m256i) -> __m256i {
    _mm256_add_epi64(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor(a: __m256i, b: __m256i) -> __m256i {
    _mm256_xor_si256(a, b)
}

/// Rotates to the right by `RIGHT` bits; `LEFT` is 64 less these.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const RIGHT: i32, const LEFT: i32>(a: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_srli_epi64::<RIGHT>(a), _mm256_slli_epi64::<LEFT>(a))
}

#[inline]
#[target_feature(enable = "avx2")]
fn shift<const BITS: i32>(a: __m256i) -> __m256i {
    _mm256_srli_epi64::<BITS>(a)
}

#[inline]
#[target_feature(enable = "avx2")]
fn parity(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    xor(xor(a, b), c)
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    xor(_mm256_and_si256(xor(b, c), a), c)
}

#[inline]
#[target_feature(enable = "avx2")]
fn majority(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    _mm256_or_si256(
        _mm256_and_si256(a, b),
        _mm256_and_si256(c, _mm256_or_si256(a, b)),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn upper_sigma_0(a: __m256i) -> __m256i {
    parity(
        rotate::<28, 36>(a),
        rotate::<34, 30>(a),
        rotate::<39, 25>(a),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn upper_sigma_1(a: __m256i) -> __m256i {
    parity(
        rotate::<14, 50>(a),
        rotate::<18, 46>(a),
        rotate::<41, 23>(a),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn lower_sigma_0(a: __m256i) -> __m256i {
    parity(rotate::<1, 63>(a), rotate::<8, 56>(a), shift::<7>(a))
}

#[inline]
#[target_feature(enable = "avx2")]
fn lower_sigma_1(a: __m256i) -> __m256i {
    parity(rotate::<19, 45>(a), rotate::<61, 3>(a), shift::<6>(a))
}
