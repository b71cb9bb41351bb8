//! Folders of the computer: what recovery programs, systems and phones leave, and drawers of cards.

use std::path::Path;

use fixtures::wallet;

use crate::support::cards::{Cards, card, gzip, save_in, zstd};

fn put(cards: &Cards, path: &str, bytes: impl AsRef<[u8]>) {
    let path = cards.path(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// A folder that several sources lie in at different depths: two images, an archive, the copy of a card, and what is
/// none of them.
fn drawer() -> Cards {
    let cards = Cards::new();
    let make = |path: &str| std::fs::create_dir_all(cards.path(path)).unwrap();
    make("drawer/safe/deeper");
    cards.put("drawer/first.img", &card(1, &[wallet::twelve()]));
    cards.put(
        "drawer/safe/deeper/second.dd",
        &card(2, &[wallet::twenty_four()]),
    );
    make("drawer/copied");
    save_in(&cards.path("drawer/copied"), &wallet::abandon());
    put(&cards, "drawer/safe/notes.txt", "what these cards are");
    put(&cards, "drawer/letters/bank.txt", "a letter");
    cards
}

const IN_DRAWER: [&str; 3] = [
    "drawer/copied",
    "drawer/first.img",
    "drawer/safe/deeper/second.dd",
];

/// The sources of an answer, each with how many backups were found.
fn sources(answer: &serde_json::Value) -> Vec<(String, usize)> {
    let sources = answer["sources"].as_array().unwrap().iter();
    let of = |source: &serde_json::Value| {
        let backups = source["backups"].as_array().map_or(0, Vec::len);
        (source["source"].as_str().unwrap().to_owned(), backups)
    };
    sources.map(of).collect()
}

#[test]
fn every_command_reads_each_card_in_a_folder() {
    let cards = drawer();
    let expected = IN_DRAWER.map(|name| (name.to_owned(), 1));
    for command in ["list", "audit"] {
        let ran = cards.run(&[command, "drawer", "--json"]);
        assert_eq!(sources(&ran.json()), expected, "{command}");
        let skipped = "note: drawer: no card images, skipped: letters, safe/notes.txt\n";
        assert!(ran.err.contains(skipped), "{command}: {}", ran.err);
    }
    let names = |ran: crate::support::program::Ran| {
        let answer = ran.json();
        let sources = answer["sources"].as_array().unwrap().iter();
        let name = |source: &serde_json::Value| source["source"].as_str().unwrap().to_owned();
        sources.map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(cards.run(&["wallet", "drawer", "--json"])), IN_DRAWER);
    let id = wallet::abandon().id();
    let ran = cards
        .run(&["match", "drawer", "--id", &id, "--json"])
        .json();
    let matches = ran["matches"].as_array().unwrap().iter();
    let matches: Vec<_> = matches.map(|one| &one["source"]).collect();
    assert_eq!(matches, IN_DRAWER);
    let letters = cards.run(&["letter", "drawer", "--json"]).json();
    assert_eq!(letters["letters"].as_array().unwrap().len(), 3);
    let words = cards.run(&["words", "drawer", "--json"]).json();
    assert_eq!(
        words["wallets"].as_array().map(Vec::len),
        Some(3),
        "{words}"
    );
    let recovered = cards.run(&["recover", "drawer", "--yes", "--to", "new", "--json"]);
    assert_eq!(recovered.status, Some(0), "{recovered:?}");
    assert_eq!(recovered.json()["recovered"].as_array().unwrap().len(), 3);
}

#[test]
fn a_folder_that_is_one_card_stays_one_source() {
    let cards = Cards::new();
    for folder in ["card", "deeper/Backup"] {
        std::fs::create_dir_all(cards.path(folder)).unwrap();
        save_in(&cards.path(folder), &wallet::twelve());
    }
    put(&cards, "card/holiday.img", vec![0; 1024]);
    for folder in ["card", "deeper"] {
        let answer = cards.run(&["list", folder, "--json"]).json();
        assert_eq!(sources(&answer), [(folder.to_owned(), 1)]);
    }
}

#[test]
fn inspect_takes_the_only_card_in_a_folder_and_names_several() {
    let cards = drawer();
    let answer = cards.run(&["inspect", "drawer/safe", "--json"]).json();
    assert_eq!(
        sources(&answer),
        [("drawer/safe/deeper/second.dd".to_owned(), 1)]
    );
    let answer = cards.run(&["inspect", "drawer", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(
        source["verdict"],
        "3 card images or copies of cards in this folder are sources of their own and not examined here."
    );
    assert_eq!(source["state"], "unsearched");
    let command = "bitbox-backup audit drawer";
    let next = source["next"].as_array().unwrap();
    assert!(
        next.iter().any(|step| step["command"] == command),
        "{next:?}"
    );
}

/// Copies beside images are found too, and what is in the images is not counted twice.
#[test]
fn loose_copies_beside_images_are_a_source_too() {
    let cards = drawer();
    put(
        &cards,
        "drawer/recup_dir.1/f0001124.bin",
        wallet::eighteen().encode(),
    );
    let answer = cards.run(&["list", "drawer", "--json"]).json();
    let mut expected: Vec<_> = IN_DRAWER.map(|name| (name.to_owned(), 1)).into();
    expected.push(("drawer".to_owned(), 1));
    assert_eq!(sources(&answer), expected);
    let found = &answer["sources"][3]["backups"][0];
    assert_eq!(found["id"], wallet::eighteen().id().as_str());
}

/// What each program leaves of three copies: their names, and the length to which they are padded.
const LEFT: [(&str, [&str; 3], usize); 9] = [
    (
        "photorec",
        [
            "recup_dir.1/f0001124.bin",
            "recup_dir.1/f0001125.bin",
            "recup_dir.2/f0001126.bin",
        ],
        0,
    ),
    (
        "recuva",
        ["_ACKUP~1.BIN", "_ACKUP~2.BIN", "_ACKUP~3.BIN"],
        0,
    ),
    (
        "chkdsk",
        [
            "FOUND.000/FILE0000.CHK",
            "FOUND.000/FILE0001.CHK",
            "FOUND.001/FILE0000.CHK",
        ],
        32 << 10,
    ),
    (
        "fsck",
        ["FSCK0000.REC", "FSCK0001.REC", "FSCK0002.REC"],
        4096,
    ),
    (
        "scandisk",
        [
            "DIR00000/FILE0000.CHK",
            "DIR00000/FILE0001.CHK",
            "DIR00000/FILE0002.CHK",
        ],
        4096,
    ),
    (
        "windows",
        [
            "$RECYCLE.BIN/S-1-5-21/$RA1B2C3.bin",
            "$RECYCLE.BIN/S-1-5-21/$RD4E5F6.bin",
            "$RECYCLE.BIN/S-1-5-21/$RX/0.bin",
        ],
        0,
    ),
    (
        "mac",
        [
            ".Trashes/501/0.bin",
            ".Trashes/501/0 2.bin",
            ".Trashes/501/0 3.bin",
        ],
        0,
    ),
    (
        "linux",
        [
            ".Trash-1000/files/a",
            ".Trash-1000/files/b",
            ".Trash-1000/files/c",
        ],
        0,
    ),
    (
        "phone",
        [
            "backup_Mon_2020-09-28T08-30-09Z_0 2.bin",
            "backup_Mon_2020-09-28T08-30-09Z_1 2.bin",
            "backup_Mon_2020-09-28T08-30-09Z_2 (1).bin",
        ],
        0,
    ),
];

#[test]
fn what_programs_leave_of_three_copies_makes_a_card() {
    let cards = Cards::new();
    for (program, names, length) in LEFT {
        let mut bytes = wallet::twelve().encode();
        bytes.resize(length.max(bytes.len()), 0);
        for name in names {
            put(&cards, &format!("{program}/{name}"), &bytes);
        }
        let answer = cards.run(&["list", program, "--json"]).json();
        let source = &answer["sources"][0];
        assert_eq!(
            source["verdict"],
            "3 intact copies of a backup are in this folder, as loose files. A BitBox reads copies only in the folder \
             bitbox02/<id> on a card.",
            "{program}"
        );
        let next = &source["next"][0];
        assert_eq!(next["action"], "recover");
        let image = format!("recovered-{program}.img");
        let command = format!("bitbox-backup recover {program} --card {image}");
        assert_eq!(next["command"], command.as_str());
        let made = cards.run(&["recover", program, "--card", &image, "--yes"]);
        assert_eq!(made.status, Some(0), "{program}: {made:?}");
        let state = cards.run(&["list", &image, "--json"]).json()["sources"][0]["state"].clone();
        assert_eq!(state, "healthy", "{program}");
    }
}

/// What a program took for a large file of another kind is searched too, and what is too large is said.
#[test]
fn copies_in_large_files_are_found() {
    let cards = Cards::new();
    let mut bytes = vec![0x5A; 300_000];
    for (place, copy) in [(4096, wallet::twelve()), (131_072, wallet::eighteen())] {
        let copy = copy.encode();
        bytes[place..place + copy.len()].copy_from_slice(&copy);
    }
    put(&cards, "recup_dir.1/f0000001.mov", &bytes);
    let answer = cards.run(&["list", "recup_dir.1", "--json"]).json();
    assert_eq!(
        sources(&answer),
        [("recup_dir.1".to_owned(), 2)],
        "{answer}"
    );
    let quick = cards
        .run(&["list", "--quick", "recup_dir.1", "--json"])
        .json();
    assert_eq!(sources(&quick), [("recup_dir.1".to_owned(), 0)]);
    std::fs::create_dir(cards.path("films")).unwrap();
    let film = std::fs::File::create(cards.path("films/film.mov")).unwrap();
    film.set_len((64 << 20) + 1).unwrap();
    let answer = cards.run(&["list", "films", "--json"]).json();
    assert_eq!(
        answer["sources"][0]["verdict"],
        "No backup was found (in this folder; files over 64 MiB and deleted files of the card it came from were not \
         searched)."
    );
}

/// Damaged copies without a name are told apart by what is left of their bytes, and each wallet is proved by its own.
#[test]
fn damaged_loose_copies_of_two_wallets_stay_apart() {
    let cards = Cards::new();
    for (wallet, first) in [(wallet::twelve(), 1), (wallet::twenty_four(), 4)] {
        for number in 0..3 {
            let mut bytes = wallet.encode();
            bytes[40 + 7 * number] ^= 0x10;
            put(
                &cards,
                &format!("recup_dir.1/f{}.bin", first + number),
                bytes,
            );
        }
    }
    let answer = cards.run(&["list", "recup_dir.1", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(
        sources(&answer),
        [("recup_dir.1".to_owned(), 2)],
        "{answer}"
    );
    assert_eq!(
        source["verdict"],
        "2 backups are in this folder, as loose files that are intact or can be proved. A BitBox reads copies only in the \
         folder bitbox02/<id> on a card."
    );
    let ran = cards.run(&["recover", "recup_dir.1", "--yes", "--card", "new.img"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let made = cards.run(&["list", "new.img", "--json"]).json();
    assert_eq!(made["summary"]["healthy"], 2, "{made}");
}

/// Nothing in a drawer is written to.
#[test]
fn a_folder_of_cards_is_only_read() {
    let cards = drawer();
    let before = tree(cards.folder());
    for command in ["list", "audit", "wallet", "inspect"] {
        cards.run(&[command, "drawer"]);
    }
    assert!(before == tree(cards.folder()));
}

fn tree(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(tree(&path)),
            false => found.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

/// An ID that stands somewhere as a text proves what has no checksum any more: in a note, as UTF-16, in names of exFAT.
#[test]
fn an_id_in_a_text_proves_damaged_copies() {
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    // The checksum is gone.
    copy[6..38].fill(0xFF);
    let id = backup.id();
    let wide: Vec<u8> = id.bytes().flat_map(|byte| [byte, 0]).collect();
    let names = wide.chunks(30).flat_map(|part| {
        let mut entry = vec![0xC1, 0];
        entry.extend(part);
        entry.resize(32, 0);
        entry
    });
    let texts: [(&str, Vec<u8>); 4] = [
        ("none", Vec::new()),
        ("plain", format!("the wallet {id} of my aunt").into_bytes()),
        ("wide", wide.clone()),
        ("exfat", names.collect()),
    ];
    let exfat = fixtures::recipes::named("foreign_exfat").unwrap().card;
    for (name, text) in texts {
        let cards = Cards::new();
        let mut card = exfat.clone();
        card.write_at(300_000 / 32 * 32, &text);
        card.write_at(400_384, &copy);
        card.write_to(cards.path("card.img")).unwrap();
        put(&cards, "loose/f1.bin", &copy);
        put(&cards, "loose/note.txt", &text);
        for source in ["card.img", "loose"] {
            let to = format!("{source}-recovered");
            let ran = cards.run(&[
                "recover", source, "--yes", "--to", &to, "--effort", "1000", "--json",
            ]);
            let answer = ran.json();
            let recovered = answer["recovered"].as_array().unwrap();
            let expected = usize::from(name != "none");
            assert_eq!(recovered.len(), expected, "{name} {source}: {answer:#}");
            if let Some(one) = recovered.first() {
                assert_eq!(
                    (&one["id"], &one["proof"]["seed"]),
                    (&id.as_str().into(), &"id".into())
                );
            }
        }
    }
}

/// A text with several copies, and one that is longer than any copy, is searched to its end.
#[test]
fn texts_are_searched_to_their_end() {
    let cards = Cards::new();
    let five = wallet::five();
    let lines = five.iter().map(|backup| hex::encode(backup.encode()));
    let lines: Vec<String> = lines.collect();
    let page = "12:00 Grüße an alle, und bis bald!\n".repeat(3000);
    let texts = [
        ("all.txt", lines.join("\n"), 5),
        ("marked.txt", format!("\u{FEFF}{}", lines.join("\n")), 5),
        ("labeled.txt", format!("Zürich: {}", lines[0]), 1),
        (
            "chat.eml",
            format!("{page}{}\n{page}{}\n{page}", lines[0], lines[1]),
            2,
        ),
    ];
    for (name, text, count) in texts {
        cards.file(name, &text);
        put(&cards, &format!("in-{name}/{name}"), &text);
        for source in [name.to_owned(), format!("in-{name}")] {
            let answer = cards.run(&["list", &source, "--json"]).json();
            let backups = answer["sources"][0]["backups"].as_array().map(Vec::len);
            assert_eq!(backups, Some(count), "{source}: {answer:#}");
        }
    }
    cards.file("words.txt", &page);
    let ran = cards.run(&["list", "words.txt"]);
    assert!(
        ran.status == Some(2) && ran.out.contains("this is a text file"),
        "{ran:?}"
    );
}

/// What has to be unpacked first is named in a folder as it is by itself.
#[test]
fn what_is_packed_in_a_folder_is_named() {
    let cards = Cards::new();
    put(&cards, "d/readme.txt", "what this is");
    put(&cards, "d/deep/card.7z", b"7z\xbc\xaf\x27\x1c and more");
    let ran = cards.run(&["list", "d", "--json"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let answer = ran.json();
    let source = &answer["sources"][0];
    assert_eq!(source["source"], "d/deep/card.7z");
    assert_eq!(
        source["next"][0]["command"],
        "7z x d/deep/card.7z -ocard-files"
    );
    // What is not compressed of a compressed file is no copy of its own.
    let packed = [&b"\x04\x22\x4d\x18"[..], &wallet::twelve().encode()].concat();
    put(&cards, "g/copy", packed);
    let source = cards.run(&["list", "g", "--json"]).json()["sources"][0].clone();
    assert_eq!(source["next"][0]["command"], "lz4 -dc g/copy > copy.img");
    // A large file beside it is searched, too.
    let chat = "12:00 nothing\n".repeat(6000) + &hex::encode(wallet::twelve().encode());
    put(&cards, "d/chat.txt", chat);
    let ran = cards.run(&["list", "d", "--json"]);
    let both = [("d".to_owned(), 1), ("d/deep/card.7z".to_owned(), 0)];
    let mut found = sources(&ran.json());
    found.sort();
    assert_eq!(found, both);
    // Beside copies of a backup the folder is what was meant.
    put(&cards, "f/card.7z", b"7z\xbc\xaf\x27\x1c and more");
    put(&cards, "f/copy.bin", wallet::twelve().encode());
    let ran = cards.run(&["list", "f", "--json"]);
    assert_eq!(sources(&ran.json()), [("f".to_owned(), 1)]);
    assert!(
        ran.out
            .contains("/card.7z is a 7z archive, which was not looked into"),
        "{ran:?}"
    );
    // Of a document only some text is read.
    put(&cards, "e/letter.pdf", "%PDF-1.4");
    let ran = cards.run(&["list", "e", "--json"]);
    assert_eq!(sources(&ran.json()), [("e".to_owned(), 0)]);
    assert!(ran.out.contains("could not be looked into"), "{ran:?}");
}

/// A volume of another file system is a card by its contents, whatever its name and whatever lies beside it.
#[test]
fn volumes_of_other_file_systems_in_a_folder_are_sources() {
    let cards = Cards::new();
    let mut stick = vec![0; 1 << 20];
    stick[1080..1084].copy_from_slice(b"\x53\xef\x01\0");
    let copy = wallet::twelve().encode();
    stick[70_144..][..copy.len()].copy_from_slice(&copy);
    let mut packed = vec![0x91; 8192];
    packed[..4].copy_from_slice(b"hsqs");
    for folder in ["a", "b", "c"] {
        put(&cards, &format!("{folder}/stick.ext4"), &stick);
        put(&cards, &format!("{folder}/root.squashfs"), &packed);
        put(&cards, &format!("{folder}/list.txt"), "what these are");
    }
    cards.put("a/one.img", &card(1, &[wallet::twenty_four()]));
    put(
        &cards,
        "b/note.txt",
        hex::encode(wallet::eighteen().encode()),
    );
    for (folder, other) in [("a", "a/one.img"), ("b", "b"), ("c", "")] {
        for command in ["list", "audit"] {
            let ran = cards.run(&[command, folder, "--json"]);
            assert_eq!(ran.status, Some(1), "{ran:?}");
            let answer = ran.json();
            let named: Vec<_> = sources(&answer).into_iter().map(|(name, _)| name).collect();
            for name in [
                other,
                &format!("{folder}/stick.ext4"),
                &format!("{folder}/root.squashfs"),
            ] {
                assert!(
                    name.is_empty() || named.iter().any(|one| one == name),
                    "{name}: {ran:?}"
                );
            }
            if folder == "a" {
                let skipped = serde_json::json!([{ "source": "a", "files": ["list.txt"] }]);
                assert_eq!(answer["skipped"], skipped, "{command}");
            }
        }
    }
    let ran = cards.run(&["list", "a/root.squashfs", "--json"]);
    let source = ran.json()["sources"][0].clone();
    assert_eq!(source["state"], "unsearched");
    assert_eq!(
        source["next"][0]["command"],
        "unsquashfs -d root-files a/root.squashfs"
    );
}

/// Parts of one file are named as that, where the one with which they are read is missing; none is an empty card.
#[test]
fn parts_without_the_first_are_named() {
    let cards = Cards::new();
    let zeros = vec![0; 70_000];
    for name in [
        "a/card.img.ab",
        "a/card.img.ac",
        "b/card.img.002",
        "b/card.img.003",
        "c/card.z01",
        "c/card.z02",
    ] {
        put(&cards, name, &zeros);
    }
    let split = "it is a later part of a split image, and the first part is missing";
    let zip = "this is a part of a split ZIP archive, not the image of a card";
    for (folder, first, error) in [
        ("a", "a/card.img.ab", split),
        ("b", "b/card.img.002", split),
        ("c", "c/card.z01", zip),
    ] {
        for name in [folder, first] {
            let ran = cards.run(&["list", name, "--json"]);
            assert_eq!(ran.status, Some(2), "{ran:?}");
            let answer = ran.json();
            assert_eq!(answer["sources"].as_array().unwrap().len(), 1, "{ran:?}");
            assert_eq!(answer["sources"][0]["source"], first);
            assert_eq!(answer["sources"][0]["error"], error);
            assert!(!ran.out.contains("format"), "{ran:?}");
        }
    }
    put(&cards, "a/copy.txt", hex::encode(wallet::twelve().encode()));
    let found = sources(&cards.run(&["list", "a", "--json"]).json());
    assert_eq!(
        found,
        [("a/card.img.ab".to_owned(), 0), ("a".to_owned(), 1)]
    );
    // The last part, with the list of what is in all, begins with what the first files end with.
    let last = [
        &zeros[..],
        b"PK\x05\x06\x02\0\x02\0\x01\0\x01\0\x30\0\0\0\0\x10\0\0\0\0",
    ]
    .concat();
    put(&cards, "c/card.zip", last);
    let ran = cards.run(&["list", "c/card.zip"]);
    assert!(
        ran.out.contains("the last part of a split ZIP archive")
            && ran.out.contains("--out card-joined.zip"),
        "{ran:?}"
    );
}

/// What a folder shows and does not hold is said.
#[cfg(unix)]
#[test]
fn links_and_files_in_a_cloud_are_said() {
    let cards = Cards::new();
    put(&cards, "there/0.bin", wallet::twelve().encode());
    std::fs::create_dir_all(cards.path("linked/bitbox02")).unwrap();
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(cards.path(from), cards.path(to)).unwrap()
    };
    link("there/0.bin", "linked/bitbox02/0.bin");
    let ran = cards.run(&["list", "linked"]);
    assert!(
        ran.out.contains("links in it were not followed")
            && ran.out.contains("Name what the links"),
        "{ran:?}"
    );
    put(
        &cards,
        "cloud/bitbox02/id/.backup_Mon_2020-09-28T08-30-09Z_0.bin.icloud",
        "bplist00",
    );
    let ran = cards.run(&["list", "cloud"]);
    assert!(
        ran.out.contains("are in iCloud and not on this computer")
            && ran.out.contains("Download Now"),
        "{ran:?}"
    );
}

/// Whatever may be a card has a row, and what is none is named in the answers, too.
#[test]
fn nothing_in_a_folder_of_cards_is_dropped() {
    let cards = Cards::new();
    std::fs::create_dir(cards.path("d")).unwrap();
    cards.put("d/one.img", &card(1, &[wallet::twelve()]));
    put(&cards, "d/empty.img", "");
    put(&cards, "d/card.7z", b"7z\xbc\xaf\x27\x1c and more");
    put(&cards, "d/letter.pdf", "%PDF-1.4");
    let bytes = card(2, &[wallet::eighteen()]).card.to_vec();
    let half = (bytes.len() / 512).div_ceil(2) * 512;
    for (name, part) in ["aa", "ab"].iter().zip(bytes.chunks(half)) {
        put(&cards, &format!("d/split.img.{name}"), part);
    }
    for (number, part) in bytes.chunks(30 << 10).enumerate() {
        put(&cards, &format!("alone/card.img.{number:03}"), part);
    }
    let ran = cards.run(&["audit", "d", "--json", "--html", "page.html"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let answer = ran.json();
    let states: Vec<_> = answer["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| {
            (
                source["source"].as_str().unwrap(),
                source["state"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("d/card.7z", "failed"),
        ("d/empty.img", "failed"),
        ("d/one.img", "healthy"),
        ("d/split.img.aa", "healthy"),
    ];
    assert_eq!(states, expected);
    assert_eq!(
        answer["sources"][0]["next"][0]["command"],
        "7z x d/card.7z -ocard-files"
    );
    let skipped = serde_json::json!([{ "source": "d", "files": ["letter.pdf"] }]);
    assert_eq!(answer["skipped"], skipped);
    let page = std::fs::read_to_string(cards.path("page.html")).unwrap();
    let said = "d: no card images, skipped: letter.pdf";
    assert!(page.contains(&format!("<bdi>{said}</bdi>")));
    let text = cards.run(&["audit", "d"]);
    assert!(text.out.contains(&format!("\n{said}\n")), "{text:?}");
    // The parts of one card are that card, also where nothing else lies there.
    let ran = cards.run(&["audit", "alone", "--json"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let source = &ran.json()["sources"][0];
    assert_eq!(
        (&source["source"], &source["state"]),
        (&"alone/card.img.000".into(), &"healthy".into())
    );
}

/// A folder that cannot be listed may hold cards.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_is_a_source_that_failed() {
    use std::os::unix::fs::PermissionsExt;
    let cards = Cards::new();
    std::fs::create_dir_all(cards.path("d/shut")).unwrap();
    cards.put("d/one.img", &card(1, &[wallet::twelve()]));
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(cards.path("d/shut"), mode(0)).unwrap();
    let is_listed = std::fs::read_dir(cards.path("d/shut")).is_ok(); // by root
    let answer = cards.run(&["audit", "d", "--json"]).json();
    std::fs::set_permissions(cards.path("d/shut"), mode(0o700)).unwrap();
    if !is_listed {
        let source = &answer["sources"][1];
        assert_eq!(
            (&source["source"], &source["state"]),
            (&"d/shut".into(), &"failed".into())
        );
    }
}

/// What a file holds decides, not its name.
#[test]
fn a_card_under_any_name_is_a_row() {
    let cards = Cards::new();
    let image = |serial| card(serial, &[wallet::numbered(serial)]).card;
    let bytes = |serial| image(serial).bytes(0, image(serial).size() as usize);
    let mut blank = bytes(5);
    blank[..1024].fill(0);
    cards.file("named.img", bytes(1));
    cards.file("card.gz", gzip(&bytes(2)));
    cards.file("dump", bytes(3));
    cards.file("x.zst", zstd(&bytes(4)));
    cards.file("deep.gz", gzip(&blank));
    cards.file("notes.txt", "a note");
    std::fs::create_dir(cards.path("older")).unwrap();
    cards.file("older/other.gz", gzip(&bytes(6)));
    for command in ["audit", "list"] {
        let answer = cards.run(&[command, ".", "--json"]).json();
        let sources = answer["sources"].as_array().unwrap().iter();
        let rows: Vec<_> = sources
            .map(|one| {
                (
                    one["source"].as_str().unwrap(),
                    one["status"].as_str().unwrap(),
                )
            })
            .collect();
        let names = [
            "./card.gz",
            "./deep.gz",
            "./dump",
            "./named.img",
            "./older/other.gz",
            "./x.zst",
        ];
        assert_eq!(rows, names.map(|name| (name, "examined")), "{command}");
    }
    let answer = cards.run(&["audit", ".", "--json"]).json();
    assert_eq!(answer["wallets"].as_array().unwrap().len(), 6);
    assert_eq!(
        answer["skipped"][0]["files"],
        serde_json::json!(["notes.txt"])
    );
    // Beside the copy of a card, too.
    let cards = Cards::new();
    cards.file("card.gz", gzip(&bytes(2)));
    save_in(&cards.path("copied"), &wallet::numbered(3));
    let answer = cards.run(&["audit", ".", "--json"]).json();
    let sources = answer["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2, "{sources:?}");
}
