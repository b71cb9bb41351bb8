//! A regular file or a block device, opened so that it cannot be written.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;

use super::{ReadAt, ReadError, within};

/// An image file or a card reader.
pub struct FileImage {
    file: File,
    size: u64,
}

/// Opens for reading only, without waiting for a pipe's other end and without touching the access
/// time where the system allows that: on a mounted card it would be written.
pub(super) fn open_read_only(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        #[cfg(target_os = "linux")]
        match rustix::fs::open(path, flags | OFlags::NOATIME, Mode::empty()) {
            Err(rustix::io::Errno::PERM) => {} // not our file: the flag is not ours to use
            opened => return Ok(opened?.into()),
        }
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }
    #[cfg(not(unix))]
    File::open(path)
}

impl FileImage {
    /// Takes an open file; its size is found by seeking to its end, which works for devices too.
    pub(super) fn new(mut file: File) -> io::Result<Self> {
        let size = file.seek(SeekFrom::End(0))?;
        // A few sectors here and there are read: reading ahead would only wear the card.
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Random);
        Ok(Self { file, size })
    }
}

impl ReadAt for FileImage {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        within(offset, buf.len(), self.size)?;
        read_exact_at(&self.file, buf, offset).map_err(|error| ReadError::Unreadable {
            offset,
            length: buf.len() as u64,
            kind: error.kind(),
            os_error: error.raw_os_error(),
        })
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buf, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0_usize;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        let at = offset.saturating_add(done as u64);
        match std::os::windows::fs::FileExt::seek_read(file, rest, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => done = done.saturating_add(read),
        }
    }
    Ok(())
}
