//! Several sources are evidence together: readings of one card, and cards of one wallet. Others stay apart.

use std::os::unix::fs::PermissionsExt;

use crate::support::cards::{Cards, card};
use crate::support::published::Published;
use fixtures::backup::Backup;
use fixtures::damage::Random;
use fixtures::fat::{Fat, Layout};
use fixtures::wallet;
use serde_json::Value;

/// A copy some of whose bits are flipped: so many in a thousand.
fn flipped(random: &mut Random, whole: &[u8], in_thousand: u64) -> Vec<u8> {
    let mut copy = whole.to_vec();
    for byte in &mut copy {
        for bit in 0..8 {
            *byte ^= u8::from(random.below(1000) < in_thousand) << bit;
        }
    }
    copy
}

fn layout(serial: u32) -> Layout {
    Layout {
        serial,
        ..Layout::FAT12.with_clusters(400)
    }
}

/// A card with three copies that are damaged in this way.
fn damaged(serial: u32, backup: &Backup, copies: [Vec<u8>; 3]) -> Fat {
    let mut fat = layout(serial).format();
    let [a, b, c] = copies.each_ref().map(Vec::as_slice);
    fat.save_bytes(backup, [a, b, c]);
    fat
}

/// Three readings of a card whose copies have persistent errors, each with fresh ones.
fn readings(cards: &Cards, backup: &Backup, persistent: u64, fresh: u64) {
    let mut random = Random::new(17 ^ persistent << 32 ^ fresh);
    let copies = [(); 3].map(|()| flipped(&mut random, &backup.encode(), persistent));
    for name in ["a.img", "b.img", "c.img"] {
        let read = copies
            .each_ref()
            .map(|copy| flipped(&mut random, copy, fresh));
        cards.put(name, &damaged(7, backup, read));
    }
}

fn recover(cards: &Cards, sources: &[&str], to: &str) -> Value {
    let mut line = vec!["recover"];
    line.extend(sources);
    line.extend(["--to", to, "--yes", "--json", "--effort", "quick", "-q"]);
    cards.run(&line).json()
}

fn ids(answer: &Value) -> Vec<&str> {
    let all = answer["recovered"].as_array().unwrap();
    all.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// The files of a recovered backup are what was saved.
fn is_exact(cards: &Cards, to: &str, backup: &Backup) -> bool {
    let file = cards.path(to).join("bitbox02").join(backup.id());
    let file = file.join(backup.file_name(0));
    std::fs::read(file).is_ok_and(|bytes| bytes == backup.encode())
}

#[test]
fn three_readings_of_one_card_give_what_one_does_not() {
    let cards = Cards::new();
    let backup = wallet::twenty_four();
    readings(&cards, &backup, 0, 150);
    let one = recover(&cards, &["a.img"], "one");
    assert_eq!(one["recovered"].as_array().unwrap().len(), 0);
    let missing = &one["not_recovered"][0];
    let search = &missing["search"];
    let log2 = |field: &str| search[field].as_u64().unwrap();
    assert!(log2("with_card_log2") < log2("possibilities_log2"));
    let advice = missing["advice"].as_str().unwrap();
    assert!(advice.contains("recover FIRST SECOND"), "{advice}");
    let all = recover(&cards, &["a.img", "b.img", "c.img"], "all");
    assert_eq!(ids(&all), [backup.id()], "{all:#}");
    assert!(is_exact(&cards, "all", &backup));
    let sources = all["sources"].as_array().unwrap();
    let of: Vec<_> = sources
        .iter()
        .map(|one| one["reading_of"].as_u64())
        .collect();
    assert_eq!(of, [None, Some(0), Some(0)]);
    let copies = all["recovered"][0]["copies"].as_array().unwrap();
    let of: Vec<_> = copies
        .iter()
        .map(|one| one["source_index"].as_u64().unwrap())
        .collect();
    assert_eq!(of, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    let text = std::fs::read_to_string(cards.path("all/recovery-report.txt")).unwrap();
    assert!(
        text.contains("another reading of the card in a.img"),
        "{text}"
    );
}

/// `image --reads` keeps what a worn card gives each time, and `recover` takes it all together.
#[test]
fn the_readings_beside_an_image_give_what_it_does_not() {
    let cards = Cards::new();
    let published = Published::new();
    let backup = wallet::twenty_four();
    readings(&cards, &backup, 0, 150);
    let card = cards.path("card.img");
    let image = |now: &str, status: i32| {
        std::fs::copy(cards.path(now), &card).unwrap();
        let line = [
            "image", "card.img", "--to", "copy.img", "--yes", "--json", "-q", "--reads", "2",
        ];
        let ran = cards.run(&line);
        assert_eq!(ran.status, Some(status), "{ran:?}");
        let answer = ran.json();
        published.holds(now, &answer, published.image);
        answer
    };
    // The card gives the same twice: nothing to keep.
    let same = image("a.img", 0);
    let kept = &same["readings"];
    assert_eq!(kept["count"], 2, "{same:#}");
    assert!(kept["file"].is_null() && !cards.path("copy.img.readings").exists());
    assert!(ids(&recover(&cards, &["copy.img"], "one")).is_empty());
    for (now, count) in [("b.img", 2), ("c.img", 3)] {
        let worn = image(now, 1);
        assert_eq!(worn["resumed"], true, "{worn:#}");
        let kept = &worn["readings"];
        assert_eq!(kept["count"], count, "{worn:#}");
        assert_eq!(kept["file"], "copy.img.readings");
        assert_eq!(kept["sectors"], 3 * (count - 1));
        assert_eq!(kept["complete"], true);
    }
    // The image is the first reading.
    assert!(
        std::fs::read(cards.path("copy.img")).unwrap()
            == std::fs::read(cards.path("a.img")).unwrap()
    );
    let mode = std::fs::metadata(cards.path("copy.img.readings"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let all = recover(&cards, &["copy.img"], "all");
    assert_eq!(ids(&all), [backup.id()], "{all:#}");
    assert!(is_exact(&cards, "all", &backup));
    let sources = all["sources"].as_array().unwrap();
    let names: Vec<_> = sources.iter().map(|one| &one["source"]).collect();
    assert_eq!(
        names,
        ["copy.img", "copy.img.readings/2", "copy.img.readings/3"]
    );
    assert!(sources[1..].iter().all(|one| one["reading_of"] == 0));

    // Another card is not taken for a reading of this one.
    let mut other = layout(8).format();
    other.save(&wallet::twelve());
    cards.put("card.img", &other);
    let line = [
        "image", "card.img", "--to", "copy.img", "--yes", "--reads", "2",
    ];
    let ran = cards.run(&line);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.err.contains("was begun with another card"), "{ran:?}");

    // One that is damaged says so, and the image is recovered as far as it can be.
    let file = cards.path("copy.img.readings");
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged[40] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    let ran = cards.run(&[
        "recover", "copy.img", "--to", "damaged", "--yes", "--effort", "quick", "-q",
    ]);
    assert!(
        ran.err
            .contains("its further readings cannot be used: its header is damaged"),
        "{ran:?}"
    );
    std::fs::write(&file, whole).unwrap();
    // One of them by itself is a card like another.
    let one = cards.run(&["list", "--json", "copy.img.readings/2"]).json();
    let one = &one["sources"][0];
    assert_eq!(one["source"], "copy.img.readings/2", "{one:#}");
    assert_eq!(one["status"], "examined", "{one:#}");
    // Given as a whole it is named, also where it is small enough for copies of a backup.
    let ran = cards.run(&["list", "copy.img.readings"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(
        ran.out
            .contains("this is a file of further readings of a card"),
        "{ran:?}"
    );
}

#[test]
fn errors_that_repeat_are_not_taken_for_agreement() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    // Each copy is wrong in 8 of 100 bits in every reading: nine readings are no nine copies.
    readings(&cards, &backup, 80, 60);
    let all = recover(&cards, &["a.img", "b.img", "c.img"], "all");
    assert_eq!(ids(&all), [backup.id()], "{all:#}");
    assert!(is_exact(&cards, "all", &backup));
}

/// Readings of a card as folders have no places, and here the name of none tells the wallet.
#[test]
fn readings_in_folders_that_name_no_wallet_are_of_one_backup() {
    let cards = Cards::new();
    let mut random = Random::new(41);
    let backup = wallet::twenty_four();
    let put = |card: &str, folder: &str, bytes: &[u8]| {
        let place = cards.path(card).join("bitbox02").join(folder);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(backup.file_name(0)), bytes).unwrap();
    };
    for card in ["a", "b", "c"] {
        put(
            card,
            "damaged-name",
            &flipped(&mut random, &backup.encode(), 15),
        );
    }
    put(
        "named",
        &backup.id(),
        &flipped(&mut random, &backup.encode(), 15),
    );
    put("whole", "another-name", &backup.encode());
    let all: [&[&str]; 3] = [&["a", "b", "c"], &["a", "named"], &["whole", "a", "b"]];
    for (to, sources) in ["x", "y", "z"].into_iter().zip(all) {
        let answer = recover(&cards, sources, to);
        assert_eq!(ids(&answer), [backup.id()], "{answer:#}");
        assert!(is_exact(&cards, to, &backup));
        let left = answer["not_recovered"].as_array().unwrap();
        assert!(left.is_empty(), "{answer:#}");
        let copies = answer["recovered"][0]["copies"].as_array().unwrap();
        assert!(!copies.is_empty());
    }
    // A backup from another time, and another wallet, stay apart.
    let mut other = wallet::other_twenty_four();
    other.timestamp = backup.timestamp;
    put(
        "d",
        "damaged-name",
        &flipped(&mut random, &other.encode(), 2),
    );
    let answer = recover(&cards, &["a", "b", "c", "d"], "apart");
    assert_eq!(answer["recovered"][0]["id"], backup.id(), "{answer:#}");
    assert_eq!(
        answer["recovered"].as_array().unwrap().len(),
        2,
        "{answer:#}"
    );
}

#[test]
fn two_cards_of_one_wallet_help_each_other() {
    let cards = Cards::new();
    let mut random = Random::new(3);
    let first = wallet::twenty_four();
    let mut second = first.clone();
    second.timestamp += 86_400;
    for (name, serial, backup) in [("first.img", 1, &first), ("second.img", 2, &second)] {
        let copies = [(); 3].map(|()| flipped(&mut random, &backup.encode(), 120));
        cards.put(name, &damaged(serial, backup, copies));
    }
    for one in ["first.img", "second.img"] {
        assert!(ids(&recover(&cards, &[one], "one")).is_empty());
    }
    let both = recover(&cards, &["first.img", "second.img"], "both");
    assert_eq!(ids(&both), [first.id()], "{both:#}");
    assert!(both["sources"][1].get("reading_of").is_none());
    assert_eq!(both["recovered"][0]["words"], 24);
}

#[test]
fn cards_that_have_nothing_to_do_with_each_other_stay_apart() {
    let cards = Cards::new();
    let mut random = Random::new(5);
    let backup = wallet::twelve();
    let copies = [(); 3].map(|()| flipped(&mut random, &backup.encode(), 20));
    // Their serial numbers are equal, as those of cloned cards are, and their copies at the same places.
    cards.put("own.img", &damaged(9, &backup, copies));
    cards.put("other.img", &card(9, &[wallet::abandon()]));
    let own = recover(&cards, &["own.img"], "own");
    let other = recover(&cards, &["other.img"], "other");
    let both = recover(&cards, &["own.img", "other.img"], "both");
    assert!(both["sources"][1].get("reading_of").is_none());
    let mut expected = [ids(&own), ids(&other)].concat();
    let mut found = ids(&both);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert!(is_exact(&cards, "both", &backup) && is_exact(&cards, "both", &wallet::abandon()));
}

#[test]
fn nothing_is_written_onto_any_of_the_sources() {
    let cards = Cards::new();
    cards.put("a.img", &card(1, &[wallet::twelve()]));
    cards.put("b.img", &card(2, &[wallet::abandon()]));
    let before = std::fs::read(cards.path("b.img")).unwrap();
    let line = ["recover", "a.img", "b.img", "--card", "b.img", "--yes"];
    let ran = cards.run(&line);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert_eq!(std::fs::read(cards.path("b.img")).unwrap(), before);
    std::fs::create_dir_all(cards.path("folder/bitbox02")).unwrap();
    let line = ["recover", "a.img", "folder", "--to", "folder/new", "--yes"];
    let ran = cards.run(&line);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert!(!cards.path("folder/new").exists());
}

#[test]
fn a_source_that_cannot_be_read_is_named_and_the_others_are_used() {
    let cards = Cards::new();
    cards.put("a.img", &card(1, &[wallet::twelve()]));
    let line = [
        "recover", "gone.img", "a.img", "--to", "new", "--yes", "--json",
    ];
    let ran = cards.run(&line);
    assert_eq!(ran.status, Some(1), "{}", ran.text());
    let answer = ran.json();
    assert_eq!(ids(&answer), [wallet::twelve().id()]);
    let sources = answer["sources"].as_array().unwrap();
    let states: Vec<_> = sources
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["healthy", "failed"]);
    assert!(sources[1]["error"].is_string());
    // The same file twice is no second reading.
    let again = recover(&cards, &["a.img", "./a.img"], "again");
    assert_eq!(again["sources"].as_array().unwrap().len(), 1);
}

#[test]
fn a_search_continues_only_with_all_the_same_sources() {
    let cards = Cards::new();
    let mut random = Random::new(11);
    let backup = wallet::twenty_four();
    for (name, serial) in [("a.img", 1), ("b.img", 2), ("c.img", 3)] {
        let copies = [(); 3].map(|()| flipped(&mut random, &backup.encode(), 190));
        cards.put(name, &damaged(serial, &backup, copies));
    }
    let run = |sources: [&str; 2], effort: &str| {
        let [first, second] = sources;
        let line = [
            "words",
            first,
            second,
            "--json",
            "--effort",
            effort,
            "--resume",
            "resume.json",
        ];
        cards.run(&line)
    };
    let first = run(["a.img", "b.img"], "5000");
    assert!(cards.path("resume.json").exists(), "{}", first.text());
    let same = run(["a.img", "b.img"], "6000");
    assert!(!same.text().contains("is not used"), "{}", same.text());
    let other = run(["a.img", "c.img"], "5000");
    assert!(other.text().contains("is not used"), "{}", other.text());
}

#[test]
fn words_takes_several_sources_too() {
    let cards = Cards::new();
    readings(&cards, &wallet::twelve(), 0, 120);
    let line = [
        "words", "a.img", "b.img", "c.img", "--json", "--effort", "quick",
    ];
    let ran = cards.run(&line);
    let answer = ran.json();
    assert_eq!(
        answer["wallets"][0]["id"],
        wallet::twelve().id(),
        "{}",
        ran.text()
    );
    assert_eq!(answer["sources"].as_array().unwrap().len(), 3);
}
