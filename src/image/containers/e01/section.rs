//! The sections of a segment of an E01 image, and bytes of it beside their checksums.

use adler2::Adler32;
use zeroize::Zeroizing;

use crate::image::{Extent, FileImage, ReadAt, ReadError, SystemError};

pub(super) const DESCRIPTOR: u64 = 76;

/// The part of a segment that a descriptor stands before.
pub(super) struct Section {
    kind: [u8; 16],
    pub(super) next: u64,
    pub(super) body: Extent,
}

impl Section {
    /// Its name; nothing where that has no end.
    pub(super) fn kind(&self) -> &str {
        let end = self.kind.iter().position(|byte| *byte == 0);
        let name = self.kind.get(..end.unwrap_or(0)).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind() == kind
    }
}

pub(super) type Unpacked = Result<Zeroizing<Vec<u8>>, SystemError>;

/// What is wrong at a byte of a segment.
pub(super) type Damage = (u64, &'static str);

/// The section at this offset. Each ends where the next begins: what says two things may be two images.
pub(super) fn section(file: &FileImage, offset: u64) -> Result<Section, Damage> {
    let head = checked(file, offset, DESCRIPTOR.saturating_sub(4))?;
    let [next, size] = [16, 24].map(|at| u64::from_le_bytes(field(&head, at)));
    let start = offset.saturating_add(DESCRIPTOR);
    let section = Section {
        kind: field(&head, 0),
        next,
        body: Extent::between(start, next.min(file.size())),
    };
    if !matches!(section.kind(), "done" | "next") {
        if next < start {
            return Err((offset, "the next section is said to come before it"));
        }
        if size != 0 && offset.saturating_add(size) != next {
            let what = "its length and the place of the next section disagree";
            return Err((offset, what));
        }
    }
    Ok(section)
}

/// So many bytes and the checksum behind them, which has to be right.
pub(super) fn checked(
    file: &FileImage,
    offset: u64,
    length: u64,
) -> Result<Zeroizing<Vec<u8>>, Damage> {
    check(file, Extent { offset, length })?;
    read(file, offset, length)
}

pub(super) fn check(file: &FileImage, part: Extent) -> Result<(), Damage> {
    let mut sum = Adler32::new();
    let mut at = part.offset;
    while at < part.end() {
        let length = part.end().saturating_sub(at).min(64 << 10);
        sum.write_slice(&read(file, at, length)?);
        at = at.saturating_add(length);
    }
    let stored = read(file, part.end(), 4)?;
    match u32::from_le_bytes(field(&stored, 0)) == sum.checksum() {
        true => Ok(()),
        false => Err((part.offset, "its checksum is wrong")),
    }
}

pub(super) fn read(
    file: &FileImage,
    offset: u64,
    length: u64,
) -> Result<Zeroizing<Vec<u8>>, Damage> {
    bytes(file, Extent { offset, length }).map_err(|_| (offset, "it cannot be read"))
}

/// Nothing is set aside for bytes that are not there.
pub(super) fn bytes(file: &FileImage, part: Extent) -> Unpacked {
    if part.end() > file.size() {
        return Err(SystemError::DAMAGED);
    }
    let length = usize::try_from(part.length).map_err(|_| SystemError::DAMAGED)?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    match file.read_at(part.offset, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(ReadError::Unreadable { cause, .. }) => Err(cause),
        Err(ReadError::PastEnd { .. }) => Err(SystemError::DAMAGED),
    }
}

/// The bytes at this place; zeros behind the end.
pub(super) fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut field = [0; N];
    let there = bytes.get(at..).unwrap_or_default();
    let both = field.iter_mut().zip(there);
    both.for_each(|(to, from)| *to = *from);
    field
}
