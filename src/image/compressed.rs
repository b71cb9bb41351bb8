//! Compressed images: unpacked in one pass into a store of pages that are not zero.

pub(super) mod format;
#[cfg(feature = "compressed")]
pub(super) mod input;
pub(super) mod sparse_pages;
#[cfg_attr(not(feature = "compressed"), path = "compressed/unpack_none.rs")]
pub(super) mod unpack;

use crate::image::ReadAt;
use crate::progress::Progress;
use format::{Packing, UnpackError};
use sparse_pages::Pages;

/// Unpacks a whole compressed image, as [`unpack::unpack_damaged`] does.
///
/// # Errors
/// [`UnpackError`].
pub fn unpack(
    image: &dyn ReadAt,
    packing: Packing,
    budget: u64,
    progress: &Progress<'_>,
) -> Result<Pages, UnpackError> {
    let unpacked = unpack::unpack_damaged(image, packing, budget, progress)?;
    match unpacked.flaw {
        Some(flaw) => Err(flaw),
        None => Ok(unpacked.pages),
    }
}
