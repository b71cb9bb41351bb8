//! The card slot, and the card in it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use fixtures::card::PAGE;
pub use fixtures::power_cut::Write;
use witness::Sectors;

/// What is in the slot.
#[derive(Clone, Debug)]
pub enum Slot {
    /// Nothing, and nothing will be.
    Empty,
    /// A card.
    Inserted(Card),
    /// Nothing until the device has looked so many times: with *check_sdcard*, or while it asks for
    /// a card, once a poll.
    After(u32, Card),
}

impl Slot {
    /// Whether there is a card, seen now.
    pub(crate) fn look(&mut self) -> bool {
        match std::mem::replace(self, Self::Empty) {
            Self::Empty => false,
            Self::Inserted(card) | Self::After(0, card) => {
                *self = Self::Inserted(card);
                true
            }
            Self::After(looks, card) => {
                *self = Self::After(looks - 1, card);
                false
            }
        }
    }

    /// The card that is inserted by now.
    pub(crate) fn inserted(&mut self) -> Option<&mut Card> {
        match self {
            Self::Inserted(card) => Some(card),
            _ => None,
        }
    }

    /// The card, inserted or still to be.
    pub(crate) fn card(&self) -> Option<&Card> {
        match self {
            Self::Empty => None,
            Self::Inserted(card) | Self::After(_, card) => Some(card),
        }
    }
}

/// A card: its image, what was written to it, and when that fails.
#[derive(Clone, Debug)]
pub struct Card {
    /// The image as it is now.
    pub image: fixtures::card::Card,
    /// The sectors written since the card was made, in their order.
    pub writes: Vec<Write>,
    failing: Range<usize>,
    cut_after: Option<usize>,
    pulled_after: Option<usize>,
    unreadable: BTreeSet<u32>,
    tried: usize,
    file: Option<Arc<File>>,
}

impl Card {
    /// A card with this image.
    pub fn new(image: fixtures::card::Card) -> Self {
        Self {
            image,
            writes: Vec::new(),
            failing: 0..0,
            cut_after: None,
            pulled_after: None,
            unreadable: BTreeSet::new(),
            tried: 0,
            file: None,
        }
    }

    /// The card in an image file; what is written to the card is written to the file, too.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let size = file.seek(SeekFrom::End(0))?;
        let mut image = fixtures::card::Card::new(size);
        file.rewind()?;
        let (mut page, mut offset) = ([0; PAGE], 0);
        while offset < size {
            let length = (size - offset).min(PAGE as u64) as usize;
            file.read_exact(&mut page[..length])?;
            if page[..length].iter().any(|byte| *byte != 0) {
                image.write_at(offset, &page[..length]);
            }
            offset += length as u64;
        }
        Ok(Self {
            file: Some(Arc::new(file)),
            ..Self::new(image)
        })
    }

    /// Writes with these numbers, counted from 0, fail.
    #[must_use]
    pub fn failing(mut self, writes: Range<usize>) -> Self {
        self.failing = writes;
        self
    }

    /// The power is cut after so many writes: the device is gone, as if it had been pulled.
    #[must_use]
    pub fn cut_after(mut self, writes: usize) -> Self {
        self.cut_after = Some(writes);
        self
    }

    /// The card is taken out after so many writes; the device stays.
    #[must_use]
    pub fn pulled_after(mut self, writes: usize) -> Self {
        self.pulled_after = Some(writes);
        self
    }

    /// These sectors cannot be read.
    #[must_use]
    pub fn unreadable(mut self, sectors: impl IntoIterator<Item = u32>) -> Self {
        self.unreadable.extend(sectors);
        self
    }

    /// From now on nothing fails.
    pub(crate) fn mend(&mut self) {
        self.failing = 0..0;
        self.cut_after = None;
        self.pulled_after = None;
        self.unreadable.clear();
    }

    /// Whether the next write would come after the power was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut_after
            .is_some_and(|after| self.tried > after && self.writes.len() >= after)
    }

    /// Whether it was taken out while it was written.
    pub(crate) fn is_pulled(&self) -> bool {
        self.pulled_after.is_some_and(|after| self.tried > after)
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        let offset = u64::from(lba) * 512;
        !self.is_cut()
            && !self.is_pulled()
            && !self.unreadable.contains(&lba)
            && self.image.read_at(offset, buf) == buf.len()
    }

    fn write(&mut self, lba: u32, sector: &[u8; 512]) -> bool {
        let number = self.tried;
        self.tried += 1;
        let cut = self.cut_after.is_some_and(|after| number >= after);
        if cut || self.is_pulled() || self.failing.contains(&number) {
            return false;
        }
        let offset = u64::from(lba) * 512;
        self.image.write_at(offset, sector);
        self.writes.push(Write {
            offset,
            bytes: sector.to_vec(),
        });
        if let Some(file) = &self.file {
            let mut file = file.as_ref();
            let written = file.seek(SeekFrom::Start(offset));
            return written.and_then(|_| file.write_all(sector)).is_ok();
        }
        true
    }
}

/// A card as the witness wants it: shared, and written nevertheless.
pub(crate) struct Reached<'a>(RefCell<&'a mut Card>);

impl<'a> Reached<'a> {
    pub(crate) fn new(card: &'a mut Card) -> Self {
        Self(RefCell::new(card))
    }
}

impl Sectors for Reached<'_> {
    fn count(&self) -> u64 {
        self.0.borrow().image.size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        self.0.borrow().read(lba, buf)
    }

    fn write_sector(&self, lba: u32, sector: &[u8; 512]) -> bool {
        self.0.borrow_mut().write(lba, sector)
    }
}
