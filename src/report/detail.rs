//! What `inspect` shows beyond `list`: the files and folders of a card, and the fields of a copy.

use serde::{Deserialize, Serialize};

use super::fat_time;
use super::form::Text;
use crate::backup::wire;
use crate::catalogue::{BackupCopy, Health, Node, Origin};
use crate::fat::entry::attr;
use crate::image::Extent;
use crate::text::escape;

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeReport {
    /// Its path, escaped.
    pub path: String,
    /// Which volume.
    pub volume: Option<usize>,
    /// `file` or `folder`.
    pub kind: Text,
    /// Bytes of a file.
    pub size: u64,
    /// Whether it is deleted, or no live folder leads to it.
    pub deleted: bool,
    /// How it was found: `live`, `deleted` or `carved`.
    pub origin: Origin,
    /// Where its directory entry lies: bytes from the start of the card.
    pub offset: Option<u64>,
    /// Its short name, escaped, where it has a directory entry.
    pub short_name: Option<String>,
    /// Its first cluster.
    pub cluster: Option<u32>,
    /// Attributes as letters: r h s a.
    pub attributes: Option<String>,
    /// Its dates as they stand in its entry: written, created, accessed.
    pub dates: Option<[String; 3]>,
}

impl NodeReport {
    /// A file or folder with what its entry says.
    pub(super) fn of(node: &Node) -> Self {
        let entry = node.entry.as_ref();
        let letters = |bits: u8| {
            let all = [
                (attr::READ_ONLY, 'r'),
                (attr::HIDDEN, 'h'),
                (attr::SYSTEM, 's'),
                (attr::ARCHIVE, 'a'),
            ];
            let set = all.iter().filter(|(bit, _)| bits & bit != 0);
            set.map(|(_, letter)| *letter).collect::<String>()
        };
        Self {
            path: escape(&node.path),
            volume: node.volume,
            kind: if node.is_directory { "folder" } else { "file" }.into(),
            size: node.size,
            deleted: node.is_deleted(),
            origin: node.origin,
            offset: node.offset(),
            short_name: entry.map(|entry| escape(&entry.short_name)),
            cluster: entry.map(|entry| entry.cluster.0),
            attributes: entry.map(|entry| letters(entry.raw.attr())),
            dates: entry.map(|entry| fat_time::as_written(&entry.raw)),
        }
    }
}

/// One field of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldReport {
    /// Its name in the protobuf definition.
    pub field: Text,
    /// Its value's first byte from the start of the card; in the file where there is no card.
    pub offset: Option<u64>,
    /// Bytes of its value.
    pub length: u64,
    /// Its value, of a whole copy and never the seed.
    pub value: Option<String>,
}

/// The fields of a copy: places always, values of whole copies only, the seed never.
pub(super) fn fields(copy: &BackupCopy, bytes: &[u8]) -> Vec<FieldReport> {
    let whole = copy.health == Health::Whole;
    let found = wire::fields(bytes).into_iter().map(|found| {
        let bytes = bytes.get(found.range.clone());
        let text = |bytes| std::str::from_utf8(bytes).ok().map(escape);
        let value = match found.field {
            wire::Field::Seed => None,
            _ if !whole => None,
            wire::Field::Checksum => bytes.map(hex::encode),
            wire::Field::Name | wire::Field::Generator => bytes.and_then(text),
            _ => found.number.map(|number| number.to_string()),
        };
        FieldReport {
            field: found.field.to_string().into(),
            offset: offset_in(&copy.extents, found.range.start as u64),
            length: found.range.len() as u64,
            value,
        }
    });
    found.collect()
}

/// The place on the card of a byte of a file.
fn offset_in(extents: &[Extent], at: u64) -> Option<u64> {
    let mut before = 0_u64;
    for extent in extents {
        let within = at.checked_sub(before)?;
        if within < extent.length {
            return extent.offset.checked_add(within);
        }
        before = before.checked_add(extent.length)?;
    }
    None
}
