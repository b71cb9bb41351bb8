//! Further readings of a card, beside its image: the sectors that gave other bytes when they were read again.
//!
//! `FILE.readings` is 64 bytes of header and then records of 528 bytes, all numbers little-endian:
//!
//! | header | |
//! |---|---|
//! | 0 | `bitbox-backup readings 1` |
//! | 24 | bytes of the card, 8 |
//! | 32 | readings of the card, that of the image included, 4 |
//! | 36 | zeros, 20 |
//! | 56 | the first 8 bytes of SHA-256 of what is before |
//!
//! | record | |
//! |---|---|
//! | 0 | offset of the sector, 8 |
//! | 8 | the reading, from 2, 4 |
//! | 12 | the first 4 bytes of SHA-256 of the rest of the record |
//! | 16 | the sector, 512 |

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::image::{
    Extent, ReadAt, ReadError, SECTOR, SECTOR_BYTES, SystemError, check_inside, join,
};

const MAGIC: &[u8; 24] = b"bitbox-backup readings 1";
const HEADER: usize = 64;
const HEADER_SUM: usize = 56;
const RECORD_HEAD: usize = 16;
const RECORD: usize = RECORD_HEAD + SECTOR;

/// Why a file of readings cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadingsError {
    /// It does not begin as one does.
    #[error("it is no file of readings")]
    NoReadings,
    /// Its header is damaged.
    #[error("its header is damaged")]
    Header,
    /// The system does not read it.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] SystemError),
    /// It belongs to an image of another size.
    #[error("it is of a card of {found} bytes, and the image has {image}")]
    OtherSize {
        /// Bytes of the card it is of.
        found: u64,
        /// Bytes of the image.
        image: u64,
    },
}

/// The further readings of a card.
///
/// The sectors of a card are wallets in plain text: they are wiped when this is dropped.
pub struct Readings {
    bytes: Zeroizing<Vec<u8>>,
    /// Reading, offset, and where its record begins; ascending.
    records: Vec<(u32, u64, usize)>,
    damaged: usize,
}

impl Readings {
    /// Bytes of its beginning, in which all is that [`Readings::count`] needs.
    pub const HEADER: u64 = HEADER as u64;
    /// Most bytes of such a file.
    pub const MAX_BYTES: u64 = 64 << 20;
    /// Most readings of a card, that of the image included.
    pub const MAX_COUNT: u32 = 64;

    /// Of a card of so many bytes, none beside that of its image.
    pub fn new(size: u64) -> Self {
        let mut new = Self {
            bytes: Zeroizing::new(Vec::new()),
            records: Vec::new(),
            damaged: 0,
        };
        new.append(&[0; HEADER]);
        new.write_header(size, 1);
        new
    }

    /// Reads a file. Records that are damaged, or cut off at its end, are left out and counted.
    ///
    /// # Errors
    /// [`ReadingsError`].
    pub fn parse(bytes: Zeroizing<Vec<u8>>) -> Result<Self, ReadingsError> {
        let header = bytes.get(..HEADER).ok_or(ReadingsError::NoReadings)?;
        if !header.starts_with(MAGIC) {
            return Err(ReadingsError::NoReadings);
        }
        let (head, sum) = header.split_at(HEADER_SUM);
        if !Sha256::digest(head).starts_with(sum) {
            return Err(ReadingsError::Header);
        }
        let mut parsed = Self {
            bytes,
            records: Vec::new(),
            damaged: 0,
        };
        let count = parsed.count();
        if !(1..=Self::MAX_COUNT).contains(&count) {
            return Err(ReadingsError::Header);
        }
        let records = parsed.bytes.get(HEADER..).unwrap_or_default();
        for (index, record) in records.chunks(RECORD).enumerate() {
            let at = HEADER.saturating_add(index.saturating_mul(RECORD));
            match read_record(record, count, parsed.size()) {
                Some((reading, offset)) => parsed.records.push((reading, offset, at)),
                None => parsed.damaged = parsed.damaged.saturating_add(1),
            }
        }
        parsed.records.sort_unstable();
        Ok(parsed)
    }

    /// The whole file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the card.
    pub fn size(&self) -> u64 {
        self.number(24).map_or(0, u64::from_le_bytes)
    }

    /// How often the card was read, for its image included.
    pub fn count(&self) -> u32 {
        self.number(32).map_or(0, u32::from_le_bytes)
    }

    /// How many sectors gave other bytes, each time counted.
    pub fn sectors(&self) -> usize {
        self.records.len()
    }

    /// How many records are damaged and left out.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// Begins another reading; false if there are as many as can be.
    pub fn begin(&mut self) -> bool {
        let count = self.count();
        let is_room = count < Self::MAX_COUNT;
        if is_room {
            self.write_header(self.size(), count.saturating_add(1));
        }
        is_room
    }

    /// Adds a sector of the last reading; false if there is no room for it, or it is no whole sector of the card.
    pub fn push(&mut self, offset: u64, sector: &[u8]) -> bool {
        let at = self.bytes.len();
        let is_room = at.saturating_add(RECORD) as u64 <= Self::MAX_BYTES;
        if sector.len() != SECTOR || !is_on_card(offset, self.size()) || !is_room {
            return false;
        }
        let reading = self.count();
        let mut head = [0; RECORD_HEAD];
        head[..8].copy_from_slice(&offset.to_le_bytes());
        head[8..12].copy_from_slice(&reading.to_le_bytes());
        let sum = record_sum(&head, sector);
        head[12..].copy_from_slice(&sum);
        self.append(&head);
        self.append(sector);
        let record = (reading, offset, at);
        let place = self.records.partition_point(|known| *known < record);
        self.records.insert(place, record);
        true
    }

    /// The sector at an offset as one of the readings gave it, where that is not what is in the image.
    fn sector(&self, reading: u32, offset: u64) -> Option<&[u8]> {
        let found = self
            .records
            .binary_search_by_key(&(reading, offset), |(reading, offset, _)| {
                (*reading, *offset)
            });
        let (_, _, at) = self.records.get(found.ok()?)?;
        let begin = at.saturating_add(RECORD_HEAD);
        self.bytes.get(begin..begin.saturating_add(SECTOR))
    }

    /// The sectors of a reading from the one that holds an offset on.
    fn from(&self, reading: u32, offset: u64) -> impl Iterator<Item = Extent> + '_ {
        let begin = self.records.partition_point(|(of, at, _)| {
            (*of, at.saturating_add(SECTOR_BYTES)) <= (reading, offset)
        });
        let behind = self.records.get(begin..).unwrap_or_default().iter();
        behind
            .take_while(move |(of, _, _)| *of == reading)
            .map(|(_, offset, _)| Extent {
                offset: *offset,
                length: SECTOR_BYTES,
            })
    }

    fn number<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }

    fn write_header(&mut self, size: u64, count: u32) {
        let mut header = [0; HEADER];
        header[..24].copy_from_slice(MAGIC);
        header[24..32].copy_from_slice(&size.to_le_bytes());
        header[32..36].copy_from_slice(&count.to_le_bytes());
        let sum = Sha256::digest(&header[..HEADER_SUM]);
        for (to, from) in header[HEADER_SUM..].iter_mut().zip(sum) {
            *to = from;
        }
        if let Some(place) = self.bytes.get_mut(..HEADER) {
            place.copy_from_slice(&header);
        }
    }

    /// A vector that grows by itself leaves its bytes behind.
    fn append(&mut self, more: &[u8]) {
        let needed = self.bytes.len().saturating_add(more.len());
        if needed > self.bytes.capacity() {
            let room = needed.saturating_mul(2).max(1 << 16);
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
    }
}

/// Whether a whole sector of a card of so many bytes begins there.
fn is_on_card(offset: u64, size: u64) -> bool {
    let end = offset.checked_add(SECTOR_BYTES);
    offset.is_multiple_of(SECTOR_BYTES) && end.is_some_and(|end| end <= size)
}

/// The reading and the offset of a record; `None` if it is damaged.
fn read_record(record: &[u8], count: u32, size: u64) -> Option<(u32, u64)> {
    let (head, sector) = record.split_first_chunk::<RECORD_HEAD>()?;
    let sum = head.last_chunk::<4>()?;
    let offset = u64::from_le_bytes(*head.first_chunk()?);
    let reading = u32::from_le_bytes(*head.get(8..)?.first_chunk()?);
    let is_sound = sector.len() == SECTOR && record_sum(head, sector) == *sum;
    let is_possible = (2..=count).contains(&reading) && is_on_card(offset, size);
    (is_sound && is_possible).then_some((reading, offset))
}

fn record_sum(head: &[u8; RECORD_HEAD], sector: &[u8]) -> [u8; 4] {
    let sum = Sha256::new()
        .chain_update(&head[..12])
        .chain_update(sector)
        .finalize();
    std::array::from_fn(|index| sum.get(index).copied().unwrap_or_default())
}

/// One of the further readings of a card, as an image: that of the first, but for the sectors that differ.
pub(crate) struct Reading<R> {
    first: R,
    readings: Arc<Readings>,
    number: u32,
}

impl<R: ReadAt> Reading<R> {
    pub(crate) fn new(
        first: R,
        readings: Arc<Readings>,
        number: u32,
    ) -> Result<Self, ReadingsError> {
        let (found, image) = (readings.size(), first.size());
        if found != image {
            return Err(ReadingsError::OtherSize { found, image });
        }
        Ok(Self {
            first,
            readings,
            number,
        })
    }
}

impl<R: ReadAt> ReadAt for Reading<R> {
    fn size(&self) -> u64 {
        self.first.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size())?;
        let end = offset.saturating_add(buf.len() as u64);
        let differ = self.readings.from(self.number, offset);
        let differ: Vec<Extent> = differ.take_while(|sector| sector.offset < end).collect();
        // Of a sector of its own nothing is asked of the image, which may not have it.
        let covers = |sector: &Extent| sector.offset <= offset && end <= sector.end();
        if !differ.iter().any(covers) {
            self.first.read_at(offset, buf)?;
        }
        for sector in differ {
            let Some(bytes) = self.readings.sector(self.number, sector.offset) else {
                continue;
            };
            let begin = sector.offset.max(offset);
            let place =
                |at: u64, base: u64| usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
            let stop = sector.end().min(end);
            let into = buf.get_mut(place(begin, offset)..place(stop, offset));
            let from = bytes.get(place(begin, sector.offset)..place(stop, sector.offset));
            if let (Some(into), Some(from)) = (into, from) {
                into.copy_from_slice(from);
            }
        }
        Ok(())
    }

    fn gaps(&self) -> Vec<Extent> {
        let mut left = Vec::new();
        for gap in self.first.gaps() {
            let mut at = gap.offset;
            let inside = self.readings.from(self.number, gap.offset);
            for sector in inside.take_while(|sector| sector.offset < gap.end()) {
                left.push(Extent::between(at, sector.offset));
                at = sector.end().max(at);
            }
            left.push(Extent::between(at, gap.end()));
        }
        left.retain(|gap| gap.length > 0);
        join(left)
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let own = self.readings.from(self.number, offset).next();
        let own = own.map(|own| Extent::between(own.offset.max(offset), own.end()));
        let both = self.first.next_data(offset).into_iter().chain(own);
        both.min_by_key(|data| data.offset)
    }
}

const EXTENSION: &str = "readings";

/// Where the further readings of an image lie.
pub fn readings_of(image: &Path) -> PathBuf {
    let mut name = image.as_os_str().to_owned();
    name.push(".");
    name.push(EXTENSION);
    PathBuf::from(name)
}

/// The image that such a file lies beside; `None` for another name.
pub(crate) fn image_of(readings: &Path) -> Option<PathBuf> {
    let is_ours = readings.extension()? == EXTENSION;
    is_ours.then(|| readings.with_extension(""))
}

pub(crate) fn is_readings(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

#[cfg(test)]
mod tests;
