//! What people bring: archives, virtual disks, parts, files that are no card, cards that are cut short.

use std::io::{Cursor, Write};

use fixtures::fat::Layout;
use fixtures::recipes;
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, card, drawer, gzip, zip, zstd};
use crate::support::program::testdata;
use crate::support::published::Published;
use bitbox_backup::image::{Limits, Medium, SourceKind, open};
use bitbox_backup::progress::Progress;

fn bytes(cards: &Cards, name: &str) -> Vec<u8> {
    std::fs::read(cards.path(name)).unwrap()
}

/// The ids of the backups of a source.
fn ids(source: &Value) -> Vec<&str> {
    let backups = source["backups"].as_array().unwrap();
    let mut ids: Vec<_> = backups
        .iter()
        .map(|backup| backup["id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_file_of_another_kind_is_refused_with_what_unpacks_it() {
    let cards = Cards::new();
    let published = Published::new();
    for (head, name, command) in [
        (
            &b"QFI\xfb\0\0\0\x03"[..],
            "a QCOW2 disk image",
            Some("qemu-img convert -O raw 'my card.x' mycard.img"),
        ),
        (
            b"7z\xbc\xaf\x27\x1c",
            "a 7z archive",
            Some("7z x 'my card.x' -omycard-files"),
        ),
        (
            b"BZh91AY&SY",
            "a bzip2 file",
            Some("bzip2 -dc 'my card.x' > mycard.img"),
        ),
        (b"%PDF-1.4", "a PDF document", None),
        (b"some words", "a text file", None),
    ] {
        cards.file("my card.x", head);
        let ran = cards.run(&["list", "my card.x", "--json"]);
        assert_eq!(ran.status, Some(2), "{name}");
        let answer = ran.json();
        published.holds(name, &answer, published.answer);
        let source = &answer["sources"][0];
        assert_eq!(source["status"], "failed");
        let error = format!("this is {name}, not the image of a card");
        assert_eq!(source["error"], error);
        let action = if command.is_some() { "unpack" } else { "none" };
        assert_eq!(source["next"][0]["action"], action);
        assert_eq!(source["next"][0]["command"], serde_json::json!(command));
        for other in ["inspect", "audit", "recover"] {
            let more: &[&str] = if other == "recover" {
                &["--to", "new", "--yes"]
            } else {
                &[]
            };
            let ran = cards.run(&[&[other, "my card.x"], more].concat());
            assert_eq!(ran.status, Some(2), "{other} {name}: {ran:?}");
            assert!(ran.text().contains(&error), "{other}: {ran:?}");
        }
        let ran = cards.run(&["image", "my card.x", "--to", "new.img", "--yes"]);
        assert!(ran.status == Some(2) && ran.err.contains(&error), "{ran:?}");
        assert!(!ran.err.contains("FILE"), "{ran:?}");
    }
    // No file that is there is written over, and none twice.
    for folder in ["a", "b"] {
        std::fs::create_dir(cards.path(folder)).unwrap();
        cards.file(&format!("{folder}/h.bz2"), b"BZh91AY&SY");
    }
    cards.file("h.img", b"x");
    let answer = cards.run(&["list", "a/h.bz2", "b/h.bz2", "--json"]).json();
    for (number, file, new) in [(0, "a/h.bz2", "h-3.img"), (1, "b/h.bz2", "h-2.img")] {
        let source = &answer["sources"][number];
        let command = format!("bzip2 -dc {file} > {new}");
        assert_eq!(source["next"][0]["command"], command);
        let hint = format!(
            "convert it with `{command}`, then examine {new}; if it reports an error, the file is damaged: examine what it wrote \
             nevertheless, and each file that `bzip2recover {file}` makes of it"
        );
        assert_eq!(source["hint"], hint);
        assert_eq!(source["next"][0]["text"], hint);
    }
    // A foreign file beside a card: the card counts.
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    let ran = cards.run(&["list", "card.img", "my card.x"]);
    assert_eq!(ran.status, Some(1));
}

#[test]
fn what_a_compressed_file_holds_is_refused_like_what_it_is() {
    let cards = Cards::new();
    let unpack = Some("gzip -dc file.x > file.unpacked");
    for (bytes, name, command) in [
        (&b"QFI\xfb\0\0\0\x03"[..], "a QCOW2 disk image", unpack),
        (b"BZh91AY&SY", "a bzip2 file", unpack),
        (&gzip(&[0; 4096]), "a gzip file", unpack),
        (b"%PDF-1.4", "a PDF document", None),
        (b"some words", "a text file", None),
    ] {
        cards.file("file.x", gzip(bytes));
        let ran = cards.run(&["list", "file.x", "--json"]);
        assert_eq!(ran.status, Some(2), "{name}");
        let source = &ran.json()["sources"][0];
        let error = format!("this is {name} compressed with gzip, not the image of a card");
        assert_eq!(source["error"], error);
        let action = if command.is_some() { "unpack" } else { "none" };
        assert_eq!(source["next"][0]["action"], action);
        assert_eq!(source["next"][0]["command"], serde_json::json!(command));
        let ran = cards.run(&["image", "file.x", "--to", "new.img", "--yes"]);
        assert!(ran.status == Some(2) && ran.err.contains(&error), "{ran:?}");
    }
    // What is too large says what unpacks it.
    let large: Vec<u8> = (0..3_u32 << 20)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 1)
        .collect();
    cards.file("large.gz", gzip(&large));
    let answer = cards.run(&["list", "large.gz", "--max-unpacked", "1", "--json"]);
    let next = &answer.json()["sources"][0]["next"][0];
    assert_eq!(next["action"], "unpack");
    assert_eq!(next["command"], "gzip -dc large.gz > large.img");
}

#[test]
fn a_small_file_without_a_sign_of_a_backup_is_none() {
    let cards = Cards::new();
    let picture = [&b"\xff\xd8\xff\xe0"[..], &[0x91; 300]].concat();
    for (name, bytes, what) in [
        (
            "a.bin",
            picture.clone(),
            "it is a JPEG picture and not a backup",
        ),
        (
            "b.bin",
            b"hello\n".to_vec(),
            "it is a text file and not a backup",
        ),
        ("c.bin", vec![0x91; 300], "it is not a backup"),
        ("d.bin", vec![0; 300], "it is not a backup"),
        (
            "e.bin",
            [&b"\x04\x22\x4d\x18"[..], &wallet::twelve().encode()].concat(),
            "this is an LZ4 file",
        ),
        (
            "backup_Mon_2020-09-28T08-30-09Z_0.bin",
            picture,
            "it is a JPEG picture and not a backup",
        ),
    ] {
        cards.file(name, bytes);
        let ran = cards.run(&["list", name]);
        assert!(
            ran.status == Some(2) && ran.out.contains(what),
            "{name}: {ran:?}"
        );
    }
    // A copy is one, however damaged, as long as something of it is left.
    let copy = wallet::twelve().encode();
    for from in [0, 20, 40] {
        let mut damaged = copy.clone();
        damaged[from..from + 30].fill(0);
        cards.file("copy.bin", damaged);
        let ran = cards.run(&["list", "copy.bin"]);
        assert!(ran.status != Some(2), "{from}: {ran:?}");
        assert!(ran.out.contains("copy of a backup"), "{from}: {ran:?}");
    }
}

/// None of the cards there are is ever taken for a file of another kind.
#[test]
fn every_recipe_is_opened_as_a_card() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    for recipe in recipes::all() {
        let card = recipe.card;
        if card.size() < 512 || card.size() > 64 << 20 || recipe.name == "foreign_zip" {
            continue;
        }
        card.write_to(&path).unwrap();
        let opened = open(&path, &Limits::default(), |_| false, &Progress::default());
        let opened = opened.unwrap_or_else(|error| panic!("{}: {error}", recipe.name));
        assert_eq!(opened.identity.kind, SourceKind::Raw, "{}", recipe.name);
        assert!(matches!(opened.source, Medium::Image(_)), "{}", recipe.name);
    }
}

#[test]
fn cards_in_archives_are_cards() {
    let cards = drawer();
    let [first, others] = ["first.img", "others.img"].map(|name| bytes(&cards, name));
    let [alone, beside] = ["first.img", "others.img"]
        .map(|name| cards.run(&["list", name, "--json"]).json()["sources"][0].clone());
    cards.file("one.zip", zip(&[("a/card.img", &first)]));
    let answer = cards.run(&["list", "one.zip", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(source["source"], "one.zip");
    assert_eq!(source["card"]["kind"], "ZIP archive");
    assert_eq!(
        (&source["backups"], &source["state"]),
        (&alone["backups"], &alone["state"])
    );
    // Several: each by its name, in whatever command.
    let both = zip(&[("a.img", &first), ("b.img", &others), ("notes.txt", b"x")]);
    cards.file("both.zip", &both);
    for command in ["list", "audit"] {
        let answer = cards.run(&[command, "both.zip", "--json"]).json();
        let sources = answer["sources"].as_array().unwrap();
        let names: Vec<_> = sources.iter().map(|source| &source["source"]).collect();
        assert_eq!(names, ["both.zip/a.img", "both.zip/b.img"], "{command}");
        assert_eq!(ids(&sources[0]), ids(&alone));
        assert_eq!(ids(&sources[1]), ids(&beside));
    }
    let ran = cards.run(&["inspect", "both.zip"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.out.contains("this is an archive of 2 card images"),
        "{ran:?}"
    );
    assert!(ran.out.contains("such as \"both.zip/a.img\""), "{ran:?}");
    // Whose cards they are is in no redacted answer.
    let theirs = zip(&[("Ann's.img", &first), ("Bob's.img", &others)]);
    cards.file("theirs.zip", theirs);
    for command in ["inspect", "list"] {
        let ran = cards.run(&[command, "theirs.zip", "--redact", "--json"]);
        let is_named = ["Ann", "Bob", "theirs"].map(|name| ran.out.contains(name));
        assert_eq!(is_named, [false; 3], "{ran:?}");
    }
    let answer = cards.run(&["inspect", "both.zip/b.img", "--json"]).json();
    assert_eq!(ids(&answer["sources"][0]), ids(&beside));
    let ran = cards.run(&["recover", "both.zip/a.img", "--to", "new", "--yes"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let ran = cards.run(&["list", "both.zip/c.img"]);
    assert!(
        ran.status == Some(2) && ran.out.contains("there is no such file"),
        "{ran:?}"
    );
    assert_eq!(bytes(&cards, "both.zip"), both, "nothing was written");
}

#[test]
fn backups_in_an_archive_are_seen_as_on_a_card_of_their_own() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let names =
        [0, 1, 2].map(|n| format!("Desktop/bitbox02/{}/{}", backup.id(), backup.file_name(n)));
    let file = backup.encode();
    let members: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), &file[..]))
        .collect();
    cards.file("backup.zip", zip(&members));
    let answer = cards.run(&["list", "backup.zip", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(source["device_view"]["backups"][0]["id"], backup.id());
    assert_eq!(source["backups"][0]["state"], "healthy");
    // The same in a folder that is no card.
    std::fs::create_dir(cards.path("folder")).unwrap();
    std::fs::rename(cards.path("backup.zip"), cards.path("folder/backup.zip")).unwrap();
    let answer = cards.run(&["list", "folder", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(source["source"], "folder/backup.zip");
    assert_eq!(source["backups"][0]["state"], "healthy");
    // In the copy of a card: found by content, and nothing that the device sees.
    std::fs::create_dir(cards.path("folder/bitbox02")).unwrap();
    let answer = cards.run(&["list", "folder", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(source["device_view"]["backups"], serde_json::json!([]));
    assert_eq!(source["backups"][0]["id"], backup.id());
    let path = source["backups"][0]["copies"][0]["path"].as_str().unwrap();
    assert!(path.starts_with("/backup.zip/Desktop/bitbox02/"), "{path}");
}

/// A mail with a file attached.
fn mail(name: &str, attached: &[u8]) -> Vec<u8> {
    let lines = data_encoding::BASE64.encode(attached);
    let lines: Vec<_> = lines.as_bytes().chunks(76).collect();
    let mut mail = format!(
        "From: ann@example.org\nSubject: the card\nMIME-Version: 1.0\nContent-Type: multipart/mixed; \
         boundary=\"===5===\"\n\n--===5===\nContent-Type: text/plain\n\nhere it is\n\n--===5===\n\
         Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"{name}\"\n\n"
    )
    .into_bytes();
    mail.extend(lines.join(&b'\n'));
    mail.extend(b"\n\n--===5===--\n");
    mail
}

/// What lies in this source, as the ids of its backups and how many of their copies are whole.
fn whole(cards: &Cards, name: &str) -> Vec<(String, usize)> {
    let answer = cards.run(&["list", name, "--json"]).json();
    let backups = answer["sources"][0]["backups"].as_array().unwrap().iter();
    let valid = |backup: &Value| {
        let copies = backup["copies"].as_array().unwrap().iter();
        copies.filter(|copy| copy["state"] == "valid").count()
    };
    backups
        .map(|backup| (backup["id"].as_str().unwrap().to_owned(), valid(backup)))
        .collect()
}

#[test]
fn what_is_attached_to_a_mail_is_found_wherever_the_mail_lies() {
    let backup = wallet::twelve();
    let members = [0, 1, 2].map(|n| format!("bitbox02/{}/{}", backup.id(), backup.file_name(n)));
    let file = backup.encode();
    let members: Vec<_> = members
        .iter()
        .map(|name| (name.as_str(), &file[..]))
        .collect();
    let archive = zip(&members);
    let cards = Cards::new();
    cards.put("whole.img", &card(7, std::slice::from_ref(&backup)));
    let image = zip(&[("card.img", &bytes(&cards, "whole.img"))]);
    for (form, attached, copies) in [
        ("zip", archive.clone(), 3),
        ("image", image, 3),
        ("gzip", gzip(&file), 1),
    ] {
        let expected = [(backup.id(), copies)];
        let mail = mail(form, &attached);
        // More than one that is small, too.
        let long = [&mail[..], &b"and a long text\n".repeat(8000)].concat();
        for (size, mail) in [("short", mail), ("long", long)] {
            let what = format!("{form}, {size}");
            cards.file("mail.eml", &mail);
            assert_eq!(whole(&cards, "mail.eml"), expected, "{what}, alone");
            std::fs::create_dir_all(cards.path("folder")).unwrap();
            cards.file("folder/mail.eml", &mail);
            assert_eq!(whole(&cards, "folder"), expected, "{what}, in a folder");
            let mut fat = Layout::FAT16.format();
            let root = fat.root();
            fat.make_file(root, "mail.eml", &mail);
            cards.put("card.img", &fat);
            assert_eq!(whole(&cards, "card.img"), expected, "{what}, on a card");
            cards.file("mails.zip", zip(&[("mail.eml", &mail)]));
            assert_eq!(
                whole(&cards, "mails.zip"),
                expected,
                "{what}, in an archive"
            );
        }
    }
    // What is not read is named.
    cards.file(
        "folder/mail.eml",
        mail("a.7z", &[&b"7z\xBC\xAF\x27\x1C"[..], &[7; 90]].concat()),
    );
    let answer = cards.run(&["list", "folder", "--json"]).json();
    assert_eq!(answer["sources"][0]["state"], "unsearched", "{answer:#}");
    // Mails in mails end.
    let nested = (0..40).fold(archive, |inner, _| {
        zip(&[("mail.eml", &mail("a.zip", &inner))])
    });
    cards.file("folder/mail.eml", mail("a.zip", &nested));
    let answer = cards.run(&["list", "folder", "--json"]).json();
    assert_eq!(answer["sources"][0]["state"], "unsearched");
}

#[test]
fn what_is_cut_short_is_examined_and_never_empty() {
    let cards = Cards::new();
    let whole = std::fs::read(testdata().join("several-wallets.img.zst")).unwrap();
    cards.file("cut.img.zst", &whole[..whole.len() * 99 / 100]);
    let ran = cards.run(&["list", "cut.img.zst", "--json"]);
    let answer = ran.json();
    let source = &answer["sources"][0];
    assert_eq!(ids(source).len(), 5);
    let findings = source["findings"].as_array().unwrap();
    let damaged = findings
        .iter()
        .find(|finding| finding["rule"] == "image-damaged")
        .unwrap();
    assert!(damaged["offset"].as_u64().unwrap() > 1 << 20, "{damaged}");
    // An empty card of which the end is missing: nothing was found, and not all of it was searched.
    let empty = Layout::FAT12.format();
    let mut image = vec![0; empty.card.size() as usize];
    empty.card.read_at(0, &mut image);
    let whole = zip(&[("card.img", &image)]);
    cards.file("whole.zip", &whole);
    cards.file("cut.zip", &whole[..whole.len() / 2]);
    let state = |name| cards.run(&["list", name, "--json"]).json()["sources"][0]["state"].clone();
    assert_eq!(state("whole.zip"), "empty");
    assert_eq!(state("cut.zip"), "unsearched");
}

/// What is left of a copy may be the only one there is. That bytes of it are missing or wrong is said.
#[test]
fn a_damaged_member_of_an_archive_is_used_and_named() {
    let backup = wallet::twelve();
    let copies = [0, 1].map(|n| format!("bitbox02/{}/{}", backup.id(), backup.file_name(n)));
    let file = backup.encode();
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in &copies {
        packed.start_file(name.as_str(), stored).unwrap();
        packed.write_all(&file).unwrap();
    }
    let mut packed = packed.finish().unwrap().into_inner();
    let begins = |window: &[u8]| window == &file[..20];
    let last = packed.windows(20).rposition(begins).unwrap();
    packed[last + 50] ^= 1;
    let cards = Cards::new();
    cards.file("backups.zip", &packed);
    std::fs::create_dir(cards.path("folder")).unwrap();
    cards.file("folder/backups.zip", &packed);
    let mut fat = Layout::FAT16.format();
    let root = fat.root();
    fat.make_file(root, "backups.zip", &packed);
    cards.put("card.img", &fat);
    for (name, above) in [
        ("backups.zip", ""),
        ("folder", ""),
        ("card.img", "/backups.zip"),
    ] {
        let answer = cards.run(&["list", name, "--json"]).json();
        let source = &answer["sources"][0];
        let found = source["backups"][0]["copies"].as_array().unwrap();
        let mut states: Vec<_> = found.iter().map(|copy| copy["state"].as_str()).collect();
        states.sort_unstable();
        assert_eq!(states, [Some("damaged"), Some("valid")], "{source:#}");
        let findings = source["findings"].as_array().unwrap();
        let damaged: Vec<_> = findings
            .iter()
            .filter(|finding| finding["rule"] == "image-damaged")
            .collect();
        let [damaged] = damaged[..] else {
            panic!("{name}: {findings:?}");
        };
        let message = damaged["message"].as_str().unwrap();
        let wrong = "it is damaged in its archive: its CRC-32 is wrong";
        assert!(
            message.starts_with(&format!("{above}/{}: {wrong}", copies[1])),
            "{message}"
        );
    }
}

/// What a message advises is an option of the command that says it.
#[test]
fn a_copy_of_what_is_compressed_takes_as_much_memory_as_allowed() {
    let cards = Cards::new();
    let mut random = fixtures::damage::Random::new(1);
    let noise: Vec<u8> = (0..2 << 20).map(|_| random.byte()).collect();
    cards.file("card.zip", zip(&[("card.img", &noise)]));
    let copy = [
        "image",
        "card.zip",
        "--to",
        "card.img",
        "--yes",
        "--max-unpacked",
    ];
    let ran = cards.run(&[&copy[..], &["1"]].concat());
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(
        ran.err
            .contains("unpack the archive with `7z x card.zip -ocard-files`")
            && ran.err.contains("allow more memory with --max-unpacked"),
        "{ran:?}"
    );
    let ran = cards.run(&[&copy[..], &["4"]].concat());
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert_eq!(bytes(&cards, "card.img"), noise);
}

#[test]
fn parts_and_fixed_disks_are_raw_images() {
    let cards = Cards::new();
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    let image = bytes(&cards, "card.img");
    for (number, part) in image.chunks(image.len() / 3 + 100).enumerate() {
        cards.file(&format!("card.dd.{:03}", number + 1), part);
    }
    let mut vhd = image.clone();
    let mut footer = [0; 512];
    footer[..8].copy_from_slice(b"conectix");
    footer[63] = 2;
    let sum: u32 = footer.iter().map(|byte| u32::from(*byte)).sum();
    footer[64..68].copy_from_slice(&(!sum).to_be_bytes());
    vhd.extend(footer);
    cards.file("card.vhd", vhd);
    let of = |name| cards.run(&["list", name, "--json"]).json()["sources"][0].clone();
    let whole = of("card.img");
    for (name, kind) in [
        ("card.dd.001", "split raw image"),
        ("card.vhd", "VHD image"),
    ] {
        let source = of(name);
        assert_eq!(source["card"]["kind"], kind);
        assert_eq!(source["backups"], whole["backups"], "{name}");
        assert_eq!(source["card"]["size"], image.len() as u64);
    }
    std::fs::remove_file(cards.path("card.dd.002")).unwrap();
    let source = of("card.dd.001");
    assert_eq!(source["card"]["size"], image.len() as u64);
    let findings = source["findings"].as_array().unwrap();
    assert_eq!(findings[0]["rule"], "image-damaged", "{source:#}");
}

/// Whatever reads the first part alone takes it for the whole.
#[test]
fn parts_of_what_is_unpacked_elsewhere_are_joined_first() {
    let cards = Cards::new();
    let first = |name: &str| cards.run(&["list", name, "--json"]).json()["sources"][0].clone();
    let partclone = gzip(&[&b"partclone-image"[..], &[0x91; 3000]].concat());
    let disk = [
        &b"QFI\xfb\0\0\0\x03"[..],
        &[0; 12],
        &[0, 0, 0, 16],
        &[0x91; 3000],
    ]
    .concat();
    for (name, bytes, ends, error) in [
        (
            "my disk.qcow2",
            &disk,
            ["001", "002", "003"],
            "this is a QCOW2 disk image, not the image of a card",
        ),
        (
            "sdb1.vfat-ptcl-img.gz",
            &partclone,
            ["aa", "ab", "ac"],
            "this is a partclone image compressed with gzip, not the image of a card",
        ),
    ] {
        let names = ends.map(|end| format!("{name}.{end}"));
        for (name, part) in names.iter().zip(bytes.chunks(bytes.len() / 3 + 1)) {
            cards.file(name, part);
        }
        cards.file(&format!("{name}.txt"), "no part");
        let source = first(&names[0]);
        assert_eq!(source["error"], format!("{error}; it is in 3 parts"));
        let stem = if name.contains(' ') { "mydisk" } else { "sdb1" };
        let quoted = names.clone().map(|name| match name.contains(' ') {
            true => format!("'{name}'"),
            false => name,
        });
        let command = format!("cat {} > {stem}-joined", quoted.join(" "));
        let text = format!("join its parts with `{command}`, then examine {stem}-joined");
        let next = serde_json::json!([{"action": "unpack", "text": text, "command": command}]);
        assert_eq!(source["next"], next);
        // What lacks a part is not joined.
        std::fs::remove_file(cards.path(&names[1])).unwrap();
        let source = first(&names[0]);
        assert_eq!(source["next"][0]["command"], Value::Null, "{source:#}");
        let ran = cards.run(&["list", &names[2], "--redact"]);
        assert!(!ran.text().contains(name), "{ran:?}");
    }
}

/// The name alone says nothing: a backup may be in it.
#[test]
fn what_is_encrypted_is_named_whatever_its_name() {
    let cards = Cards::new();
    for (head, name, program) in [
        (
            &b"Salted__0123456789abcdef"[..],
            "a file encrypted with openssl",
            "openssl enc -d",
        ),
        (
            b"age-encryption.org/v1\n-> X25519 a",
            "a file encrypted with age",
            "age -d",
        ),
        (b"\x78\x9c\x0b\x02\x01", "a zlib file", "zlib-flate"),
    ] {
        for file in ["backup_Mon_2020-09-28T08-30-09Z_0.bin", "backup.dat"] {
            cards.file(file, head);
            let ran = cards.run(&["list", file]);
            let is_named = ran.out.contains(&format!("this is {name}, not"));
            assert!(is_named && ran.out.contains(program), "{file}: {ran:?}");
        }
    }
    cards.file("card.img", "");
    let ran = cards.run(&["list", "card.img"]);
    assert!(ran.out.contains("unpacked from another file"), "{ran:?}");
}

/// Wherever its files lie: they are no backup of a BitBox02, and nobody is told that there is none.
#[test]
fn backups_of_a_bitbox01_are_named() {
    let cards = Cards::new();
    let (folder, name) = ("old/digitalbitbox", "My Wallet-2018-03-04-05-06-07.pdf");
    std::fs::create_dir_all(cards.path(folder)).unwrap();
    let pdf = b"%PDF-1.1\n6ea687766eacfb9cf05e915ffceb6244";
    cards.file(&format!("{folder}/{name}"), pdf);
    cards.file(name, pdf);
    cards.file("old.zip", zip(&[(&format!("{folder}/{name}"), pdf)]));
    for source in ["old", folder, "old.zip"] {
        let ran = cards.run(&["list", source, "--json"]);
        let answer = ran.json();
        assert_eq!(
            answer["sources"][0]["findings"][0]["rule"], "bitbox01-backup",
            "{source}: {ran:?}"
        );
    }
    for source in [&format!("{folder}/{name}"), name] {
        let ran = cards.run(&["list", source]);
        assert!(ran.out.contains("restore it with a BitBox01"), "{ran:?}");
    }
    cards.file("2018.pdf", pdf);
    let ran = cards.run(&["list", "2018.pdf"]);
    assert!(!ran.out.contains("BitBox01"), "{ran:?}");
}

#[test]
#[cfg(not(feature = "e01"))]
fn an_e01_image_is_exported_to_a_file_that_is_not_there() {
    let cards = Cards::new();
    std::fs::create_dir(cards.path("b")).unwrap();
    for name in ["vault.E01", "b/vault.E01"] {
        cards.file(name, b"EVF\x09\r\n\xff\0\x01\x01\0\0\0");
    }
    cards.file("vault.raw", "x");
    let sources = cards.run(&["list", "vault.E01", "b/vault.E01", "--json"]);
    let sources = sources.json()["sources"].clone();
    for (number, file, new) in [(0, "vault.E01", "vault-3"), (1, "b/vault.E01", "vault-2")] {
        let next = &sources[number]["next"][0];
        assert_eq!(next["action"], "unpack");
        let command = format!("ewfexport -u -f raw -t {new} {file}");
        assert_eq!(next["command"], command);
        assert!(
            next["text"]
                .as_str()
                .unwrap()
                .contains(&format!("examine {new}.raw"))
        );
    }
}

/// As `fdisk` counts: of the GPT where there is one, not of the MBR that protects it.
#[test]
fn partitions_of_a_gpt_have_its_numbers() {
    let cards = Cards::new();
    let testdata = testdata().join("gpt.img.zst");
    let opened = open(
        &testdata,
        &Limits::default(),
        |_| false,
        &Progress::default(),
    )
    .unwrap();
    let Medium::Image(image) = opened.source else {
        panic!("no image");
    };
    let mut bytes = vec![0; usize::try_from(image.size()).unwrap()];
    image.read_at(0, &mut bytes).unwrap();
    cards.file("gpt.img", &bytes);
    // A hybrid has the volume in its MBR too, as another number.
    let (start, length) = (2048_u32.to_le_bytes(), 60_000_u32.to_le_bytes());
    bytes[462..478].copy_from_slice(&[&[0, 0, 0, 0, 0x0c, 0, 0, 0][..], &start, &length].concat());
    cards.file("hybrid.img", &bytes);
    for name in ["gpt.img", "hybrid.img"] {
        let ran = cards.run(&["list", name, "--partition", "1", "--json"]);
        let source = &ran.json()["sources"][0];
        assert_eq!(
            source["part"],
            serde_json::json!({"offset": 2048 * 512, "partition": 1})
        );
        assert_eq!(ids(source).len(), 1, "{source:#}");
        let ran = cards.run(&["list", name, "--partition", "2"]);
        assert!(ran.out.contains("no partition 2; it has 1\n"), "{ran:?}");
    }
}

#[test]
fn a_part_of_an_image_is_a_card_of_its_own() {
    let cards = Cards::new();
    let published = Published::new();
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    let image = bytes(&cards, "card.img");
    let whole = cards.run(&["list", "card.img", "--json"]).json();
    cards.file(
        "odd.img",
        [&b"a header of 1000 bytes"[..], &[0x91; 978], &image].concat(),
    );
    let ran = cards.run(&["list", "odd.img", "--offset", "1000", "--json"]);
    let answer = ran.json();
    published.holds("offset", &answer, published.answer);
    let source = &answer["sources"][0];
    assert_eq!(source["backups"], whole["sources"][0]["backups"]);
    assert_eq!(
        source["part"],
        serde_json::json!({"offset": 1000, "partition": null})
    );
    let ran = cards.run(&["list", "odd.img", "--offset", "99999999"]);
    assert!(
        ran.status == Some(2) && ran.out.contains("ends before byte 99999999"),
        "{ran:?}"
    );
    let ran = cards.run(&["list", "odd.img", "--partition", "2"]);
    assert!(
        ran.status == Some(2) && ran.out.contains("it has no partition 2"),
        "{ran:?}"
    );
    let ran = cards.run(&["list", "odd.img", "--partition", "2", "--offset", "1"]);
    assert_eq!(ran.status, Some(2));
    // Commands that are advised name the part too.
    let mut deleted = image;
    let boot = deleted[..512].to_vec();
    deleted[..512].fill(0);
    cards.file("lost.img", [&boot[..], &deleted].concat());
    let ran = cards.run(&["list", "lost.img", "--offset", "512"]);
    assert!(
        ran.out.contains("recover lost.img --offset 512 --to"),
        "{ran:?}"
    );
    let testdata = testdata().join("healthy.img.zst");
    let ran = cards.run(&["list", testdata.to_str().unwrap(), "--partition", "1"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
}

/// What of an archive is not read is named, with what takes it out; no command names what is not there.
#[test]
fn what_is_not_read_in_an_archive_is_named() {
    let cards = Cards::new();
    let first = |name: &str| {
        let ran = cards.run(&["list", name, "--json"]);
        assert!(!ran.text().contains("FILE"), "{ran:?}");
        ran.json()["sources"][0].clone()
    };
    let disk = [&b"QFI\xfb\0\0\0\x03"[..], &[0x91; 9000]].concat();
    cards.file("disk.zip", zip(&[("card.qcow2", &disk)]));
    for (name, new) in [("disk.zip", "disk"), ("disk.zip/card.qcow2", "card")] {
        let source = first(name);
        let command = format!("7z x disk.zip -o{new}-files");
        assert_eq!(source["next"][0]["command"], command);
        assert_eq!(
            source["hint"],
            format!(
                "take it out of the archive with `{command}`, then convert it with `qemu-img convert -O raw \
                 \"{new}-files/card.qcow2\" {new}.img`, then examine {new}.img"
            )
        );
    }
    let twice = gzip(b"BZh91AY&SY and more");
    cards.file(
        "twice.zip",
        zip(&[("card.img.bz2.gz", &twice), ("FILE.img", &disk)]),
    );
    let source = first("twice.zip/card.img.bz2.gz");
    assert_eq!(
        source["error"],
        "\"card.img.bz2.gz\" in the archive: this is a bzip2 file compressed with gzip, not the image of a card"
    );
    assert_eq!(
        source["hint"],
        "take it out of the archive with `7z x twice.zip -ocard-files`, then unpack it with `gzip -dc \
         \"card-files/card.img.bz2.gz\" > card.unpacked`, then examine card.unpacked"
    );
    // What the archive holds is not written over, and its name is no placeholder.
    let ran = cards.run(&["list", "twice.zip/FILE.img", "--json"]);
    assert_eq!(
        ran.json()["sources"][0]["hint"],
        "take it out of the archive with `7z x twice.zip -oFILE-files`, then convert it with `qemu-img convert -O raw \
         \"FILE-files/FILE.img\" FILE.img`, then examine FILE.img"
    );
    cards.file("own.zip", zip(&[("alice.qcow2", &disk)]));
    for name in ["own.zip", "own.zip/alice.qcow2"] {
        let ran = cards.run(&["list", name, "--redact"]);
        assert!(
            ran.status == Some(2) && !ran.text().contains("alice"),
            "{ran:?}"
        );
    }
    let inner = zip(&[("notes.txt", b"nothing")]);
    cards.file("nested.zip", zip(&[("inner.zip", &inner)]));
    cards.file(
        "packed.zip",
        zip(&[("a.7z", b"7z\xbc\xaf\x27\x1c and more")]),
    );
    for name in ["nested.zip", "packed.zip"] {
        let source = first(name);
        let error = source["error"].as_str().unwrap();
        assert!(
            error.contains("holds what is not read here"),
            "{name}: {error}"
        );
        let new = name.replace(".zip", "-files");
        assert_eq!(source["next"][0]["command"], format!("7z x {name} -o{new}"));
    }
    let mut encrypted = zip(&[("b.img", &disk)]);
    // The flag of an encrypted file, in its header and in the list.
    let listed = encrypted
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    encrypted[6] |= 1;
    encrypted[listed + 8] |= 1;
    cards.file("encrypted.zip", &encrypted);
    assert_eq!(
        first("encrypted.zip")["next"][0]["command"],
        "7z x encrypted.zip -oencrypted-files"
    );
}

/// What is unpacked lies in a folder of its own: no file beside the archive is written over.
#[cfg(unix)]
#[test]
fn what_is_unpacked_is_written_over_nothing() {
    let cards = Cards::new();
    let mut archive = tar::Builder::new(Vec::new());
    let disk = [&b"QFI\xfb\0\0\0\x03"[..], &[0x91; 9000]].concat();
    let mut header = tar::Header::new_gnu();
    header.set_size(disk.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, "card.qcow2", &disk[..])
        .unwrap();
    cards.file("cards.tar", archive.into_inner().unwrap());
    cards.file("card.qcow2", "another one");
    let source = cards.run(&["list", "cards.tar", "--json"]).json()["sources"][0].clone();
    let command = source["next"][0]["command"].as_str().unwrap();
    assert_eq!(
        command,
        "mkdir cards-files && tar -xf cards.tar -C cards-files"
    );
    let unpack = || {
        let shell = std::process::Command::new("sh");
        { shell }
            .args(["-c", command])
            .current_dir(cards.path("."))
            .status()
            .unwrap()
    };
    assert!(unpack().success());
    assert!(!unpack().success(), "the folder is there");
    assert_eq!(bytes(&cards, "card.qcow2"), b"another one");
    assert_eq!(bytes(&cards, "cards-files/card.qcow2"), disk);
}

/// Of an archive that is cut short the missing part is named, and one behind a program is read.
#[test]
fn archives_that_are_cut_or_begin_with_another_file_are_told() {
    let cards = Cards::new();
    let image = card(1, &[wallet::twelve()]).card.to_vec();
    let archive = zip(&[("card.img", &image)]);
    cards.file(
        "self.sh",
        [&b"#!/bin/sh\nunzip $0\nexit\n"[..], &archive].concat(),
    );
    let ran = cards.run(&["list", "self.sh", "--json"]);
    assert_eq!(ids(&ran.json()["sources"][0]).len(), 1, "{ran:?}");
    let mut old = [0; 1024];
    old[..10].copy_from_slice(b"letter.txt");
    for (at, number) in [
        (100, "0000644"),
        (108, "0000000"),
        (116, "0000000"),
        (124, "00000004000"),
        (136, "00000000000"),
    ] {
        old[at..at + number.len()].copy_from_slice(number.as_bytes());
    }
    old[148..156].fill(b' ');
    let sum: u32 = old[..512].iter().map(|byte| u32::from(*byte)).sum();
    old[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    cards.file("old.tar", old);
    let ran = cards.run(&["list", "old.tar"]);
    assert!(
        ran.status == Some(2)
            && ran.out.contains("a tar archive that is cut short")
            && ran.out.contains("copy it again"),
        "{ran:?}"
    );
}

/// What is too short to be a card is none, and nothing is said of formatting it.
#[test]
fn a_file_shorter_than_any_card_is_none() {
    let cards = Cards::new();
    let bytes: Vec<u8> = [0x13, 0x57, 0x9A, 0xCE].repeat(4096);
    cards.file("index.db", &bytes);
    let ran = cards.run(&["list", "index.db"]);
    assert!(
        ran.status == Some(2)
            && ran.out.contains("a file of an unknown kind")
            && !ran.out.contains("format"),
        "{ran:?}"
    );
    // One value alone is what a blank card has.
    cards.file("blank", [0; 512]);
    assert_eq!(cards.run(&["list", "blank"]).status, Some(1));
}

/// What is compressed and then written as Base64 is read; where it cannot be, no command is named that fails on the text.
#[test]
fn what_a_text_carries_compressed_is_read() {
    let cards = Cards::new();
    let copy = wallet::twelve().encode();
    let text = data_encoding::BASE64.encode(&gzip(&copy));
    cards.file("b.txt", &text);
    std::fs::create_dir(cards.path("f")).unwrap();
    cards.file("f/b.txt", &text);
    for name in ["b.txt", "f"] {
        let ran = cards.run(&["list", name, "--json"]);
        assert_eq!(ids(&ran.json()["sources"][0]).len(), 1, "{ran:?}");
    }
    let bzip2 = [&b"BZh91AY&SY"[..], &[0x91; 100]].concat();
    cards.file("c.txt", data_encoding::BASE64.encode(&bzip2));
    let ran = cards.run(&["list", "c.txt"]);
    assert!(
        ran.out.contains("a text that carries a compressed file")
            && ran.out.contains("`base64 -d c.txt > c.img`"),
        "{ran:?}"
    );
}

/// A card in an archive is read, and what is encrypted beside it is said.
#[test]
fn what_is_encrypted_beside_a_card_is_said() {
    let cards = Cards::new();
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    let image = bytes(&cards, "card.img");
    let mut packed = zip(&[("a.img", &image), ("b.img", &image)]);
    let places = |magic: &[u8]| {
        let mut places = packed.windows(4).enumerate();
        places.rfind(|(_, four)| *four == magic).unwrap().0
    };
    let (header, listed) = (places(b"PK\x03\x04"), places(b"PK\x01\x02"));
    packed[header + 6] |= 1;
    packed[listed + 8] |= 1;
    cards.file("two.zip", &packed);
    let source = cards.run(&["list", "two.zip", "--json"]).json()["sources"][0].clone();
    assert_eq!(ids(&source), [wallet::twelve().id()]);
    let finding = &source["findings"][0];
    assert_eq!(finding["rule"], "image-damaged");
    assert_eq!(
        finding["message"],
        "other files in the archive are encrypted, sparse, or compressed by a method that is not read, and were not read"
    );
}

/// Compressed images are joined from their parts as raw ones are; a later part alone is no card.
#[cfg(unix)]
#[test]
fn parts_of_compressed_images_are_one() {
    let cards = Cards::new();
    let whole = std::fs::read(testdata().join("healthy.img.zst")).unwrap();
    for (part, name) in whole.chunks(whole.len() / 3 + 1).zip(["aa", "ab", "ac"]) {
        cards.file(&format!("card.img.zst.{name}"), part);
    }
    let source = cards.run(&["list", "card.img.zst.aa", "--json"]).json()["sources"][0].clone();
    assert_eq!(
        source["backups"].as_array().map(Vec::len),
        Some(1),
        "{source:#}"
    );
    let ran = cards.run(&["list", "card.img.zst.ab"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.out
            .contains("the first part of which is \"card.img.zst.aa\""),
        "{ran:?}"
    );
}

/// An archive among the files of a card is looked into, and what lies in it as it is counts once.
#[test]
fn archives_on_a_card_are_looked_into() {
    let backup = wallet::twelve();
    let names = [0, 1, 2].map(|n| format!("old/bitbox02/{}/{}", backup.id(), backup.file_name(n)));
    let file = backup.encode();
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (method, name) in [
        (zip::CompressionMethod::Deflated, &names[0]),
        (zip::CompressionMethod::Deflated, &names[1]),
        (zip::CompressionMethod::Stored, &names[2]),
    ] {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        packed.start_file(name.as_str(), options).unwrap();
        packed.write_all(&file).unwrap();
    }
    // More than is searched as one file.
    packed
        .start_file(
            "holiday.jpg",
            zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Stored),
        )
        .unwrap();
    packed.write_all(&vec![0xA5; 70_000]).unwrap();
    let packed = packed.finish().unwrap().into_inner();
    let cards = Cards::new();
    let mut fat = Layout::FAT16.format();
    let root = fat.root();
    fat.make_file(root, "phone.zip", &packed);
    cards.put("card.img", &fat);
    for arguments in [
        &["list", "card.img", "--json"][..],
        &["list", "--carve", "card.img", "--json"],
    ] {
        let answer = cards.run(arguments).json();
        let source = &answer["sources"][0];
        assert_eq!(ids(source), [backup.id()]);
        let found = &source["backups"][0];
        assert_eq!(found["state"], "hidden", "{source:#}");
        assert_eq!(
            found["cause"],
            "it is in an archive, which the BitBox does not open"
        );
        let next = source["next"].as_array().unwrap();
        assert!(next.iter().all(|step| step["action"] != "move"), "{next:?}");
        let copies = found["copies"].as_array().unwrap();
        let mut paths: Vec<_> = copies
            .iter()
            .map(|copy| copy["path"].as_str().unwrap())
            .collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            names.each_ref().map(|name| format!("/phone.zip/{name}"))
        );
        assert!(
            copies
                .iter()
                .all(|copy| copy["state"] == "valid" && copy["offset"].is_null())
        );
    }
    let quick = cards.run(&["list", "--quick", "card.img", "--json"]).json();
    assert_eq!(ids(&quick["sources"][0]), [] as [&str; 0]);
    let recovered = cards.run(&["recover", "card.img", "--yes", "--card", "new.img"]);
    assert_eq!(recovered.status, Some(0), "{recovered:?}");
}

/// Whatever an archive is called, and also if it was deleted, or the card formatted after it.
#[test]
fn an_archive_on_a_card_is_told_by_its_contents() {
    let backup = wallet::twelve();
    let file = backup.encode();
    let names = [0, 1, 2].map(|n| format!("bitbox02/{}/{}", backup.id(), backup.file_name(n)));
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in &names {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        packed.start_file(name.as_str(), options).unwrap();
        // What does not get smaller would stand there as it is.
        for part in file.chunks(16) {
            packed.write_all(part).unwrap();
            packed.flush().unwrap();
        }
    }
    let packed = packed.finish().unwrap().into_inner();
    assert!(
        !packed.windows(file.len()).any(|part| part == file),
        "it is packed"
    );
    let cards = Cards::new();
    let put = |name: &str, packed: &[u8]| {
        let mut fat = Layout::FAT16.format();
        let root = fat.root();
        fat.make_file(root, name, packed);
        fat
    };
    let state = |line: &[&str]| {
        let answer = cards.run(line).json();
        let source = &answer["sources"][0];
        assert_eq!(ids(source), [backup.id()], "{line:?} {source:#}");
        source["state"].as_str().unwrap().to_owned()
    };
    for name in ["phone", "phone.zip.bak", "phone.zip (1)", "wallet.bin"] {
        cards.put("card.img", &put(name, &packed));
        assert_eq!(state(&["list", "card.img", "--json"]), "hidden", "{name}");
    }
    for name in ["phone.zip", "phone"] {
        let mut fat = Layout::FAT16.format();
        let root = fat.root();
        let placed = fat.make_file(root, name, &packed);
        fat.delete(&placed);
        cards.put("card.img", &fat);
        assert_eq!(
            state(&["list", "card.img", "--json"]),
            "recoverable",
            "{name}"
        );
        assert_eq!(
            state(&["list", "--carve", "card.img", "--json"]),
            "recoverable"
        );
    }
    // No entry is left, and other bytes lie behind it.
    let fat = put("phone.zip", &[&packed[..], &[0x55; 3000]].concat());
    let mut again = Layout::FAT16.format_on(fat.card);
    let (fats, data) = (again.fat(0), again.data());
    again.card.fill(fats, (data - fats) as usize, 0);
    cards.put("card.img", &again);
    assert_eq!(state(&["list", "card.img", "--json"]), "recoverable");
    // What programs make of ZIP is no archive, and no place where people keep a backup.
    let document = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w/>"),
    ]);
    cards.put("card.img", &put("letter.docx", &document));
    let answer = cards.run(&["list", "card.img", "--json"]).json();
    assert_eq!(answer["sources"][0]["state"], "empty");
}

/// What is compressed or the disk of a virtual machine is not looked into where no entry leads to it: it is said, and a
/// card on which it lies is not called empty.
#[test]
fn what_holds_others_on_a_surface_and_is_not_opened_is_said() {
    // What does not get smaller would stand there as it is, so no backup is on this card.
    let image = Layout::FAT12.format().card.to_vec();
    let inside = zip(&[("card.img", &[&image[..], b"end"].concat())]);
    let forms: [(&str, Vec<u8>); 5] = [
        ("a gzip file", gzip(&image)),
        ("a zstd file", zstd(&image)),
        (
            "a 7z archive",
            [&b"7z\xBC\xAF\x27\x1C\0\x04"[..], &[0; 24], &[0x5A; 900]].concat(),
        ),
        ("a bzip2 file", b"BZh91AY&SY\x11\x22".repeat(100)),
        ("a ZIP archive", inside),
    ];
    let cards = Cards::new();
    for (what, bytes) in &forms {
        // On a file system that is not read, and deleted from a FAT.
        let mut other = Layout::FAT16.format();
        other.card.fill(0, 4096, 0);
        let at = other.data() + 8192;
        other.card.write_at(at, bytes);
        let mut deleted = Layout::FAT16.format();
        let root = deleted.root();
        let placed = deleted.make_file(root, "card.zip", bytes);
        deleted.delete(&placed);
        for fat in [other, deleted] {
            cards.put("card.img", &fat);
            let ran = cards.run(&["list", "card.img", "--carve"]);
            assert!(
                ran.out
                    .contains("No backup was found (what begins at byte "),
                "{what}: {ran:?}"
            );
            assert!(
                ran.out.contains(&format!("it is {what}")),
                "{what}: {ran:?}"
            );
            assert!(
                !ran.out.contains("device create") && !ran.out.contains("ormat it"),
                "{ran:?}"
            );
            let answer = cards.run(&["list", "card.img", "--carve", "--json"]).json();
            assert_eq!(
                answer["sources"][0]["state"], "unsearched",
                "{what}: {answer:#}"
            );
        }
    }
    // A system keeps many a file compressed that is no card: it was looked at.
    let mut other = Layout::FAT16.format();
    for (number, text) in ["a manual\n", "a log of what happened\n"]
        .iter()
        .enumerate()
    {
        let at = other.data() + 8192 * (1 + number as u64);
        other.card.write_at(at, &gzip(text.repeat(900).as_bytes()));
    }
    cards.put("card.img", &other);
    let answer = cards.run(&["list", "card.img", "--carve", "--json"]).json();
    assert_eq!(answer["sources"][0]["state"], "empty", "{answer:#}");
}

/// Of what lies outside of it nothing is known.
#[test]
fn a_part_of_an_image_is_no_whole_card() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.format();
    fat.save(&wallet::twelve());
    cards.put("card.img", &fat);
    let behind = (fat.card.size() - 4096).to_string();
    let line = ["list", "card.img", "--offset", &behind];
    let ran = cards.run(&line);
    let said = "No backup was found (in this part of the image; the rest was not searched)";
    assert!(ran.out.contains(said), "{ran:?}");
    assert!(
        ran.out
            .contains("\n       bitbox-backup list card.img --carve\n"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("ormat it"), "{ran:?}");
    let answer = cards.run(&[&line[..], &["--json"]].concat()).json();
    assert_eq!(answer["sources"][0]["state"], "unsearched", "{answer:#}");
}

/// Nothing is unpacked to disk, so what a member is called leads nowhere.
#[test]
fn a_member_named_out_of_its_archive_is_read() {
    let cards = Cards::new();
    let copy = wallet::twelve().encode();
    cards.file("mail.zip", zip(&[("../one.bin", &copy)]));
    let ran = cards.run(&["list", "mail.zip", "--json"]);
    let source = &ran.json()["sources"][0];
    assert_eq!(source["state"], "hidden", "{}", ran.text());
    let path = &source["backups"][0]["copies"][0]["path"];
    assert!(path.as_str().unwrap().ends_with("/one.bin"), "{path}");
}

#[test]
fn a_note_with_an_id_leads_to_the_card() {
    let cards = Cards::new();
    let id = wallet::twelve().id();
    cards.file("notes.txt", format!("ID of our backup:\n{id}\n"));
    let ran = cards.run(&["list", "notes.txt"]);
    let said = ran.text();
    assert_eq!(ran.status, Some(2), "{said}");
    assert!(said.contains("the ID of a backup"), "{said}");
    assert!(said.contains("bitbox-backup match CARD --id ID"), "{said}");
    assert!(!said.contains("xxd"), "{said}");
}
