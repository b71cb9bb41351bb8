//! Tests rows of candidates: which of them has the ID or the checksum.
//!
//! A row holds those words of a message that differ between candidates, big-endian as SHA-256 reads
//! them. Two kernels do the same work. The portable one calls the compression function of `sha2`,
//! which uses the SHA instructions where the processor has them; the other one computes sixteen
//! candidates at a time with AVX-512.

#![cfg_attr(
    not(test),
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "the innermost loop: arrays of fixed size, and the words of SHA-256"
    )
)]

#[cfg(target_arch = "x86_64")]
mod avx2_stretch;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avx512_stretch;
mod checksum_test;
mod id_test;
#[allow(
    clippy::module_inception,
    reason = "the file is named by its type, and the module by what it is about"
)]
mod kernel;
#[cfg(any(target_arch = "x86_64", test))]
mod lanes;
mod near_id_test;
mod owner_test;
mod row_test;
mod sha256;
mod stretch;
#[cfg(target_arch = "x86_64")]
mod stretch_lanes;

pub(super) use checksum_test::ChecksumTest;
pub(super) use id_test::IdTest;
pub use kernel::Kernel;
pub(super) use near_id_test::NearIdTest;
pub(super) use owner_test::OwnerTest;
pub(super) use row_test::RowTest;

#[cfg(test)]
mod tests;
