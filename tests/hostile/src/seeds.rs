//! Where fuzzing begins: inputs made from recipes, which `fuzz/run` writes into its corpus.

use fixtures::damage::Random;
use fixtures::e01::Writer;
use fixtures::wallet;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

use crate::card::BASES;
use crate::device::framed;

/// The seeds of a target, each with its name; none for one that there is not.
pub fn of(target: &str) -> Vec<(String, Vec<u8>)> {
    match target {
        "partition" | "fat" => cards(&[3]),
        "locate" => cards(&[0, 1, 3, 7]),
        "decode" => files(),
        "repair" => repairs(),
        "image" => images(),
        "e01" => e01s(),
        "containers" => containers(),
        "frame" => frames(),
        "noise" => vec![
            named("true", [&[0xFF_u8][..], &[0; 20]].concat()),
            named("nack", vec![0, 1, 0, 3]),
            named("refused", vec![0x00, 2, 0, 0, 1]),
        ],
        "message" => messages(),
        _ => Vec::new(),
    }
}

fn named(name: impl Into<String>, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (name.into(), bytes)
}

/// Every base with these flags, alone and with one change of each kind.
fn cards(flags: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for (base, name) in (0_u8..).zip(BASES) {
        for flag in flags {
            found.push(named(format!("{name}-{flag}"), vec![base, *flag]));
        }
        let mut random = Random::new(u64::from(base));
        for kind in 0..8_u8 {
            let mut bytes = vec![base, 3];
            for _ in 0..3 {
                bytes.push(kind);
                bytes.extend((0..5).map(|_| random.byte()));
            }
            found.push(named(format!("{name}-change-{kind}"), bytes));
        }
    }
    found
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for (number, backup) in (0..).zip(wallet::five()) {
        let whole = backup.encode();
        let half = whole[..whole.len() / 2].to_vec();
        found.push(named(format!("wallet-{number}"), whole));
        found.push(named(format!("wallet-{number}-half"), half));
    }
    found.push(named("no-metadata", vec![0x0a, 2, 0x0a, 0]));
    found.push(named("erased", vec![0xAC; 104]));
    found
}

fn repairs() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for (number, backup) in (0_u8..).zip(wallet::five()) {
        for (index, damage) in [40, 70, 1000].into_iter().enumerate() {
            let mut random = Random::new(u64::from(number) * 10 + damage);
            let twice = if index == 0 { 0x40 } else { 0 };
            let mut bytes = vec![2 | 4 | number << 3 | twice];
            for _ in 0..3 {
                let mut copy = backup.encode();
                for byte in &mut copy {
                    for bit in 0..8 {
                        *byte ^= u8::from(random.one_in(damage)) << bit;
                    }
                }
                if index == 2 {
                    copy.truncate(copy.len() - 7);
                }
                bytes.extend((copy.len() as u16).to_le_bytes());
                bytes.extend(copy);
            }
            found.push(named(format!("wallet-{number}-{damage}"), bytes));
        }
    }
    found
}

fn images() -> Vec<(String, Vec<u8>)> {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    };
    let zstd = |bytes: &[u8]| {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        ruzstd::encoding::compress_to_vec(bytes, level)
    };
    let text: Vec<u8> = (0..3000_u32).map(|n| (n * n / 7) as u8 & 0x3F).collect();
    let mut found = Vec::new();
    for (name, bytes) in [("text", &text[..]), ("zeros", &[0; 40_000]), ("empty", &[])] {
        found.push(named(format!("gzip-{name}"), gzip(bytes)));
        found.push(named(format!("zstd-{name}"), zstd(bytes)));
    }
    let two = [gzip(b"one"), gzip(b"two"), vec![0; 40]].concat();
    found.push(named("gzip-two-padded", two));
    let skip = [
        &[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4],
        &zstd(b"one")[..],
    ]
    .concat();
    found.push(named("zstd-skippable", skip));
    found
}

/// A small card and a copy of a backup in archives of each kind.
fn containers() -> Vec<(String, Vec<u8>)> {
    use std::io::{Cursor, Write};
    let card = fixtures::e01::card();
    let members = [
        ("card.img", &card[..]),
        ("bitbox02/0.bin", b"a copy"),
        ("a.dd", &card[..600]),
    ];
    let zip = |members: &[(&str, &[u8])], method| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        for (name, bytes) in members {
            zip.start_file(*name, options).expect("memory takes it");
            zip.write_all(bytes).expect("memory takes it");
        }
        zip.finish().expect("memory takes it").into_inner()
    };
    let tar = |members: &[(&str, &[u8])]| {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, name, *bytes)
                .expect("memory takes it");
        }
        tar.into_inner().expect("memory takes it")
    };
    let mut found = Vec::new();
    for (name, members) in [
        ("one", &members[..1]),
        ("folder", &members[1..2]),
        ("all", &members[..]),
    ] {
        let deflated = zip(members, zip::CompressionMethod::Deflated);
        found.push(named(format!("zip-{name}"), deflated));
        let stored = zip(members, zip::CompressionMethod::Stored);
        found.push(named(format!("zip-stored-{name}"), stored));
        found.push(named(format!("tar-{name}"), tar(members)));
    }
    found
}

/// The segments of an image one behind the other.
fn e01s() -> Vec<(String, Vec<u8>)> {
    let errors = vec![[9, 2], [2, 1], [3, 1], [12, 4_000_000_000]];
    let writers = [
        ("one", Writer::default()),
        (
            "two",
            Writer {
                per_segment: 2,
                ..Writer::default()
            },
        ),
        (
            "errors",
            Writer {
                errors,
                ..Writer::default()
            },
        ),
        (
            "old",
            Writer {
                old: true,
                base: 100,
                ..Writer::default()
            },
        ),
    ];
    let image = |(name, writer): (&str, Writer)| named(name, writer.segments().concat());
    writers.map(image).into()
}

fn frames() -> Vec<(String, Vec<u8>)> {
    let info = framed(b"\x07v9.27.0\x00\x00\x01\x01").concat();
    let error = [&[0xFF, 0, 0, 0, 0xBF, 0, 1, 5][..], &[0; 56]].concat();
    let long = framed(&[0x55; 300]).concat();
    vec![
        named("info", info.clone()),
        named(
            "info-refused",
            [&info[..], &framed(&[0, 1]).concat()].concat(),
        ),
        named(
            "info-locked",
            [
                &info[..],
                &framed(&[0, 0]).concat(),
                &framed(&[0, 2]).concat(),
            ]
            .concat(),
        ),
        named("error", error),
        named("long", long),
    ]
}

fn messages() -> Vec<(String, Vec<u8>)> {
    let list = [
        0x3A, 12, 0x0A, 10, 0x0A, 1, b'a', 0x10, 5, 0x48, 1, 0x22, 1, b'n',
    ];
    let checked = [&[0x42, 66, 0x0A, 64][..], &[b'a'; 64]].concat();
    vec![
        named("success", vec![0x0A, 0]),
        named("error", vec![0x12, 2, 8, 103]),
        named(
            "about",
            vec![0x22, 8, 0x0A, 1, b'n', 0x10, 1, 0x1A, 1, b'v'],
        ),
        named("list", list.to_vec()),
        named("checked", checked),
        named("card", vec![0x52, 2, 8, 1]),
        named("fingerprint", vec![0x62, 6, 0x0A, 4, 1, 2, 3, 4]),
    ]
}
