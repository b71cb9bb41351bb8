//! The log as a file: only ever added to, by one run at a time.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::JournalError;

/// Opens the file, or makes it, and locks it.
pub(super) fn open(path: &Path) -> Result<File, JournalError> {
    // Asked before opening, since opening some devices has effects, and once more of what was
    // opened, since the path may name something else by then.
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(JournalError::NotAFile),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(JournalError::refused("opened")(error));
        }
        _ => {}
    }
    let file = open_to_append(path)?;
    let metadata = file.metadata().map_err(JournalError::refused("opened"))?;
    if !metadata.is_file() {
        return Err(JournalError::NotAFile);
    }
    lock(&file)?;
    if metadata.len() == 0 {
        keep_name(path);
    }
    Ok(file)
}

#[cfg(unix)]
fn open_to_append(path: &Path) -> Result<File, JournalError> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDWR
        | OFlags::APPEND
        | OFlags::CREATE
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::NOCTTY
        | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(File::from(file)),
        Err(rustix::io::Errno::LOOP) => Err(JournalError::NotAFile),
        Err(error) => Err(JournalError::refused("opened")(error.into())),
    }
}

#[cfg(unix)]
fn lock(file: &File) -> Result<(), JournalError> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::Locked),
        Err(error) => Err(JournalError::refused("locked")(error.into())),
    }
}

/// Makes the name of a new file survive a power cut; where a system cannot do that, nothing more
/// can be done.
#[cfg(unix)]
fn keep_name(path: &Path) {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(windows)]
fn open_to_append(path: &Path) -> Result<File, JournalError> {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_SHARE_READ: u32 = 1;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    fs::OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .share_mode(FILE_SHARE_READ) // the lock: others may read
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(ERROR_SHARING_VIOLATION) => JournalError::Locked,
            _ => JournalError::refused("opened")(error),
        })
}

#[cfg(not(any(unix, windows)))]
fn open_to_append(path: &Path) -> Result<File, JournalError> {
    let mut options = fs::OpenOptions::new();
    let options = options.read(true).append(true).create(true);
    options.open(path).map_err(JournalError::refused("opened"))
}

#[cfg(not(unix))]
fn lock(_: &File) -> Result<(), JournalError> {
    Ok(())
}

#[cfg(not(unix))]
fn keep_name(_: &Path) {}
