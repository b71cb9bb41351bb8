//! What is not known is not said: cards of which a part cannot be looked into, images that are cut short, remains without
//! a byte of a seed, and cards on which no new backup belongs.

use fixtures::card::Card;
use fixtures::fat::{Layout, gpt};
use fixtures::recipes;
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, actions, card, seed_offset};

/// Bytes that look random, the same each time.
fn random(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn recipe(name: &str) -> Card {
    let found = recipes::all().find(|one| one.name == name);
    found.unwrap().card
}

/// The answer of `list` for one card, and what it says as a text.
fn list(cards: &Cards, name: &str) -> (Value, String) {
    let json = cards.run(&["list", name, "--json"]).json();
    let text = cards.run(&["list", name]).text();
    (json["sources"][0].clone(), text)
}

fn rules(source: &Value) -> Vec<&str> {
    let backups = source["backups"].as_array().unwrap().iter();
    let findings = backups.flat_map(|one| one["findings"].as_array().unwrap());
    let findings = findings.chain(source["findings"].as_array().unwrap());
    findings.map(|one| one["rule"].as_str().unwrap()).collect()
}

#[test]
fn what_is_encrypted_was_not_looked_into() {
    let cards = Cards::new();
    recipe("foreign_luks")
        .write_to(cards.path("luks.img"))
        .unwrap();
    // A whole card of random data.
    cards.file("random.img", random(4 << 20));
    // Containers among files.
    for (name, mut bytes) in [
        ("luks-file.img", random(300 << 10)),
        ("random-file.img", random(1 << 19)),
    ] {
        if name == "luks-file.img" {
            bytes[..8].copy_from_slice(b"LUKS\xba\xbe\0\x02");
        }
        let mut fat = Layout::FAT16.with_clusters(8000).format();
        let root = fat.root();
        fat.make_file(root, "secret.bin", &bytes);
        cards.put(name, &fat);
    }
    // The storage of a telephone.
    let mut adopted = Card::new(8 << 20);
    gpt(&mut adopted, 2048, 8192);
    adopted.write_at(
        1024,
        b"\xa4\x1e\x3d\x19\xca\xb3\xe4\x11\xb0\x75\x10\x60\x4b\x88\x9d\xcf",
    );
    adopted.write_at(2048 * 512, &random(1 << 20));
    adopted.write_to(cards.path("adopted.img")).unwrap();
    for name in [
        "luks.img",
        "random.img",
        "luks-file.img",
        "random-file.img",
        "adopted.img",
    ] {
        let (source, text) = list(&cards, name);
        assert_eq!(source["state"], "unsearched", "{name} {text}");
        assert!(
            rules(&source).contains(&"file-not-searched"),
            "{name} {text}"
        );
        assert_eq!(actions(&source), ["unpack", "other-card"], "{name} {text}");
        assert!(!text.contains("holds none"), "{name} {text}");
        let ran = cards.run(&["inspect", "--preflight", name]);
        assert_eq!(ran.status, Some(1), "{name}");
        let said = ran.text();
        assert!(
            !said.contains("would make") && !said.contains("Format"),
            "{name} {said}"
        );
    }
}

/// What is compressed has a mark, or is no random data from its first sector on.
#[test]
fn pictures_are_no_encrypted_containers() {
    let cards = Cards::new();
    let mut fat = Layout::FAT16.with_clusters(16_000).format();
    let root = fat.root();
    for (name, mark) in [
        ("a.jpg", &b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..]),
        ("b.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0"),
        ("c.mp3", b"ID3\x03\0\0\0\0\0\0"),
        ("d.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("e.dat", &[0; 400]),
    ] {
        let mut bytes = random(512 << 10);
        bytes[..mark.len()].copy_from_slice(mark);
        fat.make_file(root, name, &bytes);
    }
    // Too small, or no whole sectors.
    fat.make_file(root, "f.dat", &random(128 << 10));
    fat.make_file(root, "g.dat", &random((300 << 10) + 7));
    cards.put("media.img", &fat);
    let (source, text) = list(&cards, "media.img");
    assert_eq!(source["state"], "empty", "{text}");
}

/// The image of a card, cut after so many bytes.
fn cut(fat: &fixtures::fat::Fat, at: u64) -> Card {
    let mut card = fat.card.clone();
    card.set_len(at);
    card
}

#[test]
fn what_a_cut_image_does_not_have_is_no_fact() {
    let cards = Cards::new();
    let mut fat = Layout::FAT32.format();
    let set = fat.save(&wallet::twelve());
    let (folder, file) = (set.folder.data, set.files[0].data);
    let ends = [
        ("in-the-fat.img", fat.fat(1)),
        ("in-the-folder.img", folder + 100),
        ("in-the-first-copy.img", file + 120),
    ];
    for (name, at) in ends {
        cut(&fat, at).write_to(cards.path(name)).unwrap();
        let (source, text) = list(&cards, name);
        let sentence = source["verdict"].as_str().unwrap();
        let untold = "What the BitBox shows is not known from this image.";
        assert!(sentence.ends_with(untold), "{name} {text}");
        for false_fact in [
            "cannot read this card",
            "does not show",
            "holds no copy",
            "second FAT differs",
        ] {
            assert!(!text.contains(false_fact), "{name} {text}");
        }
        assert_eq!(actions(&source)[0], "image", "{name} {text}");
    }
    // What is there is said all the same.
    let (source, _) = list(&cards, "in-the-first-copy.img");
    assert_eq!(source["state"], "hidden");
    assert_eq!(
        cards.run(&["list", "in-the-first-copy.img"]).status,
        Some(1)
    );
}

#[test]
fn copies_that_end_before_the_seed_are_lost() {
    let cards = Cards::new();
    let whole = wallet::twelve();
    let bytes = whole.encode();
    let seed = seed_offset(&bytes, &whole);
    let made = |length: usize, padded: bool| {
        let mut fat = Layout::FAT16.format();
        let set = fat.save(&whole);
        for placed in &set.files {
            let mut left = bytes[..length].to_vec();
            if padded {
                left.resize(bytes.len(), 0);
            }
            fat.card.fill(placed.data, 512, 0);
            fat.card.write_at(placed.data, &left);
            fat.point(placed, placed.cluster, left.len() as u32);
        }
        fat
    };
    for (length, padded, state) in [
        (seed - 3, false, "lost"),
        (seed, false, "lost"),
        (seed, true, "lost"),
        (20, false, "lost"),
        (seed + 1, false, "damaged"),
        (seed + 8, true, "damaged"),
    ] {
        cards.put("card.img", &made(length, padded));
        let (source, text) = list(&cards, "card.img");
        assert_eq!(source["backups"][0]["state"], state, "{length} {text}");
        let hopes = text.contains("may still be recovered");
        assert_eq!(hopes, state == "damaged", "{length} {text}");
    }
    // Where the size in the entry is wrong, the seed is behind the end.
    let mut fat = Layout::FAT16.format();
    for placed in fat.save(&whole).files {
        fat.card.flip(placed.data + 10, 1);
        fat.point(&placed, placed.cluster, seed as u32);
    }
    cards.put("card.img", &fat);
    let (source, text) = list(&cards, "card.img");
    assert_eq!(source["backups"][0]["state"], "damaged", "{text}");
}

#[test]
fn no_new_backup_is_sent_to_a_card_that_is_too_large() {
    let cards = Cards::new();
    cards.put("empty.img", &card(1, &[]));
    recipe("foreign_exfat")
        .write_to(cards.path("exfat.img"))
        .unwrap();
    for name in ["empty.img", "exfat.img"] {
        let image = std::fs::File::options().write(true).open(cards.path(name));
        let image = image.unwrap();
        let before = actions(&list(&cards, name).0).join(" ");
        assert!(before.ends_with("create-here"), "{before}");
        image.set_len((32 << 30) + 512).unwrap();
        let (source, text) = list(&cards, name);
        assert_eq!(actions(&source), ["other-card", "other-card"], "{text}");
        assert!(text.contains("an SDHC card of 4 GB to 32 GB"), "{text}");
        let said = cards.run(&["inspect", "--preflight", name]).text();
        assert!(!said.contains("Format"), "{said}");
    }
}

/// As an undelete tool writes it.
#[test]
fn a_folder_without_its_first_letter_is_named() {
    let cards = Cards::new();
    for name in ["_itbox02", "xitbox02"] {
        let mut fat = Layout::FAT16.format();
        let set = fat.save(&wallet::twelve());
        let mut short = *b"BITBOX02   ";
        short[0] = name.as_bytes()[0].to_ascii_uppercase();
        fat.rename_short(&set.bitbox02, &short);
        cards.put("card.img", &fat);
        let (source, text) = list(&cards, "card.img");
        assert!(rules(&source).contains(&"outside-bitbox02"), "{text}");
        assert!(actions(&source).contains(&"rename"), "{text}");
        assert!(!text.contains("does not see its folder"), "{text}");
    }
}

/// A folder whose sector is overwritten with 0xFF is one thing that is wrong.
#[test]
fn an_overwritten_folder_is_one_finding() {
    let cards = Cards::new();
    let mut fat = Layout::FAT16.format();
    let set = fat.save(&wallet::twelve());
    fat.card.fill(set.folder.data, 512, 0xFF);
    cards.put("card.img", &fat);
    let (source, text) = list(&cards, "card.img");
    let chains = rules(&source)
        .into_iter()
        .filter(|rule| *rule == "broken-chain");
    assert!(chains.count() <= 1, "{text}");
    let said = cards.run(&["inspect", "--preflight", "card.img"]).text();
    assert!(said.matches("not-erasable").count() <= 1, "{said}");
    assert!(
        !text.contains('\u{a0}') && !said.contains('\u{a0}'),
        "{text}{said}"
    );
}
