//! The chunks of a card in an E01 image, each held against its own checksum.
//!
//! The form is that of libewf's "Expert Witness Compression Format specification" (EWF-E01 and the older
//! forms it names). Whatever has a checksum is looked at only if that is right: a damaged image must not
//! pass for a damaged card.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::{Decompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use super::SIGNATURE;
use super::error::E01Error;
use super::notes::Notes;
use super::section::{
    DESCRIPTOR, Damage, Section, Unpacked, bytes, check, checked, field, read, section,
};
use crate::image::{
    Extent, FileImage, ReadAt, ReadError, SECTOR_BYTES, SystemError, check_inside, cut_at,
};
use crate::progress::Progress;

const FILE_HEADER: u64 = 13;
const TABLE_HEADER: u64 = 24;
const ERRORS_HEADER: u64 = 520;
/// Most sectors in a chunk that any program writes.
const MOST_SECTORS: u32 = 1 << 15;
/// Most sections of an image: one of 2 TiB has 15,000.
const MOST_SECTIONS: usize = 1 << 20;
/// Most runs of unreadable sectors in all lists of an image: every second group of 64 sectors of a card of 64 GiB.
const MOST_ERRORS: u64 = 1 << 20;
/// Chunks kept unpacked: those of a directory, its FAT and a file or two.
const KEPT: usize = 4;

#[derive(Default)]
pub(super) struct Chunks {
    pub(super) segments: Vec<Arc<FileImage>>,
    /// What it says beside the card.
    pub(super) notes: Notes,
    size: u64,
    chunk: u64,
    tables: Vec<Table>,
    /// What was not read when the image was made, ascending.
    pub(super) missing: Vec<Extent>,
    /// Whether the last segment says that it is the last.
    finished: bool,
    /// Last used last; what was found damaged too, since it is asked for sector by sector.
    kept: Mutex<Vec<(u64, Unpacked)>>,
}

/// Where so many chunks lie in a segment.
struct Table {
    first: u64,
    count: u64,
    segment: usize,
    offset: u64,
    base: u64,
}

impl Chunks {
    /// Opens the image in these segments, in order.
    ///
    /// # Errors
    /// [`E01Error::Broken`] for whatever leaves it open which bytes are the card's;
    /// [`E01Error::Stopped`] if `progress` stopped it.
    pub(super) fn open(paths: &[PathBuf], progress: &Progress<'_>) -> Result<Self, E01Error> {
        let mut all = Self::default();
        let mut sections = 0_usize;
        for (index, path) in paths.iter().enumerate() {
            let number = index.saturating_add(1);
            let said = |what: String| E01Error::Broken(format!("segment {number}: {what}"));
            let segment = FileImage::open(path).map_err(|error| said(error.to_string()))?;
            let walked = all.walk(&segment, number, &mut sections, progress);
            if progress.is_stopped() {
                return Err(E01Error::Stopped);
            }
            walked.map_err(|(offset, what)| said(format!("byte {offset}: {what}")))?;
            all.segments.push(Arc::new(segment));
        }
        let there = all.tables.last().map_or(0, |table| {
            let chunks = table.first.saturating_add(table.count);
            chunks.saturating_mul(all.chunk)
        });
        if all.size == 0 {
            return Err(E01Error::Broken("it says nothing of a card".to_owned()));
        }
        if there < all.size || !all.finished {
            let there = there.min(all.size);
            return Err(E01Error::Broken(format!(
                "it holds {there} of {} bytes and {}, so that a segment is missing",
                all.size,
                if all.finished { "ends" } else { "does not end" }
            )));
        }
        all.missing.retain_mut(|part| {
            part.length = part.end().min(all.size).saturating_sub(part.offset);
            part.length > 0
        });
        all.missing.sort();
        all.missing = crate::image::damage::gaps::join(all.missing);
        Ok(all)
    }

    fn walk(
        &mut self,
        file: &FileImage,
        number: usize,
        sections: &mut usize,
        progress: &Progress<'_>,
    ) -> Result<(), Damage> {
        let head = read(file, 0, FILE_HEADER)?;
        if !head.starts_with(&SIGNATURE) {
            return Err((0, "it does not begin as such an image does"));
        }
        if usize::from(u16::from_le_bytes(field(&head, 9))) != number {
            return Err((9, "it has another number: a segment is missing or misnamed"));
        }
        let mut offset = FILE_HEADER;
        let mut has_sectors = false;
        // A damaged table is forgiven if its mirror is whole.
        let mut damaged = None;
        while offset.saturating_add(DESCRIPTOR) <= file.size() {
            *sections = sections.saturating_add(1);
            if progress.is_stopped() {
                return Err((offset, "it was stopped"));
            }
            if *sections > MOST_SECTIONS {
                return Err((offset, "it has more sections than any card makes"));
            }
            let section = section(file, offset)?;
            if section.is("table2") {
                if damaged.is_some() {
                    self.table(file, &section, has_sectors)?;
                    damaged = None;
                }
            } else if let Some(damage) = damaged {
                return Err(damage);
            }
            match section.kind() {
                "volume" | "disk" => self.volume(file, &section)?,
                "sectors" => has_sectors = true,
                "table" => damaged = self.table(file, &section, has_sectors).err(),
                "error2" => self.errors(file, &section)?,
                last @ ("done" | "next") => {
                    self.finished = last == "done";
                    return Ok(());
                }
                // It says nothing of the bytes of the card.
                _ => self.notes.take(file, &section),
            }
            offset = section.next;
        }
        Err((offset, "it is cut short here"))
    }

    fn volume(&mut self, file: &FileImage, section: &Section) -> Result<(), Damage> {
        let at = section.body.offset;
        // The older form has 94 bytes, the later ones 1,052.
        let is_old = section.body.length < 1052;
        let body = checked(file, at, if is_old { 90 } else { 1048 })?;
        let [per_chunk, bytes] = [8, 12].map(|at| u32::from_le_bytes(field(&body, at)));
        let sectors = match is_old {
            true => u64::from(u32::from_le_bytes(field(&body, 16))),
            false => u64::from_le_bytes(field(&body, 16)),
        };
        if u64::from(bytes) != SECTOR_BYTES {
            return Err((at.saturating_add(12), "its sectors have not 512 bytes"));
        }
        if !(1..=MOST_SECTORS).contains(&per_chunk) {
            let at = at.saturating_add(8);
            return Err((at, "its chunks have no size of such an image"));
        }
        let size = sectors.checked_mul(SECTOR_BYTES);
        let size = size.ok_or((at.saturating_add(16), "no card is that large"))?;
        let chunk = u64::from(per_chunk).saturating_mul(SECTOR_BYTES);
        if self.chunk != 0 && (self.size, self.chunk) != (size, chunk) {
            return Err((at, "it has another size than was said before"));
        }
        (self.size, self.chunk) = (size, chunk);
        Ok(())
    }

    /// Where chunks lie. Where they lie in a section of their own a checksum follows the entries.
    fn table(&mut self, file: &FileImage, section: &Section, has_sum: bool) -> Result<(), Damage> {
        let at = section.body.offset;
        let head = checked(file, at, TABLE_HEADER.saturating_sub(4))?;
        let count = u64::from(u32::from_le_bytes(field(&head, 0)));
        let (offset, length) = (at.saturating_add(TABLE_HEADER), count.saturating_mul(4));
        let entries = Extent { offset, length };
        if entries.end() > section.body.end() {
            return Err((at, "the table ends before its entries do"));
        }
        if has_sum {
            check(file, entries)?;
        }
        let first = self.tables.last();
        self.tables.push(Table {
            first: first.map_or(0, |last| last.first.saturating_add(last.count)),
            count,
            segment: self.segments.len(),
            offset: entries.offset,
            base: u64::from_le_bytes(field(&head, 8)),
        });
        Ok(())
    }

    fn errors(&mut self, file: &FileImage, section: &Section) -> Result<(), Damage> {
        let at = section.body.offset;
        let head = checked(file, at, ERRORS_HEADER.saturating_sub(4))?;
        let count = u64::from(u32::from_le_bytes(field(&head, 0)));
        let before = self.missing.len() as u64;
        if before.saturating_add(count) > MOST_ERRORS {
            return Err((at, "it has more unreadable parts than any card"));
        }
        let (offset, length) = (at.saturating_add(ERRORS_HEADER), count.saturating_mul(8));
        let entries = Extent { offset, length };
        if entries.end() > section.body.end() {
            return Err((at, "the list of what could not be read is cut short"));
        }
        check(file, entries)?;
        let list = read(file, offset, length)?;
        let bytes = |count| u64::from(u32::from_le_bytes(count)).saturating_mul(SECTOR_BYTES);
        let list = list.chunks_exact(8);
        let list = list.map(|entry| (bytes(field(entry, 0)), bytes(field(entry, 4))));
        self.missing.extend(list.map(Extent::from));
        Ok(())
    }

    fn copy(&self, number: u64, from: u64, buf: &mut [u8]) -> Result<(), SystemError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let chunk = match kept.iter().position(|(known, _)| *known == number) {
            Some(place) => kept.remove(place).1,
            None => self.unpacked(number),
        };
        if kept.len() >= KEPT {
            drop(kept.remove(0));
        }
        kept.push((number, chunk));
        let chunk = kept
            .last()
            .map_or(&Err(SystemError::DAMAGED), |(_, chunk)| chunk);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let bytes = chunk.as_ref().map_err(|cause| *cause)?.get(from..);
        let part = bytes.and_then(|rest| rest.get(..buf.len()));
        buf.copy_from_slice(part.ok_or(SystemError::DAMAGED)?);
        Ok(())
    }

    fn unpacked(&self, number: u64) -> Unpacked {
        let next = self.tables.partition_point(|table| table.first <= number);
        let table = next.checked_sub(1).and_then(|last| self.tables.get(last));
        let table = table.ok_or(SystemError::DAMAGED)?;
        let file = self.segments.get(table.segment);
        let file = file.ok_or(SystemError::DAMAGED)?;
        let index = number.saturating_sub(table.first);
        let offset = table.offset.saturating_add(index.saturating_mul(4));
        let entry = bytes(file, Extent { offset, length: 4 })?;
        let entry = u32::from_le_bytes(field(&entry, 0));
        let offset = table.base.saturating_add(u64::from(entry & 0x7fff_ffff));
        let left = self.size.saturating_sub(number.saturating_mul(self.chunk));
        let length = left.min(self.chunk);
        if entry >> 31 == 1 {
            return self.inflated(file, offset, length);
        }
        // The last one is as long as what is left of the card, or filled up.
        self.plain(file, offset, length)
            .or_else(|_| self.plain(file, offset, self.chunk))
    }

    fn plain(&self, file: &FileImage, offset: u64, length: u64) -> Unpacked {
        let stored = (offset, length.saturating_add(4));
        let mut chunk = bytes(file, stored.into())?;
        let length = chunk.len().saturating_sub(4);
        let sum = u32::from_le_bytes(field(&chunk, length));
        chunk.truncate(length);
        let right = sum == adler2::adler32_slice(&chunk);
        right.then_some(chunk).ok_or(SystemError::DAMAGED)
    }

    fn inflated(&self, file: &FileImage, offset: u64, length: u64) -> Unpacked {
        // What does not get smaller grows by a few bytes for every block of some thousands.
        let most = self.chunk.saturating_add(self.chunk / 64);
        let end = offset.saturating_add(most.saturating_add(1024));
        let packed = bytes(file, Extent::between(offset, end.min(file.size())))?;
        // A byte more than it may have, so that all of it and its checksum is gone through.
        let room = usize::try_from(self.chunk.saturating_add(1)).unwrap_or(usize::MAX);
        let mut chunk = Zeroizing::new(vec![0; room]);
        let mut decoder = Decompress::new(true);
        let ended = decoder.decompress(&packed, &mut chunk, FlushDecompress::Finish);
        let got = decoder.total_out();
        let is_whole = matches!(ended, Ok(Status::StreamEnd)) && got >= length && got <= self.chunk;
        if !is_whole {
            return Err(SystemError::DAMAGED);
        }
        chunk.truncate(usize::try_from(got).unwrap_or(usize::MAX));
        Ok(chunk)
    }
}

impl ReadAt for Chunks {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        let length = buf.len();
        for (number, from, part) in cut_at(self.chunk, offset, buf) {
            let read = self.copy(number, from, part);
            read.map_err(|cause| ReadError::unreadable(offset, length, cause))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
