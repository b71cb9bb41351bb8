//! tar archives where the library is built without them.

use std::sync::Arc;

use super::Archive;
use crate::image::ReadAt;
use crate::progress::Progress;

/// None is looked into: this library was built without the feature `compressed`.
pub(super) fn open(_image: &Arc<dyn ReadAt>, _progress: &Progress<'_>) -> Option<Archive> {
    None
}
