//! Why a BitBox02 would not write a backup to a card.

use crate::backup::Id;
use crate::fat::cluster::Cluster;
use crate::firmware::answer::{Crash, Refusal};
use crate::firmware::fatfs_volume::{FatError, MountError};

/// What keeps the device from making a new backup, or from showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The card does not mount.
    Mount(MountError),
    /// The root directory, `/bitbox02` or one of its directories cannot be gone through.
    Directory {
        /// Which id directory; `None` for the root and `/bitbox02`.
        id: Option<Id>,
        /// FatFs's error.
        error: FatError,
    },
    /// A file lies where the folder `bitbox02` should be.
    FolderIsFile {
        /// Its entry: bytes from the start of the card.
        entry: u64,
    },
    /// The fixed root directory, or one of 65,536 entries, has no room for another.
    DirectoryFull {
        /// Which id directory; `None` for the root and `/bitbox02`.
        id: Option<Id>,
    },
    /// There are not enough free clusters.
    NoRoom {
        /// How many are needed.
        needed: u32,
        /// How many there are.
        free: u32,
    },
    /// FSInfo says that there are not enough free clusters, whatever the FAT says.
    FsInfo {
        /// How many are needed.
        needed: u32,
        /// How many it says are free.
        says: u32,
        /// Where it says so: bytes from the start of the card.
        offset: u64,
    },
    /// A free cluster lies behind the end of the card, or its entry in the FAT cannot be.
    Cluster {
        /// Which.
        cluster: Cluster,
    },
    /// `/bitbox02` has so many entries that a further one is not listed.
    TooManyEntries,
    /// The list of backups fails or would, with this one or already without.
    Refused(Refusal),
    /// The device crashes or would when it lists them.
    Crashes(Crash),
    /// A directory holds entries that no listing reaches; new ones would bring them back, or go lost
    /// among them.
    Unlisted {
        /// Which id directory; `None` for the root and `/bitbox02`.
        id: Option<Id>,
    },
    /// The wallet's folder is named in upper case: a backup is made in it and never listed.
    UpperCase {
        /// Whose.
        id: Id,
        /// Where its directory entry lies: bytes from the start of the card.
        entry: u64,
    },
    /// What lies in the folder of a wallet cannot be erased, so that a new backup of this wallet stays
    /// hidden behind it.
    NotErasable {
        /// The wallet.
        id: Id,
        /// The name, in code-page bytes.
        name: Vec<u8>,
        /// Why not.
        why: NotErasable,
        /// Its entry: bytes from the start of the card.
        entry: u64,
    },
}

/// Why the device cannot erase what lies in the folder of a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotErasable {
    /// It is marked read-only.
    ReadOnly,
    /// It is a folder.
    Folder,
    /// It is larger than the device opens.
    TooLarge,
    /// It cannot be opened by its name.
    Unopenable,
    /// Its chain of clusters is broken.
    Chain,
}
