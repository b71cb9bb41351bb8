//! Opens what lies beneath one folder and nothing else: no links, no `..`, no way out.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use crate::image::SystemError;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FolderKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, device, socket or pipe: named, never followed or opened.
    Other,
}

#[cfg(unix)]
pub(crate) use by_handle::RootFolder;
#[cfg(not(unix))]
pub(crate) use by_path::RootFolder;

pub(crate) struct Child {
    pub(crate) name: OsString,
    pub(crate) kind: FolderKind,
    pub(crate) size: u64,
    pub(crate) modified: Option<SystemTime>,
    /// Why size, time and perhaps kind are unknown.
    pub(crate) trouble: Option<SystemError>,
}

/// The names in a folder, in the order of the system.
#[derive(Default)]
pub(crate) struct Children {
    pub(crate) found: Vec<Child>,
    pub(crate) more: bool,
    /// Why the names behind the last are unknown.
    pub(crate) trouble: Option<SystemError>,
}

/// Refuses whatever is not one plain name on this system.
fn plain(name: &OsStr) -> io::Result<&OsStr> {
    let mut components = Path::new(name).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == name => Ok(name),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

#[cfg(unix)]
mod by_handle {
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::os::unix::ffi::OsStrExt;
    use std::time::{Duration, UNIX_EPOCH};

    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};

    use super::*;
    use crate::image::medium::file::without_access_time;

    /// A folder held open: what its path names later does not matter.
    #[derive(Debug)]
    pub(crate) struct RootFolder {
        handle: OwnedFd,
        path: PathBuf,
    }

    const FOLDER: OFlags = OFlags::RDONLY
        .union(OFlags::DIRECTORY)
        .union(OFlags::CLOEXEC)
        .union(OFlags::NONBLOCK);

    impl RootFolder {
        /// Opens the folder; only here a link is followed.
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            let open = |flags| rustix::fs::open(path, flags, Mode::empty());
            Ok(Self {
                handle: without_access_time(FOLDER, open)?,
                path: path.to_path_buf(),
            })
        }

        pub(crate) fn path(&self) -> &Path {
            &self.path
        }

        pub(crate) fn metadata(&self) -> io::Result<Metadata> {
            File::from(self.handle.try_clone()?).metadata()
        }

        pub(crate) fn children(&self, below: &[OsString], most: usize) -> io::Result<Children> {
            let handle = match self.folder(below)? {
                Some(handle) => handle,
                None => open_in(self.handle.as_fd(), OsStr::new("."), FOLDER)?,
            };
            let mut folder = Dir::new(handle)?;
            let mut children = Children::default();
            while let Some(entry) = folder.read() {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        children.trouble = Some(SystemError::from(&io::Error::from(error)));
                        break;
                    }
                };
                let name = entry.file_name().to_bytes();
                if name == b"." || name == b".." {
                    continue;
                }
                if children.found.len() >= most {
                    children.more = true;
                    break;
                }
                let name = OsStr::from_bytes(name).to_os_string();
                let stat = folder.fd().and_then(|folder| {
                    rustix::fs::statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW)
                });
                children.found.push(match stat {
                    Ok(stat) => known(name, &stat),
                    Err(error) => Child {
                        name,
                        kind: kind(entry.file_type()),
                        size: 0,
                        modified: None,
                        trouble: Some(SystemError::from(&io::Error::from(error))),
                    },
                });
            }
            Ok(children)
        }

        /// Opens the file `below`; what is not a regular file is refused and never waited for.
        pub(crate) fn file(&self, below: &[OsString]) -> io::Result<File> {
            let (name, folders) = below.split_last().ok_or(io::ErrorKind::InvalidInput)?;
            let folder = self.folder(folders)?;
            let folder = folder.as_ref().map_or(self.handle.as_fd(), AsFd::as_fd);
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
            // Asked first, since opening some devices has effects.
            let stat = rustix::fs::statat(folder, plain(name)?, AtFlags::SYMLINK_NOFOLLOW)?;
            if kind(FileType::from_raw_mode(stat.st_mode)) != FolderKind::File {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            Ok(File::from(open_in(folder, name, flags)?))
        }

        /// The folder `below`, opened name by name; `None` for the root itself.
        fn folder(&self, below: &[OsString]) -> io::Result<Option<OwnedFd>> {
            let mut folder: Option<OwnedFd> = None;
            for name in below {
                let parent = folder.as_ref().map_or(self.handle.as_fd(), AsFd::as_fd);
                folder = Some(open_in(parent, plain(name)?, FOLDER)?);
            }
            Ok(folder)
        }
    }

    fn open_in(folder: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
        without_access_time(flags | OFlags::NOFOLLOW, |flags| {
            rustix::fs::openat(folder, name, flags, Mode::empty())
        })
    }

    fn known(name: OsString, stat: &Stat) -> Child {
        let kind = kind(FileType::from_raw_mode(stat.st_mode));
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        Child {
            name,
            kind,
            size: if kind == FolderKind::File { size } else { 0 },
            modified: modified(stat),
            trouble: None,
        }
    }

    fn kind(found: FileType) -> FolderKind {
        match found {
            FileType::RegularFile => FolderKind::File,
            FileType::Directory => FolderKind::Folder,
            _ => FolderKind::Other,
        }
    }

    // The fields have other types on other systems.
    #[allow(clippy::unnecessary_fallible_conversions, clippy::useless_conversion)]
    fn modified(stat: &Stat) -> Option<SystemTime> {
        let seconds = i64::try_from(stat.st_mtime).ok()?;
        let nanoseconds = u64::try_from(stat.st_mtime_nsec).ok()?;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let base = if seconds < 0 {
            UNIX_EPOCH.checked_sub(whole)
        } else {
            UNIX_EPOCH.checked_add(whole)
        };
        base?.checked_add(Duration::from_nanos(nanoseconds))
    }
}

/// Where handles of folders cannot be opened from: by path, each name checked just before. A link
/// put in place between the check and the opening is followed.
#[cfg(not(unix))]
mod by_path {
    use std::fs;

    use super::*;

    #[derive(Debug)]
    pub(crate) struct RootFolder {
        path: PathBuf,
    }

    impl RootFolder {
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            fs::read_dir(path)?;
            Ok(Self {
                path: path.to_path_buf(),
            })
        }

        pub(crate) fn path(&self) -> &Path {
            &self.path
        }

        pub(crate) fn metadata(&self) -> io::Result<Metadata> {
            fs::metadata(&self.path)
        }

        pub(crate) fn children(&self, below: &[OsString], most: usize) -> io::Result<Children> {
            let mut children = Children::default();
            for entry in fs::read_dir(self.resolve(below)?)? {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        children.trouble = Some(SystemError::from(&error));
                        break;
                    }
                };
                if children.found.len() >= most {
                    children.more = true;
                    break;
                }
                let metadata = entry.metadata();
                let known = metadata.as_ref().ok();
                let kind = known.map_or(FolderKind::Other, kind);
                children.found.push(Child {
                    name: entry.file_name(),
                    kind,
                    size: known
                        .filter(|_| kind == FolderKind::File)
                        .map_or(0, Metadata::len),
                    modified: known.and_then(|known| known.modified().ok()),
                    trouble: metadata.as_ref().err().map(SystemError::from),
                });
            }
            Ok(children)
        }

        pub(crate) fn file(&self, below: &[OsString]) -> io::Result<File> {
            let path = self.resolve(below)?;
            if kind(&fs::symlink_metadata(&path)?) != FolderKind::File {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            File::open(path)
        }

        fn resolve(&self, below: &[OsString]) -> io::Result<PathBuf> {
            let mut path = self.path.clone();
            for name in below {
                path.push(plain(name)?);
                if kind(&fs::symlink_metadata(&path)?) == FolderKind::Other {
                    return Err(io::ErrorKind::InvalidInput.into());
                }
            }
            Ok(path)
        }
    }

    fn kind(metadata: &Metadata) -> FolderKind {
        match metadata.file_type() {
            found if found.is_symlink() => FolderKind::Other,
            found if found.is_file() => FolderKind::File,
            found if found.is_dir() => FolderKind::Folder,
            _ => FolderKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(names: &[&str]) -> Vec<OsString> {
        names.iter().map(OsString::from).collect()
    }

    #[test]
    fn only_plain_names_lead_down() {
        for name in ["", ".", "..", "/", "/etc", "a/b", "a/", "./a"] {
            assert!(plain(OsStr::new(name)).is_err(), "{name:?}");
        }
        for name in ["a", "...", "a b", "~", "-"] {
            assert!(plain(OsStr::new(name)).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn nothing_outside_can_be_opened() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let folder = outside.path().join("card");
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(folder.join("sub/file"), "f").unwrap();
        let root = RootFolder::open(&folder).unwrap();
        assert!(root.file(&names(&["sub", "file"])).is_ok());
        for bad in [
            &["..", "secret"][..],
            &["sub", "..", "..", "secret"],
            &["../secret"],
            &["sub"],
            &["no"],
            &[],
        ] {
            assert!(root.file(&names(bad)).is_err(), "{bad:?}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(outside.path(), folder.join("out")).unwrap();
            symlink("sub/file", folder.join("link")).unwrap();
            assert!(root.file(&names(&["out", "secret"])).is_err());
            assert!(root.file(&names(&["link"])).is_err());
            assert!(root.children(&names(&["out"]), 10).is_err());
            assert!(root.children(&names(&["sub", "file"]), 10).is_err());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_named_and_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let root = RootFolder::open(folder.path()).unwrap();
        let children = root.children(&[], 10).unwrap();
        assert_eq!(children.found.len(), 1);
        assert_eq!(children.found[0].kind, FolderKind::Other);
        assert!(root.file(&names(&["pipe"])).is_err());
    }

    #[test]
    fn no_more_names_than_wanted() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..5 {
            fs::write(folder.path().join(n.to_string()), "").unwrap();
        }
        let root = RootFolder::open(folder.path()).unwrap();
        let listed = |most| {
            let children = root.children(&[], most).unwrap();
            (children.found.len(), children.more)
        };
        assert_eq!(listed(4), (4, true));
        assert_eq!(listed(5), (5, false));
        assert_eq!(listed(5), (5, false));
    }
}
