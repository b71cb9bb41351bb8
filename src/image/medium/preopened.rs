//! Devices opened beforehand, by a program that gives up the right to open them before it reads any.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
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
