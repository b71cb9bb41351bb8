//! Whatever an archive says: no panic, no more memory and time than what is in it is worth.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::super::{Archive, ArchiveError, MOST_DEPTH};
use super::*;
use crate::image::read_at::check_inside;
use crate::image::{Memory, ReadError};

/// Each folder of a name takes memory, so a few bytes of an archive must not make many.
#[test]
fn names_of_many_folders_are_left_out_and_that_is_said() {
    let deep = |number: usize| format!("{number}/{}x", "a/".repeat(1900));
    let names: Vec<String> = (0..100).map(deep).collect();
    let mut members: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"y"[..]))
        .collect();
    let below = format!("{}x", "b/".repeat(MOST_DEPTH - 1));
    members.extend([
        (below.as_str(), &b"z"[..]),
        ("bitbox02/id/0.bin", b"copy 1"),
    ]);
    for archive in [deflated(&members), tar(&members)] {
        let Medium::Folder(root) = File::new(&archive).open("").unwrap().source else {
            panic!()
        };
        let found = root.contents();
        let names: Vec<_> = found.entries.iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["b", "bitbox02"]);
        assert!(found.more);
    }
    let whole = File::new(&deflated(&members[100..])).open("").unwrap();
    assert!(matches!(whole.source, Medium::Folder(root) if !root.contents().more));
}

/// Whatever the archive says of their sizes, what is kept of its members is bounded.
#[test]
fn what_is_read_counts_and_not_what_is_said() {
    // Members without a list, whose sizes stand behind them.
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&[0; 64 << 10]).unwrap();
    let packed = packer.finish().unwrap();
    let mut archive = Vec::new();
    for number in 0..1100 {
        let name = format!("bitbox02/{number}");
        let mut header = [0; 30];
        header[..10].copy_from_slice(b"PK\x03\x04\x14\0\x08\0\x08\0");
        header[26] = name.len() as u8;
        archive.extend([&header, name.as_bytes(), &packed].concat());
    }
    let Medium::Folder(root) = File::new(&archive).open("").unwrap().source else {
        panic!()
    };
    let found = root.contents();
    assert!(found.more);
    let bitbox02 = root.folder(&found.entries[0]);
    let entries = bitbox02.contents().entries;
    let kept = entries.iter().filter(|entry| entry.read(1).is_ok());
    assert_eq!((entries.len(), kept.count()), (1100, 1024));
}

/// What a few bytes of a file claim would be read, written, and hashed as unreadable sectors.
#[test]
fn no_more_is_missing_than_a_card_can_have() {
    let card = [7; 5000];
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x38];
    // A frame of 2^62 bytes, with one block of 5000 that is not the last.
    frame.extend((1_u64 << 62).to_le_bytes());
    frame.extend((5000_u32 << 3).to_le_bytes().get(..3).unwrap());
    frame.extend(card);
    let mut tar = ::tar::Header::new_gnu();
    tar.set_path("card.img").unwrap();
    tar.set_size(1 << 62);
    tar.set_cksum();
    let tar = [tar.as_bytes(), &card[..]].concat();
    for cut in [frame, tar] {
        let opened = File::new(&cut).open("").unwrap();
        assert!(!opened.damage.is_empty());
        let image = image(opened);
        assert_eq!(image.size(), 5120);
        assert_eq!(image.gaps().len(), 1);
    }
}

/// An image of which it is counted how many bytes are read.
struct Counted(Vec<u8>, AtomicUsize);

impl ReadAt for Counted {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size())?;
        self.1.fetch_add(buf.len(), Ordering::Relaxed);
        buf.copy_from_slice(&self.0[offset as usize..][..buf.len()]);
        Ok(())
    }
}

#[test]
fn a_list_that_is_missing_is_searched_for_in_one_pass_which_can_be_stopped() {
    // Headers of members, each with a name that leads out of the archive.
    let mut header = [0; 32];
    header[..4].copy_from_slice(b"PK\x03\x04");
    header[26] = 2;
    header[30..].copy_from_slice(b"..");
    let mut headers = header.repeat(1 << 18);
    headers.push(0);
    let size = headers.len();
    let counted = Arc::new(Counted(headers, AtomicUsize::new(0)));
    let image: Arc<dyn ReadAt> = Arc::clone(&counted) as _;
    let open = |image: &Arc<dyn ReadAt>, progress: &Progress<'_>| {
        Archive::open(image, progress).map(|found| found.is_some())
    };
    let damaged = Err(ArchiveError::Foreign(Foreign::DAMAGED_ZIP));
    assert_eq!(open(&image, &Progress::default()), damaged);
    let read = counted.1.load(Ordering::Relaxed);
    assert!(read < 4 * size, "{read} of {size}");
    let stop = AtomicBool::new(true);
    let stopped = Progress::stopped_by(&stop);
    let tar: Arc<dyn ReadAt> = Arc::new(Memory::new(tar(&[("a.img", &card())])));
    for image in [image, tar] {
        assert_eq!(open(&image, &stopped), Err(ArchiveError::Stopped));
    }
}

/// Whatever is changed in an archive: no panic, no more memory than allowed, gaps inside the image that cannot
/// be read, and what can be read is there twice.
#[test]
fn damaged_archives_do_no_harm() {
    let card = card();
    let small = &card[..20 << 10];
    let members = [
        ("card.img", small),
        ("bitbox02/id/0.bin", b"copy"),
        ("n.txt", b"text"),
    ];
    let alone = [("card.img", small)];
    let all = [
        deflated(&members),
        deflated(&alone),
        zip(&alone, CompressionMethod::Stored),
        tar(&alone),
        gzip(&tar(&alone)),
        gzip(small),
    ];
    let mut state = 3_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut opened = 0;
    for round in 0..4000 {
        let mut archive = all[round % all.len()].clone();
        match random(4) {
            0 => archive.truncate(1 + random(archive.len())),
            1 => {
                let at = random(archive.len());
                archive.drain(at..(at + 1 + random(40)).min(archive.len()));
            }
            _ => {
                for _ in 0..1 + random(8) {
                    // Headers and lists are at the ends.
                    let length = archive.len();
                    let near = random(300).min(length - 1);
                    let at = [near, length - 1 - near, random(length)][random(3)];
                    archive[at] = [0, 0xff, random(256) as u8][random(3)];
                }
            }
        }
        let file = File::new(&archive);
        for below in ["", "card.img", "bitbox02"] {
            if let Ok(found) = file.open(below) {
                opened += usize::from(look(found));
            }
        }
    }
    assert!(opened > 2000, "{opened}");
}

/// Whether it is an image, looked through.
fn look(opened: Opened) -> bool {
    let Medium::Image(image) = opened.source else {
        return false;
    };
    let (size, gaps) = (image.size(), image.gaps());
    for pair in gaps.windows(2) {
        assert!(pair[0].end() < pair[1].offset, "{gaps:?}");
    }
    for gap in &gaps {
        assert!(gap.length > 0 && gap.end() <= size, "{gap:?} of {size}");
        assert!(image.read_at(gap.offset, &mut [0]).is_err(), "{gap:?}");
    }
    let mut sector = [0; 512];
    for at in (0..size / 512)
        .chain(size / 512 * 511 / 512..size / 512)
        .take(200)
    {
        let in_gap = gaps
            .iter()
            .any(|gap| gap.offset < (at + 1) * 512 && at * 512 < gap.end());
        assert_eq!(
            image.read_at(at * 512, &mut sector).is_err(),
            in_gap,
            "{at} {gaps:?}"
        );
    }
    true
}
