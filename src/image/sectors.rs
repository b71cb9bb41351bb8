//! The sectors of one image, read once and kept.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use zeroize::{Zeroize, Zeroizing};

use crate::image::damage::gaps::Gaps;
use crate::image::{Extent, Fault, ReadAt, ReadError, SECTOR, SECTOR_BYTES, check_inside, cut_at};

/// Most sectors kept: 4 MiB.
const MOST_KEPT: usize = 8192;
/// Most distinct sectors whose numbers are remembered; an examination reads some dozens.
const MOST_NUMBERED: usize = 1 << 20;
/// Most sectors read ahead at once: a cluster of 64 KiB.
const MOST_AHEAD: u64 = 128;

/// One sector of an image: a cheap handle that derefs to its 512 bytes, wiped with its last handle.
#[derive(Clone, PartialEq, Eq)]
pub struct Sector(Rc<Zeroizing<[u8; SECTOR]>>);

impl Deref for Sector {
    type Target = [u8; SECTOR];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<[u8; SECTOR]> for Sector {
    fn from(bytes: [u8; SECTOR]) -> Self {
        Self(Rc::new(Zeroizing::new(bytes)))
    }
}

impl fmt::Debug for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sector(..)")
    }
}

/// How much was read through one [`Sectors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Reads of one sector that reached the image and succeeded. Larger than the number of distinct
    /// sectors if some were forgotten and read again.
    pub reads: u64,
    /// Reads of one sector that reached the image and failed.
    pub failures: u64,
    /// Whether [`Sectors::read_so_far`] knows all of them: false once there were more than 1 Mi
    /// distinct sectors, of which only these counts are kept.
    pub numbered: bool,
}

/// The sectors of one image, read once and kept, so that both views share them.
///
/// Each miss reads exactly one sector from the image. At most 8,192 sectors (4 MiB) are kept, the
/// oldest are forgotten first and wiped. A sector that failed is not tried again. For one thread;
/// make another for another.
pub struct Sectors<'a> {
    image: &'a dyn ReadAt,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    kept: HashMap<u64, Sector>,
    /// The numbers in `kept`, oldest first.
    order: VecDeque<u64>,
    failed: Gaps,
    /// The distinct sectors read, until there are too many.
    seen: Option<BTreeSet<u64>>,
    reads: u64,
    failures: u64,
    /// Whether a sector behind the end was asked for.
    past_end: bool,
    /// Whether a sector was asked for that was not copied yet.
    not_copied: bool,
}

impl<'a> Sectors<'a> {
    /// The sectors of an image, none read yet.
    pub fn new(image: &'a dyn ReadAt) -> Self {
        Self {
            image,
            state: RefCell::new(State {
                seen: Some(BTreeSet::new()),
                ..State::default()
            }),
        }
    }

    /// The image they are of.
    pub fn image(&self) -> &'a dyn ReadAt {
        self.image
    }

    /// How many whole sectors there are. A partial last sector is none to a device.
    pub fn count(&self) -> u64 {
        self.image.size() / SECTOR_BYTES
    }

    /// The sector of that number.
    ///
    /// # Errors
    /// [`ReadError::PastEnd`] if there is no such whole sector; [`ReadError::Unreadable`] if it
    /// failed, now or before.
    pub fn sector(&self, lba: u64) -> Result<Sector, ReadError> {
        let extent = Extent::from((lba.saturating_mul(SECTOR_BYTES), SECTOR_BYTES));
        if lba >= self.count() {
            self.state.borrow_mut().past_end = true;
            return Err(ReadError::PastEnd {
                offset: extent.offset,
                length: extent.length,
                size: self.image.size(),
            });
        }
        {
            let mut state = self.state.borrow_mut();
            if let Some(sector) = state.kept.get(&lba) {
                return Ok(sector.clone());
            }
            if let Some((_, cause)) = state.failed.first_in(extent) {
                let error = ReadError::unreadable(extent.offset, SECTOR, cause);
                state.not_copied |= error.fault() == Fault::NotCopied;
                return Err(error);
            }
        }
        // Read in place: a buffer moved into the handle would leave its bytes behind on the stack.
        let mut bytes = Rc::new(Zeroizing::new([0; SECTOR]));
        let buf = Rc::make_mut(&mut bytes).as_mut_slice();
        let outcome = self.image.read_at(extent.offset, buf);
        let mut state = self.state.borrow_mut();
        match outcome {
            Ok(()) => {
                let sector = Sector(bytes);
                state.keep(lba, sector.clone());
                Ok(sector)
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                state.not_copied |= error.fault() == Fault::NotCopied;
                if let ReadError::Unreadable { cause, .. } = error {
                    state.failed.insert(extent, cause);
                }
                Err(error)
            }
        }
    }

    /// Fills `buf` from any offset: whole sectors through [`Sectors::sector`], the partial tail of
    /// the image directly.
    ///
    /// # Errors
    /// [`ReadError::PastEnd`] if not all of it lies inside the image, before anything is read; else
    /// the error of the first sector that failed, with `buf` filled up to it.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.image.size())?;
        for (lba, within, now) in cut_at(SECTOR_BYTES, offset, buf) {
            if lba >= self.count() {
                let at = lba.saturating_mul(SECTOR_BYTES).saturating_add(within);
                return self.image.read_at(at, now);
            }
            let sector = self.sector(lba)?;
            let tail = sector.get(within as usize..);
            if let Some(bytes) = tail.and_then(|tail| tail.get(..now.len())) {
                now.copy_from_slice(bytes);
            }
        }
        Ok(())
    }

    /// Reads the sectors of an extent that are not kept yet at once, where they will all be asked for.
    /// What cannot be read so is left to be asked for sector by sector.
    pub fn read_ahead(&self, extent: Extent) {
        let first = extent.offset / SECTOR_BYTES;
        let end = (extent.end() / SECTOR_BYTES).min(self.count());
        let is_kept = |lba: &u64| self.state.borrow().kept.contains_key(lba);
        let Some(first) = (first..end).find(|lba| !is_kept(lba)) else {
            return;
        };
        let count = end.saturating_sub(first).min(MOST_AHEAD);
        if count < 2 {
            return;
        }
        let length = usize::try_from(count).unwrap_or(0).saturating_mul(SECTOR);
        let mut bytes = vec![0; length];
        let offset = first.saturating_mul(SECTOR_BYTES);
        let read = self.image.read_at(offset, &mut bytes);
        // Most of what lies behind the entries of a directory is zeros: all of it is one handle, and
        // only the rest has to be wiped.
        let empty = Sector(Rc::new(Zeroizing::new([0; SECTOR])));
        let (sectors, _) = bytes.as_chunks_mut::<SECTOR>();
        for (lba, found) in (first..).zip(sectors) {
            let is_empty = found.iter().all(|byte| *byte == 0);
            if read.is_ok() && !is_kept(&lba) {
                let mut sector = empty.clone();
                if !is_empty {
                    Rc::make_mut(&mut sector.0).copy_from_slice(found);
                }
                self.state.borrow_mut().keep(lba, sector);
            }
            if !is_empty {
                found.zeroize();
            }
        }
    }

    /// The numbers of the distinct sectors read so far, ascending; of more than 1 Mi, none (see
    /// [`Tally::numbered`]).
    pub fn read_so_far(&self) -> Vec<u64> {
        let state = self.state.borrow();
        state.seen.iter().flatten().copied().collect()
    }

    /// The sectors that failed so far, ascending, neighbors joined.
    pub fn failed(&self) -> Vec<Extent> {
        self.state.borrow().failed.extents()
    }

    /// Whether a sector behind the end was asked for so far.
    pub fn asked_past_end(&self) -> bool {
        self.state.borrow().past_end
    }

    /// Whether a sector was asked for so far that was not copied yet.
    pub fn asked_not_copied(&self) -> bool {
        self.state.borrow().not_copied
    }

    /// How much was read so far.
    pub fn tally(&self) -> Tally {
        let state = self.state.borrow();
        Tally {
            reads: state.reads,
            failures: state.failures,
            numbered: state.seen.is_some(),
        }
    }
}

impl State {
    fn keep(&mut self, lba: u64, sector: Sector) {
        self.reads = self.reads.saturating_add(1);
        if let Some(seen) = &mut self.seen {
            seen.insert(lba);
            if seen.len() > MOST_NUMBERED {
                self.seen = None;
            }
        }
        if self.order.len() >= MOST_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
        if self.kept.insert(lba, sector).is_none() {
            self.order.push_back(lba);
        }
    }
}

impl fmt::Debug for Sectors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sectors({} of them, {:?})", self.count(), self.tally())
    }
}

#[cfg(test)]
mod tests;
