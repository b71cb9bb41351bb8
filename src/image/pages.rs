//! A sparse image in memory: only pages that are not all zero.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::{ReadAt, ReadError, within};

/// Bytes of a page.
pub(super) const PAGE: usize = 4096;
/// The same as an offset.
const PAGE_BYTES: u64 = 4096;

/// A sparse image, wiped on drop.
#[derive(Default)]
pub struct Pages {
    pages: HashMap<u64, Zeroizing<Box<[u8]>>>,
    size: u64,
}

impl Pages {
    /// Adds bytes behind the last; returns how many bytes of pages are held now.
    pub(super) fn append(&mut self, page: &[u8]) -> u64 {
        if page.iter().any(|byte| *byte != 0) {
            self.pages
                .insert(self.size / PAGE_BYTES, Zeroizing::new(page.into()));
        }
        self.size = self.size.saturating_add(page.len() as u64);
        (self.pages.len() as u64).saturating_mul(PAGE_BYTES)
    }
}

impl ReadAt for Pages {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        within(offset, buf.len(), self.size)?;
        let mut at = offset;
        let mut rest = buf;
        while !rest.is_empty() {
            let start = (at % PAGE_BYTES) as usize;
            let length = rest.len().min(PAGE.saturating_sub(start));
            let (part, behind) = rest.split_at_mut(length);
            let page = self.pages.get(&(at / PAGE_BYTES));
            match page.and_then(|page| page.get(start..start.saturating_add(length))) {
                Some(bytes) => part.copy_from_slice(bytes),
                None => part.fill(0),
            }
            rest = behind;
            at = at.saturating_add(length as u64);
        }
        Ok(())
    }
}
