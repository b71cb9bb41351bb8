//! How sources are examined.

use super::only::IdPrefix;
use super::part::Part;
use crate::firmware::Version;
use crate::image::{Limits, SourceKind};
use crate::report::OptionsReport;

/// How far a source is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Live folders only.
    Quick,
    /// All files and deleted entries; the whole card too where the device lists no backup and at most
    /// [`AT_ONCE`] bytes have to be read for it.
    #[default]
    Usual,
    /// The whole card always.
    Whole,
}

/// Most bytes that are searched without being asked to, where the device lists no backup: 4 GiB.
pub const AT_ONCE: u64 = 4 << 30;

/// How sources are examined. Made from [`Options::default`], as fields may be added:
/// `Options { hash: true, ..Options::default() }`.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whose rules the device view follows.
    pub firmware: Version,
    /// How far to look.
    pub depth: Depth,
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
    /// The whole tree, and the fields of each copy, in the report.
    pub inspect: bool,
    /// The hash of the whole source.
    pub hash: bool,
    /// Only this part of each image, as a card of its own.
    pub part: Option<Part>,
    /// Whether the device would take the card for a new backup. A card it would not take is searched whole, another one
    /// as if it listed no backup; of what has no volume, a folder or a single file, nothing is said.
    pub preflight: bool,
    /// Only the backups of this wallet count for the verdict, where it has any on the card.
    pub only: Option<IdPrefix>,
}

impl Default for Options {
    /// The newest firmware that is released, the usual depth, and at most 512 MiB unpacked.
    fn default() -> Self {
        Self {
            firmware: Version::default(),
            depth: Depth::Usual,
            max_unpacked: 512 << 20,
            inspect: false,
            hash: false,
            part: None,
            preflight: false,
            only: None,
        }
    }
}

impl Options {
    /// To recover all there is: the whole card.
    pub fn everything(firmware: Version, max_unpacked: u64) -> Self {
        Self {
            firmware,
            depth: Depth::Whole,
            max_unpacked,
            ..Self::default()
        }
    }

    /// What a line of a report says of them.
    pub fn reported(&self) -> OptionsReport {
        OptionsReport {
            quick: self.depth == Depth::Quick,
            deleted: self.depth != Depth::Quick,
            carve: self.depth == Depth::Whole,
            max_unpacked: self.max_unpacked,
            hash: self.hash,
            redact: false,
            id: None,
            part: self.part.map(|part| part.reported(None)),
        }
    }
}

pub(super) fn limits(options: &Options) -> Limits {
    Limits {
        max_unpacked: options.max_unpacked,
    }
}

/// The size, in MiB, to which a source may unpack, where it does and that is more than by default.
pub(super) fn more_unpacked(options: &Options, kind: SourceKind) -> Option<u64> {
    let is_unpacked = matches!(
        kind,
        SourceKind::Gzip | SourceKind::Zstd | SourceKind::Xz | SourceKind::Zip | SourceKind::Tar
    );
    let is_more = options.max_unpacked > Options::default().max_unpacked;
    (is_unpacked && is_more).then(|| options.max_unpacked.div_ceil(1 << 20))
}
