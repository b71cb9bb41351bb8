//! The whole surface, piece by piece, on as many threads as there are: read around bad sectors, and looked at.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::ids::ids_in;
use super::surface::{Recognizer, Surface};
use super::{ext, ntfs, sector};
use crate::image::{Extent, ReadAt, SplitReads};

/// Bytes of a piece that one thread looks at: enough for large reads, and little enough to stay in
/// the processor's cache between reading and looking.
const PIECE: u64 = 512 << 10;
/// Pieces looked at before their results are put together.
const ROUND: usize = 64;
/// Bytes before a piece that are looked at with it: an artifact may begin there.
const BEFORE: u64 = 1024;
/// Bytes behind it.
const BEHIND: u64 = 2048;
/// Most artifacts of one piece that are not whole; more than fit in its sectors are no files.
const MOST_PARTS: usize = 2048;

/// How many threads look at one image: one where this is a thread of a pool, whose others have images of
/// their own, and where the library is built without threads.
fn threads() -> usize {
    #[cfg(feature = "threads")]
    if rayon::current_thread_index().is_none() {
        return rayon::current_num_threads();
    }
    1
}

/// What `look` finds in each piece, in their order; it is given the number of its thread.
fn each(pieces: &[Extent], look: &(dyn Fn(usize, &Extent) -> Surface + Sync)) -> Vec<Surface> {
    #[cfg(feature = "threads")]
    if threads() > 1 {
        use rayon::prelude::*;

        let look = |piece| look(rayon::current_thread_index().unwrap_or(0), piece);
        return pieces.par_iter().map(look).collect();
    }
    pieces.iter().map(|piece| look(0, piece)).collect()
}

/// Looks at the whole surface of an image, on all threads unless this is one of a pool: then others
/// have cards of their own.
pub fn scan(image: &dyn ReadAt, recognizer: &Recognizer) -> Surface {
    let image = SplitReads::new(image);
    let buffers: Vec<_> = (0..threads())
        .map(|_| Mutex::new(Zeroizing::new(Vec::new())))
        .collect();
    let look = |thread: usize, piece: &Extent| {
        let Some(buffer) = buffers.get(thread) else {
            return Surface::default();
        };
        let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
        look_at(&image, *piece, &mut buffer, recognizer)
    };
    let mut left = Extent::from((0, 0));
    let mut pieces = std::iter::from_fn(|| next_piece(&image, &mut left));
    let mut surface = Surface::default();
    loop {
        let round: Vec<_> = pieces.by_ref().take(ROUND).collect();
        if round.is_empty() {
            break;
        }
        for found in each(&round, &look) {
            surface.add(found);
        }
    }
    surface.unreadable = image.gaps();
    surface
}

/// The next stretch of an image that may hold anything, cut at multiples of [`PIECE`]. `left` is what is left of the one
/// we are in: asking for the next may take the system long.
fn next_piece(image: &dyn ReadAt, left: &mut Extent) -> Option<Extent> {
    if left.length == 0 {
        let before = left.offset;
        let data = image.next_data(before)?;
        // Whole sectors: a hole may end anywhere.
        let offset = data.offset.saturating_sub(data.offset % 512).max(before);
        let end = data.end().next_multiple_of(512).min(image.size());
        let length = end.checked_sub(offset).filter(|length| *length > 0)?;
        *left = Extent { offset, length };
    }
    let Extent { offset, length } = *left;
    let length = length.min(PIECE.saturating_sub(offset % PIECE));
    left.offset = offset.saturating_add(length);
    left.length = left.length.saturating_sub(length);
    Some(Extent { offset, length })
}

/// Looks at a piece, with what lies around it read too.
fn look_at(
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
    found.cut = (recognizer.contents)(bytes, from..to, start, &mut found.artifacts);
    if recognizer.ids {
        let placed = |(at, id)| (start.saturating_add(at as u64), id);
        found.ids = ids_in(bytes, from..to).into_iter().map(placed).collect();
    }
    let mut room = MOST_PARTS;
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
