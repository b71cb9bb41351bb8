//! A volume of a card.

use crate::fat::geometry::Geometry;
use crate::partition::{FileSystem, Partition};

/// Which boot sector a volume's layout was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BootRecord {
    /// Its own.
    Own,
    /// The spare one, which no device uses.
    Backup,
}

/// A volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// The partition it lies in.
    pub partition: Partition,
    /// What it begins like.
    pub file_system: FileSystem,
    /// Its layout, if it is FAT and makes sense.
    pub geometry: Option<Geometry>,
    /// Which boot sector the layout is from.
    pub boot_record: BootRecord,
    /// The label in its boot sector, as stored, trimmed.
    pub label: String,
    /// The label in its root directory, which systems show: set at format, or changed later.
    pub root_label: Option<String>,
}
