//! `--redact`: nothing of a device, its wallet, or this computer is left, on neither stream.

use fixtures::wallet;
use serde_json::Value;

use super::bench::{Bench, card, holding};
use crate::support::program::{Ran, program, ran, without_terminal};
use crate::support::published::Published;

/// What would tell whose it is.
#[track_caller]
fn tells_nothing(ran: &Ran, more: &[&str]) {
    let id = wallet::twelve().id();
    let digits = id.as_bytes().chunks(4);
    let groups = digits.map(|group| String::from_utf8(group.to_vec()).unwrap());
    let words: Vec<_> = ran
        .out
        .split_whitespace()
        .chain(ran.err.split_whitespace())
        .collect();
    for group in groups {
        assert!(!words.contains(&&*group), "{group}: {ran:#?}");
    }
    let name = wallet::twelve().name;
    for wrong in [&[&*id, &*name][..], more].concat() {
        let told = ran.out.contains(wrong) || ran.err.contains(wrong);
        assert!(!told, "{wrong}: {ran:#?}");
    }
}

#[test]
fn the_wallet_is_not_told_by_its_groups() {
    for arguments in [&["info"][..], &["list"], &["check"], &["create", "--yes"]] {
        let bench = Bench::paired(holding(card(&[wallet::twelve()])));
        let ran = bench.run(&[arguments, &["--redact"]].concat());
        assert_eq!(ran.status, Some(0), "{ran:#?}");
        tells_nothing(&ran, &[]);
        let ran = bench.run(&[arguments, &["--redact", "--json"]].concat());
        tells_nothing(&ran, &[]);
        let published = Published::new();
        published.holds(arguments[0], &ran.json(), published.device);
    }
}

#[test]
fn a_sentence_ends_behind_a_date() {
    let bench = Bench::paired(holding(card(&[wallet::twelve()])));
    let ran = bench.run(&["create", "--yes", "--redact"]);
    assert!(ran.err.contains("from 2020. The device writes"), "{ran:#?}");
    // What to do on the device tells nothing, and has to be read.
    assert!(
        ran.err.contains("1. \"Is today?\" Confirm if it shows "),
        "{ran:#?}"
    );
    assert!(ran.err.contains("2. \"Create backup?\" Hold"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn neither_are_the_folders_and_hosts_of_this_computer() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::paired(holding(card(&[])));
    let folder = bench.home.path().display().to_string();
    let start = |arguments: &[&str]| {
        let mut program = program(bench.home.path());
        program
            .env("XDG_CONFIG_HOME", bench.home.path())
            .args(arguments);
        ran(without_terminal(&mut program))
    };
    let to = |address: &str| {
        for format in [&[][..], &["--json"]] {
            let asked = ["device", "info", "--redact", "--device", address];
            let ran = start(&[&asked, format].concat());
            assert_eq!(ran.status, Some(2), "{ran:#?}");
            tells_nothing(&ran, &[&folder, "alices-pc", "10.1.2.3", "4711"]);
        }
    };
    to("tcp://alices-pc.invalid:4711");
    to("tcp://10.1.2.3:4711");
    let url = bench.emulator.url();
    std::fs::write(bench.home.path().join("card.img"), b"x").unwrap();
    let gone = "tcp://10.1.2.3:4711";
    let asked = [
        "match", "card.img", "--redact", "--json", "--device", &url, "--device", gone,
    ];
    let ran = start(&asked);
    let answer: Value = ran.json();
    assert!(answer["problems"][0]["error"].is_string(), "{answer:#}");
    tells_nothing(&ran, &[&folder, &url, "10.1.2.3", "4711"]);
    let pairing = bench.home.path().join("bitbox-backup/pairing.json");
    std::fs::set_permissions(pairing, PermissionsExt::from_mode(0o644)).unwrap();
    to("tcp://127.0.0.1:9");
}
