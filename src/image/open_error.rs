//! Why a path cannot be opened as an image.

mod words;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::image::containers::e01::error::EWF_EXPORT;
use crate::image::containers::foreign::of_small;
use crate::image::file_names::free_name;
use crate::image::read_error::is_no_medium;
use crate::image::{
    E01Error, Foreign, Packing, PagesError, ReadError, ReadingsError, RescueMapError, SystemError,
    UnpackError,
};
use crate::text::{escape, path_text, plural, stem};
use words::{
    JOIN, NOT_A_SOURCE, NOT_FOUND, file, filled, joined, member, partitions, parts, several, what,
};

/// What kind of thing a path names, where it is none to examine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileType {
    /// A directory, where an image was expected.
    Directory,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A character device, such as a terminal.
    CharacterDevice,
    /// Something this system has and we do not know.
    Unknown,
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a folder",
            Self::Pipe => "a named pipe",
            Self::Socket => "a socket",
            Self::CharacterDevice => "a character device",
            Self::Unknown => "a special file",
        })
    }
}

/// Why a source cannot be examined at all.
///
/// It does not repeat the path: whoever opened it names it, escaped as its output needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nothing is there.
    #[error("there is no such file, device or folder")]
    NotFound,
    /// The system does not let this person read it.
    #[error("permission to read {} is denied", if *device { "this device" } else { "it" })]
    Denied {
        /// Whether it is a device rather than a file or a folder.
        device: bool,
    },
    /// A file, or what a compressed file unpacks to, of no bytes.
    #[error("it is empty: 0 bytes")]
    Empty,
    /// A card reader without a card in it.
    #[error("there is no card in the reader")]
    NoMedium,
    /// Something that holds no image: a pipe, a socket, a terminal.
    #[error("it is {found}, not an image, a block device or a folder of backups")]
    NotASource {
        /// What it is.
        found: FileType,
    },
    /// A compressed image that cannot be unpacked.
    #[error("{error}")]
    Unpack {
        /// How it is compressed.
        packing: Packing,
        /// Why not.
        #[source]
        error: UnpackError,
    },
    /// An E01 image that cannot be read.
    #[error(transparent)]
    E01(#[from] E01Error),
    /// The map beside an image is broken.
    #[error("the map beside it cannot be used: {0}")]
    Map(#[from] RescueMapError),
    /// The further readings beside an image cannot be used.
    #[error("its further readings cannot be used: {0}")]
    Readings(#[from] ReadingsError),
    /// A single backup file whose bytes cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// An image with fewer bytes than a sector has.
    #[error("it is too short to be a card: {}", plural(usize::try_from(*size).unwrap_or(0), "byte", "bytes"))]
    TooShort {
        /// How many bytes it has.
        size: u64,
    },
    /// A small file in which nothing is or was a copy of a backup.
    #[error("it is {}not a backup of a BitBox02: no sign of one is in it", what(*found))]
    NotABackup {
        /// What it is instead, if that is known.
        found: Option<Foreign>,
    },
    /// A file that is no image of a card: one that is read once it is unpacked or converted, or none at all.
    #[error("this is {0}, not the image of a card")]
    Foreign(Foreign),
    /// A compressed file that unpacks to something else than the image of a card.
    #[error("this is {found} compressed with {}, not the image of a card", packing.name())]
    ForeignInside {
        /// How it is compressed.
        packing: Packing,
        /// What it unpacks to.
        found: Foreign,
    },
    /// A file in an archive that cannot be examined there.
    #[error("{} in the archive: {error}", member(name).unwrap_or_else(|| "a file".to_owned()))]
    InArchive {
        /// Its name in the archive.
        name: String,
        /// Whether the archive is a tar archive.
        is_tar: bool,
        /// Why not.
        #[source]
        error: Box<Self>,
    },
    /// The first part of a file that is unpacked or converted once its parts are joined.
    #[error("{error}; {}", parts(behind.len(), *lacks))]
    InParts {
        /// The parts behind the first that are there.
        behind: Vec<PathBuf>,
        /// Whether one of them is missing or too short.
        lacks: bool,
        /// What the joined file is.
        #[source]
        error: Box<Self>,
    },
    /// A part of a split image, whose first part lies beside it.
    #[error(
        "it is a later part of a split image, the first part of which is \"{}\"",
        path_text(first)
    )]
    LaterPart {
        /// The first part.
        first: PathBuf,
    },
    /// A part of a split image, whose first part is missing.
    #[error("it is a later part of a split image, and the first part is missing")]
    NoFirstPart,
    /// An archive that stands for several sources.
    #[error("this is an archive of {}", several(images.len(), *backups))]
    Several {
        /// The names of the images in it.
        images: Vec<String>,
        /// Whether backups lie beside them.
        backups: bool,
    },
    /// A member of an archive is too large.
    #[error("unpacked from its archive, {0}")]
    Member(#[source] PagesError),
    /// An image that ends before the byte from which it was to be examined.
    #[error("it has {size} bytes and ends before byte {offset}")]
    NoOffset {
        /// The byte.
        offset: u64,
        /// How many there are.
        size: u64,
    },
    /// A part of a folder or of a single file.
    #[error("it is files, and has neither offsets nor partitions")]
    NoPart,
    /// An image without this partition.
    #[error("it has no partition {number}; {}", partitions(there))]
    NoPartition {
        /// The number.
        number: u32,
        /// Those that it has.
        there: Vec<u32>,
    },
    /// Somebody stopped it.
    #[error("it was stopped before all was read")]
    Stopped,
    /// Anything else the system answered.
    #[error("it cannot be opened: {0}")]
    Refused(#[source] SystemError),
}

impl OpenError {
    /// What a person can do next, in one sentence; everything named works offline.
    ///
    /// `FILE` in it stands for the file, and `NEW` for a new one, where [`OpenError::command`] has a command.
    pub fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::Foreign(foreign) => foreign.hint().into(),
            Self::ForeignInside { found, .. } => match self.command() {
                Some(command) => format!("unpack it with `{command}`, then examine NEW").into(),
                None => found.hint().into(),
            },
            Self::InArchive { .. } => self.hint_with("FILE", "NEW").into(),
            Self::InParts { lacks: false, .. } => {
                format!("join its parts with `{JOIN}`, then examine NEW").into()
            }
            Self::LaterPart { first } => {
                let first = path_text(first);
                format!("examine \"{first}\", with which all parts are read").into()
            }
            Self::Unpack { packing, error } => error.hint(*packing).into(),
            Self::Several { images, .. } => {
                // In quotes a name is found again where names are left out.
                let first = images.first().filter(|name| !name.contains('"'));
                let first = first.map_or_else(|| "NAME".to_owned(), |name| escape(name));
                format!("name one of what is in it, such as \"FILE/{first}\"").into()
            }
            other => other.fixed_hint().into(),
        }
    }

    /// The same of the file at this path, which stands in it as a shell takes it.
    pub fn hint_for(&self, path: &Path) -> String {
        let path = path_text(path);
        let new = free_name(&stem(&path), |stem| self.new_name(stem), |_| false);
        self.hint_with(&path, &new)
    }

    /// The same with a new file of this name.
    pub(crate) fn hint_with(&self, path: &str, new: &str) -> String {
        let filled = |template: &str| {
            let file = self.files(path).unwrap_or_else(|| "FILE".to_owned());
            filled(template, &file, new)
        };
        match self {
            Self::Several { .. } => self.hint().replacen("FILE", path, 1),
            Self::LaterPart { .. } => self.hint().into_owned(),
            Self::InArchive { name, error, .. } => {
                let folder = self::filled("STEM-files", "", new);
                let file = member(&format!("{folder}/{name}"));
                let file = file.unwrap_or_else(|| "FILE".to_owned());
                let then = self::filled(&error.hint(), &file, new);
                match self.command().map(filled) {
                    Some(command) => {
                        format!("take it out of the archive with `{command}`, then {then}")
                    }
                    None => then,
                }
            }
            other => filled(&other.hint()),
        }
    }

    /// The command that makes something of the file that can be examined, where there is one; `FILE` in it
    /// stands for the file, and `NEW` for a new one or a new folder.
    pub fn command(&self) -> Option<&'static str> {
        match self {
            Self::Foreign(foreign) => foreign.command(),
            Self::E01(E01Error::NotBuilt) => Some(EWF_EXPORT),
            Self::ForeignInside { packing, found } if found.has_way() => Some(packing.command()),
            Self::Unpack { packing, error } if error.needs_unpacking() => Some(packing.command()),
            Self::Member(_) => Some("7z x FILE -oNEW"),
            Self::InParts { lacks: false, .. } => Some(JOIN),
            Self::InArchive { is_tar, error, .. } if error.has_way() => match is_tar {
                true => Some("mkdir STEM-files && tar -xf FILE -C STEM-files"),
                false => Some("7z x FILE -oSTEM-files"),
            },
            _ => None,
        }
    }

    /// The same of the file at this path, as a shell takes it, with a new file of this name.
    pub(crate) fn command_with(&self, path: &str, new: &str) -> Option<String> {
        Some(filled(self.command()?, &self.files(path)?, new))
    }

    /// What `FILE` stands for in it; `None` where that is no plain text.
    fn files(&self, path: &str) -> Option<String> {
        match self {
            Self::InParts { behind, .. } => joined(path, behind),
            _ => file(path),
        }
    }

    /// The same of a file whose first part this is, where another program has to get at what is in it.
    pub(crate) fn in_parts(self, behind: Vec<PathBuf>, lacks: bool) -> Self {
        if !self.has_way() || behind.is_empty() {
            return self;
        }
        Self::InParts {
            behind,
            lacks,
            error: Box::new(self),
        }
    }

    /// The name of the new file or folder that its command writes.
    pub fn new_name(&self, stem: &str) -> String {
        match self {
            Self::ForeignInside { .. } => format!("{stem}.unpacked"),
            Self::InParts { .. } => format!("{stem}-joined"),
            Self::E01(_) => format!("{stem}.raw"),
            Self::InArchive { error, .. } => error.new_name(stem),
            Self::Foreign(found) => found.new_name(stem),
            Self::Member(_) => format!("{stem}-files"),
            _ => format!("{stem}.img"),
        }
    }

    /// Why a small file is refused in which no sign of a backup is.
    pub(crate) fn no_backup(bytes: &[u8]) -> Self {
        match of_small(bytes) {
            // A backup may be in it, encrypted or compressed.
            Some(found) if found.has_way() => Self::Foreign(found),
            found => Self::NotABackup { found },
        }
    }

    /// Whether another program may get at a card in it.
    fn has_way(&self) -> bool {
        match self {
            Self::Foreign(found) | Self::ForeignInside { found, .. } => found.has_way(),
            other => other.command().is_some(),
        }
    }

    fn fixed_hint(&self) -> &'static str {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::Denied { device: true } if cfg!(windows) => {
                "run it again in a terminal opened as administrator; nothing is written"
            }
            Self::Denied { device: true } => {
                "run it again with sudo, or as a member of the group that owns the device (often `disk`); nothing is written"
            }
            Self::Denied { device: false } => {
                "make it readable for yourself, or run it again with sudo; nothing is written"
            }
            Self::Empty => {
                "make the image or the copy again from the card; if it was unpacked from another file, that one is damaged \
                 at its beginning: keep it, and look for another copy of it"
            }
            Self::Map(RescueMapError::Unreadable(_)) => {
                "make the map readable for yourself, or move it away to take all of the image for what was on the card"
            }
            Self::Map(_) => {
                "repair the map, or move it away to take all of the image for what was on the card"
            }
            Self::Readings(_) => "move this file away, and examine the image without it",
            Self::NoFirstPart | Self::InParts { .. } => {
                "put all parts of the image into one folder, and examine the first with `bitbox-backup list`: all are read with it"
            }
            Self::NoMedium => "put the card in, or take it out and in again",
            Self::NotASource { .. } => NOT_A_SOURCE,
            Self::E01(error) => error.hint(),
            Self::Unreadable(_) => {
                "try another reader or cable, then copy the card with `bitbox-backup image` and examine the copy"
            }
            Self::Stopped => "run it again",
            Self::TooShort { .. } => {
                "a card has sectors of 512 bytes; name the image of the whole card"
            }
            Self::NoOffset { .. } | Self::NoPart | Self::NoPartition { .. } => {
                "`bitbox-backup inspect` without --offset and --partition shows what is where"
            }
            Self::Member(_) => {
                "unpack the archive with `7z x FILE -oNEW` and examine what is in NEW, or allow more memory with --max-unpacked"
            }
            Self::Refused(_) => "check that other programs can read it",
            // Of a small file; all others have a hint of their own.
            _ => "name a file backup_….bin, the folder it is in, or an image of the whole card",
        }
    }

    /// Names what the system answered when something was opened or asked about.
    pub(super) fn from_io(error: &io::Error, device: bool) -> Self {
        let cause = SystemError::from(error);
        match cause.kind {
            _ if cause.os_error.is_some_and(is_no_medium) => Self::NoMedium,
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied { device },
            _ => Self::Refused(cause),
        }
    }
}

#[cfg(test)]
mod tests;
