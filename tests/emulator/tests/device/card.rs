//! The card: listed, checked and written as docs/format.md has it.

use emulator::{
    Answer, Card, Device, Emulator, Kind, Person, Reply, Slot, Wallet, file_names, wire,
};
use fixtures::fat::Fat;
use fixtures::power_cut::{LAYOUT, PowerCut};
use fixtures::recipe::Expected;
use fixtures::{recipes, wallet};

use crate::host::{Failed, Host, creation, error_code};

/// A device with the wallet of `wallet::twelve`, open, its host paired, and this card.
fn device(card: fixtures::card::Card) -> Device {
    Device {
        locked: false,
        slot: Slot::Inserted(Card::new(card)),
        ..Device::default()
    }
}

fn blank() -> Fat {
    LAYOUT.format()
}

/// A card with one backup of the wallet of the device.
fn backed_up() -> fixtures::card::Card {
    let mut fat = blank();
    fat.save(&wallet::twelve());
    fat.card
}

/// What the device lists, in the words of the recipes.
fn listed(response: &[u8]) -> Expected {
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
fn list_of(card: &fixtures::card::Card) -> Expected {
    let emulator = Emulator::start(device(card.clone()));
    listed(&Host::paired(&emulator).list())
}

fn titles(emulator: &Emulator) -> Vec<(Kind, String, Answer)> {
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

#[test]
fn a_first_backup_is_written_as_by_a_device() {
    let recorded = PowerCut::first_create();
    let backup = wallet::twelve();
    let emulator = Emulator::start(device(recorded.before.clone()));
    let mut host = Host::paired(&emulator);
    assert_eq!(host.create(backup.timestamp), wire::success());
    let card = emulator.card().expect("it is inserted");
    assert_same_writes(&card, &recorded);
    assert_eq!(listed(&host.list()), Expected::listed(&[&backup]));
    assert_eq!(
        titles(&emulator),
        [
            (Kind::Confirm, "Is today?".to_owned(), Answer::Confirmed),
            (
                Kind::LongTouch,
                "Create backup?".to_owned(),
                Answer::Confirmed
            ),
            (
                Kind::Password,
                "Unlock device".to_owned(),
                Answer::Confirmed
            ),
            (Kind::Success, "Backup created".to_owned(), Answer::Gone),
        ]
    );
    assert_eq!(emulator.screens()[1].body, ["Mon 2020-09-28"]);
}

#[test]
fn another_backup_is_written_as_by_a_device() {
    let recorded = PowerCut::recreate();
    let again = wallet::twelve_again();
    let emulator = Emulator::start(Device {
        name: again.name.clone(),
        ..device(recorded.before.clone())
    });
    let mut host = Host::paired(&emulator);
    assert_eq!(host.create(again.timestamp), wire::success());
    assert_same_writes(&emulator.card().expect("it is inserted"), &recorded);
    assert_eq!(listed(&host.list()), Expected::listed(&[&again]));
}

/// Holds the sectors FatFs wrote against those recorded from a device.
fn assert_same_writes(card: &Card, recorded: &PowerCut) {
    let places = |writes: &[emulator::Write]| -> Vec<u64> {
        writes.iter().map(|write| write.offset).collect()
    };
    assert_eq!(places(&card.writes), places(&recorded.writes));
    for (n, (written, expected)) in card.writes.iter().zip(&recorded.writes).enumerate() {
        assert_eq!(written, expected, "write {n}");
    }
}

#[test]
fn a_power_cut_leaves_what_a_device_leaves() {
    let first = PowerCut::first_create();
    let again = PowerCut::recreate();
    for (recorded, backup) in [(first, wallet::twelve()), (again, wallet::twelve_again())] {
        let first = backup == wallet::twelve();
        assert!(recorded.writes.len() > 20);
        for count in 0..recorded.writes.len() {
            let emulator = Emulator::start(Device {
                name: backup.name.clone(),
                bluetooth: true,
                slot: Slot::Inserted(Card::new(recorded.before.clone()).cut_after(count)),
                ..Device::default()
            });
            let mut host = Host::paired(&emulator);
            let answer = host.try_request(6, &creation(backup.timestamp));
            assert_eq!(answer, Err(Failed::Gone), "cut after {count}");
            assert!(emulator.is_off());
            let card = emulator.card().expect("it is inserted").image;
            let expected = recorded.card_after(count);
            assert_eq!(card.digest(), expected.digest(), "cut after {count}");
            let expected = if first {
                recorded.answer_to_first_create(count)
            } else {
                recorded.answer_to_recreate(count)
            };
            assert_eq!(list_of(&card), expected, "cut after {count}");
            heals(card, count);
        }
    }
}

#[test]
fn a_device_comes_back_after_a_power_cut() {
    let recorded = PowerCut::recreate();
    let card = Card::new(recorded.before.clone()).cut_after(12);
    let emulator = Emulator::start(Device {
        slot: Slot::Inserted(card),
        ..Device::default()
    });
    let mut host = Host::paired(&emulator);
    let answer = host.try_request(6, &creation(wallet::SECOND));
    assert_eq!(answer, Err(Failed::Gone));
    let address = emulator.address();
    let emulator = emulator.replug();
    assert_eq!(emulator.address(), address);
    assert!(!emulator.is_off() && emulator.device().locked);
    let mut host = Host::paired(&emulator);
    assert_eq!(host.verify, 0); // it remembers whom it knows
    assert_eq!(listed(&host.list()), Expected::none());
    assert_eq!(host.create(wallet::SECOND + 1), wire::success());
    assert_ne!(listed(&host.list()), Expected::none());
}

/// docs/format.md 4-e: a retry with a later timestamp heals every such state.
fn heals(card: fixtures::card::Card, count: usize) {
    let later = wallet::SECOND + 86_400;
    let emulator = Emulator::start(device(card));
    let mut host = Host::paired(&emulator);
    assert_eq!(host.create(later), wire::success(), "cut after {count}");
    let healed = fixtures::backup::Backup {
        timestamp: later,
        ..wallet::twelve()
    };
    assert_eq!(listed(&host.list()), Expected::listed(&[&healed]));
}

#[test]
fn the_same_second_is_refused() {
    let emulator = Emulator::start(device(backed_up()));
    let mut host = Host::paired(&emulator);
    assert_eq!(error_code(&host.create(wallet::FIRST)), Some(103));
    let screens = titles(&emulator);
    assert_eq!(screens.last().expect("one").1, "Backup not created");
    let said = emulator.screens().pop().expect("one").body;
    assert_eq!(said, ["Please contact", "support (Generic)"]);
    assert!(emulator.card().expect("it is inserted").writes.is_empty());
}

#[test]
fn the_birthdate_is_kept_or_unknown_or_now() {
    let old = wallet::twenty_four(); // with a birthdate
    let mut fat = blank();
    fat.save(&old);
    let seeded = Wallet::Seeded {
        seed: old.seed.clone(),
    };
    for (wallet, card, birthdate) in [
        (Wallet::of(&old), fat.card, old.birthdate),
        (Wallet::of(&old), blank().card, 0),
        (seeded, blank().card, wallet::SECOND),
    ] {
        let emulator = Emulator::start(Device {
            wallet,
            name: "New name".into(),
            version: "v9.26.5".into(),
            ..device(card)
        });
        let mut host = Host::paired(&emulator);
        assert_eq!(host.create(wallet::SECOND), wire::success());
        let expected = fixtures::backup::Backup {
            timestamp: wallet::SECOND,
            name: "New name".into(),
            birthdate,
            generator: "v9.26.5".into(),
            ..old.clone()
        };
        let card = emulator.card().expect("it is inserted");
        let written = |bytes: &[u8]| {
            let file = expected.encode();
            card.writes
                .iter()
                .any(|write| write.bytes.starts_with(bytes))
                && bytes == file
        };
        assert!(written(&expected.encode()), "birthdate {birthdate}");
        assert_eq!(host.check(true), wire::check_backup(&old.id()));
        assert_eq!(emulator.device().wallet, Wallet::of(&old));
    }
    assert_eq!(
        file_names(wallet::SECOND)[0],
        fixtures::backup::Backup {
            timestamp: wallet::SECOND,
            ..old
        }
        .file_name(0)
    );
}

#[test]
fn each_question_of_create_can_be_answered_with_no() {
    for (title, reply, code) in [
        ("Is today?", Reply::Reject, 104),
        ("Create backup?", Reply::Reject, 104),
        ("Insert microSD card", Reply::Reject, 104),
        ("Unlock device", Reply::Reject, 104),
        ("Unlock device", Reply::WrongPassword, 103),
    ] {
        let card = Card::new(backed_up());
        let emulator = Emulator::start(Device {
            person: Person::obliging().at(title, reply),
            slot: match title {
                "Insert microSD card" => Slot::Empty,
                _ => Slot::Inserted(card),
            },
            ..Device::default()
        });
        let mut host = Host::paired(&emulator);
        assert_eq!(
            error_code(&host.create(wallet::SECOND)),
            Some(code),
            "{title}"
        );
        let written = emulator.card().map_or(0, |card| card.writes.len());
        assert_eq!(written, 0, "{title}");
        let attempts = if reply == Reply::WrongPassword { 9 } else { 10 };
        assert_eq!(emulator.device().attempts, attempts);
    }
}

#[test]
fn a_card_may_come_late() {
    let emulator = Emulator::start(Device {
        slot: Slot::After(4, Card::new(blank().card)),
        ..Device::default()
    });
    let mut host = Host::paired(&emulator);
    assert_eq!(host.request(13, &[]), wire::check_sdcard(false));
    assert_eq!(host.create(wallet::SECOND), wire::success());
    assert_eq!(host.request(13, &[]), wire::check_sdcard(true));
    let shown = titles(&emulator);
    let (kind, _, answer) = &shown[3];
    assert_eq!((*kind, *answer), (Kind::InsertCard, Answer::CardInserted));
}

#[test]
fn an_offset_that_does_not_exist_is_invalid() {
    for (offset, code) in [(-43_201, 101), (50_401, 101), (-43_200, 104), (50_400, 104)] {
        let emulator = Emulator::start(Device {
            person: Person::obliging().at("Is today?", Reply::Reject),
            ..device(blank().card)
        });
        let mut host = Host::paired(&emulator);
        let offset = i64::from(offset) as u64;
        let fields = [wire::number(1, 1_601_281_809), wire::number(2, offset)].concat();
        assert_eq!(error_code(&host.request(6, &fields)), Some(code));
    }
}

#[test]
fn older_firmware_asks_one_question_less() {
    let emulator = Emulator::start(Device {
        version: "v9.26.2".into(),
        ..device(blank().card)
    });
    assert_eq!(
        Host::paired(&emulator).create(wallet::SECOND),
        wire::success()
    );
    assert!(
        titles(&emulator)
            .iter()
            .all(|one| one.1 != "Create backup?")
    );
}

#[test]
fn write_errors_are_told_and_leave_no_panic() {
    let recorded = PowerCut::recreate();
    let again = wallet::twelve_again();
    let mut said = Vec::new();
    for failing in 0..recorded.writes.len() {
        let card = Card::new(recorded.before.clone()).failing(failing..usize::MAX);
        let emulator = Emulator::start(Device {
            name: again.name.clone(),
            bluetooth: true,
            slot: Slot::Inserted(card),
            ..Device::default()
        });
        let mut host = Host::paired(&emulator);
        let code = error_code(&host.create(again.timestamp));
        // FatFs does not look at what becomes of FSInfo, the last of all.
        let last = failing + 1 == recorded.writes.len();
        assert_eq!(code, (!last).then_some(103), "write {failing}");
        if last {
            break;
        }
        said.push(emulator.screens().pop().expect("one").body[1].clone());
        // The card is as after a power cut there.
        let card = emulator.card().expect("it is inserted").image;
        assert_eq!(card.digest(), recorded.card_after(failing).digest());
    }
    said.dedup();
    // The directory entry is written when the file is closed, and that answer is not looked at: the
    // copy is found to be empty when it is read back.
    let write = "support (SdWrite)";
    let check = "support (Check)";
    let stale = "support (Stale)";
    assert_eq!(said.last().map(String::as_str), Some(stale));
    for one in &said {
        assert!([write, check, stale].contains(&&**one), "{one}");
    }
    assert!(said.iter().any(|one| one == write));
}

#[test]
fn a_foreign_file_ends_stale_and_hides_the_backup() {
    let mut fat = blank();
    let set = fat.save(&wallet::twelve());
    fat.make_file(set.dir(), "._notes", &[0; 4096]);
    let emulator = Emulator::start(device(fat.card));
    let mut host = Host::paired(&emulator);
    assert_eq!(listed(&host.list()), Expected::none());
    assert_eq!(error_code(&host.create(wallet::SECOND)), Some(103));
    let said = emulator.screens().pop().expect("one").body;
    assert_eq!(said[1], "support (Stale)");
    assert_eq!(listed(&host.list()), Expected::none());
}

#[test]
fn a_missing_metadata_is_the_end_of_check_and_create_too() {
    for number in [19, 6] {
        let recipe = recipes::named("crash_metadata_missing").expect("there is one");
        let emulator = Emulator::start(device(recipe.card));
        let mut host = Host::paired(&emulator);
        let answer = host.try_request(number, &creation(wallet::SECOND));
        assert_eq!(answer, Err(Failed::Gone));
        assert!(emulator.is_off());
    }
}

#[test]
fn an_image_file_is_written_through() {
    let path = std::env::temp_dir().join(format!("emulator-{}.img", std::process::id()));
    backed_up().write_to(&path).expect("there is room");
    let emulator = Emulator::start(Device {
        slot: Slot::Inserted(Card::open(&path).expect("it is there")),
        ..Device::default()
    });
    assert_eq!(
        Host::paired(&emulator).create(wallet::SECOND),
        wire::success()
    );
    let now = emulator.card().expect("it is inserted").image;
    let file = Card::open(&path).expect("it is there").image;
    std::fs::remove_file(&path).expect("it was there");
    assert_eq!(now.digest(), file.digest());
    assert_ne!(now.digest(), backed_up().digest());
}
