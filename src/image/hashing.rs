//! The SHA-256 of all bytes of an image, which can be stopped, and why there is none.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

#[cfg(feature = "e01")]
use crate::image::FileImage;
use crate::image::{OpenError, ReadAt, ReadError};
use crate::progress::Progress;

/// Bytes read at once: so few that a slow reader has them before anybody who stops it waits.
const CHUNK: u64 = 256 << 10;

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

/// Whether a file is still what it was when it was opened.
#[cfg(feature = "e01")]
pub(in crate::image) fn is_unchanged(before: &FileImage, now: &FileImage) -> bool {
    now.node() == before.node()
        && now.size() == before.size()
        && now.modified() == before.modified()
}

/// SHA-256 over all bytes of an image, in hex.
pub(in crate::image) fn sha256_of(
    image: &dyn ReadAt,
    progress: &Progress<'_>,
) -> Result<String, DigestError> {
    let mut hash = Sha256::new();
    let mut buf = Zeroizing::new(vec![0; CHUNK as usize]);
    let mut at = 0;
    while at < image.size() {
        if progress.is_stopped() {
            return Err(DigestError::Stopped);
        }
        let length = image.size().saturating_sub(at).min(CHUNK);
        let Some(part) = buf.get_mut(..length as usize) else {
            break;
        };
        image.read_at(at, part)?;
        hash.update(&part);
        at = at.saturating_add(length);
    }
    Ok(hex::encode(hash.finalize()))
}
