//! The map beside an image, under each name that it may have.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::files::{PlacedFile, Sources, WriteError};
use crate::image::{RescueMap, RescueMapError, maps_of};

/// A map as far as it is one.
pub(super) type MapRead = Result<RescueMap, RescueMapError>;

pub(super) fn read_map(text: &[u8]) -> MapRead {
    let text = std::str::from_utf8(text).map_err(|_| RescueMapError::NoMap)?;
    RescueMap::read(text)
}

/// The map of an image under another name that a map may have, with its place: of `card.img` ddrescue's users call it
/// `card.map`. What is not a map is not ours.
pub(super) fn map_of_other_name(
    image: &PlacedFile,
    sources: &Sources,
) -> Result<Option<(PathBuf, MapRead)>, WriteError> {
    for path in maps_of(image.path()).skip(1) {
        let name = path.file_name().unwrap_or_default();
        let (_, text) = image.beside(name, sources, RescueMap::MAX_TEXT)?;
        match text.map(|text| read_map(&text)) {
            None | Some(Err(RescueMapError::NoMap)) => {}
            Some(map) => return Ok(Some((path, map))),
        }
    }
    Ok(None)
}

pub(super) fn map_name(path: &Path) -> OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".map");
    name
}
