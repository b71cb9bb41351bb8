//! What is wrong with a card, before any verdict on a backup.

use zeroize::Zeroizing;

use crate::fat::table::{ChainEnd, FatDifference};
use crate::image::{Extent, Fault, FolderError, Foreign, ReadAt, SECTOR};

/// Most bytes of an unreadable part that are asked for once more.
const ASKED_AGAIN: usize = 4096;

/// Why a file that a folder shows is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absent {
    /// It is a link, or no regular file: none is followed or opened.
    Link,
    /// iCloud keeps it, and put a note of its name in its place.
    Cloud,
}

/// Something wrong with the card that is not yet a verdict on any backup.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The card ends within a sector.
    PartialSector {
        /// Where the last whole sector ends.
        offset: u64,
    },
    /// Something cannot be read.
    Unreadable {
        /// What: a path, or a part of the volume.
        what: String,
        /// Where.
        extent: Extent,
        /// What refused.
        fault: Option<Fault>,
    },
    /// The computer cannot read something in a folder, or all of it in an archive.
    InFolder {
        /// Which file or folder.
        path: String,
        /// Why.
        trouble: FolderError,
    },
    /// A folder shows files that are not in it.
    Absent {
        /// The first of them.
        path: String,
        /// How many others there are.
        others: usize,
        /// Why.
        why: Absent,
    },
    /// A live file is compressed, encrypted, or an archive or disk image of a kind that is not looked into.
    Unopened {
        /// Which file.
        path: String,
        /// What it is.
        what: Foreign,
    },
    /// The same, where no entry leads to it.
    UnopenedAt {
        /// Where it begins: bytes from the start of the card.
        offset: u64,
        /// What it is.
        what: Foreign,
    },
    /// A volume claims to be longer than the card.
    VolumePastEnd {
        /// Which volume.
        volume: usize,
        /// Bytes missing.
        missing: u64,
    },
    /// The partition table gives a volume a length that the card does not have; the volume itself does not claim it.
    PartitionPastEnd {
        /// Where the record lies: bytes from the start of the card.
        record: u64,
        /// Bytes missing.
        missing: u64,
    },
    /// The partition table gives a volume that is not read a place that the card does not have, or not all of it: the
    /// image is cut short.
    PartitionCut {
        /// Where the record lies: bytes from the start of the card.
        record: u64,
        /// Where the partition lies.
        extent: Extent,
        /// Bytes missing.
        missing: u64,
    },
    /// The boot sector is unusable and its backup was used, which no device does.
    BackupBootSector {
        /// Which volume.
        volume: usize,
        /// Where the backup lies.
        offset: u64,
    },
    /// The boot sector and its backup disagree.
    BootSectorsDiffer {
        /// Which volume.
        volume: usize,
        /// Where the backup lies.
        offset: u64,
    },
    /// The two FATs disagree about a file or folder.
    FatsDiffer {
        /// Which volume.
        volume: usize,
        /// Whose chain.
        path: String,
        /// Where.
        difference: FatDifference,
    },
    /// A chain of clusters does not end as it should.
    Chain {
        /// Whose chain.
        path: String,
        /// How it ends.
        end: ChainEnd,
        /// Where its directory entry lies: bytes from the start of the card.
        offset: Option<u64>,
    },
    /// A folder's chain leads into a copy of a backup.
    NotADirectory {
        /// Which folder.
        path: String,
        /// Where the copy begins: bytes from the start of the card.
        offset: u64,
    },
    /// Two files or folders share a cluster.
    CrossLink {
        /// The second to claim it.
        path: String,
        /// The first.
        other: String,
        /// Where the cluster lies: bytes from the start of the card.
        offset: u64,
    },
    /// The FAT marks a cluster of a live file as free.
    FreeCluster {
        /// Which file.
        path: String,
        /// Where its entry in the FAT lies: bytes from the start of the card.
        offset: u64,
    },
    /// There was more than is looked at.
    TooMuch {
        /// Where.
        path: String,
    },
    /// The first FAT breaks a folder's or file's chain off and the second was used, which no device
    /// does.
    SecondFat {
        /// Which volume.
        volume: usize,
        /// Whose chain.
        path: String,
        /// Where the second FAT lies: bytes from the start of the card.
        offset: u64,
    },
    /// FSInfo claims that nothing is free, so a device creates no backup.
    NothingFree {
        /// Which volume.
        volume: usize,
        /// Where FSInfo lies: bytes from the start of the card.
        offset: u64,
    },
}

/// A path for people: that of the root is empty.
pub(super) fn shown(path: &str) -> String {
    match path {
        "" => "/".to_owned(),
        path => path.to_owned(),
    }
}

impl Problem {
    /// A part of an image that was asked for in vain. What refused is asked once more of the image, which
    /// remembers it.
    pub(super) fn unreadable(what: String, extent: Extent, image: &dyn ReadAt) -> Self {
        let length = usize::try_from(extent.length).unwrap_or(ASKED_AGAIN);
        let mut bytes = Zeroizing::new(vec![0; length.min(ASKED_AGAIN)]);
        let mut fault_at = |offset: u64| {
            let left = usize::try_from(extent.end().saturating_sub(offset)).unwrap_or(ASKED_AGAIN);
            let most = left.min(bytes.len());
            let error = image.read_at(offset, bytes.get_mut(..most)?).err();
            error.map(|error| error.fault())
        };
        let first = fault_at(extent.offset);
        // A bad sector may be the first of what a copy that was not finished lacks.
        let mut further = (ASKED_AGAIN.ilog2()..u64::BITS)
            .map_while(|bits| 1_u64.checked_shl(bits).filter(|far| *far < extent.length))
            .map(|far| extent.offset.saturating_add(far))
            .chain([extent.end().saturating_sub(SECTOR as u64)]);
        let is_more = first == Some(Fault::NotRead);
        let is_unfinished = is_more && further.any(|at| fault_at(at) == Some(Fault::NotCopied));
        Self::Unreadable {
            what,
            extent,
            fault: match is_unfinished {
                true => Some(Fault::NotCopied),
                false => first,
            },
        }
    }
}
