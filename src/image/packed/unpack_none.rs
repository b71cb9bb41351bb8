//! Compressed images where the library is built without them.

use crate::image::ReadAt;
use crate::image::packed::packing::{Packing, UnpackError};
use crate::image::packed::pages::Pages;
use crate::progress::Progress;

/// Refuses every compressed image: this library was built without the feature `compressed`.
///
/// # Errors
/// [`UnpackError::NotBuilt`].
pub fn unpack(
    _image: &dyn ReadAt,
    packing: Packing,
    _budget: u64,
    _progress: &Progress<'_>,
) -> Result<Pages, UnpackError> {
    Err(UnpackError::NotBuilt(packing))
}

/// What unpacks of a compressed image.
#[derive(Debug)]
pub struct Unpacked {
    /// The bytes.
    pub pages: Pages,
    /// What is wrong with the rest of it, or with all of it; `None` if nothing is.
    pub flaw: Option<UnpackError>,
    /// How many bytes there were before it was damaged, if the format says so.
    pub size: Option<u64>,
}

/// Refuses every compressed image: this library was built without the feature `compressed`.
///
/// # Errors
/// [`UnpackError::NotBuilt`].
pub fn unpack_damaged(
    _image: &dyn ReadAt,
    packing: Packing,
    _budget: u64,
    _progress: &Progress<'_>,
) -> Result<Unpacked, UnpackError> {
    Err(UnpackError::NotBuilt(packing))
}
