//! How an image is compressed, told by its first bytes.

use super::{ReadAt, ReadError};

/// How an image is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952, one or more members.
    Gzip,
    /// RFC 8878, one or more frames.
    Zstd,
    /// The .xz format, one or more streams.
    Xz,
}

impl Packing {
    /// Tells by the first bytes how a file is compressed; `None` if it is not.
    ///
    /// # Errors
    /// [`ReadError`] if they cannot be read.
    pub fn of(image: &dyn ReadAt) -> Result<Option<Self>, ReadError> {
        let mut head = [0; 8];
        let length = image.size().min(8) as usize;
        if let Some(start) = head.get_mut(..length) {
            image.read_at(0, start)?;
        }
        Ok(match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [a, b, c, d, ..] if [a, b, c, d] == ZSTD => Some(Self::Zstd),
            // A skippable frame alone is no proof: a frame must follow it.
            [a, 0x2a, 0x4d, 0x18, n @ ..] if a & 0xf0 == 0x50 => {
                let mut next = [0; 4];
                let at = u64::from(u32::from_le_bytes(n)).saturating_add(8);
                let follows = image.read_at(at, &mut next).is_ok();
                (follows && (next == ZSTD || is_skippable(&next))).then_some(Self::Zstd)
            }
            _ => None,
        })
    }

    /// Its name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        }
    }
}

/// The first bytes of a zstd frame.
pub(super) const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

/// Whether a zstd frame that holds no data begins so.
pub(super) fn is_skippable(magic: &[u8]) -> bool {
    matches!(magic, [a, 0x2a, 0x4d, 0x18, ..] if a & 0xf0 == 0x50)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    #[test]
    fn only_what_begins_so_is_packed() {
        let of = |bytes: &[u8]| Packing::of(&Memory::new(bytes.to_vec())).unwrap();
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[0x1f, 0x8b]), None);
        assert_eq!(of(&[0x1f, 0x8b, 8]), Some(Packing::Gzip));
        assert_eq!(of(&[0x1f, 0x8b, 7]), None);
        assert_eq!(of(b"\xfd7zXZ\0"), Some(Packing::Xz));
        assert_eq!(of(&[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]), None);
        assert_eq!(of(&[0xeb, 0x58, 0x90, 0, 0, 0, 0, 0]), None);
    }
}
