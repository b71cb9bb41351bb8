//! An image of which only the beginning is there.

use crate::image::compressed::sparse_pages::most_bytes;
use crate::image::damage::gaps::join;
use crate::image::extent::SECTOR_BYTES;
use crate::image::read_at::check_inside;
use crate::image::read_error::SystemError;
use crate::image::{Extent, ReadAt, ReadError};

/// An image that was cut short: what is missing at its end reads as unreadable.
pub(in crate::image) struct Cut<R> {
    inner: R,
    size: u64,
}

impl<R: ReadAt> Cut<R> {
    /// An image of so many bytes of which `inner` is the beginning. Where it is not known how many there were, or
    /// what is said is more than any card has, the sector it breaks off in is missing, and what lies behind is not
    /// there at all.
    pub(in crate::image) fn new(inner: R, size: Option<u64>) -> Self {
        let there = inner.size();
        let possible = there.saturating_add(1)..=most_bytes(there);
        let sectors = there.checked_div(SECTOR_BYTES).unwrap_or_default();
        let least = sectors.saturating_add(1).saturating_mul(SECTOR_BYTES);
        Self {
            size: size.filter(|size| possible.contains(size)).unwrap_or(least),
            inner,
        }
    }
}

impl<R: ReadAt> ReadAt for Cut<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        if offset.saturating_add(buf.len() as u64) > self.inner.size() {
            return Err(ReadError::unreadable(offset, buf.len(), SystemError::CUT));
        }
        self.inner.read_at(offset, buf)
    }

    fn gaps(&self) -> Vec<Extent> {
        let offset = self.inner.size();
        let mut all = self.inner.gaps();
        all.push(Extent {
            offset,
            length: self.size.saturating_sub(offset),
        });
        join(all)
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        self.inner.next_data(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Fault, Memory, SplitReads};

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
            let image = Cut::new(Memory::new(vec![7; there]), size);
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
            let image = SplitReads::new(Cut::new(Memory::new(vec![7; 1000]), Some(2048)));
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
