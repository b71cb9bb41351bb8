//! The whole surface, piece by piece, on as many threads as there are.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::read;
use super::recognizer::Recognizer;
use super::surface::Surface;
use crate::image::{Extent, ReadAt, SplitReads};

/// Bytes of a piece that one thread looks at: enough for large reads, and little enough to stay in
/// the processor's cache between reading and looking.
const PIECE: u64 = 512 << 10;
/// Pieces looked at before their results are put together.
const ROUND: usize = 64;

/// How many threads look at one image: one where this is a thread of a pool, whose others have images of
/// their own, and where the library is built without threads.
#[cfg(feature = "threads")]
fn threads() -> usize {
    match rayon::current_thread_index() {
        Some(_) => 1,
        None => rayon::current_num_threads(),
    }
}

#[cfg(not(feature = "threads"))]
fn threads() -> usize {
    1
}

/// What `look` finds in each piece, in their order; it is given the number of its thread.
#[cfg(feature = "threads")]
fn each(
    pieces: &[Extent],
    threads: usize,
    look: &(dyn Fn(usize, &Extent) -> Surface + Sync),
) -> Vec<Surface> {
    use rayon::prelude::*;

    if threads > 1 {
        let look = |piece| look(rayon::current_thread_index().unwrap_or(0), piece);
        pieces.par_iter().map(look).collect()
    } else {
        pieces.iter().map(|piece| look(0, piece)).collect()
    }
}

#[cfg(not(feature = "threads"))]
fn each(
    pieces: &[Extent],
    _threads: usize,
    look: &(dyn Fn(usize, &Extent) -> Surface + Sync),
) -> Vec<Surface> {
    pieces.iter().map(|piece| look(0, piece)).collect()
}

/// Looks at the whole surface of an image, on all threads unless this is one of a pool: then others
/// have cards of their own.
pub fn scan(image: &dyn ReadAt, recognizer: &Recognizer) -> Surface {
    let image = SplitReads::new(image);
    let threads = threads();
    let buffers: Vec<_> = (0..threads)
        .map(|_| Mutex::new(Zeroizing::new(Vec::new())))
        .collect();
    let look = |thread: usize, piece: &Extent| {
        let Some(buffer) = buffers.get(thread) else {
            return Surface::default();
        };
        let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
        read::piece(&image, *piece, &mut buffer, recognizer)
    };
    let mut pieces = Pieces {
        image: &image,
        left: Extent {
            offset: 0,
            length: 0,
        },
    };
    let mut surface = Surface::default();
    loop {
        let round: Vec<_> = pieces.by_ref().take(ROUND).collect();
        if round.is_empty() {
            break;
        }
        for found in each(&round, threads, &look) {
            surface.add(found);
        }
    }
    surface.unreadable = image.gaps();
    surface
}

/// The stretches of an image that may hold anything, cut at multiples of [`PIECE`].
struct Pieces<'a> {
    image: &'a dyn ReadAt,
    /// What is left of the stretch we are in: asking for the next may take the system long.
    left: Extent,
}

impl Iterator for Pieces<'_> {
    type Item = Extent;

    fn next(&mut self) -> Option<Extent> {
        if self.left.length == 0 {
            let before = self.left.offset;
            let data = self.image.next_data(before)?;
            // Whole sectors: a hole may end anywhere.
            let offset = data.offset.saturating_sub(data.offset % 512).max(before);
            let end = data.end().next_multiple_of(512).min(self.image.size());
            self.left = Extent {
                offset,
                length: end.checked_sub(offset).filter(|length| *length > 0)?,
            };
        }
        let Extent { offset, length } = self.left;
        let length = length.min(PIECE.saturating_sub(offset % PIECE));
        self.left = Extent {
            offset: offset.saturating_add(length),
            length: self.left.length.saturating_sub(length),
        };
        Some(Extent { offset, length })
    }
}
