//! The SHA-256 of all bytes of an image, which can be stopped, and why there is none.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::image::{OpenError, ReadAt, ReadError};
use crate::progress::Progress;

/// Bytes read at once: so few that a slow reader has them before anybody who stops it waits.
pub(crate) const PART: usize = 256 << 10;

/// Why a source has no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// A folder is no run of bytes.
    #[error("a folder has no hash of its own")]
    Folder,
    /// An image in several segments or parts.
    #[error("it lies in several files, and the hash of none is that of all")]
    Segments,
    /// It could be opened before and cannot be opened any more.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Part of it cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// Another file or card is there now, or the same file with another size or time.
    #[error("it is no longer what was examined: it was changed or swapped meanwhile")]
    Changed,
    /// Somebody stopped it.
    #[error("it was stopped before its end")]
    Stopped,
}

/// SHA-256 over all bytes of an image, in hex.
pub(super) fn sha256_of(
    image: &dyn ReadAt,
    progress: &Progress<'_>,
) -> Result<String, DigestError> {
    let mut hash = Sha256::new();
    let read = |at, part: &mut [u8]| image.read_at(at, part);
    match each_part(image.size(), PART, progress, read, |part| hash.update(part))? {
        true => Ok(hex::encode(hash.finalize())),
        false => Err(DigestError::Stopped),
    }
}

/// Reads so many bytes in parts of this length and hands on each; false if it was stopped before the end.
pub(crate) fn each_part<E>(
    size: u64,
    length: usize,
    progress: &Progress<'_>,
    read: impl Fn(u64, &mut [u8]) -> Result<(), E>,
    mut take: impl FnMut(&[u8]),
) -> Result<bool, E> {
    let mut buf = Zeroizing::new(vec![0; length]);
    for at in (0..size).step_by(length) {
        if progress.is_stopped() {
            return Ok(false);
        }
        let left = usize::try_from(size.saturating_sub(at)).unwrap_or(length);
        let part = buf.get_mut(..left.min(length)).unwrap_or_default();
        read(at, part)?;
        take(part);
    }
    Ok(true)
}
