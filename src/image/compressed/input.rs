//! A compressed file as its decoder reads it.

use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

use crate::image::{PackingFlaw, ReadAt, ReadError};

const READ: usize = 256 << 10;

/// The compressed file, counted as it is read.
pub(crate) struct Input<'a> {
    image: &'a dyn ReadAt,
    /// Where in the file `buf` ends.
    at: u64,
    /// Wiped: what was barely compressed can be read in it.
    buf: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    /// How many bytes of the file went into the decoder.
    pub(crate) consumed: u64,
    /// Why the file could not be read, if so.
    pub(crate) failure: Option<ReadError>,
    /// Whether more was wanted when there was none.
    pub(crate) starved: bool,
}

impl<'a> Input<'a> {
    pub(crate) fn new(image: &'a dyn ReadAt) -> Self {
        Self {
            image,
            at: 0,
            buf: Zeroizing::new(vec![0; READ]),
            start: 0,
            end: 0,
            consumed: 0,
            failure: None,
            starved: false,
        }
    }

    fn ready(&self) -> &[u8] {
        self.buf.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads on behind what is ready, as far as there is room and file.
    fn refill(&mut self) -> Result<(), ReadError> {
        self.buf.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        let left = self.image.size().saturating_sub(self.at);
        let room = self.buf.get_mut(self.end..).unwrap_or_default();
        let length = room.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if let Some(room) = room.get_mut(..length) {
            self.image.read_at(self.at, room)?;
        }
        self.at = self.at.saturating_add(length as u64);
        self.end = self.end.saturating_add(length);
        Ok(())
    }

    /// The next `N` bytes, fewer at the end, without consuming them. A failed read is met again by
    /// whoever goes on.
    pub(crate) fn peek<const N: usize>(&mut self) -> &[u8] {
        if self.ready().len() < N
            && let Err(error) = self.refill()
        {
            self.failure = Some(error);
        }
        let ready = self.ready();
        ready.get(..N).unwrap_or(ready)
    }

    pub(crate) fn skip(&mut self, mut count: u64) -> Result<(), PackingFlaw> {
        while count > 0 {
            let ready = self.fill_buf().map_err(|_| PackingFlaw::Corrupt)?.len();
            if ready == 0 {
                return Err(PackingFlaw::CutShort);
            }
            let now = ready.min(usize::try_from(count).unwrap_or(usize::MAX));
            self.consume(now);
            count = count.saturating_sub(now as u64);
        }
        Ok(())
    }

    pub(crate) fn expect_padding(&mut self) -> Result<(), PackingFlaw> {
        self.skip_zeros()?;
        match self.ready() {
            [] => Ok(()),
            _ => Err(PackingFlaw::Trailing),
        }
    }

    /// Goes on to the next byte that is not zero, or to the end.
    pub(crate) fn skip_zeros(&mut self) -> Result<(), PackingFlaw> {
        loop {
            let ready = self.fill_buf().map_err(|_| PackingFlaw::Corrupt)?;
            let zeros = ready.iter().take_while(|&&byte| byte == 0).count();
            let is_end = zeros < ready.len() || ready.is_empty();
            self.consume(zeros);
            if is_end {
                return Ok(());
            }
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buf)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.end {
            if let Err(error) = self.refill() {
                self.failure = Some(error);
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.starved = self.end == 0;
        }
        Ok(self.ready())
    }

    fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
        self.consumed = self.consumed.saturating_add(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    #[test]
    fn every_byte_comes_once_and_is_counted() {
        let bytes: Vec<u8> = (0..READ * 2 + 100).map(|i| (i % 251) as u8).collect();
        let memory = Memory::new(bytes.clone());
        let mut input = Input::new(&memory);
        let mut buf = vec![0; 1000];
        let mut at = 0;
        while at < bytes.len() {
            let next = &bytes[at..bytes.len().min(at + 4)];
            assert_eq!(input.peek::<4>(), next);
            let count = input.read(&mut buf).unwrap();
            assert_eq!(buf[..count], bytes[at..at + count]);
            at += count;
            assert_eq!(input.consumed, at as u64);
            assert!(!input.starved);
        }
        assert!(input.peek::<4>().is_empty());
        assert!(!input.starved);
        assert_eq!(input.read(&mut buf).unwrap(), 0);
        assert!(input.starved && input.failure.is_none());
    }

    #[test]
    fn bytes_can_be_passed_over() {
        let memory = Memory::new(vec![1; READ + 10]);
        let mut input = Input::new(&memory);
        assert_eq!(input.skip(READ as u64 + 9), Ok(()));
        assert_eq!(input.peek::<2>(), [1]);
        assert_eq!(input.skip(2), Err(PackingFlaw::CutShort));
        assert_eq!(input.expect_padding(), Ok(()));
    }
}
