//! Which sources count as one card.

use super::print::NO_SERIAL;
use super::*;
use crate::report::Source;
use serde_json::{Value, json};

/// What a card is, as far as it matters here.
#[derive(Clone, Copy)]
struct Card<'a> {
    serial: &'a str,
    /// Where the volume begins: an image of the partition alone begins at 0.
    start: u64,
    fat: &'a str,
    read: &'a str,
    cid: Option<&'a str>,
    /// The three copies of one generation: their hashes, empty where damaged.
    copies: [&'a str; 3],
    /// Where the first lies.
    place: u64,
    state: &'a str,
    time: u32,
}

const CARD: Card<'_> = Card {
    serial: "1234-ABCD",
    start: 0,
    fat: "f",
    read: "r",
    cid: None,
    copies: ["x"; 3],
    place: 512,
    state: "healthy",
    time: 1,
};

fn backup(card: &Card<'_>) -> Value {
    let copies = card.copies.iter().enumerate().map(|(index, hash)| {
        let state = if hash.is_empty() { "damaged" } else { "valid" };
        let origin = if card.state == "deleted" {
            "deleted"
        } else {
            "live"
        };
        json!({
            "path": format!("/bitbox02/57/{}_{index}.bin", card.time), "origin": origin,
            "volume": 0, "offset": card.start + card.place + 512 * index as u64, "extents": [],
            "size": 110, "state": state, "entry_offset": null,
            "sha256": (!hash.is_empty()).then_some(hash)
        })
    });
    json!({
        "id": "57", "words": 12, "state": card.state, "name": null, "timestamp": card.time,
        "created": null, "birthdate": null, "generator": null, "written_by": null,
        "copies": copies.collect::<Vec<_>>(), "findings": []
    })
}

fn source(card: &Card<'_>, backups: &[Value]) -> Source {
    let volume = json!({
        "found": "x", "offset": card.start, "length": 1, "file_system": "FAT12", "label": "",
        "serial": card.serial, "cluster_length": 512, "clusters": 9, "fat_offset": card.start + 9,
        "fats": 2, "fat_sha256": card.fat, "data_offset": card.start + 99,
        "from_backup_boot_sector": false
    });
    let identity = card.cid.map(|cid| {
        json!({
            "kind": "mmc", "cid": cid, "serial": null, "model": null, "vendor": null, "oem": null,
            "made": null, "card_type": null, "reader": null, "diskseq": null, "size": null,
            "read_only": null, "removable": null
        })
    });
    serde_json::from_value(json!({
        "source": "x", "status": "examined", "size": null, "modified": null, "inode": null,
        "device_view": null, "backups": backups, "findings": [],
        "card": {
            "kind": "image", "size": 1, "gpt": false, "volumes": [volume], "identity": identity,
            "read": { "sectors": 1, "bytes": 512, "sha256": card.read }
        }
    }))
    .unwrap()
}

fn prints(sources: &[Source]) -> Vec<Option<Print>> {
    sources.iter().map(Print::of).collect()
}

fn groups(cards: &[Card<'_>]) -> Vec<Vec<usize>> {
    let sources: Vec<_> = cards
        .iter()
        .map(|card| source(card, &[backup(card)]))
        .collect();
    let prints = prints(&sources);
    let groups = Alike::new(&prints).clones.into_iter();
    groups.map(|group| group.sources).collect()
}

fn are_one(cards: &[Card<'_>]) -> bool {
    groups(cards) == [(0..cards.len()).collect::<Vec<_>>()]
}

#[test]
fn an_image_is_the_card_whatever_is_damaged_in_it() {
    let damaged = Card {
        copies: ["x", "", "x"],
        read: "s",
        state: "degraded",
        ..CARD
    };
    let all = Card {
        copies: [""; 3],
        read: "t",
        state: "damaged",
        ..CARD
    };
    let of_partition = Card {
        start: 0x8000,
        read: "u",
        ..CARD
    };
    let fat = Card {
        fat: "other",
        read: "v",
        ..CARD
    };
    for other in [CARD, damaged, all, of_partition, fat] {
        assert!(are_one(&[CARD, other]) && are_one(&[other, CARD]));
    }
    assert!(are_one(&[CARD, damaged, all, of_partition, fat]));
    let both = [
        damaged,
        Card {
            copies: ["", "x", "x"],
            ..damaged
        },
    ];
    assert!(are_one(&both));
}

#[test]
fn equal_files_on_volumes_of_their_own_are_two_cards() {
    let other = Card {
        serial: "1234-ABCE",
        ..CARD
    };
    assert!(
        groups(&[CARD, other]).is_empty(),
        "same FAT, files and places"
    );
    let damaged = Card {
        copies: ["", "x", "x"],
        ..other
    };
    assert!(groups(&[CARD, damaged]).is_empty());
    // Cards of one maker share a serial number; on such ones the files lie elsewhere, or the
    // device made other files.
    let elsewhere = Card {
        place: 4096,
        ..CARD
    };
    assert!(groups(&[CARD, elsewhere]).is_empty());
    let of_its_own = Card {
        time: 2,
        copies: ["y"; 3],
        ..CARD
    };
    assert!(groups(&[CARD, of_its_own]).is_empty());
    let sources = [
        source(&CARD, &[backup(&CARD)]),
        source(&other, &[backup(&other)]),
    ];
    assert_eq!(Alike::new(&prints(&sources)).same_files, [[0, 1]]);
}

#[test]
fn one_card_before_and_after_a_new_backup() {
    let new = Card {
        time: 2,
        copies: ["y"; 3],
        fat: "g",
        read: "s",
        ..CARD
    };
    let before = source(&CARD, &[backup(&CARD)]);
    let added = source(&new, &[backup(&Card { place: 4096, ..new }), backup(&CARD)]);
    let erased = Card {
        state: "erased",
        copies: [""; 3],
        ..CARD
    };
    let renewed = source(&new, &[backup(&new), backup(&erased)]);
    let deleted = Card {
        state: "deleted",
        ..CARD
    };
    let later = source(&new, &[backup(&new), backup(&deleted)]);
    for after in [added, renewed, later] {
        for pair in [
            [before.clone(), after.clone()],
            [after.clone(), before.clone()],
        ] {
            let prints = prints(&pair);
            let alike = Alike::new(&prints);
            assert_eq!(alike.clones.len(), 1, "{pair:?}");
            assert!(!alike.clones[0].same_files && alike.clones[0].same_serial);
        }
    }
}

#[test]
fn without_a_serial_number_all_that_was_read_counts() {
    let none = Card {
        serial: NO_SERIAL,
        ..CARD
    };
    assert!(are_one(&[none, none]));
    let copied = Card { read: "s", ..none };
    assert!(
        groups(&[none, copied]).is_empty(),
        "a computer copied the files"
    );
    let damaged = Card {
        copies: ["", "x", "x"],
        ..copied
    };
    assert!(are_one(&[none, damaged]) && are_one(&[damaged, none]));
    assert_eq!(
        groups(&[copied, none, damaged]),
        [[0, 2]],
        "never a third card"
    );
    let other = Card {
        fat: "g",
        ..damaged
    };
    assert!(groups(&[none, other]).is_empty());
}

#[test]
fn the_number_of_the_card_itself_counts_most() {
    let cid = |cid| Card {
        cid: Some(cid),
        ..CARD
    };
    assert!(
        groups(&[cid("a"), cid("b")]).is_empty(),
        "an image on a second card"
    );
    assert!(are_one(&[cid("a"), CARD]));
    assert_eq!(groups(&[cid("a"), cid("b"), CARD]), [[0, 2]]);
    let reformatted = Card {
        serial: "0000-0001",
        time: 2,
        copies: ["y"; 3],
        ..cid("a")
    };
    assert!(are_one(&[cid("a"), reformatted]));
}

#[test]
fn a_folder_shows_no_card() {
    let card = source(&CARD, &[backup(&CARD)]);
    let mut folder = card.clone();
    folder.card.as_mut().unwrap().volumes.clear();
    let mut other = folder.clone();
    other.backups = vec![backup(&Card { time: 2, ..CARD })]
        .into_iter()
        .map(|backup| serde_json::from_value(backup).unwrap())
        .collect();
    let prints = prints(&[folder.clone(), card, folder, other]);
    let alike = Alike::new(&prints);
    assert!(alike.clones.is_empty());
    let counted: Vec<_> = (0..4).map(|source| alike.counted_as(source)).collect();
    assert_eq!(counted, [1, 1, 1, 3]);
}
