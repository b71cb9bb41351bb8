//! How an image is compressed, told by its first bytes, and what can be wrong with that.

use crate::image::{Pages, PagesError, ReadAt, ReadError};

/// What unpacks of a compressed image.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnpackedImage {
    /// The bytes.
    pub pages: Pages,
    /// What is wrong with the rest of it, or with all of it; `None` if nothing is.
    pub flaw: Option<UnpackError>,
    /// How many bytes there were before it was damaged, if the format says so.
    pub size: Option<u64>,
}

/// How an image is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Packing {
    /// RFC 1952, one or more members.
    Gzip,
    /// RFC 8878, one or more frames.
    Zstd,
    /// The .xz format, one or more streams.
    Xz,
}

impl Packing {
    /// The extensions compressed files have, in lower case.
    pub const EXTENSIONS: [&str; 3] = ["gz", "zst", "xz"];

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
            [a, b, c, d, e, f, ..] if [a, b, c, d, e, f] == XZ => Some(Self::Xz),
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

    /// The command that unpacks `FILE` to the new file `NEW`.
    pub(crate) const fn command(self) -> &'static str {
        match self {
            Self::Gzip => "gzip -dc FILE > NEW",
            Self::Zstd => "zstd -dc --long=31 FILE > NEW",
            Self::Xz => "xz -dc FILE > NEW",
        }
    }
}

pub(crate) const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

pub(crate) const XZ: [u8; 6] = *b"\xfd7zXZ\0";

/// Whether a zstd frame that holds no data begins so.
pub(crate) fn is_skippable(magic: &[u8]) -> bool {
    matches!(magic, [a, 0x2a, 0x4d, 0x18, ..] if a & 0xf0 == 0x50)
}

/// What is wrong with compressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackingFlaw {
    /// It ends too early.
    #[error("is cut short")]
    CutShort,
    /// It does not decode, or a checksum inside the format does not match.
    #[error("is corrupt")]
    Corrupt,
    /// It decodes, but to something else than was packed.
    #[error("does not match its checksum")]
    Checksum,
    /// It decodes, but to another length than it says.
    #[error("does not match its stored length")]
    Length,
    /// It is made of more parts than a packer makes of so many bytes.
    #[error("is made of too many parts that hold next to nothing")]
    Parts,
    /// Something else than padding follows.
    #[error("is followed by something else")]
    Trailing,
}

/// Why a compressed image could not be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackError {
    /// The compressed file cannot be read.
    #[error("the compressed file cannot be unpacked: {0}")]
    Unreadable(#[source] ReadError),
    /// The data is damaged.
    #[error(
        "the {name} data {flaw} at byte {offset} of the file, after {unpacked} unpacked bytes",
        name = packing.name()
    )]
    Broken {
        /// How it is compressed.
        packing: Packing,
        /// How far the compressed file was read, in bytes.
        offset: u64,
        /// How many bytes were unpacked before.
        unpacked: u64,
        /// What is wrong.
        flaw: PackingFlaw,
    },
    /// It holds more data than may be kept in memory.
    #[error("unpacked, it holds more than {budget} bytes of data; unpack it first")]
    TooLarge {
        /// Most bytes of pages that are not zero.
        budget: u64,
    },
    /// It is larger than its limit, zeros included.
    #[error("unpacked, it is larger than {most} bytes, zeros included; unpack it first")]
    TooLong {
        /// Most bytes an image may have.
        most: u64,
    },
    /// Unpacking it takes too much memory.
    #[error(
        "the {name} data asks for a window of more than {most} bytes; unpack it first",
        name = packing.name()
    )]
    Window {
        /// How it is compressed.
        packing: Packing,
        /// Most bytes it may ask for.
        most: u64,
    },
    /// It needs a dictionary.
    #[error("the zstd data needs the dictionary {id}; unpack it first")]
    Dictionary {
        /// Which one.
        id: u32,
    },
    /// Somebody stopped it.
    #[error("unpacking was stopped")]
    Stopped,
    /// This program was built without it.
    #[error(
        "this is {name} data, which this program was built without; unpack it first",
        name = .0.name()
    )]
    NotBuilt(Packing),
}

impl UnpackError {
    /// Whether something is missing behind what was unpacked.
    pub(crate) fn is_cut(&self) -> bool {
        !matches!(
            self,
            Self::Broken {
                flaw: PackingFlaw::Checksum | PackingFlaw::Length | PackingFlaw::Trailing,
                ..
            }
        )
    }

    /// Whether it can be examined once it is unpacked by another program.
    pub(crate) const fn needs_unpacking(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. } | Self::TooLong { .. } | Self::Window { .. } | Self::NotBuilt(_)
        )
    }

    /// What to do, in which `FILE` stands for the file, and `NEW` for what it is unpacked to.
    pub(crate) fn hint(&self, packing: Packing) -> String {
        let unpack = format!("unpack it with `{}` and examine NEW", packing.command());
        match self {
            Self::Unreadable(_) => "copy the file to another disk and try again".to_owned(),
            Self::Broken { .. } => format!(
                "copy the file again from where it came; if there is no other, unpack what can be unpacked with \
                 `{}` and examine NEW",
                packing.command()
            ),
            Self::TooLarge { .. } => {
                format!("{unpack}, or allow more memory with --max-unpacked")
            }
            Self::Stopped => "run it again".to_owned(),
            Self::TooLong { .. } => format!(
                "check that this is the image of a card; then {unpack}, or allow more with --max-unpacked"
            ),
            Self::Dictionary { .. } => {
                "unpack it with `zstd -dc -D DICTIONARY FILE > NEW` and the dictionary it was compressed with, and \
                 examine NEW"
                    .to_owned()
            }
            Self::NotBuilt(Packing::Xz) => format!(
                "{unpack}, also if it reports an error at the end, or build with the feature `xz`"
            ),
            Self::Window { .. } | Self::NotBuilt(_) => unpack,
        }
    }
}

impl From<PagesError> for UnpackError {
    fn from(error: PagesError) -> Self {
        match error {
            PagesError::OverBudget { budget } => Self::TooLarge { budget },
            PagesError::TooLong { most } => Self::TooLong { most },
        }
    }
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
