//! Files of our own that a later run goes on with: small ones that are replaced from time to time (a map, how far a search
//! came, keys), and large ones that are built in their place.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::WriteError;
use super::file_identity::{Known, KnownKind};
use super::handle::{self, known_of};
use super::new_file::NewFile;
use super::place::NewPlace;
use super::sources::Sources;

/// A file that is replaced as a whole, as long as nobody else changes it.
#[derive(Debug)]
pub struct OwnFile {
    place: NewPlace,
    /// What is there, as far as this run wrote it or was told that it is ours.
    known: Option<Known>,
}

impl OwnFile {
    /// Looks at a place, and reads the first `most` bytes of what is there; `None` if nothing is.
    /// Whoever calls it decides by these bytes whether the file is ours and may be replaced.
    ///
    /// # Errors
    /// If something else than a file is there, it is on a source, or it cannot be read.
    pub fn open(place: &Path, sources: &Sources, most: u64) -> Result<OpenedOwn, WriteError> {
        Self::at(NewPlace::of_file(place, sources)?, most)
    }

    pub(super) fn at(place: NewPlace, most: u64) -> Result<OpenedOwn, WriteError> {
        let Some(found) = place.found else {
            return Ok((Self { place, known: None }, None));
        };
        if found.kind != KnownKind::File {
            return Err(WriteError::Exists(place.shown));
        }
        let read = || {
            let file = place.folder.open_file(&place.name, false)?;
            let known = known_of(&file)?;
            // Of the final size at once: a vector that grows leaves its bytes behind.
            let room = usize::try_from(known.size.min(most)).unwrap_or(0);
            let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
            file.take(most).read_to_end(&mut bytes)?;
            Ok((known, bytes))
        };
        let (known, bytes) = read().map_err(place.cannot())?;
        let known = Some(known);
        Ok((Self { place, known }, Some(bytes)))
    }

    /// Where it lies, as it was given.
    pub fn path(&self) -> &Path {
        &self.place.shown
    }

    /// Puts these bytes in its place, safe on the disk: all of them, or what was there stays.
    ///
    /// # Errors
    /// If that fails, or what is there is not what this run saw or wrote last.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let mut new = NewFile::over(self.place.clone(), self.known)?;
        new.write_bytes(bytes)?;
        let (file, place) = new.placed()?;
        self.known = Some(known_of(&file).map_err(place.cannot())?);
        Ok(())
    }

    /// Removes it, if it is still what this run saw or wrote last.
    pub fn remove(self) {
        let found = self.place.look().ok().flatten();
        if let (Some(known), Some(found)) = (&self.known, found)
            && found.is_untouched(known, false)
        {
            let _ = self.place.folder.remove_file(&self.place.name);
        }
    }
}

/// A place of our own, and what is there.
pub type OpenedOwn = (OwnFile, Option<Zeroizing<Vec<u8>>>);

/// A place for a large file that is built in its place, since a run that is interrupted is resumed: the image of a card, with
/// the map beside it that says what is in it. Nothing is made or opened yet.
#[derive(Debug)]
pub struct PlacedFile {
    place: NewPlace,
}

impl PlacedFile {
    /// Looks at a place.
    ///
    /// # Errors
    /// If a link or something else than a file is there, or it is on a source.
    pub fn at(place: &Path, sources: &Sources) -> Result<Self, WriteError> {
        let place = NewPlace::of_file(place, sources)?;
        match place.found.map(|found| found.kind) {
            None | Some(KnownKind::File) => Ok(Self { place }),
            Some(_) => Err(WriteError::Exists(place.shown)),
        }
    }

    /// Whether a file is there.
    pub fn exists(&self) -> bool {
        self.place.found.is_some()
    }

    /// Where it lies, as it was given.
    pub fn path(&self) -> &Path {
        &self.place.shown
    }

    /// Bytes free in its folder; `None` where that cannot be told.
    pub fn free(&self) -> Option<u64> {
        self.place.folder.free()
    }

    /// The small file of this name beside it, with its first `most` bytes.
    ///
    /// # Errors
    /// Those of [`OwnFile::open`].
    pub fn beside(
        &self,
        name: &OsStr,
        sources: &Sources,
        most: u64,
    ) -> Result<OpenedOwn, WriteError> {
        OwnFile::at(self.place.beside(name, sources)?, most)
    }

    /// Makes it, empty; only its maker can read it.
    ///
    /// # Errors
    /// If something is there by now, or it cannot be made.
    pub fn create(&self) -> Result<OpenFile, WriteError> {
        let file = self.place.folder.create_file(&self.place.name);
        let file = file.map_err(self.place.cannot())?;
        self.place.sync_folder();
        self.opened(file)
    }

    /// Opens the file that is there, to go on with it.
    ///
    /// # Errors
    /// If it is another file by now, another run writes to it, or it cannot be opened.
    pub fn resume(&self) -> Result<OpenFile, WriteError> {
        let file = self.place.folder.open_file(&self.place.name, true);
        let file = file.map_err(self.place.cannot())?;
        let known = known_of(&file).map_err(self.place.cannot())?;
        // What was looked at was no source; another file may be one.
        let found = self.place.found;
        if !found.is_some_and(|found| found.is_same_file(&known)) {
            return Err(WriteError::Changed(self.place.shown.clone()));
        }
        self.opened(file)
    }

    fn opened(&self, file: File) -> Result<OpenFile, WriteError> {
        if !handle::lock(&file) {
            return Err(WriteError::Busy(self.place.shown.clone()));
        }
        Ok(OpenFile {
            known: known_of(&file).map_err(self.place.cannot())?,
            place: self.place.clone(),
            file,
        })
    }
}

/// Such a file, open for reading and writing.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    place: NewPlace,
    known: Known,
}

impl OpenFile {
    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where it lies, as it was given.
    pub fn path(&self) -> PathBuf {
        self.place.shown.clone()
    }

    /// Removes it again, if its name still stands for it.
    pub fn remove(self) {
        let found = self.place.look().ok().flatten();
        if found.is_some_and(|found| found.is_same_file(&self.known)) {
            let _ = self.place.folder.remove_file(&self.place.name);
        }
    }
}
