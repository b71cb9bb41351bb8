//! What the bytes of a file are: copies of a backup, the image of a card, or a file of another kind, which may have been
//! written over a card, or hold copies nevertheless.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Medium;
use super::opening::{Opening, has_extension};
use crate::image::containers::foreign;
use crate::image::damage::readings::is_readings;
use crate::image::{Foreign, OpenError, Packing, ReadAt, SplitReads};

/// Most bytes of a file that is taken for copies of a backup rather than a card image.
pub(super) const MAX_SINGLE: usize = 64 << 10;
/// Most bytes of a longer file that is read to be searched for copies.
const MOST_SEARCHED: u64 = foreign::MOST_TEXT;

/// What some bytes are.
pub(super) struct Content {
    pub(super) source: Medium,
    /// Why they are refused where nothing is found in them.
    pub(super) otherwise: Option<OpenError>,
}

/// All bytes of a file.
pub(super) fn read(bytes: &dyn ReadAt) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let length = usize::try_from(bytes.size()).unwrap_or(usize::MAX);
    let mut all = Zeroizing::new(vec![0; length]);
    bytes.read_at(0, &mut all)?;
    Ok(all)
}

impl Opening<'_> {
    /// What was taken out of a container is, as a file of this name; `refused` says why it is none of a card.
    pub(super) fn content(
        &self,
        name: &Path,
        bytes: &Arc<dyn ReadAt>,
        refused: impl Fn(Foreign) -> OpenError,
    ) -> Result<Content, OpenError> {
        let content = |source, otherwise| Ok(Content { source, otherwise });
        match self.copies(name, &**bytes) {
            Ok(Some(copies)) => return content(Medium::SingleFile(copies), None),
            Err(OpenError::Foreign(found)) => return Err(refused(found)),
            found => found?,
        };
        let found = match Packing::of(bytes) {
            Ok(Some(packing)) => Some(packing.into()),
            _ => foreign::foreign(&**bytes),
        };
        let image = || Medium::Image(Box::new(SplitReads::new(Arc::clone(bytes))));
        let Some(found) = found else {
            return content(image(), None);
        };
        let file = Self::searched(&**bytes, found, false, &refused)?;
        let source = file.map_or_else(image, Medium::SingleFile);
        content(source, Some(refused(found)))
    }

    /// The bytes of a file of another kind that is searched from the first to the last before it is refused; `None` if it is
    /// searched as the image of a card over which it was written. What is compressed or a disk image would give some copies,
    /// and not all: that is converted first. A map beside it says that it was copied from a card.
    pub(super) fn searched(
        bytes: &dyn ReadAt,
        found: Foreign,
        has_map: bool,
        refused: impl Fn(Foreign) -> OpenError,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
        let size = bytes.size();
        if has_map || !found.has_way() && foreign::may_be_medium(size) {
            return Ok(None);
        }
        let is_file = size > MAX_SINGLE as u64 && size <= MOST_SEARCHED && !found.has_way();
        if !is_file || foreign::seems_text(bytes) {
            return Err(refused(found));
        }
        Ok(Some(read(bytes)?))
    }

    /// The bytes of a file that is one copy of a backup, or in which copies are, rather than the image of a card.
    pub(super) fn copies(
        &self,
        name: &Path,
        file: &dyn ReadAt,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
        if file.size() > MAX_SINGLE as u64 {
            return self.long_text(file);
        }
        let is_bin = has_extension(name, "bin");
        match read(file) {
            // Sectors of a card, copies among them, that say nothing without its image.
            Ok(bytes) if is_readings(&bytes) => match foreign::of_small(&bytes) {
                Some(readings) => Err(OpenError::Foreign(readings)),
                None => Ok(None),
            },
            // What of it is not compressed would give some copies, and not all.
            Ok(bytes) => match foreign::packed(&bytes) {
                Some(found) => Err(OpenError::Foreign(found)),
                None => Ok(Some(bytes).filter(|bytes| is_bin || (self.is_copy)(bytes))),
            },
            Err(error) if is_bin => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The bytes of a text that is too long to be one copy, where copies are in it: a mail, a chat.
    fn long_text(&self, file: &dyn ReadAt) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
        if file.size() > foreign::MOST_TEXT || !foreign::seems_text(file) {
            return Ok(None);
        }
        Ok(Some(read(file)?).filter(|bytes| (self.is_copy)(bytes)))
    }
}
