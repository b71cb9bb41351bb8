//! Reading a file at a position of its own, so that several threads can.

use std::fs::File;
use std::io;

/// Fills `buf` with what the file holds from this offset on, wherever others read it.
///
/// # Errors
/// Those of the system; `UnexpectedEof` if the file ends before.
#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buf, offset)
}

/// Fills `buf` with what the file holds from this offset on, wherever others read it.
///
/// # Errors
/// Those of the system; `UnexpectedEof` if the file ends before.
#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    let mut at = offset;
    let mut rest = buf;
    while !rest.is_empty() {
        match file.seek_read(rest, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                at = at.saturating_add(count as u64);
                rest = rest
                    .split_at_mut_checked(count)
                    .map_or(&mut [], |(_, later)| later);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Fills `buf` with what the file holds from this offset on; systems without files have nothing to read.
///
/// # Errors
/// Always [`io::ErrorKind::Unsupported`].
#[cfg(not(any(unix, windows)))]
pub(crate) fn read_exact_at(_file: &File, _offset: u64, _buf: &mut [u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
