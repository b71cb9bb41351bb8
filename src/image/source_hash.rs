//! The hash of a whole source, for the record.

use std::path::Path;

use crate::image::containers::{archive, e01, parts};
use crate::image::hashing::sha256_of;
use crate::image::{DigestError, FileImage, Identity, SourceKind};
use crate::progress::Progress;

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
    let is_in_several = match examined.kind {
        SourceKind::Folder => return Err(DigestError::Folder),
        SourceKind::E01 => e01::segments_behind(path).next().is_some(),
        SourceKind::Split => parts::parts_behind(path).next().is_some(),
        _ => false,
    };
    if is_in_several {
        return Err(DigestError::Segments);
    }
    // Of a member it is the archive that lies there.
    let path = archive::into(path).map_or(path, |(archive, _)| archive);
    let file = FileImage::open(path)?;
    let examined = (examined.node, examined.size, examined.modified);
    let same = |file: &FileImage| file.state() == examined;
    if !same(&file) {
        return Err(DigestError::Changed);
    }
    let hash = sha256_of(&file, progress)?;
    if !FileImage::open(path).is_ok_and(|file| same(&file)) {
        return Err(DigestError::Changed);
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::OpenError;
    use crate::image::{Limits, open, open_raw};
    use sha2::{Digest, Sha256};
    use std::sync::atomic::AtomicBool;

    #[test]
    fn one_segment_is_not_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.E01");
        std::fs::write(&path, "first").unwrap();
        let raw = open_raw(&path, &Limits::default(), &Progress::default())
            .unwrap()
            .identity;
        let e01 = Identity {
            kind: SourceKind::E01,
            ..raw
        };
        assert!(sha256(&path, &e01, &Progress::default()).is_ok());
        std::fs::write(path.with_extension("E02"), "second").unwrap();
        assert_eq!(
            sha256(&path, &e01, &Progress::default()),
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
        let identity = open_raw(&path, &Limits::default(), &Progress::default())
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
        let identity = open_raw(&path, &Limits::default(), &Progress::default())
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
