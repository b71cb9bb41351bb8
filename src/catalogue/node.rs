//! Files and folders, and what they have to do with backups.

use std::path::Path;

use super::copy::{LOOK, Origin};
use crate::backup::text::may_be_text;
use crate::backup::{FileName, Id};
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

/// An id in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sighting {
    /// The id.
    pub id: Id,
    /// Where the name's directory entry, or what is left of it, lies: bytes from the start of the
    /// card; `None` for a folder of the computer.
    pub offset: Option<u64>,
    /// How the name was found.
    pub origin: Origin,
}

/// A time in the name of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeSeen {
    /// Seconds since 1970 UTC.
    pub timestamp: u32,
    /// Where the name lies, as in [`Sighting`].
    pub offset: Option<u64>,
    /// How the name was found.
    pub origin: Origin,
}

impl Node {
    /// A file in the root of which nothing else is known.
    pub(super) fn new(path: String, name: String, origin: Origin) -> Self {
        Self {
            path,
            name,
            parent: None,
            volume: None,
            is_directory: false,
            size: 0,
            entry: None,
            role: Role::Other,
            extents: Vec::new(),
            is_text: false,
            origin,
        }
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

/// Whether a file is expected to be a copy: by its name, or because it lies in a wallet's folder and
/// is small.
pub(super) fn is_expected(name: &str, size: u64, folder: Option<Role>) -> bool {
    let in_wallet = matches!(folder, Some(Role::Bitbox02 | Role::Wallet(_)));
    FileName::parse(name).is_some() || in_wallet && size <= LOOK
}

/// Whether somebody may have written this. Systems write sections, as in `desktop.ini`, XML, and numbers, as of a volume, or
/// nothing that is a text.
pub(super) fn is_written(bytes: &[u8]) -> bool {
    // Marks of UTF-8 and UTF-16, and the upper halves of its characters.
    let is_mark = |byte: &u8| {
        matches!(byte, 0xEF | 0xBB | 0xBF | 0xFE | 0xFF | 0) || byte.is_ascii_whitespace()
    };
    let first = bytes.iter().find(|byte| !is_mark(byte));
    let is_number =
        |byte: &u8| is_mark(byte) || matches!(byte, b'-' | b'{' | b'}') || byte.is_ascii_hexdigit();
    first.is_some_and(|first| !matches!(first, b'[' | b'<'))
        && !bytes.iter().all(is_number)
        && may_be_text(bytes)
}

#[cfg(test)]
mod tests {
    use super::is_written;

    #[test]
    fn what_systems_write_is_no_text_of_a_person() {
        let utf16 = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xFF, 0xFE].into_iter().chain(units).collect()
        };
        for system in [
            &b"\0\0\0\x01Bud1\0\0\x10\0"[..],
            b"\0\x05\x16\x07\0\x02\0\0Mac OS X",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0",
            b"\r\n[.ShellClassInfo]\r\nIconIndex=1\r\n",
            b"<?xml version=\"1.0\"?>",
            &utf16("\r\n[.ShellClassInfo]"),
            &utf16("{0A1B2C3D-1234-5678-9ABC-DEF012345678}"),
            b"0A1B2C3D-1234-5678-9ABC-DEF012345678",
            &[0; 6148],
            b"",
        ] {
            assert!(!is_written(system), "{system:?}");
        }
        for person in [
            &b"purity concert above invest"[..],
            b"my passphrase: hunter2\r\n",
            &utf16("purity concert"),
        ] {
            assert!(is_written(person), "{person:?}");
        }
    }
}
