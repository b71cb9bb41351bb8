//! Directories known by their own entries.

use crate::fat::cluster::Cluster;

/// A directory known by its `.` entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dots {
    /// Where it begins: bytes from the start of the card.
    pub offset: u64,
    /// Its own first cluster, as its `.` says; on FAT12 and FAT16 the upper half means nothing.
    pub cluster: Cluster,
    /// Its parent's, as its `..` says: 0 for the root; `None` if that entry is damaged.
    pub parent: Option<Cluster>,
}
