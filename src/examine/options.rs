//! How sources are examined.

use crate::backup::Id;
use crate::firmware::Version;
use crate::image::{Limits, Medium, OpenError, ReadAt, Sectors, SourceKind, Window};
use crate::partition::{self, Partition};
use crate::report::{OptionsReport, PartReport};

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

/// Most digits of an ID.
const MOST: usize = 64;

/// How an ID begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdPrefix {
    digits: [u8; MOST],
    length: usize,
}

impl IdPrefix {
    /// That of these hex digits, in lower case; `None` if they are more than an ID has, or none.
    pub fn new(text: &str) -> Option<Self> {
        let mut digits = [0; MOST];
        let length = text.len();
        digits.get_mut(..length)?.copy_from_slice(text.as_bytes());
        text.is_ascii().then_some(Self { digits, length })
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        let digits = self.digits.get(..self.length).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    pub(super) fn fits(&self, id: &Id) -> bool {
        id.to_string().starts_with(self.as_str())
    }
}

/// A part of an image that is examined as if it were the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// All from this byte on. The file is taken for a raw image whatever it begins like.
    Offset(u64),
    /// The partition of this number, as `fdisk` counts: of the GPT where there is one.
    Partition(u32),
}

impl Part {
    /// What a report says of it; `offset` where a partition begins, once that is known.
    pub(super) fn reported(self, offset: Option<u64>) -> PartReport {
        let (offset, partition) = match self {
            Self::Offset(offset) => (Some(offset), None),
            Self::Partition(number) => (offset, Some(number)),
        };
        PartReport { offset, partition }
    }
}

/// The part of a source that is wanted, and what a report says of it.
pub(super) fn part_of(
    source: Medium,
    part: Option<Part>,
) -> Result<(Medium, Option<PartReport>), OpenError> {
    let Some(part) = part else {
        return Ok((source, None));
    };
    let Medium::Image(image) = source else {
        return Err(OpenError::NoPart);
    };
    let (offset, length) = match part {
        Part::Offset(offset) => (offset, None),
        Part::Partition(number) => partition_in(&*image, number)?,
    };
    let size = image.size();
    if offset >= size {
        return Err(OpenError::NoOffset { offset, size });
    }
    let window = Medium::Image(Box::new(Window::new(image, offset, length)));
    Ok((window, Some(part.reported(Some(offset)))))
}

fn partition_in(image: &dyn ReadAt, number: u32) -> Result<(u64, Option<u64>), OpenError> {
    let all = partition::read(&Sectors::new(image)).numbered;
    let wanted = all.iter().find(|one| one.number() == Some(number));
    wanted
        .map(|one| (one.extent.offset, Some(one.extent.length)))
        .ok_or_else(|| OpenError::NoPartition {
            number,
            there: all.iter().filter_map(Partition::number).collect(),
        })
}
