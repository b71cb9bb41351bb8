use super::*;
use crate::image::SplitReads;
use crate::image::containers::e01::open;
use fixtures::damage::Random;
use fixtures::e01::{
    DESCRIPTOR, FILE_HEADER, Writer, card, header, put_right, section, summed, write,
};

/// The folder the segments lie in, and the first of them.
fn written(segments: &[Vec<u8>]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), segments);
    (folder, first)
}

fn opened(segments: &[Vec<u8>]) -> Result<Box<dyn ReadAt>, E01Error> {
    let (_folder, first) = written(segments);
    open(&first, &Progress::default()).map(|(image, _)| image)
}

/// What can be read of it, sector by sector.
fn sectors(image: &dyn ReadAt) -> Vec<Option<Vec<u8>>> {
    let offsets = (0..image.size()).step_by(512);
    let sector = |offset| {
        let mut sector = vec![0; 512];
        image.read_at(offset, &mut sector).ok().map(|()| sector)
    };
    offsets.map(sector).collect()
}

fn is_card(image: &dyn ReadAt) {
    let mut bytes = vec![0; card().len()];
    assert_eq!(image.size(), bytes.len() as u64);
    image.read_at(0, &mut bytes).unwrap();
    assert_eq!(bytes, card());
    assert_eq!(sectors(image).concat_known(), card());
    assert_eq!(image.gaps(), []);
}

trait ConcatKnown {
    fn concat_known(&self) -> Vec<u8>;
}

impl ConcatKnown for [Option<Vec<u8>>] {
    fn concat_known(&self) -> Vec<u8> {
        self.iter().flatten().flatten().copied().collect()
    }
}

#[test]
fn the_card_is_in_it() {
    is_card(&*opened(&Writer::default().segments()).unwrap());
    for (per_chunk, per_segment) in [(1, 1), (1, 5), (4, 2), (64, 1)] {
        let writer = Writer {
            per_chunk,
            per_segment,
            ..Writer::default()
        };
        is_card(&*opened(&writer.segments()).unwrap());
    }
    let old = Writer {
        old: true,
        per_segment: 3,
        ..Writer::default()
    };
    is_card(&*opened(&old.segments()).unwrap());
    let based = Writer {
        base: 1000,
        ..Writer::default()
    };
    is_card(&*opened(&based.segments()).unwrap());
}

#[test]
fn what_could_not_be_read_is_unreadable() {
    let writer = Writer {
        errors: vec![[9, 2], [2, 1], [3, 1], [12, 4_000_000_000]],
        per_segment: 2,
        ..Writer::default()
    };
    let image = opened(&writer.segments()).unwrap();
    let extent = |offset, length| Extent { offset, length };
    assert_eq!(
        image.gaps(),
        [extent(1024, 1024), extent(4608, 1024), extent(6144, 512)]
    );
    for (number, sector) in sectors(&*image).into_iter().enumerate() {
        let is_lost = [2, 3, 9, 10, 12].contains(&number);
        let there = (!is_lost).then(|| card()[number * 512..][..512].to_vec());
        assert_eq!(sector, there, "{number}");
    }
    let error = image.read_at(1024, &mut [0; 512]).unwrap_err();
    assert_eq!(error.fault(), crate::image::Fault::NotRead);
}

#[test]
fn all_lists_of_what_could_not_be_read_are_bounded_together() {
    let list = |count: usize| {
        let mut head = vec![0; 516];
        head[..4].copy_from_slice(&(count as u32).to_le_bytes());
        let body = [summed(head), summed(vec![0; count * 8])].concat();
        ("error2", body)
    };
    let most = MOST_ERRORS as usize;
    for (counts, is_taken) in [([most / 2; 2], true), ([most / 2, most / 2 + 1], false)] {
        let writer = Writer {
            ending: counts.map(list).into(),
            ..Writer::default()
        };
        let error = opened(&writer.segments())
            .err()
            .map(|error| error.to_string());
        assert_eq!(error.is_none(), is_taken, "{error:?}");
        assert!(error.is_none_or(|error| error.contains("more unreadable parts than any card")));
    }
}

#[test]
fn a_missing_segment_is_told() {
    let writer = Writer {
        per_segment: 1,
        ..Writer::default()
    };
    let segments = writer.segments();
    let said = |segments: &[Vec<u8>]| opened(segments).err().unwrap().to_string();
    assert!(
        said(&segments[..3])
            .contains("it holds 6144 of 6656 bytes and does not end, so that a segment is missing"),
        "{}",
        said(&segments[..3])
    );
    let swapped = [
        segments[0].clone(),
        segments[2].clone(),
        segments[1].clone(),
    ];
    assert!(said(&swapped).contains("segment 2: byte 9: it has another number"));
    assert!(said(&segments[1..]).contains("segment 1: byte 9"));
}

/// Whatever bit of an image flips: it is not opened, or what is read is the card's, or is not read.
#[test]
fn no_flipped_bit_passes_for_the_card() {
    let writer = Writer {
        errors: vec![[1, 1]],
        per_segment: 3,
        ..Writer::default()
    };
    let segments = writer.segments();
    let right = sectors(&*opened(&segments).unwrap());
    let (_folder, first) = written(&segments);
    let (mut refused, mut lost) = (0, 0);
    for (number, segment) in segments.iter().enumerate() {
        let path = first.with_extension(format!("E{:02}", number + 1));
        for at in 0..segment.len() {
            let mut damaged = segment.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, &damaged).unwrap();
            let Ok(image) = open(&first, &Progress::default()).map(|(image, _)| image) else {
                refused += 1;
                continue;
            };
            let found = sectors(&*image);
            assert_eq!(found.len(), right.len(), "{number} {at}");
            for (found, right) in found.iter().zip(&right) {
                assert!(
                    found.is_none() || found == right,
                    "segment {number} byte {at}"
                );
            }
            lost += usize::from(found != right);
        }
        std::fs::write(&path, segment).unwrap();
    }
    assert!(refused > 1000 && lost > 1000, "{refused} {lost}");
}

#[test]
fn the_mirror_of_a_damaged_table_is_taken() {
    let mut segments = Writer::default().segments();
    let place = |name: &[u8]| {
        let found = segments[0]
            .windows(16)
            .position(|bytes| bytes.starts_with(name));
        found.unwrap() + 76
    };
    let (table, mirror) = (place(b"table\0"), place(b"table2\0"));
    segments[0][table + 25] ^= 1;
    is_card(&*opened(&segments).unwrap());
    segments[0][mirror + 25] ^= 1;
    let error = opened(&segments).err().unwrap();
    assert!(
        error
            .to_string()
            .contains(&format!("byte {}: its checksum is wrong", mirror + 24)),
        "{error}"
    );
}

#[test]
fn no_cut_passes_for_the_card() {
    let [segment] = &Writer::default().segments()[..] else {
        panic!();
    };
    // What could not be read is told at the end.
    for length in SIGNATURE.len()..segment.len() {
        assert!(opened(&[segment[..length].to_vec()]).is_err(), "{length}");
    }
}

/// A valid image by every checksum, of a writer who wishes harm.
#[test]
fn a_hostile_image_takes_neither_memory_nor_time() {
    let with = |sectors: u64, per_chunk: u32, bytes: u32| {
        let mut body = Writer::default().volume();
        body.truncate(1048);
        body[8..12].copy_from_slice(&per_chunk.to_le_bytes());
        body[12..16].copy_from_slice(&bytes.to_le_bytes());
        body[16..24].copy_from_slice(&sectors.to_le_bytes());
        let mut file = header(1);
        section(&mut file, "volume", &summed(body));
        let mut head = vec![0; 20];
        head[..4].copy_from_slice(&8_u32.to_le_bytes());
        section(&mut file, "sectors", &[]);
        section(
            &mut file,
            "table",
            &[summed(head), summed(vec![0xff; 32])].concat(),
        );
        section(&mut file, "done", &[]);
        opened(&[file])
    };
    for (sectors, per_chunk, bytes) in [
        (u64::MAX, 64, 512),
        (u64::MAX / 512, 64, 512),
        (1 << 40, 1 << 15, 512),
        (0, 64, 512),
        (64, 0, 512),
        (64, u32::MAX, 512),
        (64, 64, 0),
        (64, 64, 4096),
    ] {
        assert!(
            with(sectors, per_chunk, bytes).is_err(),
            "{sectors} {per_chunk} {bytes}"
        );
    }
    // The largest chunks, all damaged: each is looked at once and not for each of its sectors.
    let image = with(8 << 15, 1 << 15, 512).unwrap();
    assert_eq!(image.size(), 128 << 20);
    let image = SplitReads::new(image);
    let missing = image.read_around(0, &mut vec![0; 32 << 20]).unwrap();
    assert_eq!(
        missing,
        [Extent {
            offset: 0,
            length: 32 << 20
        }]
    );
}

/// Where the numbers of a segment begin: each descriptor, its body and the entries behind.
fn numbers(segment: &[u8]) -> Vec<usize> {
    let number = |at: usize| u32::from_le_bytes(segment[at..at + 4].try_into().unwrap()) as usize;
    let mut at = FILE_HEADER;
    let mut found = Vec::new();
    loop {
        let body = at + DESCRIPTOR;
        found.push(at);
        match &segment[at..at + 6] {
            b"volume" => found.push(body),
            b"table\0" | b"table2" => found.extend([body, body + 24]),
            b"error2" => found.extend([body, body + 520]),
            b"done\0\0" => return found,
            _ => {}
        }
        at = number(at + 16);
    }
}

/// Whatever a writer says, with every checksum right: it ends, soon, and reads nothing that is not there.
#[test]
fn hostile_numbers_behind_right_checksums() {
    let writer = Writer {
        errors: vec![[9, 2], [2, 1]],
        ..Writer::default()
    };
    let [whole] = &writer.segments()[..] else {
        panic!();
    };
    let numbers = numbers(whole);
    let mut same = whole.clone();
    put_right(&mut same);
    assert!(same == *whole, "every checksum of it is right");
    let (_folder, first) = written(std::slice::from_ref(whole));
    let mut random = Random::new(1);
    let mut next = |below: usize| random.below(below as u64) as usize;
    let (mut opened, mut read) = (0, 0);
    for _ in 0..4000 {
        let mut segment = whole.clone();
        for _ in 0..=next(3) {
            let at = numbers[next(numbers.len())] + next(32);
            let byte = [0, 1, 4, 0x7f, 0x80, 0xff, next(256) as u8][next(7)];
            let length = 1 + next(8);
            let end = (at + length).min(segment.len());
            segment[at.min(end)..end].fill(byte);
        }
        put_right(&mut segment);
        std::fs::write(&first, &segment).unwrap();
        let Ok(image) = open(&first, &Progress::default()).map(|(image, _)| image) else {
            continue;
        };
        opened += 1;
        let mut offsets: Vec<u64> = (0..24).collect();
        offsets.extend([image.size() / 1024, image.size() / 512 - 1]);
        for sector in offsets {
            let there = image.read_at(sector * 512, &mut [0; 512]);
            read += usize::from(there.is_ok());
        }
    }
    assert!(opened > 500 && read > 500, "{opened} {read}");
}
