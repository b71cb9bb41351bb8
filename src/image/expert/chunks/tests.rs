use super::*;
use crate::image::SplitReads;
use crate::image::expert::open;
use std::io::Write;

/// Two chunks of 2 KiB that get smaller, one that does not, and a part of one.
fn card() -> Vec<u8> {
    let mut noise = 1_u32;
    let mut next = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    };
    let mut card: Vec<u8> = (0..4096_u32).map(|at| (at / 300) as u8).collect();
    card.extend((0..2560).map(|_| next()));
    card
}

/// As the format's specification has it, byte by byte.
fn adler(bytes: &[u8]) -> [u8; 4] {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    (b << 16 | a).to_le_bytes()
}

fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = adler(&bytes);
    bytes.extend(sum);
    bytes
}

/// An image in the making.
struct Writer {
    card: Vec<u8>,
    /// Sectors in a chunk.
    per_chunk: usize,
    /// Chunks in a segment.
    per_segment: usize,
    /// First sector and number of sectors of what could not be read.
    errors: Vec<[u32; 2]>,
    /// The older form: no sectors, no mirror, every chunk packed.
    old: bool,
    base: u32,
}

impl Writer {
    fn new() -> Self {
        Self {
            card: card(),
            per_chunk: 4,
            per_segment: 100,
            errors: Vec::new(),
            old: false,
            base: 0,
        }
    }

    fn volume(&self) -> Vec<u8> {
        let (chunks, sectors) = (
            self.card.len().div_ceil(self.per_chunk * 512),
            self.card.len() / 512,
        );
        let mut body = vec![0; if self.old { 90 } else { 1048 }];
        for (at, value) in [
            (0, 1),
            (4, chunks),
            (8, self.per_chunk),
            (12, 512),
            (16, sectors),
        ] {
            body[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
        }
        summed(body)
    }

    fn segments(&self) -> Vec<Vec<u8>> {
        let all: Vec<_> = self.card.chunks(self.per_chunk * 512).collect();
        let parts: Vec<_> = all.chunks(self.per_segment).collect();
        let last = parts.len() - 1;
        let segment = |(index, chunks): (usize, &&[&[u8]])| {
            let mut file = SIGNATURE.to_vec();
            file.extend([1, index as u8 + 1, 0, 0, 0]);
            if index == 0 {
                section(&mut file, "header2", vec![7; 30]);
                section(&mut file, "volume", self.volume());
            } else {
                section(&mut file, "data", self.volume());
            }
            self.chunks(&mut file, chunks);
            if index == last && !self.errors.is_empty() {
                let mut head = vec![0; 516];
                head[..4].copy_from_slice(&(self.errors.len() as u32).to_le_bytes());
                let list = self.errors.concat().into_iter().flat_map(u32::to_le_bytes);
                section(
                    &mut file,
                    "error2",
                    [summed(head), summed(list.collect())].concat(),
                );
            }
            section(
                &mut file,
                if index == last { "done" } else { "next" },
                Vec::new(),
            );
            file
        };
        parts.iter().enumerate().map(segment).collect()
    }

    fn chunks(&self, file: &mut Vec<u8>, chunks: &[&[u8]]) {
        let packed: Vec<_> = chunks.iter().map(|chunk| self.packed(chunk)).collect();
        let before = match self.old {
            true => 76 + 24 + 4 * chunks.len(),
            false => 76,
        };
        let mut at = file.len() + before;
        let mut entries = Vec::new();
        for (is_packed, bytes) in &packed {
            let place = at as u32 - self.base;
            entries.extend((u32::from(*is_packed) << 31 | place).to_le_bytes());
            at += bytes.len();
        }
        let mut head = vec![0; 20];
        head[..4].copy_from_slice(&(chunks.len() as u32).to_le_bytes());
        head[8..12].copy_from_slice(&self.base.to_le_bytes());
        let data: Vec<u8> = packed.into_iter().flat_map(|(_, bytes)| bytes).collect();
        if self.old {
            section(file, "table", [summed(head), entries, data].concat());
        } else {
            section(file, "sectors", data);
            let table = [summed(head), summed(entries)].concat();
            section(file, "table", table.clone());
            section(file, "table2", table);
        }
    }

    fn packed(&self, chunk: &[u8]) -> (bool, Vec<u8>) {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(chunk).unwrap();
        let packed = packer.finish().unwrap();
        if packed.len() < chunk.len() || self.old {
            (true, packed)
        } else {
            (false, summed(chunk.to_vec()))
        }
    }
}

fn section(file: &mut Vec<u8>, kind: &str, body: Vec<u8>) {
    let size = 76 + body.len() as u64;
    let start = file.len() as u64;
    let is_last = kind == "done" || kind == "next";
    let mut head = [kind.as_bytes(), &vec![0; 72 - kind.len()]].concat();
    head[16..24].copy_from_slice(&(start + if is_last { 0 } else { size }).to_le_bytes());
    head[24..32].copy_from_slice(&(if is_last { 0 } else { size }).to_le_bytes());
    file.extend(summed(head));
    file.extend(body);
}

/// The folder the segments lie in, and the first of them.
fn written(segments: &[Vec<u8>]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (index, segment) in segments.iter().enumerate() {
        std::fs::write(
            folder.path().join(format!("card.E{:02}", index + 1)),
            segment,
        )
        .unwrap();
    }
    let first = folder.path().join("card.E01");
    (folder, first)
}

fn opened(segments: &[Vec<u8>]) -> Result<Box<dyn ReadAt>, ExpertError> {
    let (_folder, first) = written(segments);
    open(&first)
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
    is_card(&*opened(&Writer::new().segments()).unwrap());
    for (per_chunk, per_segment) in [(1, 1), (1, 5), (4, 2), (64, 1)] {
        let writer = Writer {
            per_chunk,
            per_segment,
            ..Writer::new()
        };
        is_card(&*opened(&writer.segments()).unwrap());
    }
    let old = Writer {
        old: true,
        per_segment: 3,
        ..Writer::new()
    };
    is_card(&*opened(&old.segments()).unwrap());
    let based = Writer {
        base: 1000,
        ..Writer::new()
    };
    is_card(&*opened(&based.segments()).unwrap());
}

#[test]
fn what_could_not_be_read_is_unreadable() {
    let writer = Writer {
        errors: vec![[9, 2], [2, 1], [3, 1], [12, 4_000_000_000]],
        per_segment: 2,
        ..Writer::new()
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
fn a_missing_segment_is_told() {
    let writer = Writer {
        per_segment: 1,
        ..Writer::new()
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
        ..Writer::new()
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
            let Ok(image) = open(&first) else {
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
    let mut segments = Writer::new().segments();
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
    let [segment] = &Writer::new().segments()[..] else {
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
        let mut body = Writer::new().volume();
        body.truncate(1048);
        body[8..12].copy_from_slice(&per_chunk.to_le_bytes());
        body[12..16].copy_from_slice(&bytes.to_le_bytes());
        body[16..24].copy_from_slice(&sectors.to_le_bytes());
        let mut file = [&SIGNATURE[..], &[1, 1, 0, 0, 0]].concat();
        section(&mut file, "volume", summed(body));
        let mut head = vec![0; 20];
        head[..4].copy_from_slice(&8_u32.to_le_bytes());
        section(&mut file, "sectors", Vec::new());
        section(
            &mut file,
            "table",
            [summed(head), summed(vec![0xff; 32])].concat(),
        );
        section(&mut file, "done", Vec::new());
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

/// The parts of a segment that a checksum stands behind, but for the chunks.
fn summed_parts(segment: &[u8]) -> Vec<std::ops::Range<usize>> {
    let number = |at: usize| u32::from_le_bytes(segment[at..at + 4].try_into().unwrap()) as usize;
    let mut parts = Vec::new();
    let mut at = FILE_HEADER as usize;
    loop {
        let body = at + DESCRIPTOR as usize;
        parts.push(at..body - 4);
        let kind = &segment[at..at + 6];
        match kind {
            b"volume" => parts.push(body..body + 1048),
            b"table\0" | b"table2" => {
                parts.extend([body..body + 20, body + 24..body + 24 + 4 * number(body)])
            }
            b"error2" => {
                parts.extend([body..body + 516, body + 520..body + 520 + 8 * number(body)])
            }
            b"done\0\0" => return parts,
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
        ..Writer::new()
    };
    let [whole] = &writer.segments()[..] else {
        panic!();
    };
    let parts = summed_parts(whole);
    assert_eq!(parts.len(), 14);
    let (_folder, first) = written(std::slice::from_ref(whole));
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let (mut opened, mut read) = (0, 0);
    for _ in 0..4000 {
        let mut segment = whole.clone();
        for _ in 0..=next(3) {
            let part = parts[next(parts.len())].clone();
            // The numbers stand at the beginning of each part, and of a descriptor behind its name.
            let at = part.start + next(part.len().min(32));
            let byte = [0, 1, 4, 0x7f, 0x80, 0xff, next(256) as u8][next(7)];
            let length = 1 + next(8);
            let end = (at + length).min(part.end);
            segment[at..end].fill(byte);
        }
        for part in &parts {
            let sum = adler(&segment[part.clone()]);
            segment[part.end..part.end + 4].copy_from_slice(&sum);
        }
        std::fs::write(&first, &segment).unwrap();
        let Ok(image) = open(&first) else {
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
