//! Repeats the HMAC of eight candidates at a time, with the foundation of AVX-512 alone. A vector holds
//! one word of eight messages.
//!
//! # Why the unsafe code is sound
//!
//! There are three kinds. [`repeat`] calls a function that needs the processor's feature: it checks first that it is
//! there, and does nothing otherwise. `load` reads, and `store` writes, the 64 bytes that a reference to eight words
//! guarantees, by an instruction that needs no alignment.

#![allow(
    unsafe_code,
    reason = "vector code; the proof is in the documentation of the module"
)]

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_loadu_si512, _mm512_ror_epi64, _mm512_set1_epi64,
    _mm512_srli_epi64, _mm512_storeu_si512, _mm512_ternarylogic_epi64, _mm512_xor_si512,
};

use zeroize::Zeroizing;

use super::avx512::is_present;
use super::lanes::{self, K_512 as K, ROUNDS, States};

const LANES: usize = 8;

lanes::stretch_kernel!("avx512f", __m512i, _mm512_loadu_si512, _mm512_storeu_si512);

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: __m512i, b: __m512i) -> __m512i {
    _mm512_add_epi64(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor(a: __m512i, b: __m512i) -> __m512i {
    _mm512_xor_si512(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn rotate<const BITS: i32>(a: __m512i) -> __m512i {
    _mm512_ror_epi64::<BITS>(a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn shift<const BITS: u32>(a: __m512i) -> __m512i {
    _mm512_srli_epi64::<BITS>(a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn parity(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn choose(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0xca>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn majority(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0xe8>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn upper_sigma_0(a: __m512i) -> __m512i {
    parity(rotate::<28>(a), rotate::<34>(a), rotate::<39>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn upper_sigma_1(a: __m512i) -> __m512i {
    parity(rotate::<14>(a), rotate::<18>(a), rotate::<41>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn lower_sigma_0(a: __m512i) -> __m512i {
    parity(rotate::<1>(a), rotate::<8>(a), shift::<7>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn lower_sigma_1(a: __m512i) -> __m512i {
    parity(rotate::<19>(a), rotate::<61>(a), shift::<6>(a))
}
