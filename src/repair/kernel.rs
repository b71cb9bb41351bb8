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

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "x86_64", test))]
mod lanes;

mod checksum_test;

pub use checksum_test::Kernel;
pub(super) use checksum_test::{ChecksumTest, IdTest, Test};
