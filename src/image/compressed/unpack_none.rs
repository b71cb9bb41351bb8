//! Compressed images where the library is built without them.

use crate::image::ReadAt;
use crate::image::compressed::format::{Packing, UnpackError, UnpackedImage};
use crate::progress::Progress;
use zeroize::Zeroizing;

/// Refuses every compressed image: this library was built without the feature `compressed`.
///
/// # Errors
/// [`UnpackError::NotBuilt`].
pub fn unpack_damaged(
    _image: &dyn ReadAt,
    packing: Packing,
    _budget: u64,
    _progress: &Progress<'_>,
) -> Result<UnpackedImage, UnpackError> {
    Err(UnpackError::NotBuilt(packing))
}

/// None of a compressed image.
pub(in crate::image) fn unpack_beginning(
    _image: &dyn ReadAt,
    _packing: Packing,
    _most: usize,
) -> Zeroizing<Vec<u8>> {
    Zeroizing::default()
}
