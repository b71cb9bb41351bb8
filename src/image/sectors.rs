//! The sectors of one image, read once and kept.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use zeroize::{Zeroize, Zeroizing};

use crate::image::damage::gaps::Gaps;
use crate::image::extent::SECTOR_BYTES;
use crate::image::read_at::check_inside;
use crate::image::{Extent, ReadAt, ReadError, SECTOR};

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

/// The sectors of one image, read once and kept, so that both eyes share them.
///
/// Each miss reads exactly one sector from the image. At most 8,192 sectors (4 MiB) are kept, the
/// oldest are forgotten first and wiped. A sector that failed is not tried again. For one thread;
/// make another for another.
pub struct Sectors<'a> {
    image: &'a dyn ReadAt,
    state: RefCell<State>,
}

struct State {
    kept: HashMap<u64, Sector>,
    /// The numbers in `kept`, oldest first.
    order: VecDeque<u64>,
    failed: Gaps,
    /// The distinct sectors read, until there are too many.
    seen: Option<BTreeSet<u64>>,
    reads: u64,
    failures: u64,
}

impl<'a> Sectors<'a> {
    /// The sectors of an image, none read yet.
    pub fn new(image: &'a dyn ReadAt) -> Self {
        Self {
            image,
            state: RefCell::new(State {
                kept: HashMap::new(),
                order: VecDeque::new(),
                failed: Gaps::default(),
                seen: Some(BTreeSet::new()),
                reads: 0,
                failures: 0,
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
        let extent = Extent {
            offset: lba.saturating_mul(SECTOR_BYTES),
            length: SECTOR_BYTES,
        };
        if lba >= self.count() {
            return Err(ReadError::PastEnd {
                offset: extent.offset,
                length: extent.length,
                size: self.image.size(),
            });
        }
        {
            let state = self.state.borrow();
            if let Some(sector) = state.kept.get(&lba) {
                return Ok(sector.clone());
            }
            if let Some((_, cause)) = state.failed.first_in(extent) {
                return Err(ReadError::unreadable(extent.offset, SECTOR, cause));
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
        let whole = self.count().saturating_mul(SECTOR_BYTES);
        let mut at = offset;
        let mut rest = buf;
        while !rest.is_empty() {
            if at >= whole {
                return self.image.read_at(at, rest);
            }
            let within = (at % SECTOR_BYTES) as usize;
            let length = SECTOR.saturating_sub(within).min(rest.len());
            let Some((now, later)) = rest.split_at_mut_checked(length) else {
                break;
            };
            let sector = self.sector(at / SECTOR_BYTES)?;
            if let Some(bytes) = sector.get(within..).and_then(|tail| tail.get(..length)) {
                now.copy_from_slice(bytes);
            }
            at = at.saturating_add(length as u64);
            rest = later;
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
                let sector = if is_empty {
                    empty.clone()
                } else {
                    let mut sector = Rc::new(Zeroizing::new([0; SECTOR]));
                    Rc::make_mut(&mut sector).copy_from_slice(found);
                    Sector(sector)
                };
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

    /// The sectors that failed so far, ascending, neighbours joined.
    pub fn failed(&self) -> Vec<Extent> {
        self.state.borrow().failed.extents()
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
mod tests {
    use super::*;
    use crate::image::Pages;
    use crate::image::SystemError;
    use std::io::ErrorKind;
    use std::sync::Mutex;

    /// Notes the reads that reach it and fails on chosen sectors.
    struct Watched {
        bytes: Vec<u8>,
        bad: Vec<u64>,
        reads: Mutex<Vec<(u64, usize)>>,
    }

    impl Watched {
        fn new(size: usize, bad: &[u64]) -> Self {
            Self {
                bytes: (0..size).map(|i| (i / SECTOR + i) as u8).collect(),
                bad: bad.to_vec(),
                reads: Mutex::default(),
            }
        }

        fn reads(&self) -> Vec<(u64, usize)> {
            self.reads.lock().unwrap().clone()
        }
    }

    impl ReadAt for Watched {
        fn size(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
            check_inside(offset, buf.len(), self.size())?;
            self.reads.lock().unwrap().push((offset, buf.len()));
            if self.bad.contains(&(offset / 512)) {
                return Err(io(offset, buf.len() as u64));
            }
            buf.copy_from_slice(&self.bytes[offset as usize..][..buf.len()]);
            Ok(())
        }
    }

    fn io(offset: u64, length: u64) -> ReadError {
        ReadError::Unreadable {
            offset,
            length,
            cause: SystemError {
                kind: ErrorKind::Other,
                os_error: Some(5),
            },
        }
    }

    #[test]
    fn each_sector_is_read_once_and_alone() {
        let image = Watched::new(10 * SECTOR, &[]);
        let sectors = Sectors::new(&image);
        let mut buf = [0; 1500];
        sectors.read(700, &mut buf).unwrap();
        assert_eq!(buf[..], image.bytes[700..2200]);
        sectors.read(600, &mut buf).unwrap();
        assert_eq!(buf[..], image.bytes[600..2100]);
        assert_eq!(sectors.sector(2).unwrap()[..], image.bytes[1024..1536]);
        assert_eq!(
            image.reads(),
            [(512, 512), (1024, 512), (1536, 512), (2048, 512)]
        );
        assert_eq!(sectors.read_so_far(), [1, 2, 3, 4]);
        assert_eq!(sectors.failed(), []);
    }

    #[test]
    fn a_failure_is_remembered() {
        let image = Watched::new(10 * SECTOR, &[3, 4, 7]);
        let sectors = Sectors::new(&image);
        for _ in 0..3 {
            assert_eq!(sectors.sector(3).unwrap_err(), io(1536, 512));
        }
        assert!(sectors.read(7 * 512 + 100, &mut [0; 10]).is_err());
        assert!(sectors.read(0, &mut [0; 5120]).is_err());
        assert!(sectors.sector(4).is_err());
        let extent = |offset, length| Extent { offset, length };
        assert_eq!(sectors.failed(), [extent(1536, 1024), extent(3584, 512)]);
        assert_eq!(sectors.read_so_far(), [0, 1, 2]);
        assert_eq!(image.reads().len(), 6);
        let tally = sectors.tally();
        assert_eq!((tally.reads, tally.failures, tally.numbered), (3, 3, true));
    }

    #[test]
    fn a_partial_last_sector_is_bytes_but_no_sector() {
        let image = Watched::new(2 * SECTOR + 100, &[]);
        let sectors = Sectors::new(&image);
        assert_eq!(sectors.count(), 2);
        let past = ReadError::PastEnd {
            offset: 1024,
            length: 512,
            size: 1124,
        };
        assert_eq!(sectors.sector(2).unwrap_err(), past);
        assert!(sectors.sector(u64::MAX).is_err());
        let mut tail = [0; 114];
        sectors.read(1010, &mut tail).unwrap();
        assert_eq!(tail[..], image.bytes[1010..]);
        assert_eq!(image.reads(), [(512, 512), (1024, 100)]);
        assert!(sectors.read(1124, &mut []).is_ok());
        assert!(sectors.read(1124, &mut [0]).is_err());
        assert!(sectors.read(u64::MAX, &mut [0; 9]).is_err());
        assert_eq!(sectors.read_so_far(), [1]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let image = Watched::new((MOST_KEPT + 2) * SECTOR, &[]);
        let sectors = Sectors::new(&image);
        let first = sectors.sector(0).unwrap();
        for lba in 1..MOST_KEPT as u64 + 2 {
            sectors.sector(lba).unwrap();
        }
        assert_eq!(sectors.state.borrow().kept.len(), MOST_KEPT);
        assert_eq!(sectors.state.borrow().order.len(), MOST_KEPT);
        sectors.sector(5).unwrap();
        assert_eq!(image.reads().len(), MOST_KEPT + 2);
        assert_eq!(sectors.sector(0).unwrap(), first);
        assert_eq!(image.reads().len(), MOST_KEPT + 3);
        assert_eq!(sectors.read_so_far().len(), MOST_KEPT + 2);
    }

    #[test]
    fn the_numbers_are_bounded() {
        let mut image = Pages::with_budget(0);
        image.append(&[0; 2 * SECTOR]).unwrap();
        let sectors = Sectors::new(&image);
        let many = 2..=MOST_NUMBERED as u64;
        sectors.state.borrow_mut().seen = Some(many.collect());
        sectors.sector(0).unwrap();
        assert_eq!(sectors.read_so_far().len(), MOST_NUMBERED);
        sectors.sector(1).unwrap();
        assert!(sectors.read_so_far().is_empty());
        assert!(!sectors.tally().numbered);
    }
}
