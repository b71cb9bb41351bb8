//! The file that a source is opened from, and where what belongs to it lies.

use std::sync::Arc;
use std::time::SystemTime;

use crate::image::medium::cached_head::Begun;
use crate::image::{FileImage, FileNumber, ReadAt};

/// The file that a source is opened from.
pub(super) struct StoredFile {
    pub(super) bytes: Arc<dyn ReadAt>,
    pub(super) modified: Option<SystemTime>,
    pub(super) node: Option<FileNumber>,
    pub(super) is_device: bool,
}

impl From<FileImage> for StoredFile {
    fn from(file: FileImage) -> Self {
        Self {
            modified: file.modified(),
            node: file.node(),
            is_device: file.is_device(),
            bytes: match file.is_device() {
                true => Arc::new(file),
                false => Arc::new(Begun::new(file)),
            },
        }
    }
}

/// Where what belongs to a file is found.
#[derive(Clone, Copy)]
pub(super) enum Neighbors<'a> {
    /// In the folder in which it lies.
    OnSystem,
    /// Nowhere but here: what may be its map.
    Given(&'a [Arc<dyn ReadAt>]),
}
