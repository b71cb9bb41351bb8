//! What a command reads and must not write to, where it writes, and what earlier runs left there.

use std::path::{Path, PathBuf};

use bitbox_backup::files::{NewFolder, Sources, WriteError, check_place, leftovers};
use bitbox_backup::image::belongings_of;
use bitbox_backup::report::Source;
use bitbox_backup::text::{escape, path_text};

use crate::{output, privacy};

/// What is read and must not be written to: these paths, with what belongs to them.
pub(crate) fn protect<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Sources {
    let paths: Vec<P> = paths.into_iter().collect();
    let own = paths.iter().map(|path| path.as_ref().to_owned());
    Sources::of(own.chain(belongings_of(&paths)))
}

#[derive(Debug, thiserror::Error)]
#[error("{what}\n{hint}")]
pub(crate) struct NotWritten {
    pub(crate) what: String,
    pub(crate) hint: String,
    pub(crate) elsewhere: bool,
}

impl NotWritten {
    pub(crate) fn error(
        what: impl ToString,
        hint: impl Into<String>,
        elsewhere: bool,
    ) -> anyhow::Error {
        Self {
            what: what.to_string(),
            hint: hint.into(),
            elsewhere,
        }
        .into()
    }
}

/// Why something was not written, and what to do about it.
pub(crate) fn not_written(error: &WriteError) -> anyhow::Error {
    let stays = matches!(error, WriteError::Busy(_) | WriteError::LeftInside { .. });
    NotWritten::error(error, error.hint(), !stays)
}

/// Refuses places where no file is written, before anything is read or asked.
pub(crate) fn check(places: &[PathBuf]) -> anyhow::Result<()> {
    let mut checked = places.iter().map(|place| check_place(place));
    checked.try_for_each(|checked| checked.map_err(|error| not_written(&error)))
}

/// Says which folders are in memory: of those in `/dev` only these take files.
pub(crate) fn name_memory<'a>(places: impl Iterator<Item = &'a PathBuf>) {
    let in_memory = |folder: &&Path| {
        let full = std::path::absolute(folder);
        full.is_ok_and(|folder| folder.starts_with("/dev"))
    };
    for folder in folders(places).into_iter().filter(in_memory) {
        let folder = path_text(folder);
        output::say(&format!(
            "warning: {folder} is in memory: what is written there is gone when this computer is switched off"
        ));
    }
}

/// The folders that places lie in, each once.
fn folders<'a>(places: impl Iterator<Item = &'a PathBuf>) -> Vec<&'a Path> {
    let mut folders: Vec<_> = places.map(|place| folder(place)).collect();
    folders.sort_unstable();
    folders.dedup();
    folders
}

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
    for left in folders(places.iter()).into_iter().flat_map(leftovers) {
        privacy::learn_sources([left.path()]);
        let path = escape(&left.path().to_string_lossy());
        output::say(&format!(
            "warning: an interrupted run left {path}, which may hold wallets in plain text\n         \
             remove it with: {}",
            escape(&left.removal())
        ));
    }
}

/// Whether a source is a card, in a reader, mounted, or in an image, rather than files that lie elsewhere.
pub(crate) fn is_card(source: &Source) -> bool {
    let has_size = source.card.as_ref().is_some_and(|card| card.size.is_some());
    has_size || is_mounted(Path::new(&source.source))
}

/// Whether a folder is where a file system begins, as that of a card does.
fn is_mounted(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    if !folder.is_dir() {
        return false;
    }
    let Some(parent) = folder.parent() else {
        return true;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| path.metadata().map(|found| found.dev()).ok();
        device(&folder) != device(parent)
    }
    #[cfg(not(unix))]
    {
        let _ = parent;
        false
    }
}

/// A place without links on the way to it, as far as there is a way.
pub(crate) fn real(place: &Path) -> PathBuf {
    let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let parent = place.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, place.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => place,
    }
}
