//! Files that are whole or not there.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use bitbox_backup::text::path_text;
use tempfile::NamedTempFile;

/// A new file, written beside its place and moved there at the end: nobody ever sees half of it, and
/// what was there before stays until then.
pub(crate) struct NewFile {
    file: BufWriter<NamedTempFile>,
    place: PathBuf,
    /// Whether it takes the place of what is there.
    replaces: bool,
}

impl NewFile {
    /// Begins a file for this place. Only the person who made it can read it. What is there is
    /// replaced only if it begins like this one, or is empty.
    pub(crate) fn create(place: &Path, beginning: &[u8]) -> anyhow::Result<Self> {
        let cannot = || format!("{}: cannot be written", path_text(place));
        spare(place, beginning).with_context(cannot)?;
        let file = tempfile::Builder::new()
            .prefix(".bitbox-backup-")
            .suffix(".part")
            .tempfile_in(folder(place))
            .with_context(cannot)?;
        parts().push(file.path().to_owned());
        Ok(Self {
            file: BufWriter::new(file),
            place: place.to_owned(),
            replaces: true,
        })
    }

    /// The same for what a person may have worked on: a file that is there already is never replaced.
    pub(crate) fn create_new(place: &Path) -> anyhow::Result<Self> {
        if std::fs::symlink_metadata(place).is_ok() {
            let error = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(not_replaced(place, error));
        }
        let file = Self::create(place, &[])?;
        Ok(Self {
            replaces: false,
            ..file
        })
    }

    /// Moves the file to its place, once it is safe on the disk.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let cannot = || format!("{}: cannot be written", path_text(&self.place));
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .with_context(cannot)?;
        file.as_file().sync_all().with_context(cannot)?;
        if self.replaces {
            let kept = file.persist(&self.place);
            kept.map_err(|error| error.error).with_context(cannot)?;
        } else {
            let kept = file.persist_noclobber(&self.place);
            kept.map_err(|error| not_replaced(&self.place, error.error))?;
        }
        sync_folder(&self.place);
        Ok(())
    }
}

/// The files that are not in their place yet.
static PARTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn parts() -> MutexGuard<'static, Vec<PathBuf>> {
    PARTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is not in its place yet, before the program ends in the midst of its work.
pub(crate) fn discard_parts() {
    for part in parts().drain(..) {
        if part.is_dir() {
            let _ = std::fs::remove_dir_all(part);
        } else {
            let _ = std::fs::remove_file(part);
        }
    }
}

/// Has a file or folder that is being built elsewhere removed with the others.
pub(crate) fn discard_too(part: &Path) {
    parts().push(part.to_owned());
}

/// The folder a file lies in.
pub(crate) fn folder(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Refuses a place where anything stands but an earlier report of this kind: `--csv *.img` must not
/// cost a card, nor `--html report.csv` another report.
fn spare(place: &Path, beginning: &[u8]) -> anyhow::Result<()> {
    let known = match std::fs::metadata(place) {
        Ok(known) => known,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut start = Vec::new();
    if known.is_file() {
        let file = std::fs::File::open(place)?;
        file.take(beginning.len() as u64).read_to_end(&mut start)?;
    }
    anyhow::ensure!(
        known.is_file() && (start == beginning || start.is_empty()),
        "what is there is no earlier report of this kind\nname another file"
    );
    Ok(())
}

/// Why a file was not made where one is, or where none can be.
fn not_replaced(place: &Path, error: io::Error) -> anyhow::Error {
    let name = path_text(place);
    match error.kind() {
        io::ErrorKind::AlreadyExists => anyhow::anyhow!(
            "{name}: is there already, and is not overwritten\ngive the name of a new file"
        ),
        _ => anyhow::Error::from(error).context(format!("{name}: cannot be written")),
    }
}

/// Makes the move itself safe, as far as the system lets us.
fn sync_folder(place: &Path) {
    if let Ok(folder) = std::fs::File::open(folder(place)) {
        let _ = folder.sync_all();
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
