mod resumed_tests;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::*;
use crate::files::Sources;
use crate::image::{ReadAt, ReadError, Readings, RescueMap, SystemError};
use crate::progress::Progress;

/// A card with bad sectors, some of which read at the second or a later try.
struct Card {
    bytes: Vec<u8>,
    /// Sector and how often it fails before it reads.
    bad: Mutex<Vec<(u64, u32)>>,
    /// Where a read that begins there fails the first time.
    fails_once: Mutex<BTreeSet<u64>>,
    /// What the source knows to be empty.
    hole: Option<std::ops::Range<u64>>,
    /// Sectors at and behind which the card is gone.
    gone: Option<u64>,
    reads: Mutex<BTreeSet<(u64, usize)>>,
}

impl Card {
    fn new(sectors: u64, bad: &[(u64, u32)]) -> Self {
        let mut bytes = Vec::new();
        for sector in 0..sectors {
            // Every other 64 KiB is empty.
            let byte = if sector / 128 % 2 == 0 {
                sector as u8 | 1
            } else {
                0
            };
            bytes.extend((0..512).map(|at| byte.wrapping_mul(at as u8 | 1)));
        }
        Self {
            bytes,
            bad: Mutex::new(bad.to_vec()),
            fails_once: Mutex::default(),
            hole: None,
            gone: None,
            reads: Mutex::default(),
        }
    }
}

impl ReadAt for Card {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        self.reads.lock().unwrap().insert((offset, buf.len()));
        let failed = |os_error| ReadError::Unreadable {
            offset,
            length: buf.len() as u64,
            cause: SystemError {
                kind: io::ErrorKind::Other,
                os_error: Some(os_error),
            },
        };
        let end = offset + buf.len() as u64;
        if self.gone.is_some_and(|gone| end > gone * 512) {
            return Err(failed(rustix::io::Errno::NODEV.raw_os_error()));
        }
        let mut bad = self.bad.lock().unwrap();
        let mut fails = self.fails_once.lock().unwrap().remove(&offset);
        for (sector, left) in bad.iter_mut() {
            let inside = (offset..end).contains(&(*sector * 512));
            if inside && *left > 0 {
                fails = true;
                // Only on its own it is worn down.
                *left -= u32::from(buf.len() == 512);
            }
        }
        if fails {
            return Err(failed(rustix::io::Errno::IO.raw_os_error()));
        }
        let from = offset as usize;
        buf.copy_from_slice(&self.bytes[from..from + buf.len()]);
        Ok(())
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let hole = self.hole.clone().unwrap_or_default();
        let start = if hole.contains(&offset) {
            hole.end
        } else {
            offset
        };
        let end = if start < hole.start {
            hole.start
        } else {
            self.size()
        };
        (start < end).then(|| Extent {
            offset: start,
            length: end - start,
        })
    }
}

fn target(path: &Path, card: &Card) -> ImageTarget {
    ImageTarget::open(path, &Sources::none(), card.size(), card.size()).unwrap()
}

fn bad(map: &RescueMap) -> Vec<u64> {
    let bad = map.all(Tried::Bad);
    bad.iter()
        .flat_map(|part| (part.offset..part.end()).step_by(512))
        .map(|at| at / 512)
        .collect()
}

const FOREVER: u32 = u32::MAX;

#[test]
fn a_good_card_is_copied_with_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    // Three blocks and a part of one, which is no whole sector.
    let mut card = Card::new(3 * 8192 + 5, &[]);
    card.bytes.truncate(card.bytes.len() - 100);
    let mut new = target(&path, &card);
    let copied = copy(&card, &mut new, 3, &Progress::default(), &()).unwrap();
    let hash = hex::encode(Sha256::digest(&card.bytes));
    assert_eq!(copied.ended, Ended::Through);
    assert_eq!(copied.sha256.as_deref(), Some(hash.as_str()));
    assert_eq!(copied.read, card.size());
    assert!(std::fs::read(&path).unwrap() == card.bytes);
    assert_eq!(new.read_back(&Progress::default()).unwrap(), Some(hash));
    let map = std::fs::read_to_string(folder.path().join("card.img.map")).unwrap();
    assert_eq!(RescueMap::read(&map).unwrap().missing(), []);
    // Every byte was read once, in large blocks.
    assert_eq!(card.reads.lock().unwrap().len(), 4);
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(metadata.blocks() * 512 < card.size() * 3 / 4, "not sparse");
}

#[test]
fn a_second_reading_tells_what_differs() {
    let first = Card::new(3 * 8192 + 5, &[]);
    let same = reread(&first, &first, None, &Progress::default()).unwrap();
    assert_eq!(same.differing, []);
    assert_eq!(same.other_card(), None);
    let mut now = Card::new(3 * 8192 + 5, &[(9000, FOREVER), (9001, FOREVER)]);
    for sector in [0, 2048, 8192, 3 * 8192 + 4] {
        now.bytes[sector * 512 + 511] ^= 1;
    }
    let sectors = |parts: Vec<Extent>| -> Vec<_> {
        let sectors = |part: Extent| (part.offset / 512, part.length / 512);
        parts.into_iter().map(sectors).collect()
    };
    let differing = |now: &Card, first: &Card| {
        let read = reread(now, first, None, &Progress::default()).unwrap();
        sectors(read.differing)
    };
    let found = differing(&now, &first);
    let last = 3 * 8192 + 4;
    let wanted = [(0, 1), (2048, 1), (8192, 1), (9000, 2), (last, 1)];
    assert_eq!(found, wanted);
    // What was not read at first is compared with nothing.
    let found = differing(&first, &now);
    assert_eq!(found, [(0, 1), (2048, 1), (8192, 1), (last, 1)]);
    let stopped = AtomicBool::new(true);
    assert_eq!(
        reread(&now, &first, None, &Progress::stopped_by(&stopped)),
        None
    );
}

#[test]
fn what_differs_is_kept_and_so_is_what_the_image_lacks() {
    let first = Card::new(8192, &[(9, FOREVER)]);
    let mut readings = Readings::new(first.size());
    let mut images: Vec<Vec<u8>> = Vec::new();
    for number in [2_u8, 3] {
        let mut now = Card::new(8192, &[(30 + u64::from(number), FOREVER)]);
        now.bytes[usize::from(number) * 512] ^= number;
        assert!(readings.begin());
        let read = reread(&now, &first, Some(&mut readings), &Progress::default()).unwrap();
        assert!(read.all_kept && read.other_card().is_none());
        images.push(now.bytes);
    }
    // One sector differs in each, and one is in no image.
    assert_eq!((readings.count(), readings.sectors()), (3, 4));
    let other = Card::new(8192, &[]);
    let other = Card {
        bytes: other.bytes.iter().map(|byte| !byte).collect(),
        ..other
    };
    let read = reread(&other, &first, None, &Progress::default()).unwrap();
    assert_eq!(read.other_card(), Some(0));
}

#[test]
fn only_bad_sectors_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let sectors = [7, 8191, 8192, 8193, 20_000];
    let card = Card::new(30_000, &sectors.map(|sector| (sector, FOREVER)));
    let mut new = target(&path, &card);
    let copied = copy(&card, &mut new, 2, &Progress::default(), &()).unwrap();
    assert_eq!((copied.ended, copied.sha256), (Ended::Through, None));
    assert_eq!(bad(new.map()), sectors);
    let mut expected = card.bytes.clone();
    for sector in sectors {
        expected[sector as usize * 512..][..512].fill(0);
    }
    assert!(std::fs::read(&path).unwrap() == expected);
}

#[test]
fn patience_helps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let card = Card::new(20_000, &[(100, 1), (101, 4), (9000, FOREVER)]);
    let mut new = target(&path, &card);
    copy(&card, &mut new, 1, &Progress::default(), &()).unwrap();
    assert_eq!(bad(new.map()), [101, 9000]);
    drop(new);
    // A later run goes on with what is bad; beside that it only compares large parts of the beginning.
    card.reads.lock().unwrap().clear();
    let mut again = target(&path, &card);
    assert!(again.resumed());
    let copied = copy(&card, &mut again, 3, &Progress::default(), &()).unwrap();
    assert_eq!(bad(again.map()), [9000]);
    assert_eq!(copied.read, 512);
    let reads = card.reads.lock().unwrap();
    let sectors = reads.iter().filter(|(_, length)| *length == 512);
    assert_eq!(sectors.count(), 2);
}

#[test]
fn what_fails_over_several_blocks_and_reads_later_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    // Two blocks beside each other fail once, as when a reader resets; the map makes one part of them.
    let mut card = Card::new(30_000, &[]);
    card.fails_once = Mutex::new(BTreeSet::from([0, 4 << 20]));
    let mut new = target(&path, &card);
    let copied = copy(&card, &mut new, 0, &Progress::default(), &()).unwrap();
    assert_eq!(copied.ended, Ended::Through);
    assert_eq!(new.map().missing(), []);
    assert!(std::fs::read(&path).unwrap() == card.bytes);
    drop(new);
    // The same in the map of another program: one part that was not trimmed, longer than a block.
    let map = format!("0x0 ? 1\n0x0 {:#x} *\n", card.size());
    std::fs::write(folder.path().join("card.img.map"), map).unwrap();
    std::fs::write(&path, vec![0xEE; card.bytes.len()]).unwrap();
    let mut again = target(&path, &card);
    assert!(again.resumed());
    copy(&card, &mut again, 0, &Progress::default(), &()).unwrap();
    assert_eq!(again.map().missing(), []);
    assert!(std::fs::read(&path).unwrap() == card.bytes);
}

#[test]
fn the_map_of_an_image_may_have_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let card = Card::new(30_000, &[]);
    let size = card.size();
    let text = format!("0x0 ? 1\n0x0 0x1000 +\n0x1000 {:#x} ?\n", size - 0x1000);
    for name in ["card.map", "card.img.mapfile", "card.mapfile"] {
        let map = folder.path().join(name);
        std::fs::write(&map, &text).unwrap();
        let mut begun = vec![0xEE; card.bytes.len()];
        begun[..0x1000].copy_from_slice(&card.bytes[..0x1000]);
        std::fs::write(&path, &begun).unwrap();
        let mut resumed = target(&path, &card);
        assert!(resumed.resumed(), "{name}");
        copy(&card, &mut resumed, 0, &Progress::default(), &()).unwrap();
        drop(resumed);
        assert!(std::fs::read(&path).unwrap() == card.bytes, "{name}");
        // Its own map is what counts from now on; the other one is somebody's file.
        assert_eq!(target(&path, &card).map().missing(), [], "{name}");
        assert_eq!(std::fs::read_to_string(&map).unwrap(), text);
        for file in [&map, &folder.path().join("card.img.map"), &path] {
            std::fs::remove_file(file).unwrap();
        }
    }
    // What is no map is none, and one that is damaged is named.
    std::fs::write(&path, &card.bytes).unwrap();
    let opened = || ImageTarget::open(&path, &Sources::none(), size, size).unwrap_err();
    std::fs::write(folder.path().join("card.map"), "notes").unwrap();
    assert!(matches!(opened(), ImageTargetError::NoMap(_)));
    std::fs::write(folder.path().join("card.map"), "0 + 1\n0 512\n").unwrap();
    assert!(matches!(opened(), ImageTargetError::Map { .. }));
}

#[test]
fn a_hole_of_the_source_is_zeros_in_an_image_that_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let mut card = Card::new(30_000, &[]);
    card.bytes[4 << 20..8 << 20].fill(0);
    card.hole = Some(4 << 20..8 << 20);
    let map = format!("0x0 ? 1\n0x0 {:#x} ?\n", card.size());
    std::fs::write(folder.path().join("card.img.map"), map).unwrap();
    std::fs::write(&path, vec![0xEE; card.bytes.len()]).unwrap();
    let mut resumed = target(&path, &card);
    assert!(resumed.resumed());
    copy(&card, &mut resumed, 0, &Progress::default(), &()).unwrap();
    assert_eq!(resumed.map().missing(), []);
    assert!(std::fs::read(&path).unwrap() == card.bytes);
}

#[test]
fn what_was_stopped_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let card = Card::new(40_000, &[(5, FOREVER)]);
    let mut new = target(&path, &card);
    let stop = AtomicBool::new(false);
    let at_8_mib = |progress: &Progress<'_>| {
        stop.fetch_or(progress.done() >= 8 << 20, Ordering::Relaxed);
    };
    let until = Progress::stopped_by(&stop).heard_by(&at_8_mib);
    let copied = copy(&card, &mut new, 1, &until, &()).unwrap();
    assert_eq!(copied.ended, Ended::Stopped);
    assert!(copied.read < card.size());
    drop(new);
    let mut again = target(&path, &card);
    let copied = copy(&card, &mut again, 1, &Progress::default(), &()).unwrap();
    assert_eq!(copied.ended, Ended::Through);
    assert_eq!(bad(again.map()), [5]);
    let mut expected = card.bytes.clone();
    expected[5 * 512..6 * 512].fill(0);
    assert!(std::fs::read(&path).unwrap() == expected);
}

#[test]
fn a_worn_card_goes_on_and_another_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let card = Card::new(20_000, &[(100, 2)]);
    let mut new = target(&path, &card);
    copy(&card, &mut new, 0, &Progress::default(), &()).unwrap();
    assert_eq!(bad(new.map()), [100]);
    drop(new);

    let mut other = Card::new(20_000, &[]);
    other.bytes.iter_mut().for_each(|byte| *byte = !*byte);
    let mut again = target(&path, &other);
    let refused = copy(&other, &mut again, 3, &Progress::default(), &()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "{}: was begun with another card, or this one was written to since: it holds something else at byte 0",
            path.display()
        )
    );
    drop(again);

    let mut worn = Card::new(20_000, &[]);
    for sector in [3, 4, 1000] {
        worn.bytes[sector * 512 + 77] ^= 4;
    }
    let mut again = target(&path, &worn);
    let copied = copy(&worn, &mut again, 3, &Progress::default(), &()).unwrap();
    let differing: Vec<_> = copied
        .differing
        .iter()
        .map(|part| (part.offset, part.length))
        .collect();
    assert_eq!(differing, [(3 * 512, 1024), (1000 * 512, 512)]);
    assert_eq!(again.map().missing(), []);
    // What was read first stays.
    assert!(std::fs::read(&path).unwrap() == card.bytes);
}

#[test]
fn a_card_taken_out_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let mut card = Card::new(40_000, &[]);
    card.gone = Some(10_000);
    let mut new = target(&path, &card);
    let copied = copy(&card, &mut new, 3, &Progress::default(), &()).unwrap();
    assert_eq!(copied.ended, Ended::Gone);
    assert_eq!(bad(new.map()), [0; 0], "what was not there is not bad");
    assert_eq!(new.map().all(Tried::Done).len(), 1);
    drop(new);
    card.gone = None;
    let mut again = target(&path, &card);
    copy(&card, &mut again, 0, &Progress::default(), &()).unwrap();
    assert!(std::fs::read(&path).unwrap() == card.bytes);
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let open = |size| ImageTarget::open(&path, &Sources::none(), size, size);
    std::fs::write(&path, "something").unwrap();
    assert!(matches!(open(9), Err(ImageTargetError::NoMap(_))));
    let map = folder.path().join("card.img.map");
    std::fs::write(&map, "0 + 1\n0 9 +\n").unwrap();
    assert!(matches!(
        open(10),
        Err(ImageTargetError::OtherSize {
            map: 9,
            card: 10,
            ..
        })
    ));
    assert!(open(9).is_ok());
    std::fs::write(&map, "shopping").unwrap();
    assert!(matches!(open(9), Err(ImageTargetError::Map { .. })));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(open(9), Err(ImageTargetError::NoImage(_))));
    std::fs::remove_file(&map).unwrap();
    let most = u64::MAX / 2;
    assert!(matches!(open(most), Err(ImageTargetError::NoRoom { .. })));
    assert!(!path.exists());
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    assert!(matches!(open(9), Err(ImageTargetError::Place(_))));
    assert!(matches!(
        ImageTarget::open(Path::new("/dev/null"), &Sources::none(), 9, 9),
        Err(ImageTargetError::Place(_))
    ));
}
