//! A regular file or a block device, opened read-only and leaving no trace where that can be had.

use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use crate::image::medium::positioned_read::read_exact_at;
use crate::image::{
    Extent, FileNumber, FileType, OpenError, ReadAt, ReadError, SystemError, check_inside,
};

/// An image file or a block device, opened read-only.
///
/// Its size is that at opening; bytes cut off later read as [`ReadError::Unreadable`]. On Linux a
/// read of a device that fails through the page cache, where one bad sector takes its neighbors
/// with it, is tried again past the cache, so that only the bad sector is lost.
#[derive(Debug)]
pub struct FileImage {
    file: File,
    size: u64,
    modified: Option<SystemTime>,
    node: Option<FileNumber>,
    device: bool,
    /// Whether reads must be aligned.
    #[cfg(any(target_vendor = "apple", windows))]
    raw: bool,
    #[cfg(target_os = "linux")]
    uncached: Option<crate::image::medium::block_device::Uncached>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Carrier {
    File,
    Device,
    /// Reads must be aligned.
    #[cfg(target_vendor = "apple")]
    RawDevice,
}

impl FileImage {
    /// Opens a regular file or a block device (on macOS a raw disk device too, on Windows a disk or a
    /// volume by a name such as `\\.\PhysicalDrive1`).
    ///
    /// # Errors
    /// [`OpenError`]; a pipe or another special file is refused and never waited for.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        #[cfg(windows)]
        if path.to_str().is_some_and(is_raw_name) {
            return Self::open_raw(path);
        }
        // Asked before opening, since opening some devices has effects (a watchdog, a tape), and
        // once more behind the descriptor, since the path may name something else by then.
        let before = fs::metadata(path).map_err(|e| OpenError::from_io(&e, false))?;
        let device = medium(&before)? != Carrier::File;
        let refused = |e: io::Error| OpenError::from_io(&e, device);
        let file = open_read_only(path).map_err(refused)?;
        let metadata = file.metadata().map_err(refused)?;
        let medium = medium(&metadata)?;
        let size = size_of(&file, &metadata, medium).map_err(refused)?;
        if size == 0 {
            return Err(match medium {
                Carrier::File => OpenError::Empty,
                _ => OpenError::NoMedium,
            });
        }
        // A few sectors here and there are read: reading ahead would only wear the card, and fail
        // where nothing was asked for.
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Random);
        Ok(Self {
            #[cfg(target_os = "linux")]
            uncached: crate::image::medium::block_device::Uncached::open(path, &metadata),
            #[cfg(target_vendor = "apple")]
            raw: medium == Carrier::RawDevice,
            #[cfg(windows)]
            raw: false,
            size,
            // A device has only the time its node was made.
            modified: metadata.modified().ok().filter(|_| medium == Carrier::File),
            node: FileNumber::of(&metadata),
            device: medium != Carrier::File,
            file,
        })
    }

    /// Windows tells nothing of a device by its name.
    #[cfg(windows)]
    fn open_raw(path: &Path) -> Result<Self, OpenError> {
        let refused = |e: io::Error| OpenError::from_io(&e, true);
        let file = File::open(path).map_err(refused)?;
        let size = raw_size(&file);
        if size == 0 {
            read_exact_at(&file, 0, &mut [0; crate::image::SECTOR]).map_err(refused)?;
            return Err(OpenError::NoMedium);
        }
        Ok(Self {
            raw: true,
            size,
            modified: None,
            node: None,
            device: true,
            file,
        })
    }

    /// Whether it is a device rather than a file.
    pub fn is_device(&self) -> bool {
        self.device
    }

    /// When a file was last changed, if the system knows; `None` for a device.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Which file or device it is, whatever its path; `None` where the system has no such numbers.
    pub fn node(&self) -> Option<FileNumber> {
        self.node
    }

    /// By what it is known to be another file, or changed: which it is, its size, and when it was changed.
    pub(crate) fn state(&self) -> (Option<FileNumber>, u64, Option<SystemTime>) {
        (self.node, self.size, self.modified)
    }

    /// Reads past what the system kept, where that can be had.
    pub(crate) fn read_from_card(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(uncached) = &self.uncached {
            return uncached.read(self.size, offset, buf);
        }
        self.read_cached(offset, buf)
    }

    fn read_cached(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        #[cfg(any(target_vendor = "apple", windows))]
        if self.raw {
            return crate::image::medium::aligned::read_exact_at(
                &self.file, RAW_BLOCK, self.size, offset, buf,
            );
        }
        read_exact_at(&self.file, offset, buf)
    }

    fn read(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(uncached) = &self.uncached {
            // Reads of a page that failed before go past the cache at once: on a worn card each
            // failing read can take seconds.
            if uncached.is_rough(offset, buf.len()) {
                return uncached.read(self.size, offset, buf);
            }
            return self.read_cached(offset, buf).or_else(|error| {
                if !uncached.is_one_page(offset, buf.len()) {
                    return Err(error);
                }
                uncached.mark_rough(offset);
                uncached.read(self.size, offset, buf)
            });
        }
        self.read_cached(offset, buf)
    }
}

#[cfg(target_os = "linux")]
impl Drop for FileImage {
    /// Gives back the pages that the system kept of a card: they hold wallets.
    fn drop(&mut self) {
        if self.device {
            let _ = rustix::fs::fadvise(&self.file, 0, None, rustix::fs::Advice::DontNeed);
        }
    }
}

impl ReadAt for FileImage {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        self.read(offset, buf)
            .map_err(|e| ReadError::unreadable(offset, buf.len(), SystemError::from(&e)))
    }

    /// Past the holes of a sparse file.
    fn next_data(&self, offset: u64) -> Option<Extent> {
        let rest = Extent::between(offset, self.size).some()?;
        #[cfg(target_os = "linux")]
        if !self.device {
            return data_of(&self.file, rest);
        }
        Some(rest)
    }
}

/// Where the system says data lies in the rest of a file; all of it where it cannot say.
#[cfg(target_os = "linux")]
fn data_of(file: &File, rest: Extent) -> Option<Extent> {
    use rustix::fs::{SeekFrom, seek};
    let (offset, size) = (rest.offset, rest.end());
    // Every read names its place, so that it does no harm to move the file's own.
    let start = match seek(file, SeekFrom::Data(offset)) {
        Ok(start) => start.max(offset),
        Err(rustix::io::Errno::NXIO) => return None,
        Err(_) => return Some(rest),
    };
    let end = seek(file, SeekFrom::Hole(start)).map_or(size, |end| end.min(size));
    Extent::between(start, end).some()
}

fn medium(metadata: &Metadata) -> Result<Carrier, OpenError> {
    match special(metadata) {
        None if metadata.is_file() => Ok(Carrier::File),
        None => Ok(Carrier::Device),
        #[cfg(target_vendor = "apple")]
        Some(FileType::CharacterDevice) => Ok(Carrier::RawDevice),
        Some(found) => Err(OpenError::NotASource { found }),
    }
}

fn special(metadata: &Metadata) -> Option<FileType> {
    let found = metadata.file_type();
    if found.is_file() {
        return None;
    }
    if found.is_dir() {
        return Some(FileType::Directory);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_block_device() {
            return None;
        }
        if found.is_fifo() {
            return Some(FileType::Pipe);
        }
        if found.is_socket() {
            return Some(FileType::Socket);
        }
        if found.is_char_device() {
            return Some(FileType::CharacterDevice);
        }
    }
    Some(FileType::Unknown)
}

/// The size in bytes. A block device's is where it ends.
fn size_of(file: &File, metadata: &Metadata, medium: Carrier) -> io::Result<u64> {
    if medium == Carrier::File {
        return Ok(metadata.len());
    }
    let mut handle = file;
    let end = handle.seek(SeekFrom::End(0))?;
    #[cfg(target_vendor = "apple")]
    if end == 0 {
        return Ok(raw_size(file));
    }
    Ok(end)
}

/// Blocks that every raw device accepts.
#[cfg(target_vendor = "apple")]
const RAW_BLOCK: u64 = 4096;
/// Blocks of every card; in larger ones a bad sector would take its neighbors with it.
#[cfg(windows)]
const RAW_BLOCK: u64 = crate::image::extent::SECTOR_BYTES;

/// Whether a path of Windows names a whole disk or a volume, rather than something in it or a port.
#[cfg(any(test, windows))]
fn is_raw_name(path: &str) -> bool {
    let Some(name) = path.strip_prefix(r"\\.\") else {
        return false;
    };
    match (
        name.split_at_checked("PhysicalDrive".len()),
        name.as_bytes(),
    ) {
        (Some((prefix, number)), _) if prefix.eq_ignore_ascii_case("PhysicalDrive") => {
            !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
        }
        (_, [letter, b':']) => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Where a device ends that does not say so; asking the system needs an unsafe call.
#[cfg(any(target_vendor = "apple", windows))]
fn raw_size(file: &File) -> u64 {
    probe_size(|sector| {
        let mut buf = zeroize::Zeroizing::new([0; crate::image::SECTOR]);
        let at = sector.saturating_mul(crate::image::extent::SECTOR_BYTES);
        match read_exact_at(file, at, buf.as_mut_slice()) {
            Ok(()) => true,
            Err(e) => e
                .raw_os_error()
                .is_some_and(|error| BAD_SECTOR.contains(&error)),
        }
    })
}

/// What a system says of a sector that is there and cannot be read.
#[cfg(target_vendor = "apple")]
const BAD_SECTOR: &[i32] = &[rustix::io::Errno::IO.raw_os_error()];
/// ERROR_CRC, ERROR_READ_FAULT, ERROR_GEN_FAILURE, ERROR_IO_DEVICE.
#[cfg(windows)]
const BAD_SECTOR: &[i32] = &[23, 30, 31, 1117];

/// The size in bytes of what has the sector `n` whenever `has(n)`, found by halving.
#[cfg(any(test, target_vendor = "apple", windows))]
fn probe_size(has: impl Fn(u64) -> bool) -> u64 {
    /// No card has 2^44 sectors.
    const TOO_MANY: u64 = 1 << 44;
    let mut end = 1_u64;
    while end < TOO_MANY && has(end.saturating_sub(1)) {
        end = end.saturating_mul(2);
    }
    // The sectors below `low` are there, the sector `high - 1` is not.
    let (mut low, mut high) = (end / 2, end);
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        if has(middle.saturating_sub(1)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low.saturating_mul(crate::image::extent::SECTOR_BYTES)
}

fn open_read_only(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    if let Some(held) = crate::image::medium::block_device::plain(path) {
        return Ok(held);
    }
    open_anew(path)
}

#[cfg(unix)]
pub(crate) fn open_anew(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    // NONBLOCK so that a pipe put in its place meanwhile cannot hang us; it has no effect on reads
    // of files and block devices.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = without_access_time(flags, |flags| rustix::fs::open(path, flags, Mode::empty()))?;
    Ok(File::from(file))
}

/// Opens such that reading leaves the access time alone; only the owner of a file may ask for that,
/// so everybody else opens it without.
#[cfg(unix)]
pub(crate) fn without_access_time<T>(
    flags: rustix::fs::OFlags,
    open: impl Fn(rustix::fs::OFlags) -> rustix::io::Result<T>,
) -> io::Result<T> {
    #[cfg(target_os = "linux")]
    match open(flags | rustix::fs::OFlags::NOATIME) {
        Err(rustix::io::Errno::PERM) => {}
        outcome => return outcome.map_err(io::Error::from),
    }
    open(flags).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn open_anew(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests;
