//! The files that are read with an image.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::image::{Lies, PathStatus, archive_around, belongings};
use crate::text::{exact, path_text};

/// A file that is read with an image: a map, further readings, a further part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BesideReport {
    /// Where it lies, escaped.
    pub file: String,
    /// Bytes of it.
    pub size: u64,
    /// When it was last changed, if the system knows.
    pub modified: Option<String>,
}

impl BesideReport {
    /// Those of an image, in the order of their names. The archive that it lies in is none: its size is that of the source.
    pub fn of(path: &Path) -> Vec<Self> {
        let archive = archive_around(path);
        let mut files = belongings(path);
        files.retain(|file| Some(&**file) != archive);
        files.sort();
        let files = files.iter();
        let found = files.filter_map(|file| Some((file, PathStatus::of(file)?)));
        let found = found.filter(|(_, status)| status.lies == Lies::File);
        let report = found.map(|(file, status)| Self {
            file: path_text(file),
            size: status.size,
            modified: status.modified.map(exact),
        });
        report.collect()
    }
}
