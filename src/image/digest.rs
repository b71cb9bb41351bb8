//! The hash of a whole source, for the record.

use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::image::containers::expert;
use crate::image::{FileImage, Identity, OpenError, ReadAt, ReadError, SourceKind};
use crate::progress::Progress;

/// Bytes read at once: so few that a slow reader has them before anybody who stops it waits.
const CHUNK: u64 = 256 << 10;

/// Why a source has no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// A folder is no run of bytes.
    #[error("a folder has no hash of its own")]
    Folder,
    /// An E01 image of several segments.
    #[error("it lies in several files, and the hash of none is that of all")]
    Segments,
    /// It could be opened before and cannot be opened any more.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Part of it cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// Another file or card is there now, or the same file with another size or time.
    #[error("it is no longer what was examined: it was changed or exchanged meanwhile")]
    Changed,
    /// Somebody stopped it.
    #[error("it was stopped before its end")]
    Stopped,
}

/// SHA-256 over the bytes of a source as it is stored, as `sha256sum` computes it: of a compressed
/// image those of the file, of a device all of it. In hex.
///
/// # Errors
/// [`DigestError`]; `examined` is what the source was when it was opened for examination. `progress` can stop
/// it.
pub fn sha256(
    path: &Path,
    examined: &Identity,
    progress: &Progress<'_>,
) -> Result<String, DigestError> {
    if examined.kind == SourceKind::Folder {
        return Err(DigestError::Folder);
    }
    if examined.kind == SourceKind::Expert && expert::segments_behind(path).next().is_some() {
        return Err(DigestError::Segments);
    }
    let file = FileImage::open(path)?;
    let same = |file: &FileImage| {
        file.node() == examined.node
            && file.size() == examined.size
            && file.modified() == examined.modified
    };
    if !same(&file) {
        return Err(DigestError::Changed);
    }
    let hash = sha256_of(&file, progress)?;
    if !FileImage::open(path).is_ok_and(|file| same(&file)) {
        return Err(DigestError::Changed);
    }
    Ok(hash)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Limits, open};
    use std::sync::atomic::AtomicBool;

    #[test]
    fn one_segment_is_not_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.E01");
        std::fs::write(&path, "first").unwrap();
        let raw = open(&path, &Limits::default(), |_| false, &Progress::default())
            .unwrap()
            .identity;
        let expert = Identity {
            kind: SourceKind::Expert,
            ..raw
        };
        assert!(sha256(&path, &expert, &Progress::default()).is_ok());
        std::fs::write(path.with_extension("E02"), "second").unwrap();
        assert_eq!(
            sha256(&path, &expert, &Progress::default()),
            Err(DigestError::Segments)
        );
    }

    #[test]
    fn it_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        std::fs::write(&path, vec![7; 4096]).unwrap();
        let progress = Progress::default();
        let identity = open(&path, &Limits::default(), |_| false, &progress)
            .unwrap()
            .identity;
        let stop = AtomicBool::new(true);
        let stopped = sha256(&path, &identity, &Progress::stopped_by(&stop));
        assert_eq!(stopped, Err(DigestError::Stopped));
    }

    #[test]
    fn it_is_that_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        std::fs::write(&path, vec![b'a'; 1_000_000]).unwrap();
        let identity = open(&path, &Limits::default(), |_| false, &Progress::default())
            .unwrap()
            .identity;
        // A million times the letter a: a known answer of FIPS 180-2.
        let known = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(
            sha256(&path, &identity, &Progress::default()).unwrap(),
            known
        );
        let two = vec![7; 2 << 20];
        std::fs::write(&path, &two).unwrap();
        assert_eq!(
            sha256(&path, &identity, &Progress::default()),
            Err(DigestError::Changed)
        );
        let identity = open(&path, &Limits::default(), |_| false, &Progress::default())
            .unwrap()
            .identity;
        assert_eq!(
            sha256(&path, &identity, &Progress::default()).unwrap(),
            hex::encode(Sha256::digest(&two))
        );
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(
            sha256(&path, &identity, &Progress::default()),
            Err(DigestError::Open(OpenError::NotFound))
        ));
        let identity = open(
            folder.path(),
            &Limits::default(),
            |_| false,
            &Progress::default(),
        );
        let folder_identity = identity.unwrap().identity;
        assert_eq!(
            sha256(folder.path(), &folder_identity, &Progress::default()),
            Err(DigestError::Folder)
        );
    }
}
