//! A device that lies, stalls, floods or disconnects: bounded, and named.

use std::time::{Duration, Instant};

use emulator::{Fault, What, When, wire};
use fixtures::wallet;

use super::bench::{Bench, says, with_card};

const LIST: When = When::Request("list_backups");
const OTHERS: &str = "close the BitBoxApp, the browser and other programs that use the BitBox";

/// Each fault, what is said of it, and what to do.
#[test]
fn each_is_named_with_what_to_do() {
    let wrong = "the device does not answer like a BitBox02";
    let changed = "the connection was disturbed";
    for (when, what, status, said, advice) in [
        (
            LIST,
            What::ErrorFrame(1),
            2,
            "error of the connection: 1, unknown command",
            "plug",
        ),
        (
            LIST,
            What::ErrorFrame(2),
            2,
            "error of the connection: 2, wrong parameter",
            "plug",
        ),
        (
            LIST,
            What::ErrorFrame(3),
            2,
            "error of the connection: 3, wrong length",
            "plug",
        ),
        (
            LIST,
            What::ErrorFrame(4),
            2,
            "4, packets in the wrong order",
            OTHERS,
        ),
        (LIST, What::ErrorFrame(5), 2, "5, time-out", OTHERS),
        (
            LIST,
            What::ErrorFrame(6),
            2,
            "6, busy with another program",
            OTHERS,
        ),
        (
            LIST,
            What::ErrorFrame(0x7F),
            2,
            "error of the connection: 0x7f",
            OTHERS,
        ),
        (
            LIST,
            What::Garble,
            2,
            "listing the backups: the answer cannot be decrypted",
            changed,
        ),
        (
            LIST,
            What::WrongSequence,
            2,
            "listing the backups: packet",
            OTHERS,
        ),
        (
            LIST,
            What::WrongCommand,
            2,
            "a packet with command 0xc2 came",
            OTHERS,
        ),
        (
            LIST,
            What::Length(7610),
            2,
            "the answer announces 7610 bytes; the protocol allows 7609",
            OTHERS,
        ),
        (LIST, What::Short(0), 2, "the answer is empty", "plug"),
        (LIST, What::Short(1), 2, "the answer is empty", "plug"),
        (
            LIST,
            What::Short(9),
            2,
            "the answer cannot be decrypted",
            changed,
        ),
        (
            LIST,
            What::Long(7609),
            2,
            "the answer cannot be decrypted",
            changed,
        ),
        (
            LIST,
            What::Replace(vec![0, 1]),
            1,
            "listing the backups: the device refused",
            "plug",
        ),
        (
            LIST,
            What::Replace(vec![0, 7]),
            2,
            "answered 0x07 where 0x00 or 0x01",
            wrong,
        ),
        (
            LIST,
            What::Replace(vec![9]),
            2,
            "the answer begins with 0x09",
            "plug",
        ),
        (
            LIST,
            What::Respond(vec![0xFF; 40]),
            2,
            "is not a message of a BitBox02",
            wrong,
        ),
        (
            LIST,
            What::Respond(Vec::new()),
            2,
            "the answer is one to another question",
            wrong,
        ),
        (
            LIST,
            What::Respond(wire::success()),
            2,
            "the answer is one to another question",
            wrong,
        ),
        (
            LIST,
            What::Nack,
            2,
            "listing the backups: the device does not take it",
            "plug",
        ),
        (
            LIST,
            What::Flood(2000),
            2,
            "more than 1000 packets of another program came",
            OTHERS,
        ),
        (
            LIST,
            What::Flood(usize::MAX),
            2,
            "more than 1000 packets of another program came",
            OTHERS,
        ),
        (
            LIST,
            What::Disconnect {
                frames: 0,
                bytes: 0,
            },
            2,
            "listing the backups: the device is gone",
            "plug",
        ),
        (
            LIST,
            What::Disconnect {
                frames: 1,
                bytes: 30,
            },
            2,
            "listing the backups: the device is gone",
            "plug",
        ),
        (
            When::Info,
            What::Disconnect {
                frames: 0,
                bytes: 9,
            },
            2,
            "asking which device it is: the device is gone",
            "plug",
        ),
        (
            When::Info,
            What::Replace(vec![3]),
            2,
            "asking which device it is: the device does not take it",
            "plug",
        ),
        (
            When::Info,
            What::Replace(vec![200, b'v']),
            2,
            "is cut off after 2 bytes",
            "plug",
        ),
        (
            When::Handshake(32),
            What::Garble,
            2,
            "the device's part of the handshake is not valid",
            changed,
        ),
        (
            When::Handshake(32),
            What::Short(40),
            2,
            "the answer has 38 bytes instead of 96",
            wrong,
        ),
        (
            When::Handshake(64),
            What::Replace(vec![0, 0, 2]),
            2,
            "answered 0x02",
            wrong,
        ),
        (
            When::Operation(b'h'),
            What::Replace(vec![0, 1]),
            1,
            "agreeing on keys with the device: the device refused",
            "unpair",
        ),
        (
            When::Operation(b'u'),
            What::Replace(vec![0, 1]),
            1,
            "unlocking the device: the device refused",
            "it stays locked",
        ),
        (
            When::Request("fingerprint"),
            What::Respond(wire::fingerprint(&[1; 3])),
            2,
            "is not a message of a BitBox02",
            wrong,
        ),
    ] {
        let name = format!("{when:?} {what:?}");
        let bench = Bench::faulty(when, what);
        let begun = Instant::now();
        let ran = bench.run(&["list"]);
        println!("{name}\n{}", ran.err);
        says(&ran, status, &[said, advice]);
        assert!(begun.elapsed() < Duration::from_secs(15), "{name}");
        assert_eq!(ran.out, "", "{name}");
        // Nothing of it stays: the next run works.
        let ran = bench.run(&["list"]);
        assert_eq!(ran.status, Some(0), "after {name}: {ran:?}");
    }
}

#[test]
fn each_error_of_the_firmware_is_named() {
    for (code, said) in [
        (101, "invalid input"),
        (102, "its memory failed"),
        (103, "it could not do it"),
        (104, "cancelled on the device"),
        (105, "not possible in its present state"),
        (106, "disabled"),
        (107, "there already"),
        (108, "it could not encrypt"),
        (109, "it could not decrypt"),
        (4_000_000, "an error this program does not know"),
    ] {
        // Its own words are not repeated: they could be anything.
        let bench = Bench::faulty(LIST, What::Respond(wire::error(code, "\x1b[31mraven dice")));
        let ran = bench.run(&["list"]);
        says(&ran, 1, &[&format!("answered error {code}: {said}")]);
        assert!(!ran.err.contains("raven"), "{ran:?}");
    }
}

#[test]
fn half_a_message_in_the_way_is_cleared_once() {
    for code in [4, 6] {
        let bench = Bench::faulty(When::Info, What::ErrorFrame(code));
        let ran = bench.run(&["list"]);
        says(
            &ran,
            0,
            &["Another program left half a message in the BitBox; it was cleared."],
        );
        bench.emulator.change(|device| {
            device.faults = vec![Fault::always(When::Info, What::ErrorFrame(code))];
        });
        let ran = bench.run(&["list"]);
        says(
            &ran,
            2,
            &[
                "asking which device it is: the device reported an error",
                OTHERS,
            ],
        );
        let cleared = bench.emulator.events();
        let cleared = cleared
            .iter()
            .filter(|one| **one == emulator::Event::Cleared);
        assert_eq!(cleared.count(), 2, "once a run");
    }
}

#[test]
fn a_busy_device_is_asked_again_with_the_same_message() {
    for when in [When::Operation(b'n'), When::Operation(b'a')] {
        let mut device = with_card(&[wallet::twelve()]);
        device.locked = false;
        device.faults = vec![Fault::times(when, What::Busy, 2)];
        let bench = Bench::paired(device);
        let begun = Instant::now();
        let ran = bench.run(&["list"]);
        // Encrypted anew, the device could not decrypt it.
        says(
            &ran,
            0,
            &["The BitBox is busy: finish or cancel what is on its screen"],
        );
        assert!(begun.elapsed() >= Duration::from_secs(2));
    }
    let bench = Bench::faulty(When::Info, What::Replace(vec![2]));
    says(&bench.run(&["list"]), 0, &["The BitBox is busy"]);
}

#[test]
fn what_never_ends_is_given_up() {
    let cases = [
        (
            LIST,
            What::Stall(0),
            "listing the backups: no answer within 20 seconds",
        ),
        (
            LIST,
            What::Stall(1),
            "listing the backups: the answer broke off after 57 of",
        ),
        (LIST, What::Length(7609), "the answer broke off after"),
        (LIST, What::WrongChannel, "no answer within 20 seconds"),
        (
            When::Info,
            What::Stall(0),
            "asking which device it is: no answer within 20 seconds",
        ),
        (When::Info, What::WrongSequence, "with command 0x"),
        (LIST, What::Delay(Duration::from_secs(3)), ""),
    ];
    std::thread::scope(|scope| {
        for (when, what, said) in cases {
            scope.spawn(move || {
                let name = format!("{when:?} {what:?}");
                let bench = Bench::faulty(when, what);
                let ran = bench.run(&["list"]);
                println!("{name}\n{}", ran.err);
                says(&ran, if said.is_empty() { 0 } else { 2 }, &[said]);
            });
        }
        scope.spawn(|| {
            let mut device = with_card(&[]);
            device.faults = vec![Fault::always(When::Operation(b'a'), What::Busy)];
            let ran = Bench::paired(device).run(&["list"]);
            says(
                &ran,
                2,
                &[
                    "the device was busy with something else for 30 seconds",
                    "finish or cancel",
                ],
            );
        });
        scope.spawn(|| {
            let mut device = with_card(&[]);
            device.patience = Some(Duration::ZERO);
            device.person = emulator::Person::obliging().slow(5);
            let ran = Bench::paired(device).run(&["list"]);
            says(
                &ran,
                2,
                &[
                    "unlocking the device: the device gave up on it",
                    "run this again",
                ],
            );
        });
    });
}
