//! A file whose beginning is read once, however many look at it.

use zeroize::Zeroizing;

use crate::image::{Extent, ReadAt, ReadError};

/// Bytes of the beginning that are kept: less is enough to recognize a format, and the tables of a card lie in it.
const KEPT: u64 = 4096;

/// A file with its beginning in memory. Not for a device, of which another card may be put in.
pub(crate) struct Begun<R> {
    inner: R,
    beginning: Zeroizing<Vec<u8>>,
}

impl<R: ReadAt> Begun<R> {
    /// Reads the beginning; where that fails none is kept.
    pub(crate) fn new(inner: R) -> Self {
        let length = usize::try_from(inner.size().min(KEPT)).unwrap_or(0);
        let mut beginning = Zeroizing::new(vec![0; length]);
        if inner.read_at(0, &mut beginning).is_err() {
            beginning = Zeroizing::default();
        }
        Self { inner, beginning }
    }
}

impl<R: ReadAt> ReadAt for Begun<R> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let from = usize::try_from(offset).ok();
        let kept = from.and_then(|from| self.beginning.get(from..)?.get(..buf.len()));
        let Some(kept) = kept else {
            return self.inner.read_at(offset, buf);
        };
        buf.copy_from_slice(kept);
        Ok(())
    }

    fn gaps(&self) -> Vec<Extent> {
        self.inner.gaps()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        self.inner.next_data(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;
    use crate::image::damage::mapped::Mapped;

    #[test]
    fn it_reads_as_what_is_in_it() {
        for size in [0_usize, 1, 4095, 4096, 4097, 10_000] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            let begun = Begun::new(Memory::new(bytes.clone()));
            for (from, to) in [
                (0, size),
                (0, size.min(4)),
                (size.min(4090), size.min(4100)),
            ] {
                let mut buf = vec![0; to - from];
                begun.read_at(from as u64, &mut buf).unwrap();
                assert_eq!(buf, bytes[from..to]);
            }
            assert!(begun.read_at(size as u64, &mut [0]).is_err());
        }
    }

    #[test]
    fn a_beginning_that_cannot_be_read_stays_unreadable() {
        let gap = Extent {
            offset: 512,
            length: 512,
        };
        let begun = Begun::new(Mapped::new(Memory::new(vec![7; 8192]), vec![gap]));
        assert!(begun.read_at(512, &mut [0]).is_err());
        let mut buf = [0; 512];
        begun.read_at(0, &mut buf).unwrap();
        assert_eq!(buf, [7; 512]);
    }
}
