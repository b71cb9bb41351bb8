//! A file or folder of the card.

use serde::{Deserialize, Serialize};

use super::fat_time;
use super::form::Text;
use crate::catalogue::{Node, Origin};
use crate::fat::entry::attr;
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
            all.iter()
                .filter(|(bit, _)| bits & bit != 0)
                .map(|(_, letter)| *letter)
                .collect::<String>()
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
