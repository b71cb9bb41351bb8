//! Files and folders, and what they have to do with backups.

use std::path::Path;

use super::copy::Origin;
use super::written_text::is_written;
use crate::backup::Id;
use crate::fat::directory::Entry;
use crate::image::Extent;

/// What a file or folder has to do with backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A folder `bitbox02` in the root, whatever its case.
    Bitbox02,
    /// A folder for one wallet: in `bitbox02`, or with a name of 64 hex digits.
    Wallet(Option<Id>),
    /// A copy of a backup: the index in [`Catalogue::copies`](super::Catalogue::copies).
    Copy(usize),
    /// A file or folder among backups that is none.
    Stray,
    /// A file of the BitBox01, another format.
    BitBox01,
    /// Anything else.
    Other,
}

/// The folder in which a BitBox01 keeps its backups.
const BITBOX01: &str = "digitalbitbox";

impl Role {
    /// What the files are in a folder of the computer that is one of a BitBox01 itself.
    pub(super) fn of_bitbox01(folder: &Path) -> Option<Self> {
        let name = folder.file_name()?;
        name.eq_ignore_ascii_case(BITBOX01)
            .then_some(Self::BitBox01)
    }

    /// What a file or folder has to do with backups, by its names, long and short, and its folder's role.
    pub(super) fn of(parent: Option<Self>, names: &[&str], is_directory: bool) -> Self {
        // Deleting takes the first byte of a short name; `_` stands in its place.
        let same = |own: &str, name: &str| match own.strip_prefix('_') {
            Some(rest) => name
                .get(1..)
                .is_some_and(|name| rest.eq_ignore_ascii_case(name)),
            None => own.eq_ignore_ascii_case(name),
        };
        let named = |name: &str| names.iter().any(|own| same(own, name));
        let id = || names.iter().find_map(|name| name.parse::<Id>().ok());
        match parent {
            None if is_directory && named("bitbox02") => Self::Bitbox02,
            None | Some(Self::Other) if is_directory && named(BITBOX01) => Self::BitBox01,
            Some(Self::Bitbox02) if is_directory => Self::Wallet(id()),
            Some(Self::Bitbox02 | Self::Wallet(_)) => Self::Stray,
            Some(Self::BitBox01) => Self::BitBox01,
            _ if is_directory => id().map_or(Self::Other, |id| Self::Wallet(Some(id))),
            _ => Self::Other,
        }
    }
}

/// A file or folder found.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its path from the root of its volume or folder, as stored.
    pub path: String,
    /// Its name, as stored.
    pub name: String,
    /// The folder it lies in: an index in [`Catalogue::nodes`](super::Catalogue::nodes); `None` in the root.
    pub parent: Option<usize>,
    /// Which volume, `None` for a folder of the computer.
    pub volume: Option<usize>,
    /// Whether it is a folder.
    pub is_directory: bool,
    /// Bytes of a file, as its entry says.
    pub size: u64,
    /// Its directory entry, `None` for a folder of the computer.
    pub entry: Option<Entry>,
    /// What it has to do with backups.
    pub role: Role,
    /// Where its contents lie, as far as that was looked at.
    pub extents: Vec<Extent>,
    /// Whether it is a text as a person writes it, as far as it was read.
    pub is_text: bool,
    /// How it was found. Everything below a deleted folder is deleted.
    pub origin: Origin,
}

impl Node {
    /// Notes what is in it.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.is_text = is_written(bytes);
    }

    /// Whether it is deleted, or no live folder leads to it.
    pub fn is_deleted(&self) -> bool {
        self.origin != Origin::Live
    }

    /// Where its entry lies: bytes from the start of the card.
    pub fn offset(&self) -> Option<u64> {
        self.entry.as_ref().map(|entry| entry.offset)
    }
}
