//! Files that somebody else has opened, such as a browser.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::opening::{Neighbors, Opening, StoredFile};
use super::{Limits, Opened};
use crate::image::{OpenError, ReadAt};
use crate::progress::Progress;

/// A file that somebody else has opened.
#[derive(Clone)]
#[non_exhaustive]
pub struct GivenFile {
    /// What it is called; reports name it so.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Arc<dyn ReadAt>,
    /// When it was last changed, where that is known.
    pub modified: Option<SystemTime>,
    /// What may be the map of GNU ddrescue that belongs to it, by its name; the first that is one counts.
    pub maps: Vec<Arc<dyn ReadAt>>,
    /// What of an archive is meant, by its name in it; `None` for all.
    pub member: Option<String>,
}

impl GivenFile {
    /// A file of this name with these bytes.
    pub fn new(path: impl Into<PathBuf>, bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            path: path.into(),
            bytes,
            modified: None,
            maps: Vec::new(),
            member: None,
        }
    }

    /// What reports call it: a member is named behind its archive.
    pub fn name(&self) -> PathBuf {
        match &self.member {
            Some(member) => self.path.join(member),
            None => self.path.clone(),
        }
    }
}

impl fmt::Debug for GivenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivenFile({})", self.name().display())
    }
}

/// Opens a file that somebody else has opened, by its content as [`open`](super::open) does. Of what may lie
/// beside it only its map is known: other parts of a split image are not, and an E01 image is not read.
///
/// # Errors
/// Those of [`open`](super::open).
pub fn open_given(
    file: &GivenFile,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> Result<Opened, OpenError> {
    let beside = Neighbors::Given(&file.maps);
    let opening = Opening::new(&file.path, limits, is_copy, progress, beside);
    if file.bytes.size() == 0 {
        return Err(OpenError::Empty);
    }
    let stored = StoredFile {
        bytes: Arc::clone(&file.bytes),
        modified: file.modified,
        node: None,
        is_device: false,
    };
    match &file.member {
        Some(member) => opening.member(&file.path, &stored, member),
        None => opening.file(&stored),
    }
}
