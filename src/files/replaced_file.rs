//! A small file of ours that is replaced from time to time: a map, how far a search came, keys.

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use super::error::WriteError;
use super::file_identity::{Known, KnownKind};
use super::handle::known_of;
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
