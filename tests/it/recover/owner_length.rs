//! What the owner knows of a wallet proves how long its seed is, where the ID proves the rest of it; and what is said where
//! it is of no wallet that is recovered.

use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::wallet;
use serde_json::Value;

use super::owner::known;
use crate::support::cards::{Cards, card, seed_offset};
use crate::support::program::Ran;

/// 24 words whose second half is zeros, as somebody chose them.
fn chosen() -> Backup {
    let mut backup = wallet::twenty_four();
    backup.seed[16..].fill(0);
    backup
}

/// Three copies without a checksum that say this length, in a folder of this name.
fn unproved(cards: &Cards, backup: &Backup, length: u8, folder: &str) {
    let mut copy = backup.encode();
    let at = seed_offset(&copy, backup) - 3;
    copy[6..38].fill(0);
    assert_eq!(u32::from(copy[at]), backup.seed_length);
    copy[at] = length;
    let place = cards.path("card/bitbox02").join(folder);
    let _ = std::fs::remove_dir_all(cards.path("card"));
    std::fs::create_dir_all(&place).unwrap();
    for number in 0..3 {
        std::fs::write(place.join(backup.file_name(number)), &copy).unwrap();
    }
}

fn recover(cards: &Cards, source: &str, more: &[&str]) -> Ran {
    let _ = std::fs::remove_dir_all(cards.path("out"));
    let line = [
        "recover", source, "--to", "out", "--yes", "--json", "-q", "--effort", "quick",
    ];
    cards.run(&[&line[..], more].concat())
}

#[test]
fn what_the_owner_knows_proves_the_length() {
    let cards = Cards::new();
    // What is known, one kind after the other.
    let mut kinds = [0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 2, 1].into_iter();
    for backup in [wallet::twelve(), chosen()] {
        for folder in [backup.id().as_str(), "damaged"] {
            for length in [16, 24, 32] {
                unproved(&cards, &backup, length, folder);
                let kind = kinds.next().unwrap();
                let option = ["--xpub", "--address", "--fingerprint"][kind];
                let ran = recover(&cards, "card", &[option, &known(&backup)[kind]]);
                let answer = ran.json();
                let one = &answer["recovered"][0];
                let words = backup.seed_length / 4 * 3;
                assert_eq!(one["words"], words, "{folder} {length} {option} {answer:#}");
                assert_eq!(one["proof"]["seed_length"], "owner");
                assert_eq!(answer["fits_owner"], true);
                assert_eq!(ran.status, Some(0), "{}", ran.text());
            }
        }
    }
}

#[test]
fn a_length_against_what_the_owner_knows_is_refused() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    unproved(&cards, &backup, 24, &backup.id());
    let [xpub, ..] = known(&backup);
    let ran = recover(&cards, "card", &["--length", "32", "--xpub", &xpub]);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert!(!cards.path("out").exists());
    // Without that nothing else says it.
    let ran = recover(&cards, "card", &["--length", "32"]);
    assert_eq!(ran.json()["recovered"][0]["words"], 24, "{}", ran.text());
}

/// Two wallets of one ID, both of the same owner.
#[test]
fn two_lengths_that_fit_are_a_question() {
    let cards = Cards::new();
    let longer = Backup {
        seed_length: 32,
        ..wallet::twelve()
    };
    unproved(&cards, &longer, 32, &longer.id());
    let [xpub, ..] = known(&wallet::twelve());
    let [other, ..] = known(&longer);
    let register = format!("label;xpub;id\nours;{xpub};\nlong;{other};\n");
    cards.file("register.csv", register);
    let ran = recover(&cards, "card", &["--expect", "register.csv"]);
    let answer = ran.json();
    let one = &answer["not_recovered"][0];
    assert_eq!(one["words"], serde_json::json!([12, 24]), "{answer:#}");
    let ran = recover(
        &cards,
        "card",
        &["--expect", "register.csv", "--length", "32"],
    );
    let one = &ran.json()["recovered"][0];
    assert_eq!(one["proof"]["seed_length"], "owner", "{}", ran.text());
}

fn report(cards: &Cards) -> String {
    let text = std::fs::read_to_string(cards.path("out/recovery-report.txt")).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn warnings(answer: &Value) -> Vec<&str> {
    let all = answer["warnings"].as_array().map(Vec::as_slice);
    all.unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn an_expected_wallet_that_is_not_there_is_said_in_the_report() {
    let cards = Cards::new();
    cards.put("card.img", &card(7, &[wallet::twelve()]));
    let kinds = ["--xpub", "--address", "--fingerprint"];
    for (kind, value) in kinds.into_iter().zip(known(&wallet::twenty_four())) {
        let ran = recover(&cards, "card.img", &[kind, &value]);
        assert_eq!(ran.status, Some(1), "{}", ran.text());
        let answer = ran.json();
        assert_eq!(answer["fits_owner"], false);
        let verdict = answer["verdict"].as_str().unwrap();
        assert!(verdict.ends_with("fits none that is proved."), "{verdict}");
        assert!(
            warnings(&answer)[0].contains("fits no wallet"),
            "{answer:#}"
        );
        assert!(report(&cards).contains("fits no wallet that is proved here"));
    }
    let [xpub, ..] = known(&wallet::twelve());
    let ran = recover(&cards, "card.img", &["--xpub", &xpub]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    assert!(warnings(&ran.json()).is_empty());
}

/// Where nothing proves a length, somebody's word is followed, and what speaks against it is said.
#[test]
fn a_length_that_is_only_said_is_called_that() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    unproved(&cards, &backup, 24, &backup.id());
    for (length, against) in [
        ("16", "The copies say 18 words. With"),
        (
            "24",
            "proves it. 12 words are likelier: a random seed does not",
        ),
        ("32", "The copies say 18 words. 12 words are likelier"),
    ] {
        let ran = recover(&cards, "card", &["--length", length]);
        assert_eq!(ran.status, Some(0), "{}", ran.text());
        let answer = ran.json();
        let [said] = warnings(&answer)[..] else {
            panic!("{answer:#}");
        };
        assert!(said.contains("words is your word alone"), "{said}");
        assert!(said.contains(against), "{said}");
        let verdict = answer["verdict"].as_str().unwrap();
        assert!(verdict.ends_with("there is only your word."), "{verdict}");
        assert!(report(&cards).contains("your word, unproved"));
    }
    let ran = cards.run(&[
        "recover", "card", "--to", "text", "--yes", "-q", "--length", "24",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let text = ran.text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("length is not proved"), "{text}");
    assert!(text.contains("warning: 577782fd"), "{text}");
    // What somebody chose may have any length: then the copies are the likelier.
    let mut chosen = backup;
    chosen.seed[8..].fill(0);
    unproved(&cards, &chosen, 16, &chosen.id());
    let ran = recover(&cards, "card", &["--length", "24"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let answer = ran.json();
    assert!(
        warnings(&answer)[0].contains("The copies say 12 words, which is likelier."),
        "{answer:#}"
    );
}

#[test]
fn a_length_that_no_bitbox_restores_is_said() {
    let cards = Cards::new();
    for length in [0, 12, 20, 31] {
        let backup = Backup {
            seed_length: length,
            ..wallet::twenty_four()
        };
        cards.put("card.img", &card(7, &[backup]));
        let ran = recover(&cards, "card.img", &[]);
        assert_eq!(ran.status, Some(0), "{}", ran.text());
        let answer = ran.json();
        assert_eq!(
            answer["verdict"],
            "1 backup is recovered; no BitBox restores it."
        );
        assert!(
            warnings(&answer)[0].contains(&format!("{length} bytes")),
            "{answer:#}"
        );
        let report = report(&cards);
        assert!(
            report.contains("no BitBox restores this backup"),
            "{report}"
        );
        assert!(
            !report.contains("Then restore from the new card"),
            "{report}"
        );
    }
}

#[test]
fn a_length_of_another_wallet_changes_no_proved_one_and_that_is_said() {
    let cards = Cards::new();
    let (twelve, other) = (wallet::twelve(), wallet::twenty_four());
    let mut copy = other.encode();
    let seed = seed_offset(&copy, &other);
    copy[seed] ^= 1;
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&twelve);
    fat.save_bytes(&other, [&copy, &copy, &copy]);
    cards.put("card.img", &fat);
    let ran = recover(&cards, "card.img", &["--length", "32"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let answer = ran.json();
    let words: Vec<_> = answer["recovered"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["words"].clone())
        .collect();
    assert_eq!(words.len(), 2, "{answer:#}");
    let said = warnings(&answer);
    assert_eq!(said.len(), 1, "{answer:#}");
    assert!(said[0].starts_with("577782fd"), "{said:?}");
    assert!(
        said[0].contains("16 bytes, which is proved: --length 32 does not change it"),
        "{said:?}"
    );
}

/// Where the ID proves the seed, the name of the folder is not all that says whose it is.
#[test]
fn a_seed_whose_length_is_open_is_known_by_more_than_its_folder() {
    let cards = Cards::new();
    unproved(&cards, &chosen(), 32, &chosen().id());
    let ran = cards.run(&["match", "card", "--id", &chosen().id()[..8]]);
    assert!(ran.out.contains("yes, by its ID"), "{}", ran.text());
    assert!(!ran.out.contains("folder only"), "{}", ran.text());
}
