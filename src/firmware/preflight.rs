//! Whether the device could make a new backup on a card, told without writing: its `create` of
//! `backup.rs`, `sd_write_bin` and FatFs beneath it, asked what each step would need
//! (docs/format.md 3 and 4).

mod writer;

use super::sd::LIST_MAX;
use super::volume::{FatError, MountError, Volume};
use super::{Answer, Crash, List, Listed, MAX_ANSWER, Refusal, Version, answer_size};
use crate::backup::Id;
use crate::image::Sectors;
use writer::Writer;

/// The longest name of a device, for an answer that grows by one backup.
const LONGEST_NAME: usize = 63;

/// What keeps the device from making a new backup, or from showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        cluster: u32,
    },
    /// `/bitbox02` has so many entries that a further one is not listed.
    TooManyEntries,
    /// The list of backups fails or would, with this one or already without.
    List(ListObstacle),
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

/// Why the device cannot list what is on the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListObstacle {
    /// It answers an error.
    Refused(Refusal),
    /// It panics.
    Crashes(Crash),
}

/// Why the device cannot erase what lies in the folder of a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What keeps this firmware from making a new backup on the card; nothing means that it would.
pub fn preflight<'a>(sectors: &'a Sectors<'a>, answer: &Answer, version: Version) -> Vec<Obstacle> {
    let volume = match Volume::mount(sectors, version) {
        Ok(volume) => volume,
        Err(error) => return vec![Obstacle::Mount(error)],
    };
    let mut writer = Writer::new(volume, sectors);
    let first = writer.first_backup(answer);
    let mut obstacles: Vec<_> = first.err().into_iter().collect();
    obstacles.extend(listing(answer, version));
    if obstacles.is_empty() {
        for directory in &answer.directories {
            let name = String::from_utf8_lossy(&directory.name);
            if let Some(id) = Id::from_directory(&name.to_lowercase())
                && name.as_ref() != id.to_string()
            {
                obstacles.push(Obstacle::UpperCase {
                    id,
                    entry: directory.entry,
                });
            } else if let Some(id) = Id::from_directory(&name) {
                // Each wallet is asked about alone: one new backup is wanted, not one of each.
                let used = writer.used.clone();
                let mut writer = Writer::new(writer.volume.again(), sectors);
                writer.used = used;
                obstacles.extend(writer.next_backup(id, &directory.name, version));
            }
        }
    }
    obstacles
}

/// What is wrong with the list, with one more backup in it.
fn listing(answer: &Answer, version: Version) -> Option<Obstacle> {
    let list = match &answer.list {
        List::Ok(list) => list,
        List::Error(Refusal::Mount(_) | Refusal::Unopenable(_)) => return None,
        List::Error(refusal) => {
            return Some(Obstacle::List(ListObstacle::Refused(refusal.clone())));
        }
        List::Crash(crash) => return Some(Obstacle::List(ListObstacle::Crashes(*crash))),
    };
    // Firmware before v9.9.0 lists so many at most.
    if let Some(limit) = version.list_limit().filter(|limit| list.len() >= *limit) {
        return Some(Obstacle::List(ListObstacle::Refused(Refusal::TooMany {
            limit,
        })));
    }
    if answer.directories.len() >= LIST_MAX {
        return Some(Obstacle::TooManyEntries);
    }
    let mut more = list.clone();
    more.push(Listed {
        id: "0".repeat(64),
        timestamp: u32::MAX,
        name: "x".repeat(LONGEST_NAME),
        directory: 0,
    });
    let size = answer_size(&more);
    (size > MAX_ANSWER && version.lists_in_rust()).then_some(Obstacle::List(ListObstacle::Crashes(
        Crash::AnswerSize { size },
    )))
}
