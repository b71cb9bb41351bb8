//! Reaching a device: which one, whether it can be talked to, who else talks to it.

use std::net::TcpListener;
use std::time::Instant;

use emulator::{Attestation, Device, Fault, Person as Owner, Reply, Spoilt, What, When};
use fixtures::wallet;
use rustix::process::Signal;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::bench::{Bench, says, with_card};
use crate::support::program::{Ran, program, ran, without_terminal};

/// Runs the program with a home of its own.
fn run(arguments: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let mut command = program(home.path());
    command.args(arguments).env("XDG_CONFIG_HOME", home.path());
    ran(without_terminal(&mut command))
}

#[test]
fn firmware_that_is_too_old_too_new_or_none() {
    for (version, said, advice) in [
        (
            "v8.0.2",
            "firmware 8.0.2 is too old",
            "update the firmware with the BitBoxApp",
        ),
        (
            "v10.0.0",
            "firmware 10.0.0 is newer than this program knows",
            "update this program",
        ),
        (
            "9.27.0",
            "the device gives no valid version",
            "plug it in again",
        ),
    ] {
        let bench = Bench::strangers(Device {
            version: version.into(),
            ..Device::default()
        });
        says(&bench.run(&["list"]), 2, &[said, advice]);
    }
    let bench = Bench::strangers(Device {
        bootloader: true,
        ..Device::default()
    });
    let ran = bench.run(&["info", "--json"]);
    says(
        &ran,
        2,
        &["it is in bootloader mode", "let it start its firmware"],
    );
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["status"], "failed");
}

#[test]
fn nobody_there_nobody_wanted() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let ran = run(&["device", "list", "--device", &format!("tcp://{free}")]);
    says(&ran, 2, &["Connection refused", "start the simulator"]);
    let ran = run(&["device", "list"]);
    says(&ran, 2, &["no BitBox02 is connected by USB", "plug it in"]);
    let ran = run(&["device", "list", "--device", "hid:/dev/null"]);
    says(&ran, 2, &["/dev/null: no BitBox02 is there"]);
    let ran = run(&["device", "list", "--device", "usb"]);
    says(&ran, 2, &["a device is hid, hid:PATH or tcp://HOST:PORT"]);
}

#[test]
fn another_machine_only_when_it_is_said() {
    // An address of the documentation's own, RFC 5737: nobody answers there.
    let ran = run(&["device", "list", "--device", "tcp://192.0.2.1:15423"]);
    says(
        &ran,
        2,
        &[
            "192.0.2.1:15423: is on another machine",
            "only with --remote",
        ],
    );
}

#[test]
fn a_second_program_is_told() {
    let bench = Bench::paired(Device {
        person: Owner::obliging().at("Enter password", Reply::Nothing),
        ..with_card(&[])
    });
    let mut person = bench.person(&["list"]);
    person.sees("the password screen", |_| {
        bench.titles() == ["Enter password"]
    });
    let ran = bench.run(&["list"]);
    says(
        &ran,
        2,
        &[
            "another run of this program is talking to this device",
            "wait until it ends",
        ],
    );
    person.signals(Signal::INT);
    assert_eq!(person.waits(), 130);
    // The first one gone, the way is free.
    assert_eq!(bench.run(&["list"]).status, Some(0));
}

#[test]
fn genuine_or_not() {
    let roots = include_str!("../../../src/device/attestation-roots.txt");
    let root = hex::decode(roots.lines().next().unwrap()).unwrap();
    let forged = Some(Sha256::digest(&root).into());
    for (root_id, spoilt, said) in [
        (None, Spoilt::Nothing, "does not lead to a key of the maker"),
        (
            forged,
            Spoilt::Nothing,
            "its certificate is not signed by the maker",
        ),
        (
            None,
            Spoilt::Length,
            "its proof has 255 bytes instead of 256",
        ),
    ] {
        let mut device = with_card(&[wallet::twelve()]);
        device.attestation = Attestation::Signed { root_id, spoilt };
        let bench = Bench::paired(device);
        let ran = bench.run(&["list", "--json"]);
        says(
            &ran,
            0,
            &[
                "warning: this device did not prove that it is genuine",
                said,
            ],
        );
        let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(answer["device"]["genuine"], false);
        let before = bench.emulator.requests().len();
        let ran = bench.run(&["list", "--require-genuine"]);
        says(&ran, 2, &[said, "--require-genuine was given"]);
        assert_eq!(bench.emulator.requests().len(), before, "nothing was asked");
        assert_eq!(bench.titles(), ["Enter password"], "nor the second time");
    }
    let bench = Bench::faulty(When::Operation(b'a'), What::Nack);
    let (_, answer) = bench.json(&["list"]);
    assert_eq!(answer["device"]["genuine"], json!(null));
    bench.emulator.change(|device| {
        device.faults = vec![Fault::once(When::Operation(b'a'), What::Nack)];
    });
    let ran = bench.run(&["list", "--require-genuine"]);
    says(
        &ran,
        2,
        &["it could not be checked whether this device is genuine"],
    );
}

/// Start to answer, pairing known: measured, and far below what a person or a script would notice.
#[test]
fn a_list_is_there_at_once() {
    let bench = Bench::paired(with_card(&wallet::five()));
    bench.run(&["list"]);
    let mut times: Vec<_> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            assert_eq!(bench.run(&["list"]).status, Some(0));
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!("device list: {:?} (median of {})", times[4], times.len());
    assert!(times[4].as_millis() < 1000, "{times:?}");
}
