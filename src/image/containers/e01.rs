//! Images in the Expert Witness Format, as forensic programs write them: `.E01` or `.s01`, with further
//! segments beside it.

#[cfg(feature = "e01")]
mod case;
#[cfg(feature = "e01")]
mod chunks;
pub(crate) mod error;
pub(crate) mod evidence;
#[cfg(feature = "e01")]
mod notes;
#[cfg(feature = "e01")]
mod section;
#[cfg(feature = "e01")]
mod verify;

use std::path::{Path, PathBuf};
#[cfg(feature = "e01")]
use std::sync::Arc;

#[cfg(feature = "e01")]
use crate::image::damage::mapped::Mapped;
use crate::image::{ReadAt, ReadError};
#[cfg(feature = "e01")]
use crate::text::path_text;
use error::E01Error;
use evidence::Evidence;
#[cfg(feature = "e01")]
use evidence::{EvidenceReport, SegmentReport};

use crate::progress::Progress;

const SIGNATURE: [u8; 8] = *b"EVF\x09\x0d\x0a\xff\x00";

/// Whether an image begins as such a segment does.
///
/// # Errors
/// [`ReadError`] if its first bytes cannot be read.
pub(crate) fn is_e01(image: &dyn ReadAt) -> Result<bool, ReadError> {
    let mut head = [0; SIGNATURE.len()];
    if image.size() < SIGNATURE.len() as u64 {
        return Ok(false);
    }
    image.read_at(0, &mut head)?;
    Ok(head == SIGNATURE)
}

/// The segments that lie beside the first one, in order, which is not among them.
pub(crate) fn segments_behind(first: &Path) -> impl Iterator<Item = PathBuf> {
    let extension = first.extension().and_then(|extension| extension.to_str());
    let letter = match extension {
        Some("E01" | "e01" | "S01" | "s01") => extension.and_then(|name| name.chars().next()),
        _ => None,
    };
    let names = letter.into_iter().flat_map(names_behind);
    let paths = names.map(|name| first.with_extension(name));
    paths.take_while(|path| path.exists())
}

/// `E02` to `E99`, then `EAA` to `ZZZ`; by the letter that the first one begins with.
fn names_behind(first: char) -> impl Iterator<Item = String> {
    let alphabet = match first.is_ascii_lowercase() {
        true => 'a'..='z',
        false => 'A'..='Z',
    };
    let numbers = (2..=99).map(move |number| format!("{first}{number:02}"));
    let firsts = alphabet.clone().filter(move |letter| *letter >= first);
    let words = firsts.flat_map(move |a| {
        let seconds = alphabet.clone();
        let thirds = alphabet.clone();
        seconds.flat_map(move |b| thirds.clone().map(move |c| format!("{a}{b}{c}")))
    });
    numbers.chain(words)
}

/// Opens the image whose first segment this is. What the program that made it could not read is unreadable
/// here too.
///
/// # Errors
/// [`E01Error`].
#[cfg(not(feature = "e01"))]
pub(crate) fn open(
    _first: &Path,
    _progress: &Progress<'_>,
) -> Result<(Box<dyn ReadAt>, Box<Evidence>), E01Error> {
    Err(E01Error::NotBuilt)
}

#[cfg(feature = "e01")]
pub(crate) fn open(
    first: &Path,
    progress: &Progress<'_>,
) -> Result<(Box<dyn ReadAt>, Box<Evidence>), E01Error> {
    let mut paths = vec![first.to_owned()];
    paths.extend(segments_behind(first));
    let chunks = Arc::new(chunks::Chunks::open(&paths, progress)?);
    let files = chunks.segments.iter().cloned();
    let evidence = Evidence {
        report: report(&chunks, &paths),
        segments: paths.into_iter().zip(files).collect(),
        medium: Arc::<chunks::Chunks>::clone(&chunks),
    };
    let missing = chunks.missing.clone();
    let image = crate::image::SplitReads::new(Mapped::new(chunks, missing));
    Ok((Box::new(image), Box::new(evidence)))
}

#[cfg(feature = "e01")]
fn report(chunks: &chunks::Chunks, paths: &[PathBuf]) -> EvidenceReport {
    let files = paths.iter().zip(&chunks.segments);
    let segments = files.map(|(path, file)| SegmentReport {
        file: path_text(path),
        size: file.size(),
        sha256: None,
    });
    let notes = &chunks.notes;
    EvidenceReport {
        segments: segments.collect(),
        case: notes.noted(),
        medium_size: chunks.size(),
        medium_sha256: None,
        hashes: notes.stored(),
        damaged: notes.damaged(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Limits, Memory, OpenError, open};
    use crate::progress::Progress;

    #[test]
    fn it_is_told_by_its_first_bytes() {
        let of = |bytes: &[u8]| is_e01(&Memory::new(bytes.to_vec())).unwrap();
        assert!(of(b"EVF\x09\x0d\x0a\xff\x00and more"));
        assert!(!of(b"EVF\x09\x0d\x0a\xff"));
        assert!(!of(b"LVF\x09\x0d\x0a\xff\x00"));
    }

    #[test]
    fn segments_have_their_names() {
        let names: Vec<_> = names_behind('E').collect();
        assert_eq!(names[..2], ["E02", "E03"]);
        assert_eq!(names[97..100], ["E99", "EAA", "EAB"].map(str::to_owned)[..]);
        assert_eq!(names.last().unwrap(), "ZZZ");
        let [lower, smart] = ['e', 's'].map(|first| names_behind(first).nth(98).unwrap());
        assert_eq!([lower, smart], ["eaa", "saa"]);
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        for name in ["a.E02", "a.E03", "a.E05", "b.E02"] {
            std::fs::write(path(name), "").unwrap();
        }
        let found: Vec<_> = segments_behind(&path("a.E01")).collect();
        assert_eq!(found, [path("a.E02"), path("a.E03")]);
        assert_eq!(segments_behind(&path("a.img")).count(), 0);
    }

    #[test]
    fn a_broken_one_is_an_error_with_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.E01");
        for more in [0, 4, 5, 100, 5000] {
            let mut bytes = SIGNATURE.to_vec();
            bytes.resize(SIGNATURE.len() + more, 1);
            std::fs::write(&path, bytes).unwrap();
            let error =
                open(&path, &Limits::default(), |_| false, &Progress::default()).unwrap_err();
            let OpenError::E01(error) = error else {
                panic!("{error:?}");
            };
            assert_eq!(error == E01Error::NotBuilt, cfg!(not(feature = "e01")));
            assert!(error.hint().contains("ewf"));
        }
    }
}
