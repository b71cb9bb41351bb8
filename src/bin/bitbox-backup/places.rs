//! What a command reads and must not write to, where it writes, and what earlier runs left there.

use std::io::Write;
use std::path::{Path, PathBuf};

use bitbox_backup::files::{NewFolder, Sources, WriteError, leftovers};
use bitbox_backup::image::belongings_of;
use bitbox_backup::text::escape;

use crate::privacy;

/// What is read and must not be written to: these paths, with what belongs to them.
pub(crate) fn protect<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Sources {
    let paths: Vec<P> = paths.into_iter().collect();
    let own = paths.iter().map(|path| path.as_ref().to_owned());
    Sources::of(own.chain(belongings_of(&paths)))
}

/// Something was not written, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{what}\n{hint}")]
pub(crate) struct NotWritten {
    pub(crate) what: String,
    pub(crate) hint: String,
    /// Whether it can be written elsewhere.
    pub(crate) elsewhere: bool,
}

/// Why something was not written, and what to do about it.
pub(crate) fn not_written(error: &WriteError) -> anyhow::Error {
    let stays = matches!(error, WriteError::Busy(_) | WriteError::LeftInside { .. });
    let (what, hint) = (error.to_string(), error.hint().into_owned());
    let elsewhere = !stays;
    NotWritten {
        what,
        hint,
        elsewhere,
    }
    .into()
}

/// Makes a folder, if it is not there.
pub(crate) fn make_folder(place: &Path, sources: &Sources) -> anyhow::Result<()> {
    if place.is_dir() {
        return Ok(());
    }
    let folder = NewFolder::create(place, sources).map_err(|error| not_written(&error))?;
    folder.finish().map_err(|error| not_written(&error))
}

/// The folder a file lies in.
pub(crate) fn folder(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Says what interrupted runs left where this one writes.
pub(crate) fn name_leftovers(places: &[PathBuf]) {
    let mut folders: Vec<_> = places.iter().map(|place| folder(place)).collect();
    folders.sort_unstable();
    folders.dedup();
    for left in folders.into_iter().flat_map(leftovers) {
        privacy::learn_sources([left.path()]);
        let _ = writeln!(
            crate::output::stderr(),
            "warning: an interrupted run left {}, which may hold wallets in plain text\n         \
             remove it with: {}",
            escape(&left.path().to_string_lossy()),
            escape(&left.removal())
        );
    }
}
