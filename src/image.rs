//! The bytes under examination: an image, a card reader, memory. Read-only by type.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod file;
mod folder;
mod memory;
mod pages;
mod sectors;
mod source;
mod unpack;

pub use file::FileImage;
pub use folder::{Folder, FolderEntry, Kind as FolderKind};
pub use memory::Memory;
pub use pages::Pages;
pub use sectors::{Sector, Sectors};
pub use source::{Identity, Limits, OpenError, Opened, Source, SourceKind, files_from, open};
pub use unpack::{Packing, UnpackError, unpack};

/// Bytes of a sector of a memory card.
pub const SECTOR: usize = 512;

/// A run of bytes, absolute in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extent {
    /// Its first byte.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
}

impl Extent {
    /// The first byte behind it.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// Why bytes could not be read. "Past the end" and "unreadable" are not the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There are no such bytes.
    #[error("{length} bytes at {offset} are past the end at {size}")]
    PastEnd {
        /// First byte asked for.
        offset: u64,
        /// How many.
        length: u64,
        /// Bytes of the image.
        size: u64,
    },
    /// They are there and cannot be read.
    #[error("{length} bytes at {offset} cannot be read: {kind}")]
    Unreadable {
        /// First byte asked for.
        offset: u64,
        /// How many.
        length: u64,
        /// The class of the error.
        kind: std::io::ErrorKind,
        /// The system's number for it.
        os_error: Option<i32>,
    },
}

/// Something whose bytes can be read at any place, and never written.
pub trait ReadAt: Send + Sync {
    /// Bytes of it.
    fn size(&self) -> u64;

    /// Fills `buf` with the bytes from `offset` on, completely, or fails.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError>;

    /// Parts known to be unreadable, ascending.
    fn gaps(&self) -> Vec<Extent> {
        Vec::new()
    }
}

/// The error for a read that does not lie within `size` bytes.
fn within(offset: u64, length: usize, size: u64) -> Result<(), ReadError> {
    let length = length as u64;
    match offset.checked_add(length) {
        Some(end) if end <= size => Ok(()),
        _ => Err(ReadError::PastEnd {
            offset,
            length,
            size,
        }),
    }
}
