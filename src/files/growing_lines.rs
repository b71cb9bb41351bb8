//! A file that grows by whole lines, for whoever reads it while it does.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::error::WriteError;
use super::handle::{self, known_of};
use super::new_file::NewFile;
use super::place::NewPlace;
use super::sources::Sources;

/// A file that appears with its first piece and then grows. What is written waits until it is
/// flushed; a piece that the disk does not take whole is taken off again.
#[derive(Debug)]
pub struct GrowingFile {
    state: State,
    /// What was written since the last flush.
    waiting: Vec<u8>,
    /// Whether each piece is brought to the disk.
    synced: bool,
}

#[derive(Debug)]
enum State {
    /// Nothing is in it, and it is not there.
    Begun(Box<NewFile>),
    /// It is there, and has so many bytes.
    Growing(File, u64),
    /// It could not be put in its place.
    Failed,
}

impl GrowingFile {
    /// Begins a new file. With `synced` a flush returns once all is safe on the disk.
    ///
    /// # Errors
    /// If something is in its place, it is on a source, or it cannot be made.
    pub fn create(place: &Path, sources: &Sources, synced: bool) -> Result<Self, WriteError> {
        let new = NewFile::create(place, sources)?;
        handle::lock(new.file());
        Ok(Self::new(State::Begun(Box::new(new)), synced))
    }

    /// Opens one that an earlier run wrote, and reads it: `read` gets the file from its beginning
    /// and answers how many bytes of it are kept, which may end with a line that was cut off.
    ///
    /// # Errors
    /// If it is no regular file, is on a source, or another run writes to it; else those of `read`.
    pub fn resume<E: From<WriteError>>(
        place: &Path,
        sources: &Sources,
        read: impl FnOnce(&mut dyn Read) -> Result<u64, E>,
    ) -> Result<Self, E> {
        let place = NewPlace::of_file(place, sources)?;
        let mut file = place
            .folder
            .open_file(&place.name, true)
            .map_err(place.cannot())?;
        if !handle::lock(&file) {
            return Err(WriteError::Busy(place.shown).into());
        }
        let kept = read(&mut file)?;
        let found = known_of(&file).map_err(place.cannot())?.size;
        if kept < found {
            file.set_len(kept).map_err(place.cannot())?;
        }
        let kept = kept.min(found);
        let mut growing = Self::new(State::Growing(file, kept), true);
        growing.end_last_line().map_err(place.cannot())?;
        Ok(growing)
    }

    fn new(state: State, synced: bool) -> Self {
        Self {
            state,
            waiting: Vec::new(),
            synced,
        }
    }

    fn end_last_line(&mut self) -> io::Result<()> {
        let State::Growing(file, length @ 1..) = &mut self.state else {
            return Ok(());
        };
        let mut last = [0];
        file.seek(SeekFrom::Start(length.saturating_sub(1)))?;
        file.read_exact(&mut last)?;
        if last == *b"\n" {
            return Ok(());
        }
        self.write_all(b"\n")?;
        self.flush()
    }
}

impl Write for GrowingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.waiting);
        match &mut self.state {
            State::Failed => Err(io::ErrorKind::BrokenPipe.into()),
            State::Growing(file, length) => {
                let written = file.seek(SeekFrom::Start(*length)).and_then(|_| {
                    file.write_all(&bytes)?;
                    match self.synced {
                        true => file.sync_data(),
                        false => Ok(()),
                    }
                });
                match written {
                    Ok(()) => *length = length.saturating_add(bytes.len() as u64),
                    // What was there stays whole.
                    Err(_) => drop(file.set_len(*length)),
                }
                written
            }
            State::Begun(_) => {
                let State::Begun(mut new) = std::mem::replace(&mut self.state, State::Failed)
                else {
                    return Ok(());
                };
                let placed = new.write_bytes(&bytes).and_then(|()| new.placed());
                let (file, _) = placed.map_err(io::Error::other)?;
                self.state = State::Growing(file, bytes.len() as u64);
                Ok(())
            }
        }
    }
}

/// Opens a log to be added to and read, or makes a new one that only its owner can read.
///
/// # Errors
/// [`WriteError`]: links are not followed, only regular files are taken, and nothing is written on a source.
pub fn open_log(place: &Path, sources: &Sources) -> Result<File, WriteError> {
    let place = NewPlace::of_file(place, sources)?;
    let opened = place.folder.open_to_append(&place.name);
    let file = opened.map_err(|error| match error.kind() {
        // No regular file.
        io::ErrorKind::InvalidInput => WriteError::Exists(place.shown.clone()),
        _ => place.cannot()(error),
    })?;
    if place.found.is_none() {
        place.sync_folder();
    }
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::files::PlacedFile;

    #[test]
    fn it_appears_with_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("lines");
        let mut lines = GrowingFile::create(&place, &Sources::none(), false).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        lines.write_all(b"one").unwrap();
        lines.write_all(b"\n").unwrap();
        assert!(!place.exists());
        lines.flush().unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"one\n");
        lines.write_all(b"two\n").unwrap();
        lines.flush().unwrap();
        drop(lines);
        assert_eq!(std::fs::read(&place).unwrap(), b"one\ntwo\n");
        let again = GrowingFile::create(&place, &Sources::none(), false);
        assert!(matches!(again, Err(WriteError::Exists(_))));
    }

    #[test]
    fn a_name_taken_meanwhile_is_spared() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("lines");
        let mut lines = GrowingFile::create(&place, &Sources::none(), false).unwrap();
        std::fs::write(&place, "theirs").unwrap();
        lines.write_all(b"one\n").unwrap();
        let error = lines.flush().unwrap_err();
        assert!(error.to_string().contains("is there already"), "{error}");
        lines.write_all(b"two\n").unwrap();
        assert!(lines.flush().is_err());
        drop(lines);
        assert_eq!(std::fs::read(&place).unwrap(), b"theirs");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// Two runs that begin together: neither has locked it yet when both look.
    #[test]
    fn one_that_another_run_only_looks_at_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("lines");
        std::fs::write(&place, "one\n").unwrap();
        let other = File::open(&place).unwrap();
        other.try_lock_shared().unwrap();
        let resumed = GrowingFile::resume(&place, &Sources::none(), |_| Ok::<_, WriteError>(4));
        assert!(matches!(resumed, Err(WriteError::Busy(_))));
        let placed = PlacedFile::at(&place, &Sources::none()).unwrap();
        assert!(matches!(placed.resume(), Err(WriteError::Busy(_))));
        drop(other);
        assert!(placed.resume().is_ok());
    }

    #[test]
    fn it_resumes_behind_the_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("lines");
        for (text, kept, wanted) in [
            ("one\ntw", 4, "one\nnew\n"),
            ("one\ntwo", 7, "one\ntwo\nnew\n"),
            ("one\n", 4, "one\nnew\n"),
            ("", 0, "new\n"),
        ] {
            std::fs::write(&place, text).unwrap();
            let mut lines = GrowingFile::resume(&place, &Sources::none(), |file| {
                let mut all = String::new();
                file.read_to_string(&mut all)
                    .map_err(WriteError::system(&place))?;
                assert_eq!(all, text);
                Ok::<_, WriteError>(kept)
            })
            .unwrap();
            let second = GrowingFile::resume(&place, &Sources::none(), |_| Ok::<_, WriteError>(0));
            assert!(matches!(second, Err(WriteError::Busy(_))));
            lines.write_all(b"new\n").unwrap();
            lines.flush().unwrap();
            drop(lines);
            assert_eq!(std::fs::read_to_string(&place).unwrap(), wanted);
        }
    }
}
