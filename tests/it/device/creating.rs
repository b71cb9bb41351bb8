//! `device create`: what the device asks, what it writes, and what is true after whatever went wrong.

use std::time::Duration;

use emulator::{Answer, Device, Person as Owner, Reply, Slot, Wallet};
use fixtures::backup::Backup;
use fixtures::power_cut::PowerCut;
use fixtures::wallet;
use rustix::process::Signal;
use serde_json::json;

use super::bench::{Bench, card, says, with_card};

/// A backup that was made some years ago.
fn old() -> Backup {
    wallet::twelve()
}

fn bench(person: Owner, backups: &[Backup]) -> Bench {
    let mut device = with_card(backups);
    (device.person, device.locked) = (person, false);
    Bench::paired(device)
}

/// The card in the device, examined in a reader.
fn offline(bench: &Bench) -> serde_json::Value {
    let card = bench.emulator.card().unwrap();
    let image = card.image.bytes(0, card.image.size() as usize);
    std::fs::write(bench.home.path().join("card.img"), image).unwrap();
    let answer = crate::support::program::json(bench.home.path(), &["list", "--json", "card.img"]);
    answer["sources"][0].clone()
}

#[test]
fn a_first_backup() {
    let bench = bench(Owner::obliging(), &[]);
    let before = jiff::Timestamp::now().as_second();
    let (status, answer) = bench.json(&["create", "--yes"]);
    assert_eq!(status, Some(0));
    for (field, value) in [
        ("written", json!(true)),
        ("listed", json!(true)),
        ("id", json!(old().id())),
        ("name", json!("My BitBox")),
        ("verified", json!(null)),
        ("reason", json!(null)),
        ("old", json!(null)),
    ] {
        assert_eq!(answer[field], value, "{field}");
    }
    let made = answer["timestamp"].as_i64().unwrap();
    assert!((before..before + 60).contains(&made));
    let shown = [
        "Is today?",
        "Create backup?",
        "Unlock device",
        "Backup created",
    ];
    assert_eq!(bench.titles(), shown);
    let source = offline(&bench);
    assert_eq!(source["backups"][0]["state"], "healthy");
    assert_eq!(source["backups"][0]["timestamp"], made);
    assert_eq!(source["backups"][0]["written_by"], "device");
}

#[test]
fn its_questions_are_told_as_they_come() {
    let bench = bench(Owner::obliging().slow(3), &[]);
    let ran = bench.run(&["create", "--yes"]);
    let today = bench.emulator.screens();
    let today = today
        .iter()
        .find(|screen| screen.title == "Is today?")
        .unwrap();
    says(
        &ran,
        0,
        &[
            "The BitBox asks now, on its own screen:",
            &format!("1. \"Is today?\" Confirm if it shows {}.", today.body[0]),
            "2. \"Create backup?\" Hold to confirm.",
            "4. Enter the device's password.",
            "the tenth erases the device",
        ],
    );
    assert!(
        ran.out.contains("is on the card, and the device lists it."),
        "{ran:?}"
    );
    bench.emulator.change(|device| {
        device.version = "v9.26.2".into();
        device.slot = Slot::Inserted(card(&[]));
    });
    let ran = bench.run(&["create", "--yes"]);
    assert!(!ran.err.contains("Create backup?"), "{ran:?}");
    assert_eq!(ran.status, Some(0));
}

#[test]
fn the_date_is_that_of_this_place() {
    for (zone, status) in [
        ("Pacific/Kiritimati", 0),
        ("<-12>12", 0),
        ("<-13>13", 2),
        ("<+15>-15", 2),
    ] {
        let bench = bench(Owner::obliging(), &[]);
        let ran = bench.run_with(&["create", "--yes", "--json"], &[("TZ", zone)]);
        assert_eq!(ran.status, Some(status), "{zone}: {ran:?}");
        if status == 2 {
            says(
                &ran,
                2,
                &[
                    "the time zone of this computer is wrong",
                    "-12 to +14 hours",
                ],
            );
            assert_eq!(bench.emulator.requests(), [""; 0]);
        }
    }
}

#[test]
fn an_earlier_backup_is_told_of_and_replaced_only_with_a_yes() {
    let bench = bench(Owner::obliging(), &[old()]);
    let told = [
        "already has a valid backup of this wallet, from 2020-09-28 10:30",
        "erases the old one",
    ];
    let ran = bench.run(&["create"]);
    says(
        &ran,
        2,
        &[
            &told[..],
            &["there is no terminal to ask this on: Replace it?"],
        ]
        .concat(),
    );
    let mut person = bench.person(&["create"]);
    person.reads("Replace it? Type yes:");
    person.types("no\n");
    assert_eq!(person.waits(), 1);
    assert!(
        person.screen().contains("error: no backup was made"),
        "{}",
        person.screen()
    );
    assert_eq!(bench.titles(), [""; 0]);
    assert!(bench.emulator.card().unwrap().writes.is_empty());
    let (status, answer) = bench.json(&["create", "--yes"]);
    assert_eq!(status, Some(0));
    assert_eq!(answer["old"]["timestamp"], old().timestamp);
    assert_eq!(answer["old_listed"], false);
    let states: Vec<_> = offline(&bench)["backups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|backup| backup["state"].clone())
        .collect();
    assert_eq!(states, ["healthy", "erased"]);
    assert_eq!(
        (&answer["status"], &answer["error"]),
        (&json!("done"), &json!(null))
    );
}

#[test]
fn a_backup_from_the_future_says_that_a_clock_is_wrong() {
    let mut future = wallet::abandon();
    future.timestamp = 4_000_000_000;
    let bench = bench(Owner::obliging(), &[future]);
    let ran = bench.run(&["create"]);
    says(
        &ran,
        2,
        &[
            "which is after what this computer takes for the current time",
            "there is no terminal",
        ],
    );
    assert_eq!(bench.run(&["create", "--yes"]).status, Some(0));
}

#[test]
fn whatever_is_rejected_the_old_backup_is_still_there() {
    for (screen, said) in [
        ("Is today?", "error 104: cancelled on the device"),
        ("Create backup?", "error 104: cancelled on the device"),
        ("Unlock device", "error 104: cancelled on the device"),
    ] {
        let bench = bench(
            Owner::obliging().at_after(screen, Reply::Reject, 3),
            &[old()],
        );
        let ran = bench.run(&["create", "--yes"]);
        says(&ran, 1, &[said, "run this again and confirm on the device"]);
        assert!(
            ran.out.contains("No new backup is listed on the card."),
            "{ran:?}"
        );
        assert!(
            ran.out.contains("is still there, valid and listed."),
            "{ran:?}"
        );
        bench.emulator.change(|device| {
            device.person = Owner::obliging().at(screen, Reply::Reject);
        });
        let (status, answer) = bench.json(&["create", "--yes"]);
        assert_eq!(status, Some(1));
        assert_eq!(answer["written"], false);
        assert_eq!(
            (&answer["reason"], &answer["code"]),
            (&json!("aborted"), &json!(104))
        );
        assert_eq!(answer["old_listed"], true);
    }
}

#[test]
fn a_wrong_password_is_named_with_what_it_costs() {
    let bench = bench(
        Owner::obliging().at("Unlock device", Reply::WrongPassword),
        &[],
    );
    let ran = bench.run(&["create", "--yes"]);
    says(
        &ran,
        1,
        &[
            "error 103",
            "one of ten attempts is used up",
            "the tenth erases the device",
        ],
    );
    assert!(ran.out.contains("No new backup is listed"), "{ran:?}");
    assert_eq!(bench.emulator.device().attempts, 9);
}

#[test]
fn a_card_that_comes_late_is_waited_for() {
    let mut device = with_card(&[]);
    device.locked = false;
    device.slot = Slot::After(2, card(&[]));
    let bench = Bench::paired(device);
    let mut person = bench.person(&["create"]);
    person.reads("There is no microSD card in the BitBox. Insert it. Type yes:");
    person.types("yes\n");
    // The device looks once more and finds none; asked again it does.
    person.sees("a second question", |person| {
        person.screen().matches("Type yes:").count() == 2
    });
    person.types("yes\n");
    person.reads("Make a backup on this card? Type yes:");
    person.types("yes\n");
    assert_eq!(person.waits(), 0);
}

#[test]
fn a_wallet_that_was_never_backed_up_and_a_device_without_one() {
    let mut device = with_card(&[]);
    let seed = wallet::twelve().seed.as_slice().to_vec();
    device.wallet = Wallet::Seeded { seed };
    let bench = Bench::paired(device);
    let (status, answer) = bench.json(&["create", "--yes"]);
    assert_eq!(status, Some(0), "{answer}");
    assert_eq!(answer["listed"], true);
    assert_eq!(answer["id"], old().id());
    let bench = Bench::paired(Device {
        wallet: Wallet::Uninitialized,
        ..with_card(&[])
    });
    let ran = bench.run(&["create", "--yes", "--json"]);
    says(&ran, 1, &["error 105", "it holds no wallet"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&answer["written"], &answer["reason"]),
        (&json!(false), &json!("no-wallet"))
    );
}

#[test]
fn a_write_that_fails_is_told_with_what_is_left() {
    let mut some_hidden = false;
    for writes in [0..1000, 3..4, 8..1000, 17..1000] {
        let mut device = with_card(&[]);
        device.locked = false;
        device.slot = Slot::Inserted(card(&[old()]).failing(writes.clone()));
        let bench = Bench::paired(device);
        let (status, answer) = bench.json(&["create", "--yes"]);
        let source = offline(&bench);
        let listed = source["device_view"]["backups"].as_array().unwrap().clone();
        let at = |time: &serde_json::Value| listed.iter().any(|one| one["timestamp"] == *time);
        assert_eq!(
            answer["listed"],
            at(&answer["timestamp"]),
            "{writes:?} {answer}"
        );
        // Where it lists neither any more, the new one may be there, hidden by the old one's files.
        let both_hidden = answer["listed"] == false && answer["old_listed"] == false;
        let written = if both_hidden {
            json!(null)
        } else {
            answer["listed"].clone()
        };
        assert_eq!(answer["written"], written, "{writes:?} {answer}");
        assert_eq!(
            answer["old_listed"],
            at(&json!(old().timestamp)),
            "{writes:?}"
        );
        assert_eq!(status, Some(1), "{writes:?} {answer}");
        assert_eq!(answer["code"], 103);
        if answer["listed"] == false && answer["old_listed"] == false {
            some_hidden = true;
            let ran = bench.run(&["check"]);
            assert_eq!(ran.status, Some(1));
        }
    }
    assert!(some_hidden, "one of them has to hide both");
}

#[test]
fn a_hidden_old_backup_is_said_to_be_there() {
    let mut device = with_card(&[]);
    device.locked = false;
    device.slot = Slot::Inserted(card(&[old()]).failing(8..1000));
    let ran = Bench::paired(device).run(&["create", "--yes"]);
    says(
        &ran,
        1,
        &[
            "error 103",
            "keep this card: files of the new backup may be on it",
        ],
    );
    assert!(!ran.err.contains("was the password wrong?"), "{ran:?}");
    for said in [
        "It is not known whether the new backup is on the card",
        "is not listed any more",
        "insert another card",
        "Keep this card",
        "bitbox-backup recover",
    ] {
        assert!(ran.out.contains(said), "{ran:?}");
    }
}

#[test]
fn a_power_cut_is_told_as_what_it_is() {
    let all = PowerCut::recreate().writes.len();
    for cut in [0, 5, 15, all - 1] {
        let mut device = with_card(&[]);
        device.locked = false;
        device.slot = Slot::Inserted(card(&[old()]).cut_after(cut));
        let bench = Bench::paired(device);
        let ran = bench.run(&["create", "--yes"]);
        says(
            &ran,
            2,
            &[
                "making the backup: the device is gone",
                "leave the card in the BitBox, plug it in again",
            ],
        );
        assert!(
            ran.out.contains("It is not known what is on the card now"),
            "{ran:?}"
        );
        let source = offline(&bench);
        let copies = source["backups"].to_string();
        assert!(copies.contains("\"valid\""), "after {cut} writes: {copies}");
    }
}

#[test]
fn interrupted_it_says_what_is_true() {
    for screen in ["Is today?", "Create backup?", "Unlock device"] {
        let bench = bench(Owner::obliging().at(screen, Reply::Nothing), &[old()]);
        let mut person = bench.person(&["create", "--yes"]);
        person.reads("The BitBox asks now");
        let patience = Some(Duration::from_millis(500));
        bench.emulator.change(|device| device.patience = patience);
        person.sees("its question", |_| {
            bench.titles().iter().any(|title| title == screen)
        });
        std::thread::sleep(Duration::from_millis(300));
        person.signals(Signal::INT);
        assert_eq!(person.waits(), 130);
        let seen = person.screen();
        assert!(seen.contains("so it drops the request"), "{seen}");
        assert!(
            seen.contains("No new backup is listed on the card."),
            "{seen}"
        );
        assert!(seen.contains("is still there, valid and listed."), "{seen}");
        let screens = bench.emulator.screens();
        let asked = screens.iter().rfind(|one| one.title == screen).unwrap();
        assert_eq!(asked.answer, Answer::Dropped, "{screen}");
        assert!(bench.emulator.card().unwrap().writes.is_empty());
    }
}

#[test]
fn two_witnesses() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("card.img");
    let fresh = card(&[]).image;
    std::fs::write(&image, fresh.bytes(0, fresh.size() as usize)).unwrap();
    let mut device = with_card(&[]);
    device.locked = false;
    device.slot = Slot::Inserted(emulator::Card::open(&image).unwrap());
    let bench = Bench::paired(device);
    let source = image.display().to_string();
    let ran = bench.run(&["create", "--verify", &source]);
    says(
        &ran,
        2,
        &[
            "Now move the card from the BitBox to the reader",
            "there is no terminal",
        ],
    );
    assert_eq!(bench.titles(), [""; 0], "nothing was begun");
    let mut person = bench.person(&["create", "--verify", &source]);
    person.reads("Make a backup on this card? Type yes:");
    person.types("yes\n");
    person.reads("Now move the card from the BitBox to the reader");
    person.types("yes\n");
    assert_eq!(person.waits(), 0);
    let seen = person.screen();
    assert!(seen.contains("The card in the reader agrees"), "{seen}");
    // Another card is no witness.
    let other = folder.path().join("other.img");
    let with_other = card(&[wallet::abandon()]).image;
    std::fs::write(&other, with_other.bytes(0, with_other.size() as usize)).unwrap();
    let other = other.display().to_string();
    let (status, answer) = bench.json(&["create", "--yes", "--verify", &other]);
    assert_eq!((status, &answer["verified"]), (Some(1), &json!(false)));
    assert_eq!(answer["listed"], true);
    let differences = answer["differences"].to_string();
    assert!(
        differences.contains("it holds no backup of this wallet"),
        "{differences}"
    );
    // Each of them was made in a second of its own, which the device wants.
    let (status, answer) = bench.json(&["create", "--yes", "--verify", &source]);
    assert_eq!((status, &answer["verified"]), (Some(0), &json!(true)));
}

#[test]
fn what_the_device_does_not_list_is_asked_about_before_it_is_overwritten() {
    let others = [wallet::abandon()];
    for (backups, told) in [
        (
            &[][..],
            "The BitBox lists no backup on this card. If anything was ever saved on it, stop",
        ),
        (
            &others,
            "The BitBox lists no backup of this wallet on this card.",
        ),
    ] {
        let bench = bench(Owner::obliging(), backups);
        for quiet in [&[][..], &["-q"]] {
            let ran = bench.run(&[&["create"], quiet].concat());
            let question = "there is no terminal to ask this on: Make a backup on this card?";
            says(
                &ran,
                2,
                &[told, "may overwrite what is left of it", question],
            );
            assert!(ran.err.contains("`bitbox-backup list CARD`"), "{ran:?}");
        }
        let mut person = bench.person(&["create"]);
        person.reads("Make a backup on this card? Type yes:");
        person.types("no\n");
        assert_eq!(person.waits(), 1);
        assert!(person.screen().contains("error: no backup was made"));
        assert_eq!(bench.titles(), [""; 0]);
        assert!(bench.emulator.card().unwrap().writes.is_empty());
        let mut person = bench.person(&["create"]);
        person.reads("Make a backup on this card? Type yes:");
        person.types("yes\n");
        assert_eq!(person.waits(), 0);
        assert_eq!(person.screen().matches("Type yes:").count(), 1);
    }
}

#[test]
fn quiet_hides_no_danger() {
    let bench = bench(Owner::obliging(), &[old()]);
    bench.emulator.change(|device| device.locked = true);
    let ran = bench.run(&["create", "-q"]);
    says(
        &ran,
        2,
        &[
            "warning: this device did not prove that it is genuine",
            "Ten wrong ones erase the device",
            "already has a valid backup of this wallet, from 2020-09-28 10:30",
            "erases the old one",
        ],
    );
    says(
        &bench.run(&["create", "-q", "--yes"]),
        0,
        &["the tenth erases the device"],
    );
    let ran = bench.run(&["check", "-q"]);
    says(
        &ran,
        0,
        &[
            "compare, and confirm there if they are the same",
            "5777 82fd",
        ],
    );
}

/// Whatever ends it, there is one object.
#[test]
fn interrupted_twice_it_answers_that_nothing_is_known() {
    let bench = bench(Owner::obliging().at("Is today?", Reply::Nothing), &[]);
    let url = bench.emulator.url();
    let mut program = crate::support::program::program(bench.home.path());
    program
        .args(["device", "create", "--yes", "--json", "--device", &url])
        .env("XDG_CONFIG_HOME", bench.home.path())
        .stdout(std::process::Stdio::piped());
    let child = program.spawn().unwrap();
    while bench.titles().is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(300));
    let pid = rustix::process::Pid::from_child(&child);
    // Both at once: nothing goes on for long after the first.
    for signal in [Signal::STOP, Signal::INT, Signal::TERM, Signal::CONT] {
        rustix::process::kill_process(pid, signal).unwrap();
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let answer: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    let published = crate::support::published::Published::new();
    published.holds("create", &answer, published.failure);
    assert_eq!(
        (&answer["command"], &answer["status"], &answer["written"]),
        (&json!("device create"), &json!("interrupted"), &json!(null))
    );
    assert!(
        answer["hint"].as_str().unwrap().contains("device check"),
        "{answer}"
    );
}
