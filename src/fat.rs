//! The FAT file system on its medium: tolerant readers for evidence.
//!
//! Says what lies where, deleted and damaged things included, and judges nothing as a device would;
//! that is [`crate::firmware`]'s work, which shares the records here and none of the policy.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod cluster;
pub mod codepage;
pub mod directory;
pub mod entry;
pub mod geometry;
pub mod infer;
pub mod long_name;
pub mod table;

/// The bytes of a number at a place; `None` if they are not all there.
pub(crate) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
