//! An image of which others see how far its reading has come, and whose reading they can stop.

use super::extent::Extent;
use super::read_at::ReadAt;
use super::read_error::{ReadError, SystemError};
use crate::progress::Progress;

/// An image whose reads are noted in a [`Progress`], and fail once that is stopped.
pub(crate) struct Watched<'a, T> {
    image: T,
    progress: &'a Progress<'a>,
}

impl<'a, T: ReadAt> Watched<'a, T> {
    /// Notes reads of `image` from now on.
    pub(crate) fn new(image: T, progress: &'a Progress<'a>) -> Self {
        progress.set_total(image.size());
        Self { image, progress }
    }
}

impl<T: ReadAt> ReadAt for Watched<'_, T> {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        if self.progress.is_stopped() {
            return Err(ReadError::unreadable(
                offset,
                buf.len(),
                SystemError::STOPPED,
            ));
        }
        let outcome = self.image.read_at(offset, buf);
        let end = offset.saturating_add(buf.len() as u64);
        self.progress.set_done(end);
        outcome
    }

    fn gaps(&self) -> Vec<Extent> {
        self.image.gaps()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        if self.progress.is_stopped() {
            return None;
        }
        self.image.next_data(offset)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::image::Memory;

    #[test]
    fn says_where_the_latest_read_ended() {
        let progress = Progress::default();
        assert_eq!((progress.total(), progress.done()), (0, 0));
        let image = Watched::new(Memory::new(vec![7; 2048]), &progress);
        let mut sector = [0; 512];
        image.read_at(1024, &mut sector).unwrap();
        assert_eq!(sector, [7; 512]);
        assert_eq!((progress.total(), progress.done()), (2048, 1536));
        image.read_at(2048, &mut sector).unwrap_err();
        assert_eq!(
            image.next_data(100),
            Memory::new(vec![7; 2048]).next_data(100)
        );
    }

    #[test]
    fn nothing_is_read_after_it_is_stopped() {
        let stop = AtomicBool::new(false);
        let progress = Progress::stopped_by(&stop);
        let image = Watched::new(Memory::new(vec![7; 2048]), &progress);
        image.read_at(0, &mut [0; 512]).unwrap();
        stop.store(true, Ordering::Relaxed);
        let error = image.read_at(0, &mut [0; 512]).unwrap_err();
        assert!(error.device_is_gone(), "it is not asked again");
        assert_eq!(image.next_data(0), None);
    }
}
