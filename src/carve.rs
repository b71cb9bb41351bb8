//! The surface of a card, from its first byte to its last: whatever is known by its own bytes, with
//! no file system to lead there.
//!
//! [`scan`] finds what a recogniser knows, sectors of directories, boot sectors and the beginnings of
//! FATs. It gives places only; what they are worth is for others to say. The same image gives the same
//! answer on any number of threads: the surface is cut at fixed places and put together in order.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod read;
mod sector;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::image::{Extent, ReadAt, SplitReads};

pub use sector::Dots;

/// Bytes of a piece that one thread looks at: enough for large reads, and little enough to stay in
/// the processor's cache between reading and looking.
const PIECE: u64 = 512 << 10;
/// Bytes before a piece that are looked at with it: an artifact may begin there.
const BEFORE: u64 = 1024;
/// Bytes behind it.
const BEHIND: u64 = 2048;
/// Pieces looked at before their results are put together.
const ROUND: usize = 64;
/// Most artifacts, whole ones and others counted apart.
const MOST_ARTIFACTS: usize = 6000;
/// Most sectors of directories with names.
const MOST_DIRECTORIES: usize = 6000;
/// Most directories known by their `.` entry only.
const MOST_DOTS: usize = 20_000;
/// Most boot sectors, and most beginnings of FATs.
const MOST_BOOT_SECTORS: usize = 64;

/// What is looked for beside file systems.
#[derive(Clone, Copy)]
pub struct Recogniser {
    /// Finds artifacts with an anchor in a range of bytes, which begins where a sector does, and
    /// says whether there was more than it looked at. They come in ascending order, and no two
    /// overlap.
    pub contents: fn(&[u8], Range<usize>, &mut Vec<Artifact>) -> bool,
    /// Whether a slot of a long name is worth a line.
    pub name: fn(&[u16; 13]) -> bool,
}

/// Something recognised, its place counted in the bytes given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it lies.
    pub range: Range<usize>,
    /// How sure it is; of two that overlap, each from another piece, the surer counts.
    pub weight: u32,
    /// Whether it is whole.
    pub whole: bool,
}

/// Something recognised, with its place on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carved {
    /// Where it lies.
    pub extent: Extent,
    /// How sure it is.
    pub weight: u32,
    /// Whether it is whole.
    pub whole: bool,
}

/// What a surface holds, everything in ascending order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// What the recogniser knew; no two overlap.
    pub artifacts: Vec<Carved>,
    /// Sectors with slots of names worth a line: bytes from the start of the card.
    pub directories: Vec<u64>,
    /// Directories known by their `.` entry.
    pub dots: Vec<Dots>,
    /// Sectors that can be the boot sector of a FAT volume: bytes from the start of the card.
    pub boot_sectors: Vec<u64>,
    /// Sectors that begin as a FAT does.
    pub tables: Vec<u64>,
    /// What cannot be read.
    pub unreadable: Vec<Extent>,
    /// Whether there was more than is kept.
    pub cut: bool,
    /// How many artifacts are whole, and how many are not.
    counts: [usize; 2],
}

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
pub fn scan(image: &dyn ReadAt, recogniser: &Recogniser) -> Surface {
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
        read::piece(&image, *piece, &mut buffer, recogniser)
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

impl Surface {
    /// Adds what the next piece holds.
    fn add(&mut self, next: Surface) {
        for artifact in next.artifacts {
            self.add_artifact(artifact);
        }
        self.cut |= next.cut;
        let cuts = [
            fill(&mut self.directories, next.directories, MOST_DIRECTORIES),
            fill(&mut self.dots, next.dots, MOST_DOTS),
            fill(&mut self.boot_sectors, next.boot_sectors, MOST_BOOT_SECTORS),
            fill(&mut self.tables, next.tables, MOST_BOOT_SECTORS),
        ];
        // More directories than are kept only make guesses at a layout less sure.
        self.cut |= cuts.first() == Some(&true);
    }

    fn add_artifact(&mut self, artifact: Carved) {
        let kind = |artifact: &Carved| usize::from(!artifact.whole);
        if let Some(last) = self.artifacts.last()
            && artifact.extent.offset < last.extent.end()
        {
            if artifact.weight <= last.weight {
                return;
            }
            if let Some(count) = self.counts.get_mut(kind(last)) {
                *count = count.saturating_sub(1);
            }
            self.artifacts.pop();
        }
        match self.counts.get_mut(kind(&artifact)) {
            Some(count) if *count < MOST_ARTIFACTS => {
                *count = count.saturating_add(1);
                self.artifacts.push(artifact);
            }
            _ => self.cut = true,
        }
    }
}

/// Appends as many as there is room for, and says whether some were left out.
fn fill<T>(all: &mut Vec<T>, more: Vec<T>, most: usize) -> bool {
    let room = most.saturating_sub(all.len());
    let left_out = more.len() > room;
    all.extend(more.into_iter().take(room));
    left_out
}
