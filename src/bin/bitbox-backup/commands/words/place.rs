//! A new file for words: only its owner can read it, and it is whole or not there.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, ensure};
use bitbox_backup::machine;
use bitbox_backup::report::path_text;

use crate::reports::file::folder;

/// Refuses a place where something is, and one on the source.
pub(super) fn check(file: &Path, source: &Path) -> anyhow::Result<()> {
    let name = path_text(file);
    ensure!(
        std::fs::symlink_metadata(file).is_err(),
        "{name}: is there already, and is not overwritten\ngive the name of a new file"
    );
    ensure!(
        !machine::lies_on(folder(file), source),
        "{name}: is on the source itself, which is never written to\ngive a place elsewhere, such as /dev/shm"
    );
    Ok(())
}

/// Writes the file. If that fails, nothing is left of it.
pub(super) fn write(file: &Path, text: &[u8]) -> anyhow::Result<()> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => anyhow!(
            "{}: is there already, and is not overwritten\ngive the name of a new file",
            path_text(file)
        ),
        _ => anyhow!(
            "{}: cannot be written: {error}\nnothing was left there; give another place",
            path_text(file)
        ),
    };
    let mut new = New::create(file).map_err(cannot)?;
    new.write(text).map_err(cannot)
}

/// A file that is removed unless it is whole.
struct New {
    file: File,
    path: PathBuf,
    whole: bool,
}

impl New {
    fn create(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self {
            file: options.open(path)?,
            path: path.to_owned(),
            whole: false,
        })
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.file.write_all(text)?;
        self.file.sync_all()?;
        self.whole = true;
        if let Ok(folder) = File::open(folder(&self.path)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for New {
    fn drop(&mut self) {
        if !self.whole {
            let _ = self.file.set_len(0);
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
