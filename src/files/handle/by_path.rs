//! A folder by its true path, on systems where folders are not held open.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::file_identity::{Known, KnownKind, KnownNode};

const MAX_NAMES: usize = 100_000;

#[derive(Debug)]
pub(super) struct FolderHandle {
    /// Its true path, without links.
    folder: PathBuf,
    path: PathBuf,
}

impl FolderHandle {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let folder = dunce::canonicalize(path)?;
        if !folder.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let path = path.to_owned();
        Ok(Self { folder, path })
    }

    pub(super) fn open_folder(&self, name: &OsStr) -> io::Result<Self> {
        let folder = self.folder.join(name);
        if !fs::symlink_metadata(&folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let path = self.shown(name);
        Ok(Self { folder, path })
    }

    pub(super) fn shown(&self, name: &OsStr) -> PathBuf {
        if self.path == Path::new(".") {
            return name.into();
        }
        self.path.join(name)
    }

    /// Its true path.
    pub(super) fn reading_path(&self) -> PathBuf {
        self.folder.clone()
    }

    pub(super) fn known(&self) -> io::Result<Known> {
        Ok(known(&fs::symlink_metadata(&self.folder)?))
    }

    pub(super) fn look(&self, name: &OsStr) -> io::Result<Option<Known>> {
        match fs::symlink_metadata(self.folder.join(name)) {
            Ok(metadata) => Ok(Some(known(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Here folders have no numbers.
    pub(super) fn around(&self) -> Vec<KnownNode> {
        Vec::new()
    }

    /// Here devices are in no folder.
    pub(super) fn is_among_devices(&self) -> bool {
        false
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let names = fs::read_dir(&self.folder)?.take(MAX_NAMES);
        let names: io::Result<Vec<_>> = names.map(|entry| Ok(entry?.file_name())).collect();
        let mut names = names?;
        names.sort();
        Ok(names)
    }

    pub(super) fn create_file(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(true);
        options.open(self.folder.join(name))
    }

    /// Here every file has a name.
    pub(super) fn create_unnamed(&self) -> Option<File> {
        None
    }

    /// Here every file has a name.
    pub(super) fn name_unnamed(&self, _: &File, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn open_file(&self, name: &OsStr, write: bool) -> io::Result<File> {
        self.regular(name)?;
        let mut options = OpenOptions::new();
        options.read(true).write(write).open(self.folder.join(name))
    }

    pub(super) fn open_to_append(&self, name: &OsStr) -> io::Result<File> {
        self.regular(name)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true).create(true);
        // Others may read it: that is the lock.
        #[cfg(windows)]
        let options = {
            use std::os::windows::fs::OpenOptionsExt;
            const FILE_SHARE_READ: u32 = 1;
            options.share_mode(FILE_SHARE_READ)
        };
        options.open(self.folder.join(name))
    }

    pub(super) fn open_to_lock(&self, name: &OsStr) -> io::Result<File> {
        self.regular(name)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        options.open(self.folder.join(name))
    }

    fn regular(&self, name: &OsStr) -> io::Result<()> {
        match self.look(name)? {
            Some(found) if found.kind != KnownKind::File => Err(io::ErrorKind::InvalidInput.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn create_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::create_dir(self.folder.join(name))
    }

    pub(super) fn move_new(&self, name: &OsStr, to: &Self, as_name: &OsStr) -> io::Result<()> {
        let (from, to) = (self.folder.join(name), to.folder.join(as_name));
        if fs::symlink_metadata(&from)?.is_dir() {
            // Moving a folder never replaces anything.
            return fs::rename(from, to);
        }
        let file = tempfile::TempPath::try_from_path(from)?;
        file.persist_noclobber(to).map_err(|failed| {
            let tempfile::PathPersistError { error, mut path } = failed;
            // Whoever made it removes it.
            path.disable_cleanup(true);
            error
        })
    }

    pub(super) fn replace(&self, name: &OsStr, over: &OsStr) -> io::Result<()> {
        fs::rename(self.folder.join(name), self.folder.join(over))
    }

    pub(super) fn exchange(&self, _: &OsStr, _: &OsStr) -> io::Result<bool> {
        Ok(false)
    }

    pub(super) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.folder.join(name))
    }

    /// Here the system sees to it that names are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Here folders keep no such time of ours.
    pub(super) fn set_modified(&self, _: std::time::SystemTime) -> io::Result<()> {
        Ok(())
    }

    /// Here folders cannot be locked.
    pub(super) fn lock(&self) {}

    /// Here folders cannot be locked.
    pub(super) fn is_locked(&self) -> bool {
        false
    }

    pub(super) fn free(&self) -> Option<u64> {
        None
    }
}

pub(super) fn known_of(file: &File) -> io::Result<Known> {
    Ok(known(&file.metadata()?))
}

/// Here a locked file could not be read to check what was written.
pub(super) fn lock(_: &File) -> bool {
    true
}

pub(super) fn is_locked(_: &File) -> bool {
    false
}

fn known(metadata: &fs::Metadata) -> Known {
    let kind = match () {
        () if metadata.is_symlink() => KnownKind::Link,
        () if metadata.is_file() => KnownKind::File,
        () if metadata.is_dir() => KnownKind::Folder,
        () => KnownKind::Other,
    };
    let time = metadata.modified().ok();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let since = since.unwrap_or_default();
    let modified = (
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        i64::from(since.subsec_nanos()),
    );
    Known {
        kind,
        node: None,
        size: metadata.len(),
        modified,
        changed: modified,
    }
}
