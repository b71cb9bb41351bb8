//! What a device begins with, by which one card is told from another.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::image::FileImage;

/// Bytes that tell one card from another: the partition table, and mostly the boot sector with the number
/// the file system was given when it was made.
const LENGTH: usize = 64 << 10;
/// Bytes compared at once, so that a bad sector leaves the others to be compared.
const PART: usize = 4 << 10;
/// Parts that fail before the others are left alone: on a worn card each can take seconds.
const MOST_FAILING: usize = 4;

/// SHA-256 of each 4 KiB of a device's first 64 KiB, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning(Vec<Option<[u8; 32]>>);

/// The beginning of the device at this path, read from the card itself; `None` if it cannot be opened, or
/// is no device. The device is opened again behind it, as far as this program may, which makes a system look
/// that did not notice that its card was swapped.
pub fn beginning(path: &Path) -> Option<Beginning> {
    let image = FileImage::open(path).ok().filter(FileImage::is_device)?;
    let length = usize::try_from(crate::image::ReadAt::size(&image)).unwrap_or(usize::MAX);
    let found = Beginning::of(length, |offset, buf| image.read_from_card(offset, buf));
    #[cfg(unix)]
    drop(crate::image::medium::file::open_anew(path));
    Some(found)
}

impl Beginning {
    /// That of so many bytes: read at once, and by parts only if that fails.
    fn of(length: usize, read: impl Fn(u64, &mut [u8]) -> io::Result<()>) -> Self {
        let mut bytes = Zeroizing::new(vec![0; length.min(LENGTH)]);
        let digest = |part: &[u8]| Some(Sha256::digest(part).into());
        if read(0, &mut bytes).is_ok() {
            return Self(bytes.chunks(PART).map(digest).collect());
        }
        let mut left = MOST_FAILING;
        let parts = bytes.chunks_mut(PART).zip((0..).step_by(PART));
        let parts = parts.map(|(part, offset)| {
            if left > 0 && read(offset, part).is_ok() {
                return digest(part);
            }
            left = left.saturating_sub(1);
            None
        });
        Self(parts.collect())
    }

    /// Whether this and a later one can be of one card: of what could be read before something can still be
    /// read, and none of it is another. `None` if nothing of it can be read any more; of a card of which
    /// nothing could be read before nothing is known, so that it can be any.
    pub fn is_still(&self, later: &Self) -> Option<bool> {
        let known = self.0.iter().zip(&later.0);
        let known: Vec<_> = known.filter(|(before, _)| before.is_some()).collect();
        let both = || known.iter().filter(|(_, now)| now.is_some());
        if self.0.len() == later.0.len() && !known.is_empty() && both().next().is_none() {
            return None;
        }
        Some(self.0.len() == later.0.len() && both().all(|(before, now)| before == now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 1 << 20;

    /// The beginning of a card all of this byte, of which these sectors cannot be read.
    fn card(byte: u8, bad: &[usize]) -> Beginning {
        Beginning::of(SIZE, |offset, buf| {
            let sectors = offset as usize / 512..(offset as usize + buf.len()) / 512;
            if bad.iter().any(|sector| sectors.contains(sector)) {
                return Err(io::ErrorKind::Other.into());
            }
            buf.fill(byte);
            Ok(())
        })
    }

    #[test]
    fn another_card_is_told() {
        assert_eq!(card(1, &[]).is_still(&card(1, &[])), Some(true));
        assert_eq!(card(1, &[]).is_still(&card(2, &[])), Some(false));
        let short = Beginning::of(8192, |_, buf| {
            buf.fill(1);
            Ok(())
        });
        assert_eq!(short.is_still(&card(1, &[])), Some(false));
    }

    #[test]
    fn a_sector_that_fails_does_not_make_it_another() {
        let whole = card(1, &[]);
        for bad in [0, 7, 8, 127] {
            assert_eq!(whole.is_still(&card(1, &[bad])), Some(true), "{bad}");
            assert_eq!(card(1, &[bad]).is_still(&whole), Some(true), "{bad}");
            assert_eq!(whole.is_still(&card(2, &[bad])), Some(false), "{bad}");
            assert_eq!(card(1, &[bad]).is_still(&card(1, &[30])), Some(true));
        }
    }

    #[test]
    fn one_of_which_nothing_can_be_read_any_more_is_gone() {
        let all: Vec<usize> = (0..128).collect();
        let nothing = card(1, &all);
        assert_eq!(card(1, &[]).is_still(&nothing), None);
        assert_eq!(nothing.is_still(&card(2, &[])), Some(true));
        assert_eq!(nothing.is_still(&nothing), Some(true));
    }

    #[test]
    fn few_failing_reads_are_tried() {
        let tried = std::cell::Cell::new(0);
        let none = Beginning::of(SIZE, |_, _| {
            tried.set(tried.get() + 1);
            Err(io::ErrorKind::Other.into())
        });
        assert_eq!((none.0.len(), tried.get()), (16, 1 + MOST_FAILING));
    }

    #[test]
    fn what_is_no_device_has_none() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [1; 8192]).unwrap();
        assert_eq!(beginning(file.path()), None);
        assert_eq!(beginning(Path::new("/no/such/device")), None);
    }
}
