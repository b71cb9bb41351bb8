//! Where something may be written: a name in an open folder, apart from every source.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::WriteError;
use super::handle::FolderHandle;
use super::known::{Known, KnownKind};
use super::sources::Sources;

/// A name in an open folder, and what has it now.
#[derive(Clone, Debug)]
pub(super) struct NewPlace {
    /// The folder around it.
    pub(super) folder: Arc<FolderHandle>,
    /// Its name there.
    pub(super) name: OsString,
    /// As it was given, for messages.
    pub(super) shown: PathBuf,
    /// What had the name when it was looked at.
    pub(super) found: Option<Known>,
}

/// What a path names.
pub(super) enum Given {
    /// A name in a folder.
    Place(NewPlace),
    /// A folder without a name of its own, such as `.` or `/`.
    Folder(FolderHandle, PathBuf),
}

impl Given {
    /// Opens the folder around a place. Links on the way to it are followed, one in its place is
    /// refused, and so is a place on a source.
    pub(super) fn open(given: &Path, sources: &Sources) -> Result<Self, WriteError> {
        // Without the slash at the end, behind which a link would be followed.
        let shown: PathBuf = given.components().collect();
        let around = match shown.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let Some(name) = shown.file_name() else {
            let folder = open(&shown)?;
            return Self::Folder(folder, shown).apart_from(sources);
        };
        let folder = Arc::new(open(around)?);
        let found = folder.look(name).map_err(WriteError::system(&shown))?;
        if found.is_some_and(|known| known.kind == KnownKind::Link) {
            return Err(WriteError::Link(shown));
        }
        let place = NewPlace {
            name: name.to_owned(),
            folder,
            found,
            shown,
        };
        Self::Place(place).apart_from(sources)
    }

    fn apart_from(self, sources: &Sources) -> Result<Self, WriteError> {
        let on_source = match &self {
            Self::Place(place) => {
                sources.hold(&place.folder, Some(&place.name), place.found.as_ref())
            }
            Self::Folder(folder, _) => sources.hold(folder, None, None),
        };
        if on_source {
            return Err(WriteError::OnSource(self.shown().to_owned()));
        }
        Ok(self)
    }

    fn shown(&self) -> &Path {
        match self {
            Self::Place(place) => &place.shown,
            Self::Folder(_, shown) => shown,
        }
    }
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
        let found = self.folder.look(name).map_err(WriteError::system(&shown))?;
        if found.is_some_and(|known| known.kind == KnownKind::Link) {
            return Err(WriteError::Link(shown));
        }
        if sources.hold(&self.folder, Some(name), found.as_ref()) {
            return Err(WriteError::OnSource(shown));
        }
        Ok(Self {
            folder: Arc::clone(&self.folder),
            name: name.to_owned(),
            shown,
            found,
        })
    }

    /// What is there now.
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
