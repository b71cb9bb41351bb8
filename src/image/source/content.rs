//! What the bytes of a file are: copies of a backup, the image of a card, or a file of another kind, which may have been
//! written over a card, or hold copies nevertheless.

use zeroize::Zeroizing;

use super::Medium;
use crate::image::containers::foreign::{self, Foreign};
use crate::image::{OpenError, ReadAt};

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

/// How a file of another kind is searched before it is refused.
pub(super) enum SearchAs {
    /// As the image of a card over which it was written.
    Image,
    /// As a file in which copies may be, from the first byte to the last.
    File(Zeroizing<Vec<u8>>),
    /// Not at all.
    None,
}

/// How a file that was found to be of another kind is searched. What is compressed or a disk image would give some
/// copies, and not all: that is converted first. A map beside it says that it was copied from a card.
pub(super) fn search_of(
    bytes: &dyn ReadAt,
    found: Foreign,
    has_map: bool,
) -> Result<SearchAs, OpenError> {
    let size = bytes.size();
    if has_map || !found.has_way() && foreign::may_be_medium(size) {
        return Ok(SearchAs::Image);
    }
    let is_file = size > MAX_SINGLE as u64 && size <= MOST_SEARCHED && !found.has_way();
    if !is_file || foreign::seems_text(bytes) {
        return Ok(SearchAs::None);
    }
    Ok(SearchAs::File(read(bytes)?))
}

/// All bytes of a file.
pub(super) fn read(bytes: &dyn ReadAt) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let length = usize::try_from(bytes.size()).unwrap_or(usize::MAX);
    let mut all = Zeroizing::new(vec![0; length]);
    bytes.read_at(0, &mut all)?;
    Ok(all)
}
