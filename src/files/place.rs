//! Where something may be written: a name in an open folder, apart from every source.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf, Prefix};
use std::sync::Arc;

use super::error::WriteError;
use super::file_identity::{Known, KnownKind};
use super::handle::FolderHandle;
use super::sources::Sources;

/// A name in an open folder, and what has it now.
#[derive(Clone, Debug)]
pub(super) struct NewPlace {
    pub(super) folder: Arc<FolderHandle>,
    pub(super) name: OsString,
    /// As it was given, for messages.
    pub(super) shown: PathBuf,
    /// What had the name when it was looked at.
    pub(super) found: Option<Known>,
}

pub(super) enum Given {
    /// A name in a folder.
    Place(NewPlace),
    /// A folder without a name of its own, such as `.` or `/`.
    Folder(FolderHandle, PathBuf),
}

impl Given {
    /// Opens the folder around a place. Links on the way to it are followed, one in its place is
    /// refused, and so is a place among devices or on a source.
    pub(super) fn open(given: &Path, sources: &Sources) -> Result<Self, WriteError> {
        // Without the slash at the end, behind which a link would be followed.
        let shown: PathBuf = given.components().collect();
        let around = match shown.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if is_device(given) {
            return Err(WriteError::AmongDevices(shown));
        }
        let Some(name) = shown.file_name() else {
            let folder = open(&shown)?;
            check(&folder, None, None, sources, &shown)?;
            return Ok(Self::Folder(folder, shown));
        };
        let folder = Arc::new(open(around)?);
        let name = name.to_owned();
        NewPlace::in_folder(folder, name, shown, sources).map(Self::Place)
    }
}

/// Refuses a place in a folder, or the folder, that is among devices or on a source.
pub(super) fn check(
    folder: &FolderHandle,
    name: Option<&OsStr>,
    found: Option<&Known>,
    sources: &Sources,
    shown: &Path,
) -> Result<(), WriteError> {
    if folder.is_among_devices() {
        return Err(WriteError::AmongDevices(shown.to_owned()));
    }
    if sources.hold(folder, name, found) {
        return Err(WriteError::OnSource(shown.to_owned()));
    }
    Ok(())
}

/// Refuses a place among devices, as everything that writes does, before anything is read: the folders on the way to it
/// may not be there yet.
///
/// # Errors
/// [`WriteError::AmongDevices`].
pub fn check_place(given: &Path) -> Result<(), WriteError> {
    let full = std::path::absolute(given).unwrap_or_else(|_| given.to_owned());
    let mut around = full.ancestors();
    let around = around.find_map(|folder| FolderHandle::open(folder).ok());
    if is_device(given) || around.is_some_and(|folder| folder.is_among_devices()) {
        return Err(WriteError::AmongDevices(given.to_owned()));
    }
    Ok(())
}

/// Whether a path is that of a device on Windows, such as `\\.\PhysicalDrive1`.
fn is_device(given: &Path) -> bool {
    given.components().any(|part| match part {
        Component::Prefix(prefix) => matches!(prefix.kind(), Prefix::DeviceNS(_)),
        _ => false,
    })
}

fn open(folder: &Path) -> Result<FolderHandle, WriteError> {
    FolderHandle::open(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            WriteError::NoFolder(folder.to_owned())
        }
        _ => WriteError::system(folder)(error),
    })
}

impl NewPlace {
    /// A place for a file, apart from the sources, and what is there now.
    pub(super) fn of_file(given: &Path, sources: &Sources) -> Result<Self, WriteError> {
        match Given::open(given, sources)? {
            Given::Place(place) => Ok(place),
            Given::Folder(_, shown) if shown.as_os_str().is_empty() => {
                Err(WriteError::NoName(shown))
            }
            Given::Folder(_, shown) => Err(WriteError::Exists(shown)),
        }
    }

    /// The same for something new: nothing may be there.
    pub(super) fn of_new(given: &Path, sources: &Sources) -> Result<Self, WriteError> {
        let place = Self::of_file(given, sources)?;
        match place.found {
            Some(_) => Err(WriteError::Exists(place.shown)),
            None => Ok(place),
        }
    }

    /// The place of another file in the same folder, such as the map of an image.
    pub(super) fn beside(&self, name: &OsStr, sources: &Sources) -> Result<Self, WriteError> {
        let shown = self.shown.with_file_name(name);
        Self::in_folder(Arc::clone(&self.folder), name.to_owned(), shown, sources)
    }

    fn in_folder(
        folder: Arc<FolderHandle>,
        name: OsString,
        shown: PathBuf,
        sources: &Sources,
    ) -> Result<Self, WriteError> {
        let found = folder.look(&name).map_err(WriteError::system(&shown))?;
        if found.is_some_and(|known| known.kind == KnownKind::Link) {
            return Err(WriteError::Link(shown));
        }
        check(&folder, Some(&name), found.as_ref(), sources, &shown)?;
        Ok(Self {
            folder,
            name,
            shown,
            found,
        })
    }

    pub(super) fn look(&self) -> Result<Option<Known>, WriteError> {
        self.folder.look(&self.name).map_err(self.cannot())
    }

    /// The system's error, with the place it is about.
    pub(super) fn cannot(&self) -> impl FnOnce(io::Error) -> WriteError + use<> {
        WriteError::system(&self.shown)
    }

    /// Makes the names in its folder survive a power cut. What is in its place is not taken back
    /// because the disk may not know it yet.
    pub(super) fn sync_folder(&self) {
        let _ = self.folder.sync();
    }
}
