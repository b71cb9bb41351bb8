//! What the device could not be asked is never a "no": cards that are pulled, cables that are pulled, cards
//! that crash the device, cards it cannot read.

use std::time::Duration;

use emulator::{Card, Device, Event, Fault, Slot, What, When};
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::fat::name::Name;
use fixtures::power_cut::LAYOUT;
use fixtures::wallet;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::bench::{Bench, card, crashing, holding, says};
use crate::support::program::{program, ran, without_terminal};
use crate::support::published::Published;

const CREATED: When = When::Request("create_backup");
const GONE: What = What::Disconnect {
    frames: 0,
    bytes: 0,
};

/// A device in which this goes wrong when it is asked for the second time: before it is asked for a backup
/// everything is well.
fn at_the_second(request: &'static str, backups: &[Backup]) -> Device {
    let when = When::Request(request);
    let mut device = holding(card(backups));
    device.faults = vec![
        Fault::once(when, What::Delay(Duration::ZERO)),
        Fault::once(when, GONE),
    ];
    device
}

/// Runs `create` and holds its answer against the published schema.
fn create(bench: &Bench) -> (Option<i32>, Value) {
    let (status, answer) = bench.json(&["create", "--yes"]);
    let published = Published::new();
    published.holds("create", &answer, published.device);
    (status, answer)
}

#[track_caller]
fn holds(answer: &Value, fields: &[(&str, Value)]) {
    for (field, value) in fields {
        assert_eq!(&answer[field], value, "{field}: {answer:#}");
    }
}

/// What no text may say where nothing was asked.
#[track_caller]
fn accuses_nobody(out: &str) {
    for wrong in ["once more", "does not list", "No new backup", "password"] {
        assert!(!out.contains(wrong), "{wrong}: {out}");
    }
}

#[test]
fn a_card_pulled_after_the_backup_was_made() {
    let pulled = || {
        let mut device = holding(card(&[wallet::twelve()]));
        device.faults = vec![Fault::once(CREATED, What::TakeCard)];
        Bench::paired(device)
    };
    let (status, answer) = create(&pulled());
    assert_eq!(status, Some(1), "{answer:#}");
    holds(
        &answer,
        &[
            ("status", json!("done")),
            ("error", json!(null)),
            ("written", json!(true)),
            ("listed", json!(null)),
            ("not_asked", json!("no-card")),
            ("old_listed", json!(null)),
            ("verified", json!(null)),
            ("reason", json!(null)),
            ("code", json!(null)),
        ],
    );
    let ran = pulled().run(&["create", "--yes"]);
    says(&ran, 1, &[]);
    accuses_nobody(&ran.out);
    for said in [
        "was made. Whether it lists it could not be asked: there is no card in it any more.",
        "Insert the same card, and run `bitbox-backup device check`.",
        "is still listed could not be asked either",
    ] {
        assert!(one_line(&ran.out).contains(said), "{said}: {ran:?}");
    }
}

/// Text that was wrapped, as it was before.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_card_pulled_while_it_is_written() {
    for writes in [0, 3, 12] {
        let pulled = || {
            let card = card(&[wallet::twelve()]).pulled_after(writes);
            Bench::paired(holding(card))
        };
        let (status, answer) = create(&pulled());
        assert_eq!(status, Some(1), "{answer:#}");
        holds(
            &answer,
            &[
                ("status", json!("refused")),
                ("written", json!(null)),
                ("listed", json!(null)),
                ("old_listed", json!(null)),
                ("not_asked", json!("no-card")),
                ("reason", json!("refused")),
                ("code", json!(103)),
            ],
        );
        assert!(
            answer["hint"]
                .as_str()
                .unwrap()
                .contains("insert the same card"),
            "{answer:#}"
        );
        let ran = pulled().run(&["create", "--yes"]);
        says(&ran, 1, &["error 103", "insert the same card"]);
        assert!(!ran.err.contains("was the password wrong?"), "{ran:?}");
        accuses_nobody(&ran.out);
        let out = one_line(&ran.out);
        assert!(
            out.contains("It is not known what is on the card now: the device could not be asked"),
            "{out}"
        );
    }
}

#[test]
fn a_card_it_cannot_read_afterwards() {
    // The device says the backup was made; from then on the volume cannot be read.
    let mut device = holding(card(&[]));
    let list = When::Request("list_backups");
    let answers = [
        emulator::wire::list_backups([]),
        emulator::wire::error(103, ""),
    ];
    let faults = answers.map(|answer| Fault::once(list, What::Respond(answer)));
    device.faults = faults.to_vec();
    let (status, answer) = create(&Bench::paired(device.clone()));
    assert_eq!(status, Some(1), "{answer:#}");
    holds(
        &answer,
        &[
            ("written", json!(true)),
            ("listed", json!(null)),
            ("id", json!(wallet::twelve().id())),
            ("not_asked", json!("card-unreadable")),
        ],
    );
    let ran = Bench::paired(device).run(&["create", "--yes"]);
    accuses_nobody(&ran.out);
    let out = one_line(&ran.out);
    for said in [
        "was made",
        "could not be asked: it cannot read the card",
        "Keep this card",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
}

#[test]
fn a_device_gone_after_the_backup_was_made() {
    for request in ["list_backups", "check_backup"] {
        let bench = Bench::paired(at_the_second(request, &[wallet::twelve()]));
        let (status, answer) = create(&bench);
        assert_eq!(status, Some(1), "{answer:#}");
        holds(
            &answer,
            &[
                ("status", json!("done")),
                ("written", json!(true)),
                ("listed", json!(null)),
                ("old_listed", json!(null)),
                ("not_asked", json!("device-vanished")),
            ],
        );
        let ran = Bench::paired(at_the_second(request, &[])).run(&["create", "--yes"]);
        says(&ran, 1, &[]);
        accuses_nobody(&ran.out);
        let out = one_line(&ran.out);
        for said in [
            "this card crashes it",
            "`bitbox-backup list CARD`",
            "Keep this card",
        ] {
            assert!(out.contains(said), "{said}: {out}");
        }
    }
}

#[test]
fn a_device_gone_while_it_writes() {
    let cut = || Bench::paired(holding(card(&[wallet::twelve()]).cut_after(5)));
    let (status, answer) = create(&cut());
    assert_eq!(status, Some(2), "{answer:#}");
    holds(
        &answer,
        &[
            ("status", json!("failed")),
            ("error", json!("making the backup: the device is gone")),
            ("written", json!(null)),
            ("listed", json!(null)),
            ("old_listed", json!(null)),
            ("not_asked", json!("device-gone")),
            ("reason", json!("connection")),
        ],
    );
    let ran = cut().run(&["create", "--yes"]);
    accuses_nobody(&ran.out);
    let both = one_line(&ran.out) + &one_line(&ran.err);
    assert!(both.contains("`bitbox-backup device check`"), "{both}");
    assert!(!both.contains("run this again"), "{both}");
}

#[test]
fn a_new_backup_that_makes_the_list_too_long() {
    let mut fat = Layout {
        sectors_per_cluster: 1,
        ..LAYOUT
    }
    .format();
    for n in 0..79 {
        let mut backup = wallet::numbered(n);
        backup.name = format!("{n:020}");
        fat.save(&backup);
    }
    let bench = Bench::paired(holding(Card::new(fat.card)));
    let (status, answer) = create(&bench);
    assert_eq!(status, Some(1), "{answer:#}");
    holds(
        &answer,
        &[
            ("written", json!(true)),
            ("listed", json!(null)),
            ("not_asked", json!("device-vanished")),
        ],
    );
}

#[test]
fn a_card_that_crashes_the_device_is_named() {
    for command in ["list", "check", "create"] {
        let bench = Bench::paired(holding(crashing()));
        let ran = bench.run(&[command]);
        says(
            &ran,
            2,
            &[
                "listing the backups: the device is gone",
                "the wallet in the BitBox is not affected",
                "something on this card crashes the BitBox",
                "`bitbox-backup list CARD`",
            ],
        );
        assert_eq!(bench.titles(), [""; 0], "nobody was asked anything");
        let bench = Bench::paired(holding(crashing()));
        let (status, answer) = bench.json(&[command]);
        assert_eq!(status, Some(2));
        let published = Published::new();
        published.holds(command, &answer, published.failure);
        holds(
            &answer,
            &[
                ("command", json!(format!("device {command}"))),
                ("status", json!("failed")),
                ("error", json!("listing the backups: the device is gone")),
            ],
        );
        assert!(answer["hint"].as_str().unwrap().contains("list CARD"));
        // The device has none to tell of: only `create` knows that nothing was written.
        let written = if command == "create" {
            json!(false)
        } else {
            json!(null)
        };
        assert_eq!(answer["written"], written);
    }
    // The way named leads to the file.
    let folder = tempfile::tempdir().unwrap();
    crashing()
        .image
        .write_to(folder.path().join("card.img"))
        .unwrap();
    let said = crate::support::program::run(folder.path(), &["list", "card.img"]);
    let file = wallet::abandon().file_name(0);
    assert!(
        one_line(&said.out).replace(' ', "").contains(&file),
        "{said:?}"
    );
}

#[test]
fn a_device_that_stalls_over_its_card_is_no_other_case() {
    let bench = Bench::faulty(When::Request("list_backups"), What::Stall(0));
    says(
        &bench.run(&["list"]),
        2,
        &[
            "listing the backups: no answer within 20 seconds",
            "something on this card crashes the BitBox",
        ],
    );
}

#[test]
fn a_card_that_cannot_be_listed_stops_before_anything_is_asked() {
    let mut accented = LAYOUT.format();
    accented.save(&wallet::twelve());
    let name = Name::long("f\u{fc}r", b"FUR        ");
    let folder = accented.bitbox02().as_dir();
    accented.make_dir_named(folder, &name);
    let cards = [
        card(&[wallet::twelve()]).unreadable(0..40_000),
        Card::new(accented.card),
    ];
    for card in cards {
        let bench = Bench::paired(holding(card));
        let ran = bench.run(&["create", "--yes"]);
        says(
            &ran,
            1,
            &[
                "error: no backup was made: the BitBox cannot read this card (error 103)",
                "`bitbox-backup list CARD`",
                "`bitbox-backup inspect --preflight CARD`",
            ],
        );
        assert_eq!(ran.out, "");
        assert_eq!(bench.titles(), [""; 0], "nobody typed a password");
        assert!(!bench.emulator.requests().contains(&"create_backup"));
        assert!(bench.emulator.card().unwrap().writes.is_empty());
        let (status, answer) = bench.json(&["create", "--yes"]);
        assert_eq!(status, Some(1));
        let published = Published::new();
        published.holds("create", &answer, published.failure);
        holds(
            &answer,
            &[
                ("status", json!("refused")),
                ("written", json!(false)),
                ("command", json!("device create")),
            ],
        );
    }
}

/// The wallet's folder in capitals: the device loads it by its name, and never lists it.
fn in_capitals() -> Card {
    let mut fat = LAYOUT.format();
    let backup = wallet::twelve();
    let bytes = backup.encode();
    fat.save_in(
        &backup.id().to_uppercase(),
        &backup,
        [&bytes, &bytes, &bytes],
    );
    Card::new(fat.card)
}

#[test]
fn a_backup_that_is_valid_and_never_listed() {
    let bench = Bench::paired(holding(in_capitals()));
    let (status, answer) = bench.json(&["check"]);
    assert_eq!(status, Some(1));
    holds(
        &answer,
        &[("matches", json!(true)), ("reason", json!("not-listed"))],
    );
    let published = Published::new();
    published.holds("check", &answer, published.device);
    let ran = bench.run(&["check"]);
    assert!(
        one_line(&ran.out).contains("but the BitBox does not list it, so it could not be restored"),
        "{ran:?}"
    );
    let asked = bench.titles().len();
    let ran = bench.run(&["create", "--yes"]);
    says(
        &ran,
        1,
        &[
            "no backup was made: this card holds a valid backup of this wallet that the BitBox does not list",
            "insert another card",
        ],
    );
    assert_eq!(bench.titles().len(), asked, "nobody was asked anything");
    assert!(bench.emulator.card().unwrap().writes.is_empty());
}

#[test]
fn a_valid_backup_on_a_card_that_cannot_be_listed() {
    let mut fat = LAYOUT.format();
    fat.save(&wallet::twelve());
    let name = Name::long("f\u{fc}r", b"FUR        ");
    let folder = fat.bitbox02().as_dir();
    fat.make_dir_named(folder, &name);
    let bench = Bench::paired(holding(Card::new(fat.card)));
    let (status, answer) = bench.json(&["check"]);
    assert_eq!(status, Some(1));
    holds(
        &answer,
        &[("matches", json!(true)), ("reason", json!("list-fails"))],
    );
    let ran = bench.run(&["list"]);
    says(
        &ran,
        1,
        &[
            "error 103",
            "which says nothing about what is on it",
            "list CARD",
        ],
    );
}

#[test]
fn a_source_to_verify_is_opened_before_the_device_is_asked() {
    // It is connected by then, so that nothing can be connected while the source is read.
    let bench = Bench::paired(holding(card(&[])));
    let folder = bench.home.path();
    let empty = folder.join("empty.img");
    std::fs::write(&empty, b"").unwrap();
    let typo = folder.join("crad.img");
    let asked = || {
        let events = bench.emulator.events();
        let cable = |event: &&Event| matches!(event, Event::Connected | Event::Disconnected);
        events.iter().filter(|event| !cable(event)).count()
    };
    let before = asked();
    for (source, why) in [
        (&*typo, "there is no such file, device or folder"),
        (&*empty, "it is empty: 0 bytes"),
        (
            std::path::Path::new("/dev/null"),
            "it is a character device",
        ),
    ] {
        let source = source.display().to_string();
        let ran = bench.run(&["create", "--yes", "--verify", &source]);
        says(
            &ran,
            2,
            &["--verify", why, "the BitBox was not asked for anything"],
        );
        let (status, answer) = bench.json(&["create", "--yes", "--verify", &source]);
        assert_eq!(status, Some(2));
        holds(
            &answer,
            &[("status", json!("failed")), ("written", json!(false))],
        );
    }
    assert_eq!(asked(), before, "it was asked for something");
}

#[test]
fn a_card_that_cannot_be_read_in_the_reader_says_nothing_of_the_backup() {
    let bench = Bench::paired(holding(card(&[])));
    let image = bench.home.path().join("card.img");
    let begin = |arguments: &[&str]| {
        card(&[]).image.write_to(&image).unwrap();
        let source = image.display().to_string();
        let mut person = bench.person(&[&["create", "--verify", &source], arguments].concat());
        person.reads("Make a backup on this card? Type yes:");
        person.types("yes\n");
        person.reads("Now move the card from the BitBox");
        person
    };
    let mut person = begin(&[]);
    std::fs::remove_file(&image).unwrap();
    person.types("yes\n");
    person.reads("there is no such file, device or folder. Try again?");
    person.types("no\n");
    assert_eq!(person.waits(), 1);
    let seen = one_line(&person.screen());
    assert!(
        seen.contains("is on the card, and the device lists it."),
        "{seen}"
    );
    assert!(
        seen.contains("was not read in the reader, which says nothing about the backup"),
        "{seen}"
    );
    assert!(!seen.contains("does not agree"), "{seen}");
    // Who interrupts it then still reads that the backup was made.
    bench
        .emulator
        .change(|device| device.slot = Slot::Inserted(card(&[])));
    let mut person = begin(&[]);
    person.signals(Signal::INT);
    assert_eq!(person.waits(), 130);
    let seen = one_line(&person.screen());
    assert!(
        seen.contains("is on the card, and the device lists it."),
        "{seen}"
    );
}

#[test]
fn every_failure_answers_in_json() {
    let published = Published::new();
    let hold = |answer: &Value, command: &str, status: &str| {
        published.holds(command, answer, published.failure);
        holds(
            answer,
            &[("command", json!(command)), ("status", json!(status))],
        );
        assert!(
            answer["error"].is_string() && answer["hint"].is_string(),
            "{answer:#}"
        );
    };
    for command in ["info", "list", "check", "create"] {
        let name = format!("device {command}");
        let bench = Bench::faulty(When::Info, GONE);
        let (status, answer) = bench.json(&[command, "--yes"]);
        assert_eq!(status, Some(2));
        hold(&answer, &name, "failed");
        let (status, answer) = bench.json(&[command, "--yes", "--require-genuine"]);
        assert_eq!(status, Some(2));
        hold(&answer, &name, "failed");
        bench.emulator.change(|device| device.slot = Slot::Empty);
        let (status, answer) = bench.json(&[command, "--yes"]);
        match command {
            "list" | "create" => {
                assert_eq!(status, Some(2));
                hold(&answer, &name, "failed");
            }
            "check" => assert_eq!((status, &answer["reason"]), (Some(1), &json!("no-card"))),
            _ => assert_eq!(status, Some(0)),
        }
    }
    let bench = Bench::faulty(
        When::Request("list_backups"),
        What::Respond(emulator::wire::error(106, "")),
    );
    let (status, answer) = bench.json(&["list"]);
    assert_eq!(status, Some(1));
    hold(&answer, "device list", "refused");
    // Nobody is there to say yes.
    let mut program = program(bench.home.path());
    program.env("XDG_CONFIG_HOME", bench.home.path());
    let output = ran(without_terminal(
        program.args(["device", "unpair", "--json"]),
    ));
    let answer: Value = output.json();
    assert_eq!(output.status, Some(2));
    hold(&answer, "device unpair", "failed");
}

/// Answers of the device in place of its own.
fn respond(request: &'static str, answer: Vec<u8>) -> Fault {
    Fault::once(When::Request(request), What::Respond(answer))
}

/// What a device lists that has these backups.
fn listed(backups: &[Backup]) -> Vec<u8> {
    let ids: Vec<_> = backups.iter().map(Backup::id).collect();
    let backups = backups.iter().zip(&ids);
    emulator::wire::list_backups(backups.map(|(one, id)| (&**id, one.timestamp, &*one.name)))
}

fn refused() -> Vec<u8> {
    emulator::wire::error(103, "")
}

/// What may have been written is never denied: neither after an error on a card whose backups the device hides, nor
/// after one that usually comes before anything is written.
#[test]
fn what_may_be_there_is_not_denied() {
    let mut device = holding(card(&[]));
    device.faults = vec![
        respond("list_backups", listed(&[])),
        respond("check_backup", refused()),
        respond("create_backup", refused()),
        respond("list_backups", listed(&[])),
        respond("check_backup", refused()),
    ];
    let (status, answer) = create(&Bench::paired(device.clone()));
    assert_eq!(status, Some(1));
    holds(
        &answer,
        &[
            ("written", json!(null)),
            ("listed", json!(false)),
            ("code", json!(103)),
        ],
    );
    let ran = Bench::paired(device).run(&["create", "--yes"]);
    says(&ran, 1, &["was the password wrong?"]);
    let out = one_line(&ran.out);
    assert!(
        out.contains("Whether one is there that it does not list is not known."),
        "{out}"
    );
    // The old one vanished, whatever the device answered.
    for code in [101, 104, 105] {
        let old = [wallet::twelve()];
        let mut device = holding(card(&old));
        device.faults = vec![
            respond("list_backups", listed(&old)),
            respond("create_backup", emulator::wire::error(code, "")),
            respond("list_backups", listed(&[])),
        ];
        let (status, answer) = create(&Bench::paired(device));
        assert_eq!(status, Some(1));
        let expected = [
            ("written", json!(null)),
            ("old_listed", json!(false)),
            ("code", json!(code)),
        ];
        holds(&answer, &expected);
        let hint = answer["hint"].as_str().unwrap();
        assert!(hint.contains("keep this card"), "{hint}");
        assert!(!hint.contains("run this again"), "{hint}");
    }
}

#[test]
fn a_listed_backup_after_an_error_is_no_wrong_password() {
    // It is written, and then the device answers an error.
    let mut device = holding(card(&[]));
    device.faults = vec![respond("create_backup", refused())];
    let (status, answer) = create(&Bench::paired(device));
    assert_eq!(status, Some(1), "{answer:#}");
    holds(
        &answer,
        &[("written", json!(true)), ("listed", json!(true))],
    );
    let hint = answer["hint"].as_str().unwrap();
    assert!(
        hint.contains("device check") && !hint.contains("password"),
        "{hint}"
    );
}

#[test]
fn answers_that_contradict_each_other_are_no_success() {
    let refuses = [
        respond("check_backup", refused()),
        respond("check_backup", refused()),
    ];
    let other = wallet::abandon();
    let differs = [
        respond("check_backup", emulator::wire::check_backup(&other.id())),
        respond("list_backups", listed(&[other])),
    ];
    for (faults, reason, said) in [
        (
            refuses,
            "not-valid",
            "its check finds no valid backup of this wallet",
        ),
        (differs, "differs", "another ID than its wallet had before"),
    ] {
        let mut device = holding(card(&[]));
        device.faults = faults.to_vec();
        let (status, answer) = create(&Bench::paired(device.clone()));
        assert_eq!(status, Some(1), "{answer:#}");
        let expected = [
            ("status", json!("done")),
            ("listed", json!(true)),
            ("reason", json!(reason)),
        ];
        holds(&answer, &expected);
        let out = one_line(&Bench::paired(device).run(&["create", "--yes"]).out);
        assert!(
            out.contains("The BitBox contradicts itself") && out.contains(said),
            "{out}"
        );
    }
}

#[test]
fn a_device_that_falls_silent_or_talks_nonsense_gets_one_advice() {
    for what in [What::Stall(0), What::Garble] {
        let with = |what: &What| {
            let mut device = holding(card(&[wallet::twelve()]));
            let again = When::Operation(b'h');
            device.faults = vec![
                Fault::once(again, What::Delay(Duration::ZERO)),
                Fault::once(CREATED, what.clone()),
                Fault::once(again, What::Replace(vec![9])),
            ];
            Bench::paired(device)
        };
        let advice = "do not unplug the BitBox while it may be writing";
        let (status, answer) = create(&with(&what));
        assert_eq!(status, Some(2), "{answer:#}");
        holds(
            &answer,
            &[("written", json!(null)), ("not_asked", json!("no-answer"))],
        );
        assert!(
            answer["hint"].as_str().unwrap().contains(advice),
            "{answer:#}"
        );
        let ran = with(&what).run(&["create", "--yes"]);
        says(&ran, 2, &[advice]);
        let out = one_line(&ran.out);
        assert!(
            out.contains("Do not unplug the BitBox while it may be writing"),
            "{out}"
        );
        for wrong in [
            "run this again",
            "it is gone",
            "unplug the BitBox, plug it in",
        ] {
            assert!(
                !out.contains(wrong) && !ran.err.contains(wrong),
                "{wrong}: {ran:?}"
            );
        }
    }
}
