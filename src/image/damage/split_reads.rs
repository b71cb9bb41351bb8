//! Reads around bad sectors.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::image::damage::gaps::Gaps;
use crate::image::{Extent, ReadAt, ReadError, SECTOR_BYTES, SystemError, check_inside, join};

/// An image whose failed reads are tried again sector by sector, and whose bad sectors are
/// remembered as gaps.
///
/// A bad sector is not tried again: where that is wanted, read the image itself. When the device is
/// gone, the rest of the read is given up at once. Where a gap that was known before begins within a
/// sector, as at the end of an image that was cut short, the bytes before it can be read.
pub struct SplitReads<R> {
    inner: R,
    gaps: Mutex<Gaps>,
    /// Where gaps of the inner image begin within a sector, ascending.
    cuts: Vec<u64>,
}

impl<R: ReadAt> SplitReads<R> {
    /// Wraps an image; no gap is known yet but its own.
    pub fn new(inner: R) -> Self {
        let gaps = inner.gaps().into_iter().map(|gap| gap.offset);
        let cuts = gaps.filter(|start| !start.is_multiple_of(SECTOR_BYTES));
        Self {
            cuts: cuts.collect(),
            inner,
            gaps: Mutex::default(),
        }
    }

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &R {
        &self.inner
    }

    /// Fills `buf` with all that can be read from `offset` on, and with zeros where nothing can,
    /// and says which parts those are: ascending, not touching, inside the range asked for.
    ///
    /// # Errors
    /// [`ReadError::PastEnd`] only.
    pub fn read_around(&self, offset: u64, buf: &mut [u8]) -> Result<Vec<Extent>, ReadError> {
        let missing = self.fill(offset, buf)?;
        Ok(join(missing.into_iter().map(|(extent, _)| extent)))
    }

    /// Like `read_around`, piece by piece with the causes.
    fn fill(&self, offset: u64, buf: &mut [u8]) -> Result<Vec<(Extent, SystemError)>, ReadError> {
        check_inside(offset, buf.len(), self.size())?;
        let all = Extent::from((offset, buf.len() as u64));
        let known = self.lock().first_in(all).is_some();
        if !known {
            match self.inner.read_at(offset, buf) {
                Ok(()) => return Ok(Vec::new()),
                Err(ReadError::Unreadable { cause, .. })
                    if is_one_sector(all) && self.cut_behind(offset) >= all.end() =>
                {
                    buf.fill(0);
                    self.lock().insert(self.sectors_of(all), cause);
                    return Ok(vec![(all, cause)]);
                }
                Err(ReadError::Unreadable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.fill_by_sector(offset, buf)
    }

    fn fill_by_sector(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<Vec<(Extent, SystemError)>, ReadError> {
        let mut missing = Vec::new();
        let end = offset.saturating_add(buf.len() as u64);
        let (mut at, mut rest) = (offset, buf);
        while !rest.is_empty() {
            let to_boundary = SECTOR_BYTES.saturating_sub(at % SECTOR_BYTES);
            let to_boundary = to_boundary.min(self.cut_behind(at).saturating_sub(at));
            let length = rest.len().min(to_boundary as usize);
            let Some((now, later)) = rest.split_at_mut_checked(length) else {
                break;
            };
            let piece = Extent::from((at, length as u64));
            let known = self.lock().first_in(piece);
            let cause = match known {
                Some((_, cause)) => Some(cause),
                None => match self.inner.read_at(at, now) {
                    Ok(()) => None,
                    Err(error @ ReadError::Unreadable { cause, .. }) => {
                        if error.device_is_gone() {
                            let left = Extent::between(at, end);
                            now.fill(0);
                            later.fill(0);
                            self.lock().insert(self.sectors_of(left), cause);
                            missing.push((left, cause));
                            return Ok(missing);
                        }
                        self.lock().insert(self.sectors_of(piece), cause);
                        Some(cause)
                    }
                    Err(error) => return Err(error),
                },
            };
            if let Some(cause) = cause {
                now.fill(0);
                missing.push((piece, cause));
            }
            at = at.saturating_add(length as u64);
            rest = later;
        }
        Ok(missing)
    }

    /// Where the next gap behind a place begins within a sector.
    fn cut_behind(&self, at: u64) -> u64 {
        let next = self.cuts.partition_point(|cut| *cut <= at);
        self.cuts.get(next).copied().unwrap_or(u64::MAX)
    }

    /// The sectors `extent` touches, from a gap on that begins in the first, up to the end of the image.
    fn sectors_of(&self, extent: Extent) -> Extent {
        let start = extent.offset.saturating_sub(extent.offset % SECTOR_BYTES);
        let before = self.cuts.iter().take_while(|cut| **cut <= extent.offset);
        let start = before.last().map_or(start, |cut| start.max(*cut));
        let end = extent.end().checked_next_multiple_of(SECTOR_BYTES);
        Extent::between(start, end.unwrap_or(u64::MAX).min(self.size()))
    }

    /// The gaps are whole after a panic elsewhere too: each change to them is one call.
    fn lock(&self) -> MutexGuard<'_, Gaps> {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_one_sector(extent: Extent) -> bool {
    extent.length <= SECTOR_BYTES.saturating_sub(extent.offset % SECTOR_BYTES)
}

impl<R: ReadAt> ReadAt for SplitReads<R> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    /// Fills `buf` completely or fails; after [`ReadError::Unreadable`], which names the first bad
    /// sector, `buf` still holds all that could be read, with zeros for the rest.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        match self.fill(offset, buf)?.first() {
            None => Ok(()),
            Some(&(piece, cause)) => Err(ReadError::Unreadable {
                offset: piece.offset,
                length: piece.length,
                cause,
            }),
        }
    }

    fn gaps(&self) -> Vec<Extent> {
        let mut gaps = self.inner.gaps();
        gaps.extend(self.lock().extents());
        gaps.sort_unstable();
        join(gaps)
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        self.inner.next_data(offset)
    }
}

impl<R: fmt::Debug> fmt::Debug for SplitReads<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SplitReads({:?})", self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Fails wherever a read touches a bad sector, with the given error number.
    struct Failing {
        size: u64,
        bad: Vec<(u64, i32)>,
        reads: AtomicUsize,
    }

    impl ReadAt for Failing {
        fn size(&self) -> u64 {
            self.size
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
            check_inside(offset, buf.len(), self.size)?;
            self.reads.fetch_add(1, Ordering::Relaxed);
            let end = offset + buf.len() as u64;
            // What a real reader leaves in the buffer is anything at all.
            buf.fill(0xee);
            for &(lba, os_error) in &self.bad {
                if offset < (lba + 1) * 512 && lba * 512 < end {
                    return Err(ReadError::Unreadable {
                        offset,
                        length: buf.len() as u64,
                        cause: SystemError {
                            kind: ErrorKind::Other,
                            os_error: Some(os_error),
                        },
                    });
                }
            }
            buf.fill(0x11);
            Ok(())
        }

        fn gaps(&self) -> Vec<Extent> {
            vec![extent(512, 512)]
        }
    }

    fn extent(offset: u64, length: u64) -> Extent {
        Extent { offset, length }
    }

    fn failing(size: u64, bad: &[(u64, i32)]) -> SplitReads<Failing> {
        SplitReads::new(Failing {
            size,
            bad: bad.to_vec(),
            reads: AtomicUsize::new(0),
        })
    }

    fn reads(image: &SplitReads<Failing>) -> usize {
        image.inner().reads.load(Ordering::Relaxed)
    }

    #[test]
    fn a_whole_read_is_one_read() {
        let image = failing(64 * 512, &[(40, 5)]);
        let mut buf = vec![0; 40 * 512];
        image.read_at(0, &mut buf).unwrap();
        assert!(buf.iter().all(|&b| b == 0x11));
        assert_eq!(reads(&image), 1);
    }

    #[test]
    fn the_good_sectors_are_saved_and_the_bad_ones_named() {
        let image = failing(16 * 512, &[(3, 5), (4, 61), (9, 5)]);
        let mut buf = vec![0; 16 * 512];
        let error = image.read_at(0, &mut buf).unwrap_err();
        assert_eq!(
            error,
            ReadError::Unreadable {
                offset: 1536,
                length: 512,
                cause: SystemError {
                    kind: ErrorKind::Other,
                    os_error: Some(5),
                },
            }
        );
        for (lba, sector) in buf.chunks(512).enumerate() {
            let wanted = if [3, 4, 9].contains(&lba) { 0 } else { 0x11 };
            assert!(sector.iter().all(|&b| b == wanted), "sector {lba}");
        }
        assert_eq!(
            image.gaps(),
            [extent(512, 512), extent(1536, 1024), extent(9 * 512, 512)]
        );
        assert_eq!(reads(&image), 17);

        // The bad ones are not tried again, and only a read that touches them fails.
        assert!(image.read_at(5 * 512, &mut buf[..1024]).is_ok());
        assert_eq!(reads(&image), 18);
        let error = image.read_at(4 * 512 + 10, &mut buf[..100]).unwrap_err();
        assert_eq!(
            error,
            ReadError::Unreadable {
                offset: 2058,
                length: 100,
                cause: SystemError {
                    kind: ErrorKind::Other,
                    os_error: Some(61),
                },
            }
        );
        assert_eq!(reads(&image), 18);
        let missing = image.read_around(1000, &mut buf[..3000]).unwrap();
        assert_eq!(missing, [extent(1536, 1024)]);
        assert_eq!(reads(&image), 23);
    }

    #[test]
    fn a_small_read_marks_its_sector() {
        let image = failing(3 * 512 + 100, &[(1, 5), (3, 5)]);
        assert!(image.read_at(600, &mut [0; 8]).is_err());
        assert!(image.read_at(3 * 512 + 50, &mut [0; 8]).is_err());
        assert_eq!(reads(&image), 2);
        assert_eq!(image.gaps(), [extent(512, 512), extent(1536, 100)]);
        let missing = image.read_around(500, &mut [0; 1100]).unwrap();
        assert_eq!(missing, [extent(512, 512), extent(1536, 64)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_that_is_gone_is_not_asked_a_thousand_times() {
        let image = failing(4096 * 512, &[(2, 19)]);
        let mut buf = vec![1; 4000 * 512];
        let missing = image.read_around(0, &mut buf).unwrap();
        assert_eq!(missing, [extent(1024, 3998 * 512)]);
        assert_eq!(reads(&image), 4);
        assert!(buf[1024..].iter().all(|&b| b == 0));
    }

    #[test]
    fn past_the_end_is_no_gap() {
        let image = failing(1000, &[]);
        assert_eq!(
            image.read_at(500, &mut [0; 501]),
            Err(ReadError::PastEnd {
                offset: 500,
                length: 501,
                size: 1000
            })
        );
        assert_eq!(image.gaps(), [extent(512, 512)]);
        assert_eq!(image.read_around(1000, &mut []), Ok(vec![]));
    }
}
