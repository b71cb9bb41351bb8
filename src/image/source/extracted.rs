//! Opens what was taken out of a container.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Medium;
use super::content::{Content, MAX_SINGLE, SearchAs, read, search_of};
use super::opening::{Opening, has_extension};
use crate::image::containers::foreign::{self, Foreign};
use crate::image::damage::readings::is_readings;
use crate::image::{OpenError, Packing, ReadAt, SplitReads};

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
        match search_of(&**bytes, found, false)? {
            SearchAs::Image => content(image(), Some(refused(found))),
            SearchAs::File(bytes) => content(Medium::SingleFile(bytes), Some(refused(found))),
            SearchAs::None => Err(refused(found)),
        }
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
