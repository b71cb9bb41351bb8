//! ZIP archives where the library is built without them.

use std::sync::Arc;

use super::{Archive, ArchiveDamage, ArchiveError, Place, SmallMember};
use crate::image::containers::foreign::Foreign;
use crate::image::{Pages, ReadAt};
use crate::progress::Progress;

/// None is ever opened.
pub(super) enum Zip {}

/// Whether an image begins as a ZIP archive does.
pub(super) fn begins(image: &dyn ReadAt) -> bool {
    let mut head = [0; 4];
    image.size() >= 22 && image.read_at(0, &mut head).is_ok() && head == *b"PK\x03\x04"
}

/// Whether a file that begins as something else ends as one: here nobody looks.
pub(super) fn ends(_image: &dyn ReadAt) -> bool {
    false
}

/// Refuses every archive: this library was built without the feature `compressed`.
pub(super) fn open(
    _image: &Arc<dyn ReadAt>,
    _progress: &Progress<'_>,
) -> Result<Option<Archive>, ArchiveError> {
    Err(ArchiveError::Foreign(Foreign::NO_ZIP))
}

impl Zip {
    pub(super) fn unpack(
        &self,
        _place: Place,
        _budget: u64,
        _progress: &Progress<'_>,
    ) -> Result<(Pages, Option<ArchiveDamage>), ArchiveError> {
        match *self {}
    }

    pub(super) fn read_small(
        &self,
        _place: Place,
        _most: usize,
    ) -> Result<Option<SmallMember>, ArchiveError> {
        match *self {}
    }

    pub(super) fn read_head(&self, _place: Place, _head: &mut [u8]) -> bool {
        match *self {}
    }
}
