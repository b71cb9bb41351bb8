//! An image as programs read files: from a place on.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::image::ReadAt;

const BUFFER: usize = 64 << 10;

/// A place in an image. What was read ahead is wiped.
pub(super) struct Cursor {
    image: Arc<dyn ReadAt>,
    at: u64,
    buf: Zeroizing<Vec<u8>>,
    /// Where in the image the buffer begins, and how much of it is filled.
    from: u64,
    filled: usize,
}

impl Cursor {
    pub(super) fn new(image: Arc<dyn ReadAt>, at: u64) -> Self {
        Self {
            image,
            at,
            buf: Zeroizing::new(vec![0; BUFFER]),
            from: 0,
            filled: 0,
        }
    }

    fn ready(&self) -> &[u8] {
        let within = self.at.checked_sub(self.from);
        let within = within.and_then(|within| usize::try_from(within).ok());
        let ready = within.and_then(|within| self.buf.get(within..self.filled));
        ready.unwrap_or_default()
    }
}

impl Clone for Cursor {
    /// The same place; nothing is read ahead there yet.
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.image), self.at)
    }
}

impl Read for Cursor {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ready().is_empty() {
            let left = self.image.size().saturating_sub(self.at);
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(BUFFER);
            let room = self.buf.get_mut(..length).unwrap_or_default();
            self.filled = 0;
            let read = self.image.read_at(self.at, room);
            read.map_err(|error| io::Error::other(error.to_string()))?;
            (self.from, self.filled) = (self.at, length);
        }
        let count = self.ready().read(buf)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.image.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
