//! Reads of a block device past the page cache.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A second way to a block device, past the page cache.
#[derive(Debug)]
pub(crate) struct Uncached {
    file: File,
    block: u64,
    rough: AtomicU64,
}

impl Uncached {
    /// What fails through the page cache fails by pages of this size.
    const PAGE: u64 = 4096;

    /// `None` for a regular file, and where the system does not offer it.
    pub(crate) fn open(path: &Path, known: &Metadata) -> Option<Self> {
        use rustix::fs::{Mode, OFlags};
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        if !known.file_type().is_block_device() {
            return None;
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::DIRECT;
        let file = crate::image::medium::preopened::direct(path)
            .or_else(|| Some(rustix::fs::open(path, flags, Mode::empty()).ok()?.into()))?;
        let found = file.metadata().ok()?;
        if !found.file_type().is_block_device() || found.rdev() != known.rdev() {
            return None;
        }
        Some(Self {
            block: u64::from(rustix::fs::ioctl_blksszget(&file).ok()?),
            file,
            rough: AtomicU64::new(u64::MAX),
        })
    }

    pub(crate) fn is_one_page(&self, offset: u64, length: usize) -> bool {
        length as u64 <= Self::PAGE.saturating_sub(offset % Self::PAGE)
    }

    pub(crate) fn is_rough(&self, offset: u64, length: usize) -> bool {
        self.rough.load(Ordering::Relaxed) == offset / Self::PAGE
            && self.is_one_page(offset, length)
    }

    pub(crate) fn mark_rough(&self, offset: u64) {
        self.rough.store(offset / Self::PAGE, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, size: u64, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        crate::image::medium::aligned::read_exact_at(&self.file, self.block, size, offset, buf)
    }
}
