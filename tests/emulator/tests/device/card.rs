//! The card: listed and checked as docs/format.md 3 has it.

use emulator::{Answer, Card, Device, Emulator, Kind, Person, Reply, Slot, Wallet, wire};
use fixtures::fat::Fat;
use fixtures::power_cut::LAYOUT;
use fixtures::recipe::Expected;
use fixtures::{recipes, wallet};

use crate::host::{Failed, Host, error_code};

/// A device with the wallet of `wallet::twelve`, open, its host paired, and this card.
pub(crate) fn device(card: fixtures::card::Card) -> Device {
    Device {
        locked: false,
        slot: Slot::Inserted(Card::new(card)),
        ..Device::default()
    }
}

pub(crate) fn blank() -> Fat {
    LAYOUT.format()
}

/// A card with one backup of the wallet of the device.
pub(crate) fn backed_up() -> fixtures::card::Card {
    let mut fat = blank();
    fat.save(&wallet::twelve());
    fat.card
}

/// What the device lists, in the words of the recipes.
pub(crate) fn listed(response: &[u8]) -> Expected {
    let response = wire::fields(response).expect("a message");
    let Some(list) = wire::bytes_of(&response, 7) else {
        return Expected::Error;
    };
    let list = wire::fields(list).expect("a message");
    let one = |field| match field {
        wire::Field::Bytes(1, info) => {
            let info = wire::fields(info).expect("a message");
            let text = |field| String::from_utf8(wire::bytes_of(&info, field)?.to_vec()).ok();
            fixtures::recipe::Listed {
                id: text(1).unwrap_or_default(),
                timestamp: wire::number_of(&info, 2) as u32,
                name: text(4).unwrap_or_default(),
            }
        }
        other => panic!("{other:?}"),
    };
    Expected::Ok(list.into_iter().map(one).collect())
}

/// What a device without a mark of its own lists of this card.
pub(crate) fn list_of(card: &fixtures::card::Card) -> Expected {
    let emulator = Emulator::start(device(card.clone()));
    listed(&Host::paired(&emulator).list())
}

pub(crate) fn titles(emulator: &Emulator) -> Vec<(Kind, String, Answer)> {
    let screens = emulator.screens().into_iter();
    let screens = screens.filter(|one| one.title != "Pairing code");
    screens
        .map(|one| (one.kind, one.title, one.answer))
        .collect()
}

/// Volumes FatFs R0.15 mounts and the device's R0.16 refuses, or the other way round: see the
/// README of `tests/witness`.
const OTHERWISE: &[&str] = &[
    "mbr_first_passes_but_is_refused",
    "volume_over_partition_table",
    "clusters_33",
    "total_64",
];

#[test]
fn every_recipe_is_listed_as_by_the_device() {
    let mut otherwise = Vec::new();
    for recipe in recipes::all() {
        let emulator = Emulator::start(Device {
            bluetooth: true,
            ..device(recipe.card)
        });
        let mut host = Host::paired(&emulator);
        let found = match host.try_request(15, &[]) {
            Err(Failed::Gone) => Expected::Crash,
            answer => {
                let sealed = answer.expect("an answer");
                listed(&host.decrypt(&sealed[1..]).expect("it decrypts"))
            }
        };
        if found != recipe.answer {
            otherwise.push(recipe.name);
        }
        assert_eq!(emulator.is_off(), found == Expected::Crash);
        let written = emulator.card().expect("it is inserted").writes;
        assert!(written.is_empty(), "{}: listing writes", recipe.name);
    }
    assert_eq!(otherwise, OTHERWISE);
}

#[test]
fn without_a_card() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::paired(&emulator);
    assert_eq!(host.request(13, &[]), wire::check_sdcard(false));
    assert_eq!(error_code(&host.list()), Some(103));
    assert_eq!(error_code(&host.check(true)), Some(101));
}

#[test]
fn check_shows_name_and_id() {
    let emulator = Emulator::start(device(backed_up()));
    let mut host = Host::paired(&emulator);
    let id = wallet::twelve().id();
    assert_eq!(host.check(true), wire::check_backup(&id));
    assert!(titles(&emulator).is_empty());
    assert_eq!(host.check(false), wire::check_backup(&id));
    let screens = emulator.screens().split_off(1);
    assert_eq!(screens[0].body, ["My BitBox"]);
    assert_eq!(screens[1].body, [id]);
    assert_eq!(
        titles(&emulator),
        [
            (Kind::Confirm, "Name?".to_owned(), Answer::Confirmed),
            (Kind::Confirm, "ID?".to_owned(), Answer::Confirmed),
            (Kind::Success, "Backup valid".to_owned(), Answer::Gone),
        ]
    );
}

#[test]
fn check_is_aborted_by_either_screen() {
    for title in ["Name?", "ID?"] {
        let emulator = Emulator::start(Device {
            person: Person::obliging().at(title, Reply::Reject),
            ..device(backed_up())
        });
        let response = Host::paired(&emulator).check(false);
        assert_eq!(error_code(&response), Some(104), "{title}");
    }
}

#[test]
fn check_of_a_wrong_or_damaged_card_shows_nothing() {
    let mut wrong = blank();
    wrong.save(&wallet::eighteen());
    let mut damaged = blank();
    let set = damaged.save(&wallet::twelve());
    for file in &set.files {
        damaged.card.fill(file.data + 60, 20, 0);
    }
    for card in [wrong.card, damaged.card, blank().card] {
        let emulator = Emulator::start(device(card));
        assert_eq!(error_code(&Host::paired(&emulator).check(false)), Some(103));
        assert!(titles(&emulator).is_empty());
    }
}

#[test]
fn check_finds_that_the_id_proves_a_seed_only_up_to_its_zeros() {
    // docs/format.md 2-d: sixteen zeros behind a seed change the wallet, not the id.
    let emulator = Emulator::start(Device {
        wallet: Wallet::initialized(&wallet::twelve().seed),
        ..device(backed_up())
    });
    assert_eq!(error_code(&Host::paired(&emulator).check(false)), Some(103));
    assert_eq!(titles(&emulator)[0].1, "Backup missing");
}
