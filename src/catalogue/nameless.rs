//! What has no name.

use super::copy::Origin;
use super::found::Catalogue;
use super::node::{Node, Role};
use super::volume::Volume;
use crate::image::Extent;

/// A node for bytes that no entry leads to and no live file owns.
pub(super) fn nameless(extent: Extent, catalogue: &mut Catalogue) -> usize {
    let lies_in = |volume: &Volume| {
        volume.geometry.is_some_and(|geometry| {
            let end = geometry.start.saturating_add(geometry.length);
            (geometry.data..end).contains(&extent.offset)
        })
    };
    let name = format!("(at byte {})", extent.offset);
    let volume = catalogue.volumes.iter().position(lies_in);
    catalogue.push(Node {
        is_text: false,
        path: name.clone(),
        name,
        parent: None,
        volume,
        is_directory: false,
        size: extent.length,
        entry: None,
        role: Role::Other,
        extents: vec![extent],
        origin: Origin::Carved,
    })
}
