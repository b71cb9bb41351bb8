//! The hash of a whole source, for the record.

use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::image::containers::{archive, expert, parts};
use crate::image::{FileImage, Identity, OpenError, ReadAt, ReadError, SourceKind};

/// Bytes read at once.
const CHUNK: u64 = 1 << 20;

/// Why a source has no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// A folder is no run of bytes.
    #[error("a folder has no hash of its own")]
    Folder,
    /// An image of several segments or parts.
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
}

/// SHA-256 over the bytes of a source as it is stored, as `sha256sum` computes it: of a compressed
/// image those of the file, of a device all of it. In hex.
///
/// # Errors
/// [`DigestError`]; `examined` is what the source was when it was opened for examination.
pub fn sha256(path: &Path, examined: &Identity) -> Result<String, DigestError> {
    if examined.kind == SourceKind::Folder {
        return Err(DigestError::Folder);
    }
    if examined.kind == SourceKind::Expert && expert::segments_behind(path).next().is_some() {
        return Err(DigestError::Segments);
    }
    let split = examined.kind == SourceKind::Split;
    if split && parts::parts_behind(path).next().is_some() {
        return Err(DigestError::Segments);
    }
    // Of a member it is the archive that lies there.
    let path = archive::into(path).map_or(path, |(archive, _)| archive);
    let file = FileImage::open(path)?;
    let same = |file: &FileImage| {
        file.node() == examined.node
            && file.size() == examined.size
            && file.modified() == examined.modified
    };
    if !same(&file) {
        return Err(DigestError::Changed);
    }
    let mut hash = Sha256::new();
    let mut buf = Zeroizing::new(vec![0; CHUNK as usize]);
    let mut at = 0;
    while at < file.size() {
        let length = file.size().saturating_sub(at).min(CHUNK);
        let Some(part) = buf.get_mut(..length as usize) else {
            break;
        };
        file.read_at(at, part)?;
        hash.update(&part);
        at = at.saturating_add(length);
    }
    if !FileImage::open(path).is_ok_and(|file| same(&file)) {
        return Err(DigestError::Changed);
    }
    Ok(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Limits, open, open_raw};
    use crate::progress::Progress;

    #[test]
    fn one_segment_is_not_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.E01");
        std::fs::write(&path, "first").unwrap();
        let raw = open_raw(&path, &Limits::default(), &Progress::default())
            .unwrap()
            .identity;
        let expert = Identity {
            kind: SourceKind::Expert,
            ..raw
        };
        assert!(sha256(&path, &expert).is_ok());
        std::fs::write(path.with_extension("E02"), "second").unwrap();
        assert_eq!(sha256(&path, &expert), Err(DigestError::Segments));
    }

    #[test]
    fn it_is_that_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        std::fs::write(&path, vec![b'a'; 1_000_000]).unwrap();
        let identity = open_raw(&path, &Limits::default(), &Progress::default())
            .unwrap()
            .identity;
        // A million times the letter a: a known answer of FIPS 180-2.
        let known = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(sha256(&path, &identity).unwrap(), known);
        let two = vec![7; 2 << 20];
        std::fs::write(&path, &two).unwrap();
        assert_eq!(sha256(&path, &identity), Err(DigestError::Changed));
        let identity = open_raw(&path, &Limits::default(), &Progress::default())
            .unwrap()
            .identity;
        assert_eq!(
            sha256(&path, &identity).unwrap(),
            hex::encode(Sha256::digest(&two))
        );
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(
            sha256(&path, &identity),
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
            sha256(folder.path(), &folder_identity),
            Err(DigestError::Folder)
        );
    }
}
