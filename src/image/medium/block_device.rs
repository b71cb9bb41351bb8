//! Block devices of Linux: read past the page cache, and opened beforehand by a program that gives up the right to open them
//! before it reads any.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{Mode, OFlags};

/// A device that is open for as long as the program runs.
struct Held {
    path: PathBuf,
    /// Through the page cache.
    plain: File,
    /// Past it, where the file system offers that.
    direct: Option<File>,
}

static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

fn held() -> MutexGuard<'static, Vec<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a block device read-only, without reading from it, for whoever opens the same path later. What
/// is no block device is left alone; tells whether it was one.
///
/// # Errors
/// The system's.
pub fn hold(path: &Path) -> io::Result<bool> {
    if !fs::metadata(path)?.file_type().is_block_device() {
        return Ok(false);
    }
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let plain = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !plain.metadata()?.file_type().is_block_device() {
        return Ok(false);
    }
    let direct = rustix::fs::open(path, flags | OFlags::DIRECT, Mode::empty());
    held().push(Held {
        path: path.to_owned(),
        plain,
        direct: direct.ok().map(File::from),
    });
    Ok(true)
}

/// The device that is held for this path, if its node is still the same.
pub(crate) fn plain(path: &Path) -> Option<File> {
    find(path, |held| held.plain.try_clone().ok())
}

pub(crate) fn direct(path: &Path) -> Option<File> {
    find(path, |held| held.direct.as_ref()?.try_clone().ok())
}

fn find(path: &Path, take: impl Fn(&Held) -> Option<File>) -> Option<File> {
    let held = held();
    let held = held.iter().find(|held| held.path == path)?;
    let (now, then) = (fs::metadata(path).ok()?, held.plain.metadata().ok()?);
    let same = now.rdev() == then.rdev() && now.ino() == then.ino() && now.dev() == then.dev();
    same.then(|| take(held)).flatten()
}

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
        if !known.file_type().is_block_device() {
            return None;
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::DIRECT;
        let file = direct(path)
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
