//! A packed image: zstd, from the first byte to the last, without going back.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, FrameCompressor};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::map_file::map_name;
use super::{BLOCK, CopyObserver, Ended, SECTOR, was_there};
use crate::files::{Mark, NewFile, OwnFile, Sources, WriteError};
use crate::image::{Extent, ReadAt, RescueMap, Tried, each_part};
use crate::progress::Progress;

/// What came of packing a card.
#[derive(Debug)]
#[non_exhaustive]
pub struct Packed {
    /// How it ended; unless through, nothing was written.
    pub ended: Ended,
    /// SHA-256 of the card as it was read, unpacked, with zeros where nothing could be read; in hex.
    pub sha256: String,
    /// What was read.
    pub map: RescueMap,
    /// Where the map lies, if something could not be read.
    pub map_path: Option<PathBuf>,
}

/// By what a map of our own is known again: one that an interrupted run left is replaced.
const MAP: Mark = Mark {
    kind: "the map of an image",
    beginning: b"# Mapfile. Created by bitbox-backup ",
    within: b"",
};

/// SHA-256 of a whole image, in hex; `None` if it cannot be read.
pub fn hash(image: &dyn ReadAt) -> Option<String> {
    let mut hash = Sha256::new();
    let read = |at, bytes: &mut [u8]| image.read_at(at, bytes);
    let (size, length) = (image.size(), BLOCK as usize);
    let take = |bytes: &[u8]| hash.update(bytes);
    each_part(size, length, &Progress::default(), read, take).ok()?;
    Some(hex::encode(hash.finalize()))
}

/// SHA-256 of what an image written by [`pack`] unpacks to, in hex: of everything in it, also where its map says that the
/// card could not be read. `None` if it cannot be read or unpacked, or `progress` stops it.
pub fn read_back_packed(path: &Path, progress: &Progress<'_>) -> Option<String> {
    let mut unpacked = StreamingDecoder::new(File::open(path).ok()?).ok()?;
    let mut hash = Sha256::new();
    let mut buffer = Zeroizing::new(vec![0; BLOCK as usize]);
    let mut done = 0_u64;
    while !progress.is_stopped() {
        let count = unpacked.read(&mut buffer).ok()?;
        if count == 0 {
            return Some(hex::encode(hash.finalize()));
        }
        hash.update(buffer.get(..count)?);
        done = done.saturating_add(count as u64);
        progress.set_done(done);
    }
    None
}

/// Reads a card into a new file that is packed with zstd. It cannot be continued later, so it is made
/// whole or not at all. Bad sectors are tried `retries` times more at once.
///
/// # Errors
/// [`WriteError`] if it cannot be written; then nothing is there.
pub fn pack(
    source: &dyn ReadAt,
    path: &Path,
    sources: &Sources,
    retries: u32,
    progress: &Progress<'_>,
    observer: &dyn CopyObserver,
) -> Result<Packed, WriteError> {
    progress.set_total(source.size());
    let mut file = NewFile::create(path, sources)?;
    let map_path = path.with_file_name(map_name(path));
    let (map_file, earlier) = OwnFile::open(&map_path, sources, RescueMap::MAX_TEXT)?;
    if earlier.is_some_and(|text| !MAP.is_on(&text)) {
        return Err(WriteError::Exists(map_path));
    }
    let mut drain = Drain {
        file: &mut file,
        error: None,
    };
    let mut card = CardStream {
        source,
        progress,
        observer,
        retries,
        at: 0,
        buffer: Zeroizing::new(vec![0; BLOCK as usize]),
        left: 0..0,
        hash: Sha256::new(),
        map: RescueMap::new(source.size()),
        done: (0, 0),
        ended: Ended::Through,
    };
    let mut packer = FrameCompressor::new(CompressionLevel::Fastest);
    packer.set_source(&mut card);
    packer.set_drain(&mut drain);
    packer.compress();
    drop(packer);
    if let Some(error) = drain.error {
        return Err(error);
    }
    let map_path = match card.ended {
        Ended::Through => place(file, map_file, &card.map)?,
        _ => None,
    };
    Ok(Packed {
        ended: card.ended,
        sha256: hex::encode(card.hash.finalize()),
        map: card.map,
        map_path,
    })
}

/// Moves a packed image to its place. Its map, if it needs one, is there before: without it what
/// could not be read would pass for zeros.
fn place(
    image: NewFile,
    mut map_file: OwnFile,
    map: &RescueMap,
) -> Result<Option<PathBuf>, WriteError> {
    if map.missing().is_empty() {
        // One that an interrupted run left would call parts of this image unreadable.
        map_file.remove();
        image.finish()?;
        return Ok(None);
    }
    map_file.write(map.write(map.size(), Tried::Done, 1).as_bytes())?;
    let path = map_file.path().to_owned();
    if let Err(error) = image.finish() {
        map_file.remove();
        return Err(error);
    }
    Ok(Some(path))
}

/// Where the packed bytes go. The packer knows no errors, so the first is kept and the rest thrown away.
struct Drain<'a> {
    file: &'a mut NewFile,
    error: Option<WriteError>,
}

impl Write for Drain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.error.is_none() {
            self.error = self.file.write_bytes(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The card as a stream. It never fails: what cannot be read is zero and noted.
struct CardStream<'a> {
    source: &'a dyn ReadAt,
    progress: &'a Progress<'a>,
    observer: &'a dyn CopyObserver,
    retries: u32,
    at: u64,
    buffer: Zeroizing<Vec<u8>>,
    left: std::ops::Range<usize>,
    hash: Sha256,
    map: RescueMap,
    done: (u64, u64),
    ended: Ended,
}

impl CardStream<'_> {
    /// Reads the next block, sector by sector if it fails.
    fn next(&mut self) {
        let end = self.source.size().min(self.at.saturating_add(BLOCK));
        let block = Extent::between(self.at, end);
        let length = usize::try_from(block.length).unwrap_or(0);
        let Some(bytes) = self.buffer.get_mut(..length) else {
            return;
        };
        let read = self.source.read_at(block.offset, bytes);
        if !was_there(&read, self.observer) {
            self.ended = Ended::Gone;
            return;
        }
        self.map.set(block, Tried::Done);
        if read.is_err() {
            let starts = (block.offset..).step_by(SECTOR as usize);
            for (sector, offset) in bytes.chunks_mut(SECTOR as usize).zip(starts) {
                let mut read = Ok(());
                for _ in 0..=self.retries {
                    if self.progress.is_stopped() {
                        self.ended = Ended::Stopped;
                        return;
                    }
                    read = self.source.read_at(offset, sector);
                    if !was_there(&read, self.observer) {
                        self.ended = Ended::Gone;
                        return;
                    }
                    if read.is_ok() {
                        break;
                    }
                }
                if read.is_err() {
                    sector.fill(0);
                    let length = sector.len() as u64;
                    self.map.set(Extent { offset, length }, Tried::Bad);
                    self.done.1 = self.done.1.saturating_add(length);
                }
            }
        }
        self.hash.update(&*bytes);
        self.left = 0..length;
        self.at = block.end();
        self.done.0 = self.at.saturating_sub(self.done.1);
        self.progress.set_done(self.done.0);
        self.observer.report_bad(self.done.1, 1);
    }
}

impl Read for CardStream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_stopped() {
            self.ended = Ended::Stopped;
        }
        if self.left.is_empty() && self.ended == Ended::Through {
            self.next();
        }
        if self.ended != Ended::Through {
            return Ok(0);
        }
        let bytes = self.buffer.get(self.left.clone()).unwrap_or_default();
        let length = bytes.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.left.start = self.left.start.saturating_add(length);
        Ok(length)
    }
}
