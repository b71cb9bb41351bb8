//! Whether a file is its copy as a device reads it: by the size that its directory entry has.

use super::copy::{BackupCopy, CopyState, Origin};
use super::found::Catalogue;
use crate::image::Extent;

impl Catalogue {
    /// Whether these bytes are all that a device reads of this file.
    pub(crate) fn is_all_of(&self, copy: &BackupCopy, node: usize) -> bool {
        let begin = |extents: &[Extent]| extents.first().map(|extent| extent.offset);
        self.nodes.get(node).is_some_and(|node| {
            copy.form.is_none()
                && node.size == copy.size
                && begin(&node.extents) == begin(&copy.extents)
        })
    }

    /// The size that the directory entry of an intact copy has, where that is another than the copy's: of a live file in
    /// the folder of a wallet.
    pub(crate) fn other_size(&self, copy: &BackupCopy) -> Option<u64> {
        let node = self.nodes.get(copy.node)?;
        let is_read = copy.origin == Origin::Live
            && copy.state == CopyState::Valid
            && copy.form.is_none()
            && !node.is_directory
            && self.wallet_of(copy.node).is_some();
        (is_read && node.size != copy.size).then_some(node.size)
    }
}
