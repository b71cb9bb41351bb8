//! An image of which a map says what is not in it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::image::compressed::sparse_pages::most_bytes;
use crate::image::damage::gaps::Gaps;
use crate::image::{
    Extent, ReadAt, ReadError, RescueMap, RescueMapError, SECTOR_BYTES, SystemError, Tried,
    check_inside, join,
};

/// An image whose missing parts read as unreadable, not as the zeros in their place.
pub(crate) struct Mapped<R> {
    inner: R,
    /// What lies behind the end of the inner image is missing.
    size: u64,
    missing: Gaps,
}

impl<R: ReadAt> Mapped<R> {
    /// An image with its map. What either does not reach is missing: a map that breaks off says nothing of the rest,
    /// and ddrescue makes an image no longer than what it read.
    pub(crate) fn with_map(image: R, map: RescueMap) -> Self {
        let mut map = map.reaching(image.size());
        map.cut(image.size());
        let missing = map.parts().filter_map(|(part, tried)| match tried {
            Tried::Done => None,
            Tried::Bad => Some((part, SystemError::NOT_READ)),
            Tried::No | Tried::NotTrimmed | Tried::NotScraped => {
                Some((part, SystemError::NOT_COPIED))
            }
        });
        let size = match map.size() > image.size() {
            true => cut_size(image.size(), Some(map.size())),
            false => image.size(),
        };
        Self::with_gaps(image, size, missing)
    }

    /// Of what was not read all that lies in the image counts.
    pub(crate) fn new(inner: R, missing: Vec<Extent>) -> Self {
        let missing = missing.into_iter();
        let size = inner.size();
        Self::with_gaps(
            inner,
            size,
            missing.map(|part| (part, SystemError::NOT_READ)),
        )
    }

    /// An image of so many bytes that was cut short: `inner` is its beginning. Where it is not known how many there were, or
    /// what is said is more than any card has, the sector it breaks off in is missing, and what lies behind is not
    /// there at all.
    pub(crate) fn cut(inner: R, size: Option<u64>) -> Self {
        let there = inner.size();
        let size = cut_size(there, size);
        let behind = Extent::between(there, size);
        Self::with_gaps(inner, size, [(behind, SystemError::CUT)].into_iter())
    }

    fn with_gaps(inner: R, size: u64, gaps: impl Iterator<Item = (Extent, SystemError)>) -> Self {
        let mut missing = Gaps::default();
        for (part, cause) in gaps {
            missing.insert(Extent::between(part.offset, part.end().min(size)), cause);
        }
        Self {
            inner,
            size,
            missing,
        }
    }
}

/// How many bytes an image has of which so many are there, and which is said to have had this size.
fn cut_size(there: u64, said: Option<u64>) -> u64 {
    let possible = there.saturating_add(1)..=most_bytes(there);
    let sectors = there.checked_div(SECTOR_BYTES).unwrap_or_default();
    let least = sectors.saturating_add(1).saturating_mul(SECTOR_BYTES);
    said.filter(|size| possible.contains(size)).unwrap_or(least)
}

impl<R: ReadAt> ReadAt for Mapped<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        let length = buf.len() as u64;
        match self.missing.first_in(Extent { offset, length }) {
            Some((_, cause)) => Err(ReadError::unreadable(offset, buf.len(), cause)),
            None => self.inner.read_at(offset, buf),
        }
    }

    fn gaps(&self) -> Vec<Extent> {
        let mut all = self.inner.gaps();
        all.extend(self.missing.extents());
        all.sort();
        join(all)
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        self.inner.next_data(offset)
    }
}

/// The map of an image, if there is one.
///
/// # Errors
/// [`RescueMapError`] for a map that is broken or cannot be read. A file of such a name that is no map is none of ours.
pub(crate) fn map_of(path: &Path) -> Result<Option<RescueMap>, RescueMapError> {
    first_map(maps_of(path).map(|path| {
        let mut text = Vec::new();
        let file = open(&path);
        match file.and_then(|file| file.take(RescueMap::MAX_TEXT).read_to_end(&mut text)) {
            Err(error) if !is_missing(error.kind()) => Err(SystemError::from(&error)),
            _ => Ok(text),
        }
    }))
}

/// The map of an image among files that somebody else has opened, as [`map_of`] finds it.
pub(crate) fn map_in(files: &[Arc<dyn ReadAt>]) -> Result<Option<RescueMap>, RescueMapError> {
    first_map(files.iter().map(|file| {
        let length = file.size().min(RescueMap::MAX_TEXT);
        let mut text = vec![0; usize::try_from(length).unwrap_or(0)];
        match file.read_at(0, &mut text) {
            Err(ReadError::Unreadable { cause, .. }) => Err(cause),
            _ => Ok(text),
        }
    }))
}

/// The first text that is a map. Without one that cannot be read, what is missing would pass for zeros.
fn first_map(
    texts: impl Iterator<Item = Result<Vec<u8>, SystemError>>,
) -> Result<Option<RescueMap>, RescueMapError> {
    for text in texts {
        let text = text.map_err(RescueMapError::Unreadable)?;
        let text = std::str::from_utf8(&text).map_err(|_| RescueMapError::NoMap);
        match text.and_then(RescueMap::read) {
            Ok(map) => return Ok(Some(map)),
            Err(RescueMapError::NoMap) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn is_missing(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(kind, NotFound | NotADirectory | InvalidFilename)
}

/// Opens a regular file only; anything else of that name may wait for ever.
fn open(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Where the map of an image may lie: its name with `.map` or `.mapfile` behind it or in place of its
/// extension.
pub(crate) fn maps_of(path: &Path) -> impl Iterator<Item = PathBuf> {
    ["map", "mapfile"].into_iter().flat_map(move |extension| {
        let mut behind = path.as_os_str().to_owned();
        behind.push(".");
        behind.push(extension);
        // What begins with two dots would be the folder above without its extension.
        let mut instead = path.file_stem().unwrap_or_default().to_owned();
        instead.push(".");
        instead.push(extension);
        [PathBuf::from(behind), path.with_file_name(instead)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Fault, Memory, SplitReads};

    #[test]
    fn what_was_not_copied_is_told_from_what_could_not_be_read() {
        let map =
            RescueMap::read("0 ? 1\n0 1024 +\n1024 512 -\n1536 512 *\n2048 512 ?\n2560 512 +\n");
        let card: Box<dyn ReadAt> = Box::new(Memory::new(vec![7; 2560]));
        let image = Mapped::with_map(card, map.unwrap());
        let fault = |offset| image.read_at(offset, &mut [0; 512]).unwrap_err().fault();
        assert_eq!(fault(1024), Fault::NotRead);
        // The file ends before the last part that is said to have been read.
        for offset in [1536, 2048, 2560] {
            assert_eq!(fault(offset), Fault::NotCopied, "{offset}");
        }
        let (offset, length) = (1024, 2048);
        assert_eq!(image.gaps(), [Extent { offset, length }]);
    }

    #[test]
    fn what_is_missing_is_unreadable() {
        let mut map = RescueMap::new(4096);
        map.set(
            Extent {
                offset: 0,
                length: 512,
            },
            Tried::Done,
        );
        map.set(
            Extent {
                offset: 1024,
                length: 3000,
            },
            Tried::Done,
        );
        let image = Mapped::new(Memory::new(vec![7; 4096]), map.missing());
        let reads = |offset, length| image.read_at(offset, &mut vec![0; length]);
        assert!(reads(0, 512).is_ok() && reads(1024, 3000).is_ok());
        for (offset, length) in [(0, 513), (600, 1), (1023, 1), (4095, 1), (0, 4096)] {
            let error = reads(offset, length).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("not read when the image was made"),
                "{error}"
            );
        }
        let gap = |offset, length| Extent { offset, length };
        assert_eq!(image.gaps(), [gap(512, 512), gap(4024, 72)]);
        let whole = Mapped::new(Memory::new(vec![7; 4096]), Vec::new());
        assert!(whole.read_at(0, &mut [0; 4096]).is_ok());
    }

    #[test]
    fn a_map_has_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        assert_eq!(map_of(&path), Ok(None));
        for name in [
            "card.img.map",
            "card.map",
            "card.img.mapfile",
            "card.mapfile",
        ] {
            let map = folder.path().join(name);
            std::fs::write(&map, "0 + 1\n0 512 -\n").unwrap();
            assert_eq!(map_of(&path).unwrap().unwrap().size(), 512, "{name}");
            std::fs::write(&map, "somebody's notes\n").unwrap();
            assert_eq!(map_of(&path), Ok(None));
            std::fs::write(&map, "0 + 1\n0 512\n").unwrap();
            assert!(map_of(&path).is_err());
            std::fs::write(&map, [0xff; 9]).unwrap();
            assert_eq!(map_of(&path), Ok(None));
            std::fs::remove_file(&map).unwrap();
        }
        let long = folder.path().join("x".repeat(252));
        assert_eq!(map_of(&long), Ok(None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_map_that_cannot_be_read_is_no_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        // A regular file whose first byte gives an I/O error.
        std::os::unix::fs::symlink("/proc/self/mem", folder.path().join("card.img.map")).unwrap();
        let error = map_of(&path).unwrap_err();
        let is_unreadable = matches!(error, RescueMapError::Unreadable(_));
        assert!(is_unreadable, "{error:?}");
        assert!(
            crate::image::OpenError::from(error)
                .hint()
                .contains("readable")
        );
    }

    #[test]
    fn what_is_missing_is_a_gap_behind_what_is_there() {
        for (there, size, end) in [
            (1000, None, 1024),
            (1024, None, 1536),
            (0, None, 512),
            (1000, Some(4096), 4096),
            (1000, Some(999), 1024),
            (1000, Some(32 << 30), 32 << 30),
            (1000, Some((32 << 30) + 1), 1024),
            (1000, Some(u64::MAX), 1024),
        ] {
            let image = Mapped::cut(Memory::new(vec![7; there]), size);
            assert_eq!(image.size(), end);
            let there = there as u64;
            let gap = Extent {
                offset: there,
                length: end - there,
            };
            assert_eq!(image.gaps(), [gap]);
            assert!(image.read_at(0, &mut vec![0; there as usize]).is_ok());
            let error = image.read_at(there, &mut [0]).unwrap_err();
            assert_eq!(error.fault(), Fault::CutShort);
            assert!(matches!(
                image.read_at(end, &mut [0]),
                Err(ReadError::PastEnd { .. })
            ));
        }
    }

    #[test]
    fn the_bytes_before_it_can_be_read() {
        for first in [0, 512, 900] {
            let image = SplitReads::new(Mapped::cut(Memory::new(vec![7; 1000]), Some(2048)));
            let there = 1000 - first as usize;
            let mut bytes = vec![0; 2048 - first as usize];
            image.read_at(first, &mut bytes).unwrap_err();
            assert!(bytes[..there].iter().all(|byte| *byte == 7), "{first}");
            assert!(bytes[there..].iter().all(|byte| *byte == 0), "{first}");
            let gap = Extent {
                offset: 1000,
                length: 1048,
            };
            assert_eq!(image.gaps(), [gap]);
            // Also after a sector, as a device reads it, failed.
            image.read_at(512, &mut [0; 512]).unwrap_err();
            let mut tail = [0; 300];
            image.read_at(700, &mut tail).unwrap();
            assert_eq!(tail, [7; 300]);
            assert_eq!(image.gaps(), [gap]);
        }
    }
}
