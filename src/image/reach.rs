//! How far the reading of an image has come, for whoever waits.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::image::{Extent, ReadAt, ReadError};

/// How far the reading of an image has come; any thread may look at it at any time.
///
/// It says where the latest read ended. While a whole surface is read, which goes from the first byte to
/// the last, that is how much is done.
#[derive(Debug, Default)]
pub struct Reach {
    size: AtomicU64,
    end: AtomicU64,
}

impl Reach {
    /// Bytes of the image; 0 before it is open, and for a source that is no image.
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    /// Where the latest read ended: bytes from the start of the image.
    pub fn end(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }
}

/// An image whose reads are noted in a [`Reach`].
pub(crate) struct Watched<'a, T> {
    image: T,
    reach: &'a Reach,
}

impl<'a, T: ReadAt> Watched<'a, T> {
    /// Notes reads of `image` from now on.
    pub(crate) fn new(image: T, reach: &'a Reach) -> Self {
        reach.size.store(image.size(), Ordering::Relaxed);
        Self { image, reach }
    }
}

impl<T: ReadAt> ReadAt for Watched<'_, T> {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let done = self.image.read_at(offset, buf);
        let end = offset.saturating_add(buf.len() as u64);
        self.reach.end.store(end, Ordering::Relaxed);
        done
    }

    fn gaps(&self) -> Vec<Extent> {
        self.image.gaps()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        self.image.next_data(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    #[test]
    fn says_where_the_latest_read_ended() {
        let reach = Reach::default();
        assert_eq!((reach.size(), reach.end()), (0, 0));
        let image = Watched::new(Memory::new(vec![7; 2048]), &reach);
        let mut sector = [0; 512];
        image.read_at(1024, &mut sector).unwrap();
        assert_eq!(sector, [7; 512]);
        assert_eq!((reach.size(), reach.end()), (2048, 1536));
        image.read_at(2048, &mut sector).unwrap_err();
        assert_eq!(
            image.next_data(100),
            Memory::new(vec![7; 2048]).next_data(100)
        );
    }
}
