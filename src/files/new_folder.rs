//! A new folder, whole or not there.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::error::WriteError;
use super::file_identity::KnownKind;
use super::handle::FolderHandle;
use super::leftovers::left_in;
use super::place::{Given, check};
use super::sources::Sources;
use super::unfinished::{Unfinished, undisturbed};

/// A folder that is built beside its place, or inside it where an empty folder is there already.
/// Dropped before [`NewFolder::finish`], nothing remains of it.
#[derive(Debug)]
pub struct NewFolder {
    /// Where it will be, for messages.
    shown: PathBuf,
    to: To,
    part: Unfinished,
    folder: FolderHandle,
    /// The folders in it and when they say they were changed, the outer before the inner.
    folders: BTreeMap<PathBuf, Option<SystemTime>>,
}

#[derive(Debug)]
enum To {
    /// A name that nothing has, in the folder around it.
    Name(Arc<FolderHandle>, OsString),
    /// A folder that is there, empty but for what is being built.
    Inside(Arc<FolderHandle>),
}

impl NewFolder {
    /// Begins a folder for this place, which is not there or is an empty folder.
    ///
    /// # Errors
    /// If something else is there, or it is on a source.
    pub fn create(place: &Path, sources: &Sources) -> Result<Self, WriteError> {
        let (shown, to) = match Given::open(place, sources)? {
            Given::Folder(folder, shown) => (shown, To::Inside(Arc::new(folder))),
            Given::Place(place) => match place.found.map(|found| found.kind) {
                None => (place.shown, To::Name(place.folder, place.name)),
                Some(KnownKind::Folder) => {
                    let folder = place.folder.open_folder(&place.name);
                    let folder = folder.map_err(WriteError::system(&place.shown))?;
                    // Another file system may be mounted there.
                    check(&folder, None, None, sources, &place.shown)?;
                    (place.shown, To::Inside(Arc::new(folder)))
                }
                Some(_) => return Err(WriteError::Exists(place.shown)),
            },
        };
        if let To::Inside(folder) = &to {
            is_empty(folder, &shown)?;
        }
        let (To::Name(around, _) | To::Inside(around)) = &to;
        let make = |name: &OsStr| {
            around.create_folder(name)?;
            let folder = around.open_folder(name)?;
            folder.lock();
            Ok(folder)
        };
        let (part, folder) = Unfinished::make(around, make).map_err(WriteError::system(&shown))?;
        Ok(Self {
            shown,
            to,
            part,
            folder,
            folders: BTreeMap::new(),
        })
    }

    /// Whether it could be begun there; nothing remains of the trial.
    ///
    /// # Errors
    /// Those of [`NewFolder::create`].
    pub fn check(place: &Path, sources: &Sources) -> Result<(), WriteError> {
        Self::create(place, sources).map(drop)
    }

    /// By which path it can be read while it is not in its place.
    pub fn reading_path(&self) -> PathBuf {
        self.folder.reading_path()
    }

    /// Adds a file by its path in the folder, with `/` between names. It and the folders around it
    /// say that they were changed at this time, if one is given.
    ///
    /// # Errors
    /// If it is there already or cannot be written.
    pub fn add_file(
        &mut self,
        path: &str,
        bytes: &[u8],
        modified: Option<SystemTime>,
    ) -> Result<(), WriteError> {
        let shown = self.shown.join(path);
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        let name = Path::new(path).file_name();
        let name = name.filter(|_| Path::new(path).components().all(plain));
        let Some(name) = name else {
            return Err(WriteError::NoName(shown));
        };
        let cannot = || WriteError::system(&shown);
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        self.add_folders(parent, modified).map_err(cannot())?;
        let inner = self.open(parent).map_err(cannot())?;
        let folder = inner.as_ref().unwrap_or(&self.folder);
        let written = undisturbed(|| folder.create_file(name)).and_then(|mut file| {
            file.write_all(bytes)?;
            if let Some(time) = modified {
                // A disk that keeps no such times is no reason to lose the file.
                let _ = file.set_modified(time);
            }
            file.sync_all()
        });
        written.map_err(cannot())
    }

    /// Makes the folders on the way to a path that are not there yet.
    fn add_folders(&mut self, path: &Path, modified: Option<SystemTime>) -> io::Result<()> {
        let mut made = PathBuf::new();
        for name in path {
            let around = self.open(&made)?;
            made.push(name);
            if !self.folders.contains_key(&made) {
                let around = around.as_ref().unwrap_or(&self.folder);
                undisturbed(|| around.create_folder(name))?;
                self.folders.insert(made.clone(), modified);
            }
        }
        Ok(())
    }

    /// Opens a folder in it; `None` for itself.
    fn open(&self, path: &Path) -> io::Result<Option<FolderHandle>> {
        let mut folder = None;
        for name in path {
            let around: &FolderHandle = folder.as_ref().unwrap_or(&self.folder);
            folder = Some(around.open_folder(name)?);
        }
        Ok(folder)
    }

    /// Moves the folder to its place, once all of it is safe on the disk.
    ///
    /// # Errors
    /// If that fails; then nothing remains.
    pub fn finish(self) -> Result<(), WriteError> {
        let cannot = || WriteError::system(&self.shown);
        for (path, modified) in self.folders.iter().rev() {
            if let Some(folder) = self.open(path).map_err(cannot())? {
                if let Some(time) = modified {
                    let _ = folder.set_modified(*time);
                }
                folder.sync().map_err(cannot())?;
            }
        }
        self.folder.sync().map_err(cannot())?;
        match &self.to {
            To::Name(around, name) => {
                let part = &self.part;
                let moved = part.moved(|from, part| from.move_new(part, around, name));
                moved.map_err(cannot())?;
            }
            To::Inside(around) => self.move_contents(around)?,
        }
        let (To::Name(around, _) | To::Inside(around)) = &self.to;
        // What is in its place is not taken back because the disk may not know it yet.
        let _ = around.sync();
        Ok(())
    }

    /// Moves what is in the folder one folder up: what is on the card last, so that where it is
    /// everything is. If a name is taken, everything moved goes again.
    fn move_contents(&self, around: &FolderHandle) -> Result<(), WriteError> {
        let mut failed = self.shown.clone();
        let moved = self.part.moved(|_, part| {
            let mut names = self.folder.names()?;
            names.sort_by_key(|name| (name == "bitbox02", name.clone()));
            for (moved, name) in names.iter().enumerate() {
                if let Err(error) = self.folder.move_new(name, around, name) {
                    failed = self.shown.join(name);
                    for back in names.iter().take(moved) {
                        // Dropping the folder removes what is in it.
                        let _ = around.move_new(back, &self.folder, back);
                    }
                    return Err(error);
                }
            }
            // One that cannot be removed is named by the next run.
            let _ = around.remove_folder(part);
            Ok(())
        });
        moved.map_err(WriteError::system(&failed))
    }
}

/// Refuses a folder with anything in it, and says so where an earlier run left it.
fn is_empty(folder: &FolderHandle, shown: &Path) -> Result<(), WriteError> {
    let names = folder.names().map_err(WriteError::system(shown))?;
    if names.is_empty() {
        return Ok(());
    }
    let left = left_in(folder);
    let folder = shown.to_owned();
    match left.into_iter().next() {
        Some(left) => Err(WriteError::LeftInside { folder, left }),
        None => Err(WriteError::NotEmpty(folder)),
    }
}

#[cfg(test)]
mod tests;
