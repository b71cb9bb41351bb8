//! From a path to what can be examined.

mod archived;
mod archives;
mod collection;
mod content;
mod extra_readings;
mod given;
mod in_parts;
mod opening;
mod tree;

pub use archives::members_of;
pub(crate) use archives::{archive_in, archive_of, unpacked_beginning};
pub use collection::{Images, images_in};
pub use extra_readings::further_readings;
pub use given::{GivenFile, GivenFolder, GivenSource, members_of_given, open_given};
pub use opening::{open, open_raw};

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::image::containers::{archive, e01, parts};
use crate::image::damage::mapped::maps_of;
use crate::image::damage::readings::readings_of;
use crate::image::{Evidence, FileNumber, Folder, OpenError, Packing, ReadAt};

/// Most bytes in a line of a list of sources; no system has longer paths.
const MAX_LINE: u64 = 1 << 20;
/// Most bytes of such a list in UTF-16.
const MAX_WIDE: u64 = 64 << 20;

/// How much is done for one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Most bytes of memory for the pages that are not zero of a compressed image.
    pub max_unpacked: u64,
}

impl Limits {
    /// At most so many bytes of memory for a compressed image.
    pub fn unpacked(max_unpacked: u64) -> Self {
        Self { max_unpacked }
    }

    /// How many bytes of larger members of an archive are unpacked to be searched for copies of a backup.
    fn large_members(&self) -> u64 {
        self.max_unpacked.min(archive::LARGE)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_unpacked: 512 << 20,
        }
    }
}

/// What can be examined.
pub enum Medium {
    /// A card: an image or a device.
    Image(Box<dyn ReadAt>),
    /// A folder: a mounted card or a copy of one.
    Folder(Folder),
    /// The bytes of one copy of a backup.
    SingleFile(Zeroizing<Vec<u8>>),
}

impl fmt::Debug for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(image) => write!(f, "Image({} bytes)", image.size()),
            Self::Folder(folder) => write!(f, "Folder({})", folder.path().display()),
            Self::SingleFile(bytes) => write!(f, "SingleFile({} bytes)", bytes.len()),
        }
    }
}

/// What a source was opened from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// An image file as it is.
    Raw,
    /// An image file packed with gzip.
    Gzip,
    /// An image file packed with zstd.
    Zstd,
    /// An image file packed with xz.
    Xz,
    /// An image in the Expert Witness Format, E01.
    E01,
    /// A raw image split into several files.
    Split,
    /// A virtual disk of fixed size, VHD: a raw image with a footer.
    Vhd,
    /// A ZIP archive.
    Zip,
    /// A tar archive, compressed or not.
    Tar,
    /// A card reader or another block device.
    BlockDevice,
    /// A folder.
    Folder,
    /// One copy of a backup.
    BackupFile,
}

impl SourceKind {
    /// Its name for a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw image",
            Self::Gzip => "gzip image",
            Self::Zstd => "zstd image",
            Self::Xz => "xz image",
            Self::E01 => "E01 image",
            Self::Split => "split raw image",
            Self::Vhd => "VHD image",
            Self::Zip => "ZIP archive",
            Self::Tar => "tar archive",
            Self::BlockDevice => "block device",
            Self::Folder => "folder",
            Self::BackupFile => "single file",
        }
    }
}

impl From<Packing> for SourceKind {
    fn from(packing: Packing) -> Self {
        match packing {
            Packing::Gzip => Self::Gzip,
            Packing::Zstd => Self::Zstd,
            Packing::Xz => Self::Xz,
        }
    }
}

/// What is known of a source beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// What it was opened from.
    pub kind: SourceKind,
    /// Bytes of the file as it is stored, before unpacking; of the device; 0 for a folder.
    pub size: u64,
    /// When the file or folder was last changed, if the system knows; `None` for a device.
    pub modified: Option<SystemTime>,
    /// Which file it is, whatever its path.
    pub node: Option<FileNumber>,
}

/// An open source.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// What it is.
    pub source: Medium,
    /// What is known of it beside its bytes.
    pub identity: Identity,
    /// What an E01 image says of itself.
    pub evidence: Option<Box<Evidence>>,
    /// What is wrong with the file it was unpacked from: it is not all there.
    pub damage: Vec<Damaged>,
    /// Why it is refused where nothing of a backup is found in it: it is, or begins as, a file of another kind.
    pub otherwise: Option<OpenError>,
}

impl Opened {
    fn new(source: Medium, identity: Identity) -> Self {
        Self {
            source,
            identity,
            evidence: None,
            damage: Vec::new(),
            otherwise: None,
        }
    }
}

/// A container of an image that is damaged, and was unpacked as far as it could be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damaged {
    /// What is wrong and where in the file, in a clause.
    pub what: String,
    /// How many bytes of the image were unpacked before, where it breaks off.
    pub at: Option<u64>,
}

impl Damaged {
    fn new(what: impl Into<String>, at: Option<u64>) -> Self {
        let what = what.into();
        Self { what, at }
    }
}

/// What lies beside an image and belongs to it: the map of a copy, further readings of the card, further segments
/// of an E01 image or parts of a split one. Of a path that leads into an archive, such as `cards.zip/card.img`, the archive.
pub fn belongings(path: &Path) -> Vec<PathBuf> {
    belonging_to(path, &Path::exists)
}

/// The archive that a path leads into, such as `cards.zip` of `cards.zip/card.img`.
pub fn archive_around(path: &Path) -> Option<&Path> {
    archive::into(path).map(|(archive, _)| archive)
}

/// Names in one folder from which on its names are read once, rather than each looked up.
const MANY: usize = 8;
/// Most names of a folder that are read for that.
const MOST_NAMES: usize = 200_000;

/// What lies beside each of these and belongs to it.
pub fn belongings_of<P: AsRef<Path>>(paths: &[P]) -> Vec<PathBuf> {
    let mut folders: HashMap<&Path, usize> = HashMap::new();
    for folder in paths.iter().filter_map(|path| path.as_ref().parent()) {
        let count = folders.entry(folder).or_default();
        *count = count.saturating_add(1);
    }
    let many = folders.into_iter().filter(|(_, count)| *count >= MANY);
    let many = many.filter_map(|(folder, _)| Some((folder, names_in(folder)?)));
    let names: HashMap<&Path, HashSet<OsString>> = many.collect();
    let exists = |path: &Path| {
        let names = path.parent().and_then(|folder| names.get(folder));
        match (names, path.file_name()) {
            (Some(names), Some(name)) => names.contains(name),
            _ => path.exists(),
        }
    };
    let each = paths.iter().map(AsRef::as_ref);
    each.flat_map(|path| belonging_to(path, &exists)).collect()
}

/// All names in a folder; `None` where they cannot be read, or are too many.
fn names_in(folder: &Path) -> Option<HashSet<OsString>> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let mut entries = folder.read_dir().ok()?;
    let names = entries.by_ref().take(MOST_NAMES);
    let names = names.map(|entry| entry.map(|entry| entry.file_name()));
    let names = names.collect::<io::Result<_>>().ok()?;
    entries.next().is_none().then_some(names)
}

fn belonging_to(path: &Path, exists: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    if let Some((image, file, _)) = extra_readings::parts(path) {
        let mut all = belonging_to(&image, exists);
        all.extend([image, file.to_owned()]);
        return all;
    }
    if let Some((archive, _)) = archive::into(path) {
        return vec![archive.to_owned()];
    }
    let beside = maps_of(path).chain([readings_of(path)]);
    let beside = beside.filter(|file| exists(file));
    let behind = e01::segments_behind(path).chain(parts::parts_behind(path));
    beside.chain(behind).collect()
}

/// Reads a list of sources, one per line, ended by a line feed or carriage return and line feed.
/// Empty lines are passed over. On Unix a name may hold any other byte. A mark that the text is UTF-8 is passed over,
/// and behind one for UTF-16 it is read as that: editors and shells of Windows write both.
///
/// # Errors
/// The reader's, and `InvalidData` for a line of more than 1 MiB or, where paths are not bytes,
/// one that is not UTF-8.
pub fn files_from(mut reader: impl BufRead) -> io::Result<Vec<PathBuf>> {
    match reader.fill_buf()? {
        [0xEF, 0xBB, 0xBF, ..] => reader.consume(3),
        [0xFF, 0xFE, ..] => return files_from(wide(reader, u16::from_le_bytes)?.as_bytes()),
        [0xFE, 0xFF, ..] => return files_from(wide(reader, u16::from_be_bytes)?.as_bytes()),
        _ => {}
    }
    let mut paths = Vec::new();
    loop {
        let mut line = Vec::new();
        let most = MAX_LINE.saturating_add(2);
        if reader.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(paths);
        }
        line.pop_if(|last| *last == b'\n');
        line.pop_if(|last| *last == b'\r');
        if line.len() as u64 > MAX_LINE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if !line.is_empty() {
            paths.push(path_of(line)?);
        }
    }
}

/// A text in UTF-16, behind the mark at its beginning.
fn wide(reader: impl Read, unit: fn([u8; 2]) -> u16) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(MAX_WIDE).read_to_end(&mut bytes)?;
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().skip(1).map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn path_of(line: Vec<u8>) -> io::Result<PathBuf> {
    #[cfg(unix)]
    let line: OsString = std::os::unix::ffi::OsStringExt::from_vec(line);
    #[cfg(not(unix))]
    let line = String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(line.into())
}

#[cfg(test)]
mod tests;
