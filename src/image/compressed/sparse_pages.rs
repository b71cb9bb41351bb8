//! An image of which only the pages that are not zero are kept.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use zeroize::Zeroizing;

use crate::image::{Extent, ReadAt, ReadError, check_inside, cut_at};

pub(crate) const PAGE: usize = 4096;
const PAGE_BYTES: u64 = 4096;
/// Most bytes of an image, zeros included: 32 GiB, the largest card a BitBox02 supports ...
const MOST: u64 = 32 << 30;
/// ... or so many times its budget, where that is more.
const TIMES: u64 = 64;

/// Most bytes that an image may be said to have, of which so many are there or may be kept.
pub(crate) fn most_bytes(there: u64) -> u64 {
    there.saturating_mul(TIMES).max(MOST)
}

/// A sparse image in memory: a page of zeros takes no space. Wiped on drop.
///
/// It grows at its end only, while it is being filled; once shared it is read-only like any image.
pub struct Pages {
    pages: BTreeMap<u64, Box<Zeroizing<[u8; PAGE]>>>,
    size: u64,
    budget: u64,
}

/// Why a [`Pages`] does not take more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// The pages that are not zero exceed the budget.
    #[error("more than {budget} bytes are not zero")]
    OverBudget {
        /// The budget in bytes.
        budget: u64,
    },
    /// The image would be larger than 32 GiB and than 64 times the budget.
    #[error("the image is larger than {most} bytes")]
    TooLong {
        /// So many bytes.
        most: u64,
    },
}

impl Pages {
    /// An image of no bytes that will keep at most `budget` bytes of pages that are not zero.
    pub fn with_budget(budget: u64) -> Self {
        Self {
            pages: BTreeMap::new(),
            size: 0,
            budget,
        }
    }

    /// Bytes of memory in pages, whole pages counted.
    pub fn kept(&self) -> u64 {
        (self.pages.len() as u64).saturating_mul(PAGE_BYTES)
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// [`PagesError`] if they do not fit; part of them may have been taken.
    pub fn append(&mut self, mut bytes: &[u8]) -> Result<(), PagesError> {
        let grown = self.size.saturating_add(bytes.len() as u64);
        let most = most_bytes(self.budget);
        if grown > most {
            return Err(PagesError::TooLong { most });
        }
        while !bytes.is_empty() {
            let (number, within) = place(self.size);
            let room = PAGE.saturating_sub(within);
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            if !is_zero(now) {
                self.put(number, within, now)?;
            }
            self.size = self.size.saturating_add(now.len() as u64);
            bytes = later;
        }
        Ok(())
    }

    fn put(&mut self, number: u64, within: usize, bytes: &[u8]) -> Result<(), PagesError> {
        let (kept, budget) = (self.kept(), self.budget);
        let page = match self.pages.entry(number) {
            Entry::Vacant(_) if kept.saturating_add(PAGE_BYTES) > budget => {
                return Err(PagesError::OverBudget { budget });
            }
            place => place.or_insert_with(|| Box::new(Zeroizing::new([0; PAGE]))),
        };
        let tail = page.get_mut(within..);
        if let Some(slot) = tail.and_then(|tail| tail.get_mut(..bytes.len())) {
            slot.copy_from_slice(bytes);
        }
        Ok(())
    }
}

fn place(offset: u64) -> (u64, usize) {
    (offset / PAGE_BYTES, (offset % PAGE_BYTES) as usize)
}

/// Whether all bytes are zero. Without an early way out, so that it runs at memory speed.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |seen, byte| seen | byte) == 0
}

impl ReadAt for Pages {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        for (number, within, now) in cut_at(PAGE_BYTES, offset, buf) {
            let page = self.pages.get(&number);
            match page.and_then(|page| page.get(within as usize..)?.get(..now.len())) {
                Some(bytes) => now.copy_from_slice(bytes),
                None => now.fill(0),
            }
        }
        Ok(())
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let (first, _) = place(offset);
        let mut kept = self.pages.range(first..).map(|(number, _)| *number);
        let start = kept.next()?;
        let mut next = start.saturating_add(1);
        while kept.next() == Some(next) {
            next = next.saturating_add(1);
        }
        let bytes = |page: u64| page.saturating_mul(PAGE_BYTES);
        Extent::between(offset.max(bytes(start)), bytes(next).min(self.size)).some()
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pages({} bytes, {} kept)", self.size, self.kept())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_not_zero_and_reads_it_back() {
        let mut image = vec![0_u8; 10 * PAGE + 77];
        image[3 * PAGE - 1] = 1;
        image[3 * PAGE] = 2;
        image[10 * PAGE + 76] = 3;
        for step in [1, 7, 4095, 4096, 4097, image.len()] {
            let mut pages = Pages::with_budget(3 * PAGE_BYTES);
            for chunk in image.chunks(step) {
                pages.append(chunk).unwrap();
            }
            assert_eq!(pages.size(), image.len() as u64);
            assert_eq!(pages.kept(), 3 * PAGE_BYTES);
            let mut back = vec![0xff; image.len()];
            pages.read_at(0, &mut back).unwrap();
            assert_eq!(back, image);
            let mut tail = [0xff; 78];
            pages.read_at(10 * PAGE_BYTES - 1, &mut tail).unwrap();
            assert_eq!(tail[..], image[10 * PAGE - 1..]);
            assert!(pages.read_at(10 * PAGE_BYTES, &mut tail).is_err());
        }
    }

    #[test]
    fn stretches_of_kept_pages() {
        let mut pages = Pages::with_budget(1 << 20);
        for byte in [0, 1, 1, 0, 0, 1] {
            pages.append(&[byte; PAGE]).unwrap();
        }
        pages.append(&[0; 77]).unwrap();
        let extent = |from: u64, to: u64| Extent {
            offset: from,
            length: to - from,
        };
        assert_eq!(pages.next_data(0), Some(extent(4096, 12288)));
        assert_eq!(pages.next_data(5000), Some(extent(5000, 12288)));
        assert_eq!(pages.next_data(12288), Some(extent(20480, 24576)));
        assert_eq!(pages.next_data(24576), None);
        assert_eq!(pages.next_data(u64::MAX), None);
    }

    #[test]
    fn the_budget_counts_pages() {
        let mut pages = Pages::with_budget(2 * PAGE_BYTES);
        pages.append(&[1; PAGE]).unwrap();
        pages.append(&[0; 5 * PAGE]).unwrap();
        pages.append(&[1; 1]).unwrap();
        pages.append(&[1; PAGE - 1]).unwrap();
        let over = PagesError::OverBudget {
            budget: 2 * PAGE_BYTES,
        };
        assert_eq!(pages.append(&[1; 1]), Err(over));
        assert_eq!(pages.append(&[0; PAGE]), Ok(()));
    }

    #[test]
    fn the_size_is_bounded() {
        let mut pages = Pages::with_budget(0);
        pages.size = MOST - 1;
        assert_eq!(pages.append(&[0]), Ok(()));
        let too_long = PagesError::TooLong { most: MOST };
        assert_eq!(pages.append(&[0]), Err(too_long));
    }
}
