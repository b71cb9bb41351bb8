//! The name of a folder is evidence: of the wallet whose copies it held, and of seeds that somebody changed.

use fixtures::backup::Backup;
use fixtures::fat::{Fat, Layout};
use fixtures::set::Set;
use fixtures::wallet;
use serde_json::json;

use crate::support::cards::{Cards, seed_offset};

/// A card with three copies, in a folder of this name.
fn saved(folder: &str, backup: &Backup, copies: [&[u8]; 3]) -> (Fat, Set) {
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save_in(folder, backup, copies);
    (fat, set)
}

/// A backup with another seed, and the checksum that fits.
fn changed(backup: &Backup, bits: &[usize]) -> Backup {
    let mut changed = backup.clone();
    for bit in bits {
        changed.seed[bit / 8] ^= 1 << (bit % 8);
    }
    changed
}

fn rotted(backup: &Backup) -> Vec<u8> {
    let mut copy = backup.encode();
    let seed = seed_offset(&copy, backup);
    copy[seed + 3] ^= 0x10;
    copy
}

#[test]
fn a_seed_with_a_right_checksum_may_not_be_that_of_the_folder() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let near = changed(&backup, &[26]);
    let far = changed(&backup, &[0, 9, 18, 27, 36, 45, 54, 63, 72, 81, 90, 99]);
    for (name, other, is_found) in [("near", &near, true), ("far", &far, false)] {
        let copy = other.encode();
        let (fat, _) = saved(&backup.id(), other, [&copy; 3]);
        cards.put(&format!("{name}.img"), &fat);
        let source = format!("{name}.img");
        let line = [
            "recover",
            &source,
            "--to",
            name,
            "--yes",
            "--json",
            "--effort=quick",
        ];
        let output = cards.run(&line);
        let answer = output.json();
        let recovered = answer["recovered"].as_array().unwrap();
        let forged = recovered
            .iter()
            .find(|one| one["id"] == other.id())
            .unwrap();
        assert_eq!(forged["proof"]["seed"], "checksum");
        assert_eq!(forged["proof"]["folder_id"], backup.id());
        let own = recovered.iter().find(|one| one["id"] == backup.id());
        assert_eq!(own.is_some(), is_found, "{}", output.text());
        assert_eq!(output.status, Some(i32::from(!is_found)));
        let lost = answer["not_recovered"].as_array().unwrap();
        assert_eq!(lost.iter().any(|one| one["id"] == backup.id()), !is_found);
        let text =
            std::fs::read_to_string(cards.path(&format!("{name}/recovery-report.txt"))).unwrap();
        let note = "named for another wallet, 577782fd…";
        assert!(text.contains(note), "{text}");
        let id = other.id();
        let file = format!("{name}.txt");
        let words = [
            "words", &source, "--id", &id, "--reveal", "--yes", "--to", &file,
        ];
        let output = cards.run(&words);
        assert!(output.text().contains(note), "{}", output.text());
        let words = std::fs::read_to_string(cards.path(&file)).unwrap();
        assert!(words.contains(note), "{words}");
        assert!(cards.run(&["words", &source]).text().contains(note));
    }
}

#[test]
fn a_folder_with_damaged_copies_of_its_wallet_keeps_its_name() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let other = changed(&backup, &[26]);
    let whole = other.encode();
    let [mut first, mut second] = [rotted(&backup), rotted(&backup)];
    first[1] ^= 0x40;
    second[4] ^= 0x10;
    for (first, second, is_renamed) in [(&first, &second, false), (&whole, &whole, true)] {
        let (fat, _) = saved(&backup.id(), &other, [&whole, first, second]);
        cards.put("card.img", &fat);
        let answer = cards.run(&["list", "card.img", "--json"]).json();
        let next = answer["sources"][0]["next"].as_array().unwrap();
        let has = |action: &str| next.iter().any(|step| step["action"] == action);
        assert_eq!(has("rename"), is_renamed, "{next:#?}");
        assert!(is_renamed || has("recover"), "{next:#?}");
    }
}

#[test]
fn a_shorter_wallet_of_the_same_id_is_not_hidden_by_a_whole_one() {
    let cards = Cards::new();
    let short = wallet::twelve();
    let mut long = wallet::twelve_again();
    long.seed_length = 32;
    let copy = long.encode();
    let (mut fat, set) = saved(&long.id(), &long, [&copy; 3]);
    fat.make_file(set.folder.as_dir(), "FILE0001.CHK", &rotted(&short));
    cards.put("card.img", &fat);
    let line = ["recover", "card.img", "--to", "new", "--yes", "--json"];
    let output = cards.run(&line);
    let answer = output.json();
    assert_eq!(output.status, Some(1), "{}", output.text());
    assert_eq!(answer["recovered"], json!([]));
    assert_eq!(answer["not_recovered"][0]["words"], json!([12, 24]));
    let words = cards.run(&["words", "card.img", "--json"]).json();
    let mut counts: Vec<_> = words["wallets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["words"].as_u64())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [Some(12), Some(24)]);
}

#[test]
fn a_digit_lost_or_doubled_in_the_folder_still_proves_the_seed() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    copy[6..38].fill(0);
    for at in [0, 20, 31, 32, 50, 63] {
        let (mut lost, mut doubled) = (backup.id(), backup.id());
        lost.remove(at);
        doubled.insert(at, '0');
        for folder in [lost, doubled] {
            let (fat, _) = saved(&folder, &backup, [&copy; 3]);
            cards.put("card.img", &fat);
            let line = ["words", "card.img", "--json", "--effort=1000"];
            let answer = cards.run(&line).json();
            assert_eq!(answer["wallets"][0]["id"], backup.id(), "{folder}");
            assert_eq!(answer["wallets"][0]["words"], 12, "{folder}");
        }
    }
}

#[test]
fn no_length_is_asked_for_against_what_is_proved() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    let whole = copy.clone();
    copy[6..38].fill(0);
    for copy in [copy, whole] {
        let (fat, _) = saved(&backup.id(), &backup, [&copy; 3]);
        cards.put("card.img", &fat);
        for length in ["24", "32"] {
            let recover = [
                "recover", "card.img", "--to", "new", "--yes", "--length", length,
            ];
            let words = [
                "words",
                "card.img",
                "--reveal",
                "--yes",
                "--to",
                "words.txt",
                "--length",
                length,
            ];
            for (line, file) in [(&recover[..], "new"), (&words, "words.txt")] {
                let output = cards.run(line);
                assert_ne!(output.status, Some(0), "{}", output.text());
                assert!(
                    output.text().contains("has 16 bytes, not"),
                    "{}",
                    output.text()
                );
                assert!(!cards.path(file).exists());
            }
        }
    }
}

/// What was damaged once and then copied three times is searched as one copy.
#[test]
fn equal_copies_are_no_evidence_for_each_other() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    // Errors in bytes that are fixed, in the checksum, and in two bits of the seed.
    for (at, bits) in [
        (2, 0x80),
        (4, 0x01),
        (6, 0x04),
        (8, 0x50),
        (12, 0x20),
        (13, 0x08),
        (16, 0x40),
        (22, 0x08),
        (29, 0x80),
        (30, 0x04),
        (40, 0x04),
        (49, 0x01),
        (54, 0x20),
        (63, 0x80),
        (66, 0x20),
        (80, 0x08),
        (81, 0x20),
        (83, 0x28),
        (87, 0x10),
        (90, 0x84),
        (92, 0x04),
        (94, 0x40),
    ] {
        copy[at] ^= bits;
    }
    let (fat, _) = saved(&backup.id(), &backup, [&copy; 3]);
    cards.put("card.img", &fat);
    let line = [
        "recover",
        "card.img",
        "--to",
        "new",
        "--yes",
        "--json",
        "--effort=quick",
    ];
    let output = cards.run(&line);
    assert_eq!(
        output.json()["recovered"][0]["id"],
        backup.id(),
        "{}",
        output.text()
    );
}
