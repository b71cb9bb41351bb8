//! What is no backup is not taken for one: random bytes, text, and the data of other programs give no
//! trace. And what is left of a copy is still found.
//!
//! `PHANTOMS_MIB` sets how much random data is scanned (32 MiB), `PHANTOMS_FIRST_SEED` which. The
//! chance on a whole card is computed in the tests of `src/backup/evidence.rs` and
//! `src/backup/recognize.rs`.

use crate::support::examine;
use bitbox_backup::backup::recognize::{Trace, traces, traces_in_file};
use bitbox_backup::catalogue::{Looked, surface};
use bitbox_backup::image::{ReadAt, ReadError};
use fixtures::backup::Backup;
use fixtures::damage::Random;
use fixtures::wallet;

const MIB: usize = 1 << 20;

fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A card of random bytes, made where they are read.
struct Noise {
    size: u64,
    seed: u64,
}

impl ReadAt for Noise {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let mut at = offset;
        let mut rest = buf;
        while !rest.is_empty() {
            let block = Random::new(self.seed ^ (at / 8).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let bytes = block.clone().next_u64().to_le_bytes();
            let from = (at % 8) as usize;
            let length = rest.len().min(8 - from);
            rest[..length].copy_from_slice(&bytes[from..from + length]);
            rest = &mut rest[length..];
            at += length as u64;
        }
        Ok(())
    }
}

#[test]
fn random_data_holds_no_backup() {
    let noise = Noise {
        size: number("PHANTOMS_MIB", 32) << 20,
        seed: number("PHANTOMS_FIRST_SEED", 0),
    };
    let found = surface(&noise);
    assert_eq!(found.artifacts, []);
    assert!(!found.cut);
    assert!(found.directories.is_empty() && found.boot_sectors.is_empty());
}

#[test]
fn a_card_of_random_data_holds_no_backup() {
    let noise = Noise {
        size: 4 << 20,
        seed: 7,
    };
    let (catalogue, assessment) = examine(&noise, Looked::Surface);
    assert!(catalogue.copies.is_empty());
    assert!(assessment.backups.is_empty());
}

/// One record of some data, appended.
type Record = fn(&mut Random, &mut Vec<u8>);

/// A field with its length.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![tag], varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn hash(random: &mut Random) -> Vec<u8> {
    (0..32).map(|_| random.byte()).collect()
}

fn time(random: &mut Random) -> Vec<u8> {
    varint(1_500_000_000 + random.below(400_000_000))
}

/// A message of another program: hashes, times, names and messages in any order.
fn message(random: &mut Random, depth: u32) -> Vec<u8> {
    let mut all = Vec::new();
    for number in 1..=1 + random.below(4) as u8 {
        let (text, integer) = (number << 3 | 2, number << 3);
        match random.below(16) {
            0 | 1 if depth > 0 => all.extend(field(text, &message(random, depth - 1))),
            2 => all.extend(field(text, &hash(random))),
            3 => {
                all.push(integer);
                all.extend(time(random));
            }
            4 => {
                let length = random.below(20);
                let name: Vec<u8> = (0..length).map(|_| random.pick(b"aeinorst ")).collect();
                all.extend(field(text, &name));
            }
            _ => {
                all.push(integer);
                all.extend(varint(random.below(64)));
            }
        }
    }
    all
}

const RECORDS: &[(&str, Record)] = &[
    ("zero bytes", |_, all| all.extend([0; 512])),
    ("0xFF", |_, all| all.extend([0xFF; 512])),
    ("spaces", |_, all| all.extend([0x20; 512])),
    ("tags of this format in any order", |random, all| {
        let tags = [
            0x0A, 0x12, 0x1A, 0x22, 0x08, 0x10, 0x18, 0x20, 0x20, 0x24, 0x33, 0x2D, 0x6A, 0x6C,
            b'v', b'.', b'9', b'1', 0, 7, 9, 0x11,
        ];
        all.push(random.pick(&tags));
    }),
    ("tags between zero bytes", |random, all| {
        for _ in 0..random.below(8) {
            all.push(random.pick(&[0x0A, 0x12, 0x22, 0x08, 0x18, 0x20, 0x10]));
        }
        let zeros = random.below(64) as usize;
        all.resize(all.len() + zeros, 0);
    }),
    ("messages of other programs", |random, all| {
        all.extend(message(random, 6));
    }),
    (
        "messages of other programs, each in its sector",
        |random, all| {
            all.extend(message(random, 6));
            all.resize(all.len().next_multiple_of(512), 0);
        },
    ),
    ("links of IPFS", |random, all| {
        let mut link = field(0x0A, &field(0x12, &hash(random)));
        link.extend(field(0x12, &b"photo.jpeg"[..random.below(11) as usize]));
        link.push(0x18);
        link.extend(varint(random.below(1 << 31)));
        all.extend(field(0x12, &link));
    }),
    ("votes of a block chain", |random, all| {
        let parts = [vec![8, 1], field(0x12, &hash(random))].concat();
        let block = [field(0x0A, &hash(random)), field(0x12, &parts)].concat();
        let at = [
            vec![8],
            time(random),
            vec![0x10],
            varint(random.below(1 << 30)),
        ]
        .concat();
        let vote = [
            field(0x0A, &block),
            field(0x12, &at),
            field(0x22, &hash(random)),
        ]
        .concat();
        all.extend(field(0x0A, &field(0x0A, &vote)));
    }),
    ("a log of changes", |random, all| {
        let words: [&str; 16] = [
            "\n", "\n\n", " ", "\"", "v9.13.0", "v9.9.1", "l", "j", "n", "h", "3", "-", "fix",
            "* ", ".", "20",
        ];
        all.extend(random.pick(&words).bytes());
    }),
    ("base64", |random, all| {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        all.extend((0..76).map(|_| random.pick(digits)));
        all.push(b'\n');
    }),
    ("UTF-16", |random, all| {
        all.extend([random.pick(b"\n\r etaoinv91.\"l"), 0]);
    }),
    ("a FAT of 32 bits", |random, all| {
        let first = random.next_u64() as u32 & 0xF_FFFF;
        all.extend((first..first + 128).flat_map(u32::to_le_bytes));
    }),
    ("a FAT of 16 bits", |random, all| {
        let first = random.next_u64() as u16 & 0x7FFF;
        all.extend((first..first + 256).flat_map(u16::to_le_bytes));
    }),
    ("small numbers", |random, all| {
        all.push(random.below(36) as u8)
    }),
    ("JPEG", |random, all| {
        let byte = random.byte();
        all.push(byte);
        if byte == 0xFF {
            all.push(0);
        }
    }),
];

#[test]
fn other_data_holds_no_backup() {
    let mut wrong = Vec::new();
    for (name, record) in RECORDS {
        let mut random = Random::new(name.len() as u64);
        let mut bytes = Vec::new();
        while bytes.len() < MIB {
            record(&mut random, &mut bytes);
        }
        bytes.truncate(MIB);
        let mut found = Vec::new();
        for start in (0..bytes.len()).step_by(MIB / 8) {
            traces(&bytes, start..start + MIB / 8, &mut found);
        }
        if let Some(first) = found.first() {
            wrong.push(format!("{name}: {} traces, {first:?}", found.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documents_of_this_repository_hold_no_backup() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut looked_at = 0;
    for folder in [root.to_owned(), root.join("docs"), root.join("src")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                assert_eq!(traces_in_file(&bytes), [], "{}", path.display());
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

/// Wallets of every shape a device writes.
fn wallets() -> Vec<Backup> {
    let twelve = wallet::twelve();
    let names = [
        "",
        "a",
        "My BitBox",
        "Savings of the whole family, second card in the safe, 2024",
    ];
    let mut all = Vec::new();
    for name in names {
        for (generator, length) in [("v9.13.0", 0), ("v9.9.1", 1), ("v9.26.5", 0)] {
            for birthdate in [0, twelve.timestamp] {
                for seed_length in [16, 24, 32] {
                    let mut backup = Backup {
                        name: name.to_owned(),
                        generator: generator.to_owned(),
                        birthdate,
                        seed_length,
                        ..twelve.clone()
                    };
                    let filled = 0..seed_length as usize;
                    filled.for_each(|at| backup.seed[at] = 0x81 + at as u8);
                    let data = 36 + generator.len() as u32 + 2 + if birthdate > 0 { 6 } else { 0 };
                    backup.length = length * (data + 2);
                    all.push(backup);
                }
            }
        }
    }
    all
}

/// The traces of a copy in a sector of noise.
fn in_noise(copy: &[u8], at: usize) -> Vec<Trace> {
    let mut random = Random::new(at as u64);
    let mut bytes: Vec<u8> = (0..3072).map(|_| random.byte()).collect();
    bytes[at..at + copy.len()].copy_from_slice(copy);
    let mut found = Vec::new();
    traces(&bytes, 512..2560, &mut found);
    found
}

#[test]
fn any_forty_bytes_but_those_of_the_seed_may_be_lost() {
    let mut random = Random::new(40);
    for backup in wallets() {
        let whole = backup.encode();
        let behind = if backup.birthdate > 0 { 6 } else { 0 };
        let seed = whole.len() - backup.generator.len() - 2 - behind - 32;
        // Without the seed nothing is left to recover.
        let holes = (0..=whole.len() - 40).filter(|from| !(seed - 8..=seed).contains(from));
        for from in holes {
            let mut copy = whole.clone();
            let fill = random.pick(&[None, Some(0), Some(0xFF)]);
            for byte in &mut copy[from..from + 40] {
                *byte = fill.unwrap_or_else(|| random.byte());
            }
            let found = in_noise(&copy, 1024);
            let same = found.iter().any(|trace| trace.range.start == 1024);
            assert!(same, "{from} {fill:?} of {backup:?}: {found:?}");
        }
    }
}

#[test]
fn a_copy_cut_short_is_found() {
    for backup in wallets() {
        let whole = backup.encode();
        for length in whole.len() - 12..whole.len() {
            let found = traces_in_file(&whole[..length]);
            assert_eq!(
                found.first().map(|trace| trace.range.start),
                Some(0),
                "{backup:?}"
            );
        }
    }
}
