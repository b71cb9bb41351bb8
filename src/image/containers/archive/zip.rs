//! ZIP archives, by the crate `zip`; where the list at their end is missing, by the headers of the members.

use std::io::Read;
use std::sync::Arc;

use ::zip::read::{read_zipfile_from_stream, read_zipfile_from_stream_with_compressed_size};
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};
use zeroize::Zeroizing;

use super::cursor::Cursor;
use super::{
    Archive, ArchiveDamage, ArchiveError, Form, MOST_NAME, Members, SmallMember, WithDamage,
};
use crate::image::containers::foreign;
use crate::image::{Foreign, Pages, ReadAt};
use crate::progress::Progress;

/// What the header of a member begins with, and how many bytes it has at least.
const HEADER: &[u8; 4] = b"PK\x03\x04";
const HEADER_LENGTH: u64 = 30;
const TAKE: usize = 64 << 10;
/// Bytes that are searched for headers at once.
const PART: usize = 1 << 20;
/// Most headers that are looked at, also those that turn out to be none.
const MOST_HEADERS: usize = 1 << 20;

pub(super) struct Zip {
    image: Arc<dyn ReadAt>,
    /// `None` where the list of members is missing.
    listed: Option<ZipArchive<Cursor>>,
}

/// Whether an image begins as a ZIP archive does, an empty one or the first part of several included.
pub(super) fn begins(image: &dyn ReadAt) -> bool {
    let mut head = [0; 4];
    image.size() >= 22
        && image.read_at(0, &mut head).is_ok()
        && matches!(&head, HEADER | b"PK\x05\x06" | b"PK\x07\x08" | b"PK00")
}

/// Whether a file that begins as something else ends as a ZIP archive does, in one file: with the record behind its list, and
/// a comment as long as that says. What unpacks itself begins with a program.
pub(super) fn ends(image: &dyn ReadAt) -> bool {
    const RECORD: usize = 22;
    let size = image.size();
    let mut tail = [0; 512];
    let length = usize::try_from(size).unwrap_or(usize::MAX).min(512);
    let Some(tail) = tail.get_mut(..length) else {
        return false;
    };
    let at = size.saturating_sub(length as u64);
    if foreign::begins_as_medium(image) || image.read_at(at, tail).is_err() {
        return false;
    }
    let place = tail.windows(4).rposition(|four| four == b"PK\x05\x06");
    let record = place.and_then(|place| tail.get(place..));
    let Some(record) = record.filter(|record| record.len() >= RECORD) else {
        return false;
    };
    let comment = record.get(20..22).and_then(|two| two.first_chunk());
    let comment = comment.map_or(0, |two| usize::from(u16::from_le_bytes(*two)));
    // In one part, and not empty.
    let is_whole = record.get(4..8) == Some(&[0; 4]) && record.get(8..10) != Some(&[0; 2]);
    is_whole && record.len() == RECORD.saturating_add(comment)
}

/// The archive; `None` if it has no list of members and may have been written over a card.
pub(super) fn open(
    image: &Arc<dyn ReadAt>,
    progress: &Progress<'_>,
) -> Result<Option<Archive>, ArchiveError> {
    let listed = ZipArchive::new(Cursor::new(Arc::clone(image), 0)).ok();
    let found = match &listed {
        Some(listed) => members(listed),
        None => search(image, progress),
    };
    if progress.is_stopped() {
        return Err(ArchiveError::Stopped);
    }
    if listed.is_none() && !found.is_cut && foreign::may_be_medium(image.size()) {
        return Ok(None);
    }
    let damage = listed.is_none().then_some(ArchiveDamage::NoList);
    let is_bare = found.members.found.is_empty();
    if is_bare && (found.encrypted || found.other || damage.is_some()) {
        return Err(ArchiveError::Foreign(match found.encrypted {
            true => Foreign::ENCRYPTED_ZIP,
            false if found.other => Foreign::OTHER_ZIP,
            false => Foreign::DAMAGED_ZIP,
        }));
    }
    let image = Arc::clone(image);
    Ok(Some(Archive {
        form: Form::Zip(Zip { image, listed }),
        members: found.members.found,
        more: found.members.more,
        damage,
        has_unread: found.encrypted || found.other,
    }))
}

#[derive(Default)]
struct Files {
    members: Members,
    /// Whether there are others, which are encrypted.
    encrypted: bool,
    /// Whether there are others, which are compressed by a method that is not read.
    other: bool,
    /// Whether the last of them breaks off where the archive does.
    is_cut: bool,
}

fn is_read(method: CompressionMethod) -> bool {
    matches!(
        method,
        CompressionMethod::Stored | CompressionMethod::Deflated
    )
}

fn members(listed: &ZipArchive<Cursor>) -> Files {
    let mut files = Files::default();
    for index in 0..listed.len() {
        if files.members.is_full() {
            files.members.more = true;
            break;
        }
        let Ok(entry) = listed.by_index_data(index) else {
            continue;
        };
        if entry.encrypted() {
            files.encrypted = true;
            continue;
        }
        if !entry.is_dir() && !is_read(entry.compression()) {
            files.other = true;
            continue;
        }
        let text = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let text = entry.name().map_or(text, |name| name.into_owned());
        if !entry.is_dir() && !entry.is_symlink() {
            files.members.add(&text, entry.size(), index as u64);
        }
    }
    files
}

/// Looks for the headers of members from the first byte to the last.
fn search(image: &Arc<dyn ReadAt>, progress: &Progress<'_>) -> Files {
    let mut files = Files::default();
    let mut headers = Headers::of(&**image, progress);
    let (mut at, mut count) = (0_u64, 0_usize);
    while let Some(header) = headers.next(at) {
        at = header.saturating_add(4);
        count = count.saturating_add(1);
        if files.members.is_full() || count > MOST_HEADERS {
            files.members.more = true;
            break;
        }
        let Some(found) = at_header(image, header) else {
            continue;
        };
        files.encrypted |= found.encrypted;
        let end = found.data.saturating_add(found.packed);
        // Of one whose length stands behind it the end is not known.
        files.is_cut = found.packed == 0 && !found.is_folder || end >= image.size();
        let is_passed = found.encrypted || found.is_folder;
        if is_passed || files.members.add(&found.name, found.size, header) {
            at = end;
        }
    }
    files
}

struct Header {
    name: String,
    size: u64,
    packed: u64,
    data: u64,
    encrypted: bool,
    is_folder: bool,
}

fn at_header(image: &Arc<dyn ReadAt>, at: u64) -> Option<Header> {
    let mut bytes = [0; HEADER_LENGTH as usize];
    image.read_at(at, &mut bytes).ok()?;
    let short = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(u16::from_le_bytes(*bytes))
    };
    let long = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(u64::from(u32::from_le_bytes(*bytes)))
    };
    let encrypted = short(6)? & 1 != 0;
    if !matches!(short(8)?, 0 | 8) && !encrypted {
        return None;
    }
    let length = short(26).filter(|length| usize::from(*length) <= MOST_NAME)?;
    let mut name = vec![0; usize::from(length)];
    let start = at.checked_add(HEADER_LENGTH)?;
    image.read_at(start, &mut name).ok()?;
    let name = String::from_utf8_lossy(&name).into_owned();
    let data = start.checked_add(u64::from(length))?;
    // A length of all ones stands elsewhere.
    let known = |length: u64| match length {
        0xFFFF_FFFF => 0,
        _ => length,
    };
    Some(Header {
        is_folder: name.ends_with('/'),
        name,
        size: known(long(22)?),
        packed: known(long(18)?),
        data: data.checked_add(u64::from(short(28)?))?,
        encrypted,
    })
}

/// Finds the headers of members. Each part of the image is read once, however many of them are in it.
struct Headers<'a> {
    image: &'a dyn ReadAt,
    progress: &'a Progress<'a>,
    part: Zeroizing<Vec<u8>>,
    /// Where in the image the part begins, and how much of it is filled.
    from: u64,
    filled: usize,
}

impl<'a> Headers<'a> {
    fn of(image: &'a dyn ReadAt, progress: &'a Progress<'a>) -> Self {
        Self {
            image,
            progress,
            part: Zeroizing::new(vec![0; PART]),
            from: 0,
            filled: 0,
        }
    }

    /// Where the next one lies, from `at` on.
    fn next(&mut self, mut at: u64) -> Option<u64> {
        while !self.progress.is_stopped() {
            let within = at.checked_sub(self.from);
            let within = within.and_then(|within| usize::try_from(within).ok());
            let ready = within.and_then(|within| self.part.get(within..self.filled));
            let ready = ready.unwrap_or_default();
            if let Some(place) = ready.windows(4).position(|window| window == HEADER) {
                return at.checked_add(place as u64);
            }
            // The last bytes may be the first ones of a header.
            at = at.checked_add(ready.len().saturating_sub(3) as u64)?;
            let left = self.image.size().checked_sub(at);
            let left = left.filter(|left| *left >= HEADER_LENGTH)?;
            let length = usize::try_from(left).unwrap_or(PART).min(PART);
            self.image.read_at(at, self.part.get_mut(..length)?).ok()?;
            (self.from, self.filled) = (at, length);
        }
        None
    }
}

/// What is wrong with a member that fails to unpack behind so many bytes of those it is to have.
fn damage(there: u64, size: u64) -> ArchiveDamage {
    match there == size && size > 0 {
        true => ArchiveDamage::Checksum,
        false => ArchiveDamage::Cut { at: there },
    }
}

impl Zip {
    /// The bytes of a member, as far as they unpack, and what is wrong with them.
    pub(super) fn unpack(
        &self,
        place: u64,
        budget: u64,
        progress: &Progress<'_>,
    ) -> Result<WithDamage<Pages>, ArchiveError> {
        let mut pages = Pages::with_budget(budget);
        let mut buf = Zeroizing::new(vec![0; TAKE]);
        let damage = self.with(place, |reader, size| {
            loop {
                if progress.is_stopped() {
                    return Err(ArchiveError::Stopped);
                }
                let count = match reader.read(&mut buf) {
                    Ok(0) => return Ok(None),
                    Ok(count) => count,
                    Err(_) => return Ok(Some(damage(pages.size(), size))),
                };
                pages.append(buf.get(..count).unwrap_or_default())?;
            }
        })?;
        Ok((pages, damage))
    }

    /// The bytes of a small member, as far as they unpack; `None` if they are more.
    pub(super) fn read_small(
        &self,
        place: u64,
        most: usize,
    ) -> Result<Option<SmallMember>, ArchiveError> {
        // A vector that grows by itself would leave its bytes behind, and what a member says of its length may be wrong.
        let mut buf = Zeroizing::new(vec![0; TAKE.min(most.saturating_add(1))]);
        let (length, damage) = self.with(place, |reader, size| {
            let mut filled = 0_usize;
            loop {
                if filled == buf.len() {
                    if filled > most {
                        return Ok((filled, None));
                    }
                    let length = filled.saturating_mul(2).min(most.saturating_add(1));
                    let mut longer = Zeroizing::new(vec![0; length]);
                    if let Some(beginning) = longer.get_mut(..filled) {
                        beginning.copy_from_slice(&buf);
                    }
                    buf = longer;
                }
                match reader.read(buf.get_mut(filled..).unwrap_or_default()) {
                    Ok(0) => return Ok((filled, None)),
                    Ok(count) => filled = filled.saturating_add(count),
                    Err(_) => return Ok((filled, Some(damage(filled as u64, size)))),
                }
            }
        })?;
        let bytes = buf.get(..length).filter(|bytes| bytes.len() <= most);
        let bytes = bytes.map(|bytes| Zeroizing::new(bytes.to_vec()));
        Ok(bytes.map(|bytes| (bytes, damage)))
    }

    /// Fills `head` with the first bytes of a member; false if they cannot be had.
    pub(super) fn read_head(&self, place: u64, head: &mut [u8]) -> bool {
        self.with(place, |reader, _| Ok(reader.read_exact(head).is_ok()))
            .unwrap_or(false)
    }

    /// Hands the unpacked bytes of a member to `use_it`, and how many there are to be.
    fn with<T>(
        &self,
        place: u64,
        use_it: impl FnOnce(&mut dyn Read, u64) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let no = |error: ZipError| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                ArchiveError::Foreign(Foreign::ENCRYPTED_ZIP)
            }
            ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
                ArchiveError::Foreign(Foreign::OTHER_ZIP)
            }
            _ => ArchiveError::Foreign(Foreign::DAMAGED_ZIP),
        };
        match &self.listed {
            Some(listed) => {
                let index = usize::try_from(place).map_err(|_| ArchiveError::NoMember)?;
                // Each use has a place of its own in the file.
                let entry = listed.by_index_data(index).map_err(no)?;
                if !is_read(entry.compression()) {
                    return Err(ArchiveError::Foreign(Foreign::OTHER_ZIP));
                }
                let mut own = listed.clone();
                let mut file = own.by_index(index).map_err(no)?;
                let size = file.size();
                use_it(&mut file, size)
            }
            None => {
                let found = at_header(&self.image, place).ok_or(ArchiveError::NoMember)?;
                let mut cursor = Cursor::new(Arc::clone(&self.image), place);
                let left = self.image.size().saturating_sub(found.data);
                let file = match found.packed {
                    0 => read_zipfile_from_stream_with_compressed_size(&mut cursor, left),
                    _ => read_zipfile_from_stream(&mut cursor),
                };
                let mut file = file.map_err(no)?.ok_or(ArchiveError::NoMember)?;
                use_it(&mut file, found.size)
            }
        }
    }
}
