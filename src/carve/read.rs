//! One piece of a surface: read around bad sectors, and looked at.

use zeroize::Zeroizing;

use super::ext;
use super::ids::ids_in;
use super::ntfs;
use super::sector;
use super::surface::{Recognizer, Surface};
use crate::image::{Extent, ReadAt, SplitReads};

/// Bytes before a piece that are looked at with it: an artifact may begin there.
const BEFORE: u64 = 1024;
/// Bytes behind it.
const BEHIND: u64 = 2048;
/// Most artifacts of one piece that are not whole; more than fit in its sectors are no files.
const MOST: usize = 2048;

/// Looks at a piece, with what lies around it read too.
pub(super) fn piece(
    image: &SplitReads<&dyn ReadAt>,
    piece: Extent,
    buffer: &mut Zeroizing<Vec<u8>>,
    recognizer: &Recognizer,
) -> Surface {
    let mut found = Surface::default();
    let start = piece.offset.saturating_sub(BEFORE);
    let end = piece.end().saturating_add(BEHIND).min(image.size());
    let length = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
    if buffer.len() < length {
        // Grown in place only while empty: a moved buffer would leave its bytes behind.
        **buffer = Vec::new();
        buffer.resize(length, 0);
    }
    let Some(bytes) = buffer.get_mut(..length) else {
        return found;
    };
    // What cannot be read is zero here, and noted by the reader.
    if image.read_around(start, bytes).is_err() {
        return found;
    }
    // A piece begins where a sector does, and so does what lies before it.
    ntfs::restore(bytes);
    ext::restore(bytes);
    let from = usize::try_from(piece.offset.saturating_sub(start)).unwrap_or(0);
    let to = from.saturating_add(usize::try_from(piece.length).unwrap_or(0));
    (found.artifacts, found.cut) = (recognizer.contents)(bytes, from..to, start);
    if recognizer.ids {
        let placed = |(at, id)| (start.saturating_add(at as u64), id);
        found.ids = ids_in(bytes, from..to).into_iter().map(placed).collect();
    }
    let mut room = MOST;
    let all = found.artifacts.len();
    found.artifacts.retain(|artifact| {
        let kept = artifact.whole || room > 0;
        room = room.saturating_sub(usize::from(!artifact.whole));
        kept
    });
    found.cut |= found.artifacts.len() < all;
    let own = bytes.get(from..to).unwrap_or_default();
    let (sectors, _) = own.as_chunks::<512>();
    for (one, offset) in sectors.iter().zip((piece.offset..).step_by(512)) {
        sector::look(one, offset, recognizer, &mut found);
    }
    found
}
