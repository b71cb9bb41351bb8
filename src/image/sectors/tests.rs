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
