//! A new file.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::place::{Place, WriteError, move_new, new_file, sync_folder};

/// A new file that only its maker can read, built beside its place. Dropped before
/// [`NewFile::finish`], nothing remains of it.
#[derive(Debug)]
pub struct NewFile {
    temp: PathBuf,
    place: PathBuf,
    pub(super) file: File,
    finished: bool,
}

impl NewFile {
    /// Begins it, empty.
    ///
    /// # Errors
    /// If something is in its place, it is on the source, or it cannot be made.
    pub fn create(place: &Path, source: &Path) -> Result<Self, WriteError> {
        let given = Place::of(place, source)?;
        if given.found.is_some() {
            return Err(WriteError::Exists(place.to_owned()));
        }
        let (temp, file) = given.beside(&given.parent, new_file)?;
        Ok(Self {
            temp,
            place: given.path,
            file,
            finished: false,
        })
    }

    /// Whether it could be begun there; nothing remains of the trial.
    ///
    /// # Errors
    /// Those of [`NewFile::create`].
    pub fn check(place: &Path, source: &Path) -> Result<(), WriteError> {
        Self::create(place, source).map(drop)
    }

    /// Where it is being built.
    pub fn path(&self) -> &Path {
        &self.temp
    }

    /// Writes to its end.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let written = self.file.write_all(bytes);
        written.map_err(WriteError::system(&self.place))
    }

    /// Brings it to the disk and moves it to its place.
    ///
    /// # Errors
    /// If that fails; then nothing remains.
    pub fn finish(mut self) -> Result<(), WriteError> {
        let error = || WriteError::system(&self.place);
        self.file.sync_all().map_err(error())?;
        move_new(&self.temp, &self.place).map_err(error())?;
        self.finished = true;
        let _ = sync_folder(self.place.parent().unwrap_or(&self.place));
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.finished {
            let _ = self.file.set_len(0);
            let _ = fs::remove_file(&self.temp);
        }
    }
}
