//! Compressed images: unpacked in one pass into a store of pages that are not zero.

pub(super) mod format;
#[cfg(feature = "compressed")]
pub(super) mod input;
pub(super) mod sparse_pages;
#[cfg(feature = "compressed")]
mod unpack;

#[cfg(not(feature = "compressed"))]
use zeroize::Zeroizing;

use crate::image::ReadAt;
use crate::progress::Progress;
use format::{Packing, UnpackError};
use sparse_pages::Pages;

#[cfg(feature = "compressed")]
pub(crate) use unpack::unpack_beginning;
#[cfg(feature = "compressed")]
pub use unpack::unpack_damaged;

/// Refuses every compressed image: this library was built without the feature `compressed`.
///
/// # Errors
/// [`UnpackError::NotBuilt`].
#[cfg(not(feature = "compressed"))]
pub fn unpack_damaged(
    _: &dyn ReadAt,
    packing: Packing,
    _: u64,
    _: &Progress<'_>,
) -> Result<format::UnpackedImage, UnpackError> {
    Err(UnpackError::NotBuilt(packing))
}

#[cfg(not(feature = "compressed"))]
pub(crate) fn unpack_beginning(_: &dyn ReadAt, _: Packing, _: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::default()
}

/// Unpacks a whole compressed image, as [`unpack_damaged`] does.
///
/// # Errors
/// [`UnpackError`].
pub fn unpack(
    image: &dyn ReadAt,
    packing: Packing,
    budget: u64,
    progress: &Progress<'_>,
) -> Result<Pages, UnpackError> {
    let unpacked = unpack_damaged(image, packing, budget, progress)?;
    match unpacked.flaw {
        Some(flaw) => Err(flaw),
        None => Ok(unpacked.pages),
    }
}
