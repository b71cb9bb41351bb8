//! The files of reports: whole or not there.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bitbox_backup::files::{Mark, NewFile, Sources, WriteError};
use bitbox_backup::text::path_text;

use crate::output_paths::not_written;

/// A report that appears in its place when it is whole; what was there before stays until then.
pub(crate) struct ReportFile {
    out: BufWriter<NewFile>,
    name: String,
}

impl ReportFile {
    /// Begins a report. What is there is replaced only if it carries the mark of one of its kind.
    pub(crate) fn create(place: &Path, sources: &Sources, mark: &Mark) -> anyhow::Result<Self> {
        Self::begun(place, NewFile::replace(place, sources, mark))
    }

    /// The same for what a person may have worked on: a file that is there already is never replaced.
    pub(crate) fn create_new(place: &Path, sources: &Sources) -> anyhow::Result<Self> {
        Self::begun(place, NewFile::create(place, sources))
    }

    fn begun(place: &Path, begun: Result<NewFile, WriteError>) -> anyhow::Result<Self> {
        Ok(Self {
            out: BufWriter::new(begun.map_err(|error| not_written(&error))?),
            name: path_text(place),
        })
    }

    /// A file without a name beside it, for what has to wait: what is on a card should not spread
    /// further.
    pub(crate) fn scratch(&self) -> anyhow::Result<File> {
        let file = self.out.get_ref().scratch();
        file.map_err(|error| not_written(&error))
    }

    /// Moves the file to its place, once it is safe on the disk.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let Self { out, name } = self;
        let file = out
            .into_inner()
            .map_err(|error| cannot(&name, &error.into_error()))?;
        file.finish().map_err(|error| not_written(&error))
    }
}

/// The system's error, with the name of the file.
fn cannot(name: &str, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!(
            "{name}: cannot be written: {error}\nnothing of it was written; give a place on another disk"
        ),
    )
}

impl Write for ReportFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out
            .write(bytes)
            .map_err(|error| cannot(&self.name, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().map_err(|error| cannot(&self.name, &error))
    }
}
