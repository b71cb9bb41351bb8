//! Where something new may be written, and how it gets there whole or not at all.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Most names tried for what is being built.
const TRIES: usize = 100;

/// Why something was not written. Nothing remains of it.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something is there.
    #[error("{}: is there already, and nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// A folder is there that is not empty.
    #[error("{}: this folder is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A link is there.
    #[error("{}: is a link, and links are not followed", .0.display())]
    Link(PathBuf),
    /// It is no name of a file or folder.
    #[error("{}: is no name for something new", .0.display())]
    NoName(PathBuf),
    /// The folder for it is not there.
    #[error("{}: there is no such folder to write into", .0.display())]
    NoFolder(PathBuf),
    /// It would be written to the source.
    #[error("{}: lies on the source, to which nothing is written", .0.display())]
    OnSource(PathBuf),
    /// The system refused.
    #[error("{}: cannot be written: {error}", .path.display())]
    System {
        /// What was written.
        path: PathBuf,
        /// Why it was not.
        error: io::Error,
    },
}

impl WriteError {
    /// The system's error, with what it is about.
    pub(super) fn system(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path),
            _ => Self::System { path, error },
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists(_) | Self::NoName(_) => "give a name that does not exist yet",
            Self::NotEmpty(_) => "give a folder that does not exist yet, or an empty one",
            Self::Link(_) => "give the place the link leads to, or another one",
            Self::NoFolder(_) => "make it first, or give a place in a folder that exists",
            Self::OnSource(_) => "give a place on another disk",
            Self::System { error, .. } => match error.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => {
                    "there is no room for it: nothing was written; give a place on another disk"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "give a place where you may write"
                }
                _ => "nothing was written; give a place on another disk",
            },
        }
    }
}

/// A place for something new, apart from the source: an absolute path without links.
pub(crate) struct Place {
    /// The folder around it.
    pub(crate) parent: PathBuf,
    /// Where it will be.
    pub(crate) path: PathBuf,
    /// What is there now.
    pub(crate) found: Option<Metadata>,
}

impl Place {
    /// Looks at a place. Links on the way to it are followed, one in its place is refused.
    pub(crate) fn of(given: &Path, source: &Path) -> Result<Self, WriteError> {
        // Without the slash at the end, behind which a link would be followed.
        let given: PathBuf = given.components().collect();
        let found = fs::symlink_metadata(&given).ok();
        if found.as_ref().is_some_and(Metadata::is_symlink) {
            return Err(WriteError::Link(given));
        }
        let path = match &found {
            Some(_) => dunce::canonicalize(&given).map_err(WriteError::system(&given))?,
            None => {
                let name = given.file_name();
                let name = name.ok_or_else(|| WriteError::NoName(given.clone()))?;
                let parent = match given.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent,
                    _ => Path::new("."),
                };
                let real = dunce::canonicalize(parent);
                let real = real.map_err(|_| WriteError::NoFolder(parent.to_owned()))?;
                real.join(name)
            }
        };
        let parent = path.parent().unwrap_or(&path).to_owned();
        let place = Self {
            parent,
            path,
            found,
        };
        if place.is_on(source) {
            return Err(WriteError::OnSource(given));
        }
        Ok(place)
    }

    /// Whether writing here would write to the source.
    fn is_on(&self, source: &Path) -> bool {
        let (Ok(real), Ok(metadata)) = (dunce::canonicalize(source), fs::metadata(source)) else {
            return false;
        };
        let folder = match &self.found {
            Some(found) if found.is_dir() => &self.path,
            _ => &self.parent,
        };
        real == self.path
            || metadata.is_dir() && self.path.starts_with(&real)
            || fs::metadata(folder).is_ok_and(|folder| is_volume_of(&folder, &metadata, &real))
    }

    /// A name beside the place, or in it, for what is being built.
    pub(super) fn beside<T>(
        &self,
        folder: &Path,
        make: impl Fn(&Path) -> io::Result<T>,
    ) -> Result<(PathBuf, T), WriteError> {
        let name = self.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        for number in 0..TRIES {
            let temp = folder.join(format!(".{name}.{number}.part"));
            match make(&temp) {
                Ok(made) => return Ok((temp, made)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(WriteError::system(&self.path)(error)),
            }
        }
        Err(WriteError::Exists(self.path.clone()))
    }
}

/// Whether a folder lies on the device that is read, or on the card whose folder is read.
#[cfg(target_os = "linux")]
fn is_volume_of(folder: &Metadata, source: &Metadata, real: &Path) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    if source.file_type().is_block_device() {
        // The whole device of a partition is one folder up.
        let whole = |device: u64| {
            let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
            let known = fs::canonicalize(format!("/sys/dev/block/{major}:{minor}")).ok()?;
            let is_partition = known.join("partition").exists();
            let known = if is_partition {
                known.parent()?
            } else {
                &known
            };
            Some(known.to_owned())
        };
        return folder.dev() == source.rdev()
            || whole(folder.dev()).is_some_and(|disk| Some(disk) == whole(source.rdev()));
    }
    // Of a mounted card nothing is written beside the folder either. 0x4D44 is what the system calls
    // FAT, in a type of its own on each kind of machine.
    let is_fat = || rustix::fs::statfs(real).is_ok_and(|volume| volume.f_type == 0x4D44);
    source.is_dir() && folder.dev() == source.dev() && is_fat()
}

#[cfg(not(target_os = "linux"))]
fn is_volume_of(_: &Metadata, _: &Metadata, _: &Path) -> bool {
    false
}

/// A new file that only its maker can read.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new folder that only its maker can enter.
pub(super) fn new_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700).create(path);
    #[cfg(not(unix))]
    return fs::create_dir(path);
}

/// Moves something to a place where nothing is.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Some file systems cannot do it in one step.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return done.map_err(io::Error::from),
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// Waits until the names in a folder are on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Folders can be opened like that on Unix only; elsewhere the system sees to it.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
