//! From a path to what can be examined.

use crate::progress::Progress;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::image::containers::expert;
use crate::image::containers::foreign;
use crate::image::damage::mapped::{Mapped, map_of, maps_of};
use crate::image::node::Node;
use crate::image::{
    FileImage, FileType, Folder, OpenError, Packing, ReadAt, RescueMap, SplitReads, unpack,
};

/// Most bytes of a file that is taken for copies of a backup rather than a card image.
const MAX_SINGLE: usize = 64 << 10;
/// Most bytes in a line of a list of sources; no system has longer paths.
const MAX_LINE: u64 = 1 << 20;

/// How much is done for one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of memory for the pages that are not zero of a compressed image.
    pub max_unpacked: u64,
}

impl Default for Limits {
    /// 512 MiB.
    fn default() -> Self {
        Self {
            max_unpacked: 512 << 20,
        }
    }
}

/// What can be examined.
pub enum Source {
    /// A card: an image or a device.
    Image(Box<dyn ReadAt>),
    /// A folder: a mounted card or a copy of one.
    Folder(Folder),
    /// The bytes of one copy of a backup.
    SingleFile(Zeroizing<Vec<u8>>),
}

impl fmt::Debug for Source {
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
    Expert,
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
            Self::Expert => "E01 image",
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
pub struct Identity {
    /// What it was opened from.
    pub kind: SourceKind,
    /// Bytes of the file as it is stored, before unpacking; of the device; 0 for a folder.
    pub size: u64,
    /// When the file or folder was last changed, if the system knows; `None` for a device.
    pub modified: Option<SystemTime>,
    /// Which file it is, whatever its path.
    pub node: Option<Node>,
}

/// An open source.
#[derive(Debug)]
pub struct Opened {
    /// What it is.
    pub source: Source,
    /// What is known of it beside its bytes.
    pub identity: Identity,
}

/// Opens a source, read-only. What it is is told by its content.
///
/// A folder is a folder. A regular file that begins like gzip, zstd or xz is unpacked, one that
/// begins like an E01 image is read with its further segments; one of at most 64 KiB that is
/// named `.bin`, or holds copies of a backup by `is_copy`, is a single file; any other, and any block
/// device, is the image of a card, unless it is surely a file of another kind ([`Foreign`](crate::image::Foreign)). Where a map of GNU ddrescue lies
/// beside an image ([`crate::image::RescueMap`]), what was not read into it is unreadable here too.
/// `progress` says how far a compressed image is unpacked, and can stop that.
///
/// # Errors
/// [`OpenError`]. A file whose first bytes cannot be read is an image: damage is for the examiner.
pub fn open(
    path: &Path,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> Result<Opened, OpenError> {
    let file = match FileImage::open(path) {
        Err(OpenError::NotASource {
            found: FileType::Directory,
        }) => return open_folder(path),
        file => file?,
    };
    let identity = |kind| Identity {
        kind,
        size: file.size(),
        modified: file.modified(),
        node: file.node(),
    };
    if file.is_device() {
        let identity = identity(SourceKind::BlockDevice);
        let source = Source::Image(Box::new(SplitReads::new(file)));
        return Ok(Opened { source, identity });
    }
    if let Ok(Some(packing)) = Packing::of(&file) {
        let identity = identity(packing.into());
        let pages = unpack(&file, packing, limits.max_unpacked, progress)?;
        if pages.size() == 0 {
            return Err(OpenError::Empty);
        }
        let source = Source::Image(match map_of(path)? {
            Some(map) => Box::new(SplitReads::new(Mapped::new(pages, map.missing()))),
            None => Box::new(pages),
        });
        return Ok(Opened { source, identity });
    }
    if let Ok(true) = expert::is_expert(&file) {
        let identity = identity(SourceKind::Expert);
        let source = Source::Image(expert::open(path)?);
        return Ok(Opened { source, identity });
    }
    if let Some(bytes) = single_file(path, &file, is_copy)? {
        let identity = identity(SourceKind::BackupFile);
        let source = Source::SingleFile(bytes);
        return Ok(Opened { source, identity });
    }
    if let Some(found) = foreign::foreign(&file) {
        return Err(OpenError::Foreign(found));
    }
    let identity = identity(SourceKind::Raw);
    let map = map_of(path)?;
    let missing = map.as_ref().map(RescueMap::missing).unwrap_or_default();
    let image = Mapped::new(file, missing);
    let source = Source::Image(Box::new(SplitReads::new(image)));
    Ok(Opened { source, identity })
}

/// What lies beside an image and belongs to it: the map of a copy, further segments of an E01 image.
pub fn belongings(path: &Path) -> Vec<PathBuf> {
    let maps = maps_of(path).filter(|map| map.exists());
    maps.chain(expert::segments_behind(path)).collect()
}

fn open_folder(path: &Path) -> Result<Opened, OpenError> {
    let folder = Folder::open(path)?;
    let (node, modified) = folder.identity();
    Ok(Opened {
        source: Source::Folder(folder),
        identity: Identity {
            kind: SourceKind::Folder,
            size: 0,
            modified,
            node,
        },
    })
}

/// The bytes of a file that is one copy of a backup rather than the image of a card.
fn single_file(
    path: &Path,
    file: &FileImage,
    is_copy: fn(&[u8]) -> bool,
) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
    let is_bin = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("bin"));
    let length = usize::try_from(file.size()).ok();
    let Some(length) = length.filter(|&length| length <= MAX_SINGLE) else {
        return Ok(None);
    };
    let mut bytes = Zeroizing::new(vec![0; length]);
    match file.read_at(0, &mut bytes) {
        Ok(()) => Ok(Some(bytes).filter(|bytes| is_bin || is_copy(bytes))),
        Err(error) if is_bin => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Reads a list of sources, one a line, ended by a line feed or carriage return and line feed.
/// Empty lines are passed over. On Unix a name may hold any other byte.
///
/// # Errors
/// The reader's, and `InvalidData` for a line of more than 1 MiB or, where paths are not bytes,
/// one that is not UTF-8.
pub fn files_from(mut reader: impl BufRead) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    loop {
        let mut line = Vec::new();
        let most = MAX_LINE.saturating_add(2);
        if reader.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(paths);
        }
        if line.ends_with(b"\n") {
            line.pop();
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        if line.len() as u64 > MAX_LINE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if !line.is_empty() {
            paths.push(path_of(line)?);
        }
    }
}

#[cfg(unix)]
fn path_of(line: Vec<u8>) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Ok(std::ffi::OsString::from_vec(line).into())
}

#[cfg(not(unix))]
fn path_of(line: Vec<u8>) -> io::Result<PathBuf> {
    let line = String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Flaw, UnpackError};
    use std::fs;
    use std::io::Write;

    /// The first bytes of a backup file.
    const COPY: [u8; 110] = {
        let mut bytes = [7; 110];
        [bytes[0], bytes[1], bytes[2], bytes[3]] = [0x0a, 0x6c, 0x0a, 0x6a];
        [bytes[4], bytes[5]] = [0x0a, 0x20];
        bytes
    };

    fn is_copy(bytes: &[u8]) -> bool {
        matches!(bytes, [0x0a, _, 0x0a, _, 0x0a, 0x20, ..])
    }

    fn opened(name: &str, bytes: &[u8]) -> Result<Opened, OpenError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let limits = Limits {
            max_unpacked: 1 << 20,
        };
        open(&path, &limits, is_copy, &Progress::default())
    }

    fn kind(name: &str, bytes: &[u8]) -> SourceKind {
        opened(name, bytes).unwrap().identity.kind
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn what_it_is_is_told_by_its_content() {
        assert_eq!(kind("card.img", &[0; 700]), SourceKind::Raw);
        assert_eq!(kind("tiny", &[1]), SourceKind::Raw);
        assert_eq!(kind("0.bin", &COPY), SourceKind::BackupFile);
        assert_eq!(kind("damaged.BIN", &[0xff; 300]), SourceKind::BackupFile);
        assert_eq!(kind("no-name", &COPY), SourceKind::BackupFile);
        assert_eq!(kind("short", &COPY[..6]), SourceKind::BackupFile);
        assert_eq!(kind("shorter", &COPY[..5]), SourceKind::Raw);
        assert_eq!(kind(".bin", &[0; 3]), SourceKind::Raw);
        assert_eq!(kind("64k.bin", &[0; 65_536]), SourceKind::BackupFile);
        assert_eq!(kind("card.bin", &[0; 65_537]), SourceKind::Raw);
        let mut sector = COPY.to_vec();
        sector.resize(512, 0);
        assert_eq!(kind("FILE0000.CHK", &sector), SourceKind::BackupFile);
        assert_eq!(kind("card.img", &gzip(&[9; 99])), SourceKind::Gzip);
        assert_eq!(kind("card.bin", &gzip(&[9; 99])), SourceKind::Gzip);
        let folder = tempfile::tempdir().unwrap();
        let folder = open(
            folder.path(),
            &Limits::default(),
            is_copy,
            &Progress::default(),
        )
        .unwrap();
        assert_eq!(folder.identity.kind, SourceKind::Folder);
        assert_eq!(folder.identity.node.is_some(), cfg!(unix));
        assert!(matches!(folder.source, Source::Folder(_)));
    }

    #[test]
    fn its_bytes_are_there() {
        let Source::Image(image) = opened("a.gz", &gzip(&[9; 5000])).unwrap().source else {
            panic!();
        };
        let mut buf = [0; 1000];
        image.read_at(4000, &mut buf).unwrap();
        assert_eq!((image.size(), buf), (5000, [9; 1000]));
        let packed = gzip(&[9; 5000]);
        let identity = opened("a.gz", &packed).unwrap().identity;
        assert_eq!(identity.size, packed.len() as u64);
        assert!(identity.modified.is_some());
        let Source::SingleFile(bytes) = opened("0.bin", &COPY).unwrap().source else {
            panic!();
        };
        assert_eq!(bytes[..], COPY);
        let shown = format!("{:?}", opened("0.bin", &COPY).unwrap());
        assert!(shown.contains("SingleFile(110 bytes)"), "{shown}");
    }

    #[test]
    fn what_is_none_is_an_error_with_a_hint() {
        let of = |name, bytes: &[u8]| opened(name, bytes).unwrap_err();
        assert_eq!(of("empty.bin", &[]), OpenError::Empty);
        assert_eq!(of("empty.gz", &gzip(&[])), OpenError::Empty);
        let cut = of("a.gz", &gzip(&[9; 5000])[..20]);
        let OpenError::Unpack(UnpackError::Broken { flaw, offset, .. }) = cut else {
            panic!("{cut:?}");
        };
        assert_eq!((flaw, offset), (Flaw::CutShort, 20));
        let random: Vec<u8> = (0..2_000_000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 1)
            .collect();
        let large = of("a.gz", &gzip(&random));
        let budget = 1 << 20;
        assert_eq!(large, UnpackError::TooLarge { budget }.into());
        assert!(large.hint().contains("--max-unpacked"));
        let missing = open(
            Path::new("/no/such/file"),
            &Limits::default(),
            is_copy,
            &Progress::default(),
        )
        .unwrap_err();
        assert_eq!(missing, OpenError::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn two_paths_to_one_file_are_one_node() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b, c) = (
            folder.path().join("a"),
            folder.path().join("b"),
            folder.path().join("c"),
        );
        fs::write(&a, "x").unwrap();
        fs::write(&c, "x").unwrap();
        std::os::unix::fs::symlink(&a, &b).unwrap();
        let node = |path| {
            open(path, &Limits::default(), is_copy, &Progress::default())
                .unwrap()
                .identity
                .node
        };
        assert_eq!(node(&a), node(&b));
        assert_ne!(node(&a), node(&c));
    }

    #[test]
    fn lists_of_sources() {
        let list = |bytes: &[u8]| files_from(bytes);
        let paths = list(b"a.img\n\nb c.img\r\n\r\n-\nlast").unwrap();
        assert_eq!(paths, ["a.img", "b c.img", "-", "last"].map(PathBuf::from));
        assert!(list(b"").unwrap().is_empty());
        let line = |length: u64| vec![b'a'; length as usize];
        for end in [&b""[..], b"\n", b"\r\n"] {
            assert_eq!(list(&[&line(MAX_LINE), end].concat()).unwrap().len(), 1);
            assert!(list(&[&line(MAX_LINE + 1), end].concat()).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_as_they_are() {
        use std::os::unix::ffi::OsStrExt;
        let paths = files_from(&b"a\xff \n"[..]).unwrap();
        assert_eq!(paths[0].as_os_str().as_bytes(), b"a\xff ");
    }
}
