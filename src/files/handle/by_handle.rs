//! A folder held open: what is made in it stays in it, wherever its path leads later.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::file_identity::{Known, KnownKind, KnownNode};

const MAX_NAMES: usize = 100_000;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// An open folder. Every name is one name in it, never a path.
#[derive(Debug)]
pub(super) struct FolderHandle {
    folder: OwnedFd,
    /// By which path it was opened, for messages only.
    path: PathBuf,
}

impl FolderHandle {
    /// Opens a folder; links on the way are followed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let open = |flags| rustix::fs::open(path, flags | FOLDER, Mode::empty());
        let folder = match open(OFlags::RDONLY) {
            // One that may be entered and written but not listed.
            #[cfg(target_os = "linux")]
            Err(Errno::ACCESS) => open(OFlags::PATH)?,
            folder => folder?,
        };
        Ok(Self {
            folder,
            path: path.to_owned(),
        })
    }

    /// Opens a folder in this one; a link is refused.
    pub(super) fn open_folder(&self, name: &OsStr) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | FOLDER;
        Ok(Self {
            folder: rustix::fs::openat(&self.folder, name, flags, Mode::empty())?,
            path: self.shown(name),
        })
    }

    pub(super) fn shown(&self, name: &OsStr) -> PathBuf {
        if self.path == Path::new(".") {
            return name.into();
        }
        self.path.join(name)
    }

    /// A path by which this very folder can be opened, even if it was moved.
    pub(super) fn reading_path(&self) -> PathBuf {
        open_path(&self.folder).unwrap_or_else(|| self.path.clone())
    }

    pub(super) fn known(&self) -> io::Result<Known> {
        Ok(known(&rustix::fs::fstat(&self.folder)?))
    }

    /// What a name stands for; `None` if nothing has it. Links are not followed.
    pub(super) fn look(&self, name: &OsStr) -> io::Result<Option<Known>> {
        match rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(known(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The folders around this one, from itself up to the root, as far as they can be asked.
    pub(super) fn around(&self) -> Vec<KnownNode> {
        /// No path is so deep.
        const MOST: usize = 4096;
        let mut found = Vec::new();
        let mut up = PathBuf::from(".");
        while found.len() < MOST {
            let stat = rustix::fs::statat(&self.folder, &up, AtFlags::empty());
            let Some(node) = stat.ok().and_then(|stat| known(&stat).node) else {
                break;
            };
            if found.last() == Some(&node) {
                break;
            }
            found.push(node);
            up.push("..");
        }
        found
    }

    /// Whether this is a folder of the system's devices or tables, or is in one.
    pub(super) fn is_among_devices(&self) -> bool {
        let around = self.around();
        let is_in = |folder: &str| {
            let node = rustix::fs::stat(folder)
                .ok()
                .and_then(|stat| known(&stat).node);
            node.is_some_and(|node| around.contains(&node))
        };
        ["/dev", "/proc", "/sys"].into_iter().any(is_in) && !is_in("/dev/shm")
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        let folder = rustix::fs::openat(&self.folder, ".", OFlags::RDONLY | FOLDER, Mode::empty())?;
        for entry in Dir::new(folder)?.take(MAX_NAMES) {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Makes a new file that only its owner can read and write.
    pub(super) fn create_file(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | FILE;
        let file = rustix::fs::openat(&self.folder, name, flags, PRIVATE_FILE)?;
        Ok(File::from(file))
    }

    /// Makes such a file without a name: whatever ends the program, nothing of it stays. `None`
    /// where the file system or the kernel has none, or it could not get a name later.
    pub(super) fn create_unnamed(&self) -> Option<File> {
        #[cfg(target_os = "linux")]
        {
            let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.folder, ".", flags, PRIVATE_FILE).ok()?;
            open_path(&file)?;
            Some(File::from(file))
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Gives a file without a name a name that nothing has.
    pub(super) fn name_unnamed(&self, file: &File, name: &OsStr) -> io::Result<()> {
        let path = open_path(file).ok_or(io::ErrorKind::NotFound)?;
        let follow = AtFlags::SYMLINK_FOLLOW;
        rustix::fs::linkat(rustix::fs::CWD, &path, &self.folder, name, follow)?;
        Ok(())
    }

    /// Opens a regular file that is there; anything else is refused and never waited for.
    pub(super) fn open_file(&self, name: &OsStr, write: bool) -> io::Result<File> {
        let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
        self.open_regular(name, access)
    }

    /// Opens a regular file to be added to, or makes it.
    pub(super) fn open_to_append(&self, name: &OsStr) -> io::Result<File> {
        self.open_regular(name, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE)
    }

    /// Opens a file that is only there to be locked, or makes it.
    pub(super) fn open_to_lock(&self, name: &OsStr) -> io::Result<File> {
        self.open_regular(name, OFlags::RDWR | OFlags::CREATE)
    }

    fn open_regular(&self, name: &OsStr, access: OFlags) -> io::Result<File> {
        // Asked before opening, since opening some devices has effects, and once more of what was
        // opened, since the name may stand for something else by then.
        let is_other = |known: Known| known.kind != KnownKind::File;
        if self.look(name)?.is_some_and(is_other) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = rustix::fs::openat(&self.folder, name, access | FILE, PRIVATE_FILE)?;
        if is_other(known(&rustix::fs::fstat(&file)?)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(File::from(file))
    }

    pub(super) fn create_folder(&self, name: &OsStr) -> io::Result<()> {
        rustix::fs::mkdirat(&self.folder, name, Mode::RWXU)?;
        Ok(())
    }

    /// Moves what has a name here to a name in another folder that nothing has.
    pub(super) fn move_new(&self, name: &OsStr, to: &Self, as_name: &OsStr) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            let flags = RenameFlags::NOREPLACE;
            match renameat_with(&self.folder, name, &to.folder, as_name, flags) {
                Err(error) if is_unsupported(error) => {}
                moved => return moved.map_err(io::Error::from),
            }
        }
        self.move_by_link(name, to, as_name)
    }

    /// The same where the system has no such call. A second name fails if something is there; a file
    /// system without second names (FAT) is only asked beforehand.
    pub(super) fn move_by_link(&self, name: &OsStr, to: &Self, as_name: &OsStr) -> io::Result<()> {
        let known = self.look(name)?;
        if known.is_some_and(|known| known.kind == KnownKind::File) {
            let none = AtFlags::empty();
            match rustix::fs::linkat(&self.folder, name, &to.folder, as_name, none) {
                Ok(()) => return self.remove_file(name),
                Err(Errno::EXIST) => return Err(Errno::EXIST.into()),
                Err(_) => {}
            }
        }
        // A folder that appears in between is not replaced either, unless it is empty.
        if to.look(as_name)?.is_some() {
            return Err(Errno::EXIST.into());
        }
        rustix::fs::renameat(&self.folder, name, &to.folder, as_name)?;
        Ok(())
    }

    /// Moves a file over another one in this folder.
    pub(super) fn replace(&self, name: &OsStr, over: &OsStr) -> io::Result<()> {
        rustix::fs::renameat(&self.folder, name, &self.folder, over)?;
        Ok(())
    }

    /// Exchanges two names in one step; false where the system cannot.
    pub(super) fn exchange(&self, one: &OsStr, other: &OsStr) -> io::Result<bool> {
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            let flags = RenameFlags::EXCHANGE;
            match renameat_with(&self.folder, one, &self.folder, other, flags) {
                Err(error) if is_unsupported(error) => Ok(false),
                Err(error) => Err(error.into()),
                Ok(()) => Ok(true),
            }
        }
        #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
        {
            let _ = (one, other);
            Ok(false)
        }
    }

    pub(super) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        rustix::fs::unlinkat(&self.folder, name, AtFlags::empty())?;
        Ok(())
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        rustix::fs::unlinkat(&self.folder, name, AtFlags::REMOVEDIR)?;
        Ok(())
    }

    /// Waits until the names in it are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.folder) {
            // Opened without the right to list it, or on a system that does it by itself.
            Err(Errno::BADF | Errno::INVAL) => Ok(()),
            synced => synced.map_err(io::Error::from),
        }
    }

    pub(super) fn set_modified(&self, time: std::time::SystemTime) -> io::Result<()> {
        File::from(self.folder.try_clone()?).set_modified(time)
    }

    /// Locks it until the handle is closed, so that other runs see that it is in use.
    pub(super) fn lock(&self) {
        if let Ok(folder) = self.folder.try_clone() {
            lock(&File::from(folder));
        }
    }

    pub(super) fn is_locked(&self) -> bool {
        let folder = self.folder.try_clone().map(File::from);
        folder.is_ok_and(|folder| is_locked(&folder))
    }

    /// Bytes free for files in it; `None` where that cannot be told.
    pub(super) fn free(&self) -> Option<u64> {
        let volume = rustix::fs::fstatvfs(&self.folder).ok()?;
        volume.f_bavail.checked_mul(volume.f_frsize)
    }
}

impl AsFd for FolderHandle {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.folder.as_fd()
    }
}

pub(super) fn known_of(file: &File) -> io::Result<Known> {
    Ok(known(&rustix::fs::fstat(file)?))
}

/// Locks a file or folder until it is closed, so that other runs see that it is in use; false if another run has.
pub(super) fn lock(file: &File) -> bool {
    // A file system without locks is no reason not to write: the next run may name it too early.
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// Whether another run has locked it. Two runs that only ask do not disturb each other.
pub(super) fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// A path that leads to this very file as long as it is open; `None` where the system has none.
pub(super) fn open_path(file: impl AsFd) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd()));
    let here = rustix::fs::fstat(&file).ok()?;
    let there = rustix::fs::stat(&path).ok()?;
    (known(&here).node == known(&there).node).then_some(path)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn is_unsupported(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

// The types of these fields differ between systems.
#[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
fn known(stat: &Stat) -> Known {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => KnownKind::File,
        FileType::Directory => KnownKind::Folder,
        FileType::Symlink => KnownKind::Link,
        _ => KnownKind::Other,
    };
    Known {
        kind,
        node: Some(KnownNode {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
        }),
        size: u64::try_from(stat.st_size).unwrap_or(0),
        modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
    }
}
