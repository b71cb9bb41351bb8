//! A log: a file that is only ever added to, by one run at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::error::WriteError;
use super::place::NewPlace;
use super::sources::Sources;

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Its place will not do.
    #[error(transparent)]
    Place(#[from] WriteError),
    /// It is a link, a folder, a device or a pipe.
    #[error("it is not a regular file")]
    NotAFile,
    /// Another run has it open.
    #[error("another run is writing to it")]
    Locked,
    /// The system refused.
    #[error("it cannot be {doing}: {error}")]
    System {
        /// What was tried: `opened` or `locked`.
        doing: &'static str,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

/// Opens a log to be added to and read, or makes a new one that only its owner can read, and locks
/// it until it is closed.
///
/// # Errors
/// [`AppendError`]: links are not followed, only regular files are taken, a second run does not wait
/// for the first, and nothing is written on a source.
pub fn open_log(place: &Path, sources: &Sources) -> Result<File, AppendError> {
    let place = NewPlace::of_file(place, sources).map_err(|error| match error {
        WriteError::Link(_) | WriteError::Exists(_) | WriteError::AmongDevices(_) => {
            AppendError::NotAFile
        }
        other => AppendError::Place(other),
    })?;
    let opened = place.folder.open_to_append(&place.name);
    let file = opened.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => AppendError::NotAFile,
        _ => system("opened")(error),
    })?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(AppendError::Locked),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(system("locked")(error)),
    }
    if place.found.is_none() {
        place.sync_folder();
    }
    Ok(file)
}

fn system(doing: &'static str) -> impl FnOnce(io::Error) -> AppendError {
    move |error| AppendError::System { doing, error }
}
