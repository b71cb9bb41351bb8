//! Compressed images: unpacked in one pass into a store of pages that are not zero.

#[cfg(feature = "compressed")]
pub(super) mod input;
pub(super) mod packing;
pub(super) mod pages;
#[cfg_attr(not(feature = "compressed"), path = "packed/unpack_none.rs")]
pub(super) mod unpack;
