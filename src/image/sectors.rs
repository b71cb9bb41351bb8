//! The sectors of an image, read once and kept, so that both eyes share them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Deref;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::{Extent, ReadAt, ReadError, SECTOR};

/// Bytes of a sector, as an offset.
const SECTOR_BYTES: u64 = 512;
/// Most sectors kept: 4 MiB.
const KEPT: usize = 8192;
/// Most sectors remembered as read; a normal examination reads some dozens.
const REMEMBERED: usize = 1 << 17;

/// One sector; cheap to clone, wiped when the last is dropped.
#[derive(Clone)]
pub struct Sector(Rc<Zeroizing<[u8; SECTOR]>>);

impl Deref for Sector {
    type Target = [u8; SECTOR];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl PartialEq for Sector {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

/// The sectors of one image. For one thread; make another for another.
pub struct Sectors<'a> {
    image: &'a dyn ReadAt,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    kept: HashMap<u64, Sector>,
    order: VecDeque<u64>,
    /// Every sector asked for: `None` when it was read, else why not.
    seen: BTreeMap<u64, Option<ReadError>>,
}

impl<'a> Sectors<'a> {
    /// The sectors of an image, none read yet.
    pub fn new(image: &'a dyn ReadAt) -> Self {
        Self {
            image,
            state: RefCell::default(),
        }
    }

    /// The image.
    pub fn image(&self) -> &'a dyn ReadAt {
        self.image
    }

    /// How many whole sectors there are; a cut last one is none to a device.
    pub fn count(&self) -> u64 {
        self.image.size() / SECTOR_BYTES
    }

    /// Reads the sector of this number. A failed read is remembered, not tried again.
    pub fn sector(&self, lba: u64) -> Result<Sector, ReadError> {
        let mut state = self.state.borrow_mut();
        if let Some(sector) = state.kept.get(&lba) {
            return Ok(sector.clone());
        }
        if let Some(Some(error)) = state.seen.get(&lba) {
            return Err(error.clone());
        }
        let offset = lba.saturating_mul(SECTOR_BYTES);
        if lba >= self.count() {
            return Err(ReadError::PastEnd {
                offset,
                length: SECTOR_BYTES,
                size: self.image.size(),
            });
        }
        let mut bytes = Rc::new(Zeroizing::new([0; SECTOR]));
        let read = match Rc::get_mut(&mut bytes) {
            Some(buf) => self.image.read_at(offset, buf.as_mut_slice()),
            None => Ok(()),
        };
        if state.seen.len() < REMEMBERED {
            state.seen.insert(lba, read.as_ref().err().cloned());
        }
        read?;
        let sector = Sector(bytes);
        if state.kept.len() >= KEPT
            && let Some(oldest) = state.order.pop_front()
        {
            state.kept.remove(&oldest);
        }
        state.order.push_back(lba);
        state.kept.insert(lba, sector.clone());
        Ok(sector)
    }

    /// Fills `buf` from any place, sector by sector; the cut tail of an image included.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let mut at = offset;
        let mut rest = buf;
        while !rest.is_empty() {
            let lba = at / SECTOR_BYTES;
            let within = (at % SECTOR_BYTES) as usize;
            if lba == self.count() {
                return self.image.read_at(at, rest);
            }
            let sector = self.sector(lba)?;
            let length = rest.len().min(SECTOR.saturating_sub(within));
            let (part, behind) = rest.split_at_mut(length);
            part.copy_from_slice(
                sector
                    .get(within..within.saturating_add(length))
                    .unwrap_or_default(),
            );
            rest = behind;
            at = at.saturating_add(length as u64);
        }
        Ok(())
    }

    /// The numbers of the different sectors read so far, ascending.
    pub fn read_so_far(&self) -> Vec<u64> {
        let state = self.state.borrow();
        state
            .seen
            .iter()
            .filter(|(_, error)| error.is_none())
            .map(|(lba, _)| *lba)
            .collect()
    }

    /// The sectors that could not be read so far, ascending.
    pub fn failed(&self) -> Vec<Extent> {
        let state = self.state.borrow();
        let failed = state.seen.iter().filter(|(_, error)| error.is_some());
        failed
            .map(|(lba, _)| Extent {
                offset: lba.saturating_mul(SECTOR_BYTES),
                length: SECTOR_BYTES,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Ten sectors and a half; sector 3 is bad; every read is noted.
    struct Card(Mutex<Vec<(u64, usize)>>);

    impl ReadAt for Card {
        fn size(&self) -> u64 {
            10 * 512 + 256
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
            self.0.lock().unwrap().push((offset, buf.len()));
            if offset == 3 * 512 {
                let kind = std::io::ErrorKind::Other;
                return Err(ReadError::Unreadable {
                    offset,
                    length: buf.len() as u64,
                    kind,
                    os_error: Some(5),
                });
            }
            buf.fill((offset / 512) as u8);
            Ok(())
        }
    }

    #[test]
    fn each_sector_is_read_once_and_bad_ones_are_not_tried_again() {
        let card = Card(Mutex::default());
        let sectors = Sectors::new(&card);
        for _ in 0..3 {
            assert_eq!(sectors.sector(2).unwrap()[0], 2);
            assert!(matches!(
                sectors.sector(3),
                Err(ReadError::Unreadable { .. })
            ));
            assert!(matches!(sectors.sector(10), Err(ReadError::PastEnd { .. })));
        }
        assert_eq!(*card.0.lock().unwrap(), [(1024, 512), (1536, 512)]);
        assert_eq!(sectors.read_so_far(), [2]);
        assert_eq!(
            sectors.failed(),
            [Extent {
                offset: 1536,
                length: 512
            }]
        );
    }

    #[test]
    fn ranges_cross_sectors_and_reach_the_cut_tail() {
        let card = Card(Mutex::default());
        let sectors = Sectors::new(&card);
        let mut bytes = [0xFF; 516];
        sectors.read(508, &mut bytes).unwrap();
        assert_eq!((bytes[3], bytes[4], bytes[515]), (0, 1, 1));
        assert!(sectors.read(1530, &mut bytes[..16]).is_err());
        sectors.read(10 * 512, &mut bytes[..256]).unwrap();
        assert_eq!(bytes[255], 10);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let zeros = super::super::Memory::new(vec![0; 512 * (KEPT + 100)]);
        let sectors = Sectors::new(&zeros);
        for lba in 0..sectors.count() {
            sectors.sector(lba).unwrap();
        }
        assert_eq!(sectors.state.borrow().kept.len(), KEPT);
        assert_eq!(sectors.read_so_far().len(), KEPT + 100);
    }
}
