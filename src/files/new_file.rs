//! A new file, whole or not there.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::WriteError;
use super::file_identity::{Known, KnownKind};
use super::handle::{self, known_of};
use super::place::NewPlace;
use super::sources::Sources;
use super::unfinished::{Unfinished, undisturbed};

/// Bytes of the beginning of a file in which a mark is looked for.
const MARKED: u64 = 4096;

/// By what the program knows its own files again, so that it may replace them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What such a file is called in messages: `a CSV report`.
    pub kind: &'static str,
    /// With which bytes each of them begins.
    pub beginning: &'static [u8],
    /// What else stands in its first 4096 bytes; may be empty.
    pub within: &'static [u8],
}

impl Mark {
    /// Whether a file with these first bytes carries the mark.
    pub fn is_on(&self, bytes: &[u8]) -> bool {
        let mut windows = bytes.windows(self.within.len().max(1));
        let has_within = self.within.is_empty() || windows.any(|window| window == self.within);
        bytes.starts_with(self.beginning) && has_within
    }
}

/// What this run put in places where it may be replaced: what somebody else changes there in the
/// meantime is not replaced once more. The folders stay open, so that none is taken for another.
static PUT: Mutex<Vec<(NewPlace, Known)>> = Mutex::new(Vec::new());

fn put() -> MutexGuard<'static, Vec<(NewPlace, Known)>> {
    PUT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether two places are one. Where folders have no numbers nothing says so.
fn is_same(one: &NewPlace, other: &NewPlace) -> bool {
    let folder = |place: &NewPlace| place.folder.known().ok().and_then(|known| known.node);
    one.name == other.name && folder(one).is_some_and(|node| Some(node) == folder(other))
}

/// A new file that only its maker can read, built unseen. Dropped before [`NewFile::finish`],
/// nothing remains of it.
#[derive(Debug)]
pub struct NewFile {
    place: NewPlace,
    file: File,
    /// Where it is until it is whole: beside its place, or nowhere: without a name it goes with the program.
    part: Option<Unfinished>,
    /// The earlier file of ours whose place it takes.
    over: Option<Known>,
    /// Whether this run may want to replace it in turn.
    is_replaceable: bool,
}

impl NewFile {
    /// Begins a file for a place where nothing is.
    ///
    /// # Errors
    /// If something is in its place, it is on a source, or it cannot be made.
    pub fn create(place: &Path, sources: &Sources) -> Result<Self, WriteError> {
        Self::at(NewPlace::of_new(place, sources)?)
    }

    /// Begins a file for a place where nothing is, or an earlier file with this mark, which stays
    /// there until the new one is whole.
    ///
    /// # Errors
    /// As [`NewFile::create`], and if something without the mark is in its place.
    pub fn replace(place: &Path, sources: &Sources, mark: &Mark) -> Result<Self, WriteError> {
        let mut place = NewPlace::of_file(place, sources)?;
        let Some(found) = place.found else {
            return Ok(Self {
                is_replaceable: true,
                ..Self::at(place)?
            });
        };
        let foreign = || WriteError::Foreign {
            path: place.shown.clone(),
            kind: mark.kind,
        };
        if found.kind != KnownKind::File {
            return Err(foreign());
        }
        let mut beginning = Vec::new();
        let file = place.folder.open_file(&place.name, false);
        let known = file.and_then(|file| {
            let known = known_of(&file)?;
            file.take(MARKED).read_to_end(&mut beginning)?;
            Ok(known)
        });
        let known = known.map_err(place.cannot())?;
        if !mark.is_on(&beginning) {
            return Err(foreign());
        }
        let is_changed = |(other, before): &(NewPlace, Known)| {
            is_same(other, &place) && !known.is_untouched(before, false)
        };
        if put().iter().any(is_changed) {
            return Err(WriteError::Changed(place.shown));
        }
        place.found = None;
        Ok(Self {
            over: Some(known),
            is_replaceable: true,
            ..Self::at(place)?
        })
    }

    /// Whether it could be begun there; nothing remains of the trial.
    ///
    /// # Errors
    /// Those of [`NewFile::create`].
    pub fn check(place: &Path, sources: &Sources) -> Result<(), WriteError> {
        Self::create(place, sources).map(drop)
    }

    /// Begins it, to be moved over what is known to be there.
    pub(super) fn over(place: NewPlace, known: Option<Known>) -> Result<Self, WriteError> {
        let new = Self::at(place)?;
        Ok(Self { over: known, ..new })
    }

    fn at(place: NewPlace) -> Result<Self, WriteError> {
        let (part, file) = match place.folder.create_unnamed() {
            Some(file) => (None, file),
            None => {
                let (part, file) = named(&place)?;
                (Some(part), file)
            }
        };
        Ok(Self {
            place,
            file,
            part,
            over: None,
            is_replaceable: false,
        })
    }

    /// The file itself, for whoever writes here and there in it.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// By which path it can be read while it is not in its place.
    pub fn reading_path(&self) -> PathBuf {
        #[cfg(unix)]
        if let Some(path) = handle::open_path(&self.file) {
            return path;
        }
        match &self.part {
            Some(part) => part.folder().reading_path().join(part.name()),
            None => self.place.shown.clone(),
        }
    }

    /// A file without a name beside it, for what has to wait: it goes with the program.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn scratch(&self) -> Result<File, WriteError> {
        match self.place.folder.create_unnamed() {
            Some(file) => Ok(file),
            // It has a name for a moment, and none as soon as this returns.
            None => named(&self.place).map(|(_, file)| file),
        }
    }

    /// Writes to its end.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.file.write_all(bytes).map_err(self.place.cannot())
    }

    /// Brings it to the disk and moves it to its place.
    ///
    /// # Errors
    /// If that fails, or something is in its place that was not there when it was begun; then
    /// nothing remains.
    pub fn finish(self) -> Result<(), WriteError> {
        self.placed().map(drop)
    }

    /// The same, and goes on with it in its place.
    pub(super) fn placed(self) -> Result<(File, NewPlace), WriteError> {
        self.file.sync_all().map_err(self.place.cannot())?;
        let Self {
            place,
            file,
            part,
            over,
            is_replaceable,
        } = self;
        let (part, file) = match part {
            Some(part) => (Some(part), file),
            None => get_name(&place, file, over.is_some())?,
        };
        match (&part, over) {
            (Some(part), Some(known)) => move_over(&place, part, &known)?,
            (Some(part), None) => move_new(&place, part)?,
            (None, _) => {}
        }
        place.sync_folder();
        if is_replaceable {
            let known = known_of(&file).map_err(place.cannot())?;
            let mut put = put();
            put.retain(|(other, _)| !is_same(other, &place));
            put.push((place.clone(), known));
        }
        Ok((file, place))
    }
}

fn named(place: &NewPlace) -> Result<(Unfinished, File), WriteError> {
    let make = |name: &_| {
        let file = place.folder.create_file(name)?;
        handle::lock(&file);
        Ok(file)
    };
    Unfinished::make(&place.folder, make).map_err(place.cannot())
}

/// Gives a file without a name the name of its place, or, to be moved over what is there, one beside it.
fn get_name(
    place: &NewPlace,
    file: File,
    is_over: bool,
) -> Result<(Option<Unfinished>, File), WriteError> {
    let name = |name: &OsStr| place.folder.name_unnamed(&file, name);
    let named = match is_over {
        true => Unfinished::make(&place.folder, name).map(|(part, ())| Some(part)),
        false => undisturbed(|| name(&place.name)).map(|()| None),
    };
    match named {
        Ok(part) => Ok((part, file)),
        Err(error) if is_final(&error) => Err(place.cannot()(error)),
        Err(_) => copied(place, &file).map(|(part, copy)| (Some(part), copy)),
    }
}

/// Whether another way of moving it would come to the same.
fn is_final(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AlreadyExists
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// The same file under a name, where the system has files without names but cannot name them.
fn copied(place: &NewPlace, mut file: &File) -> Result<(Unfinished, File), WriteError> {
    let (part, mut copy) = named(place)?;
    let copying = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| io::copy(&mut file, &mut copy))
        .and_then(|_| copy.sync_all());
    copying.map_err(place.cannot())?;
    Ok((part, copy))
}

fn move_new(place: &NewPlace, part: &Unfinished) -> Result<(), WriteError> {
    let moved = part.moved(|folder, name| folder.move_new(name, &place.folder, &place.name));
    moved.map_err(place.cannot())
}

/// Moves a file over an earlier one, if that is still as it is known. Where the system can exchange
/// two names in one step, what comes out is looked at once more, so that no change gets lost.
fn move_over(place: &NewPlace, part: &Unfinished, known: &Known) -> Result<(), WriteError> {
    let changed = || WriteError::Changed(place.shown.clone());
    let untouched =
        |found: Option<Known>, moved| found.is_some_and(|found| found.is_untouched(known, moved));
    let mut spared = false;
    let moved = part.moved(|folder, name| {
        if !untouched(folder.look(&place.name)?, false) {
            spared = true;
            return Err(io::ErrorKind::Other.into());
        }
        if !folder.exchange(name, &place.name)? {
            return folder.replace(name, &place.name);
        }
        if untouched(folder.look(name)?, true) {
            // One that cannot be removed is named by the next run.
            let _ = folder.remove_file(name);
            return Ok(());
        }
        spared = true;
        folder.exchange(name, &place.name)?;
        Err(io::ErrorKind::Other.into())
    });
    match moved {
        Err(_) if spared => Err(changed()),
        moved => moved.map_err(place.cannot()),
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
