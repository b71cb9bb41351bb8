//! `device info`, `list` and `check`.

use emulator::{
    Device, Edition, Fault, Person as Owner, Platform, Reply, Slot, Wallet, What, When, wire,
};
use fixtures::wallet;
use serde_json::json;

use super::bench::{Bench, card, says, with_card};

/// The id of the wallet the emulated device holds.
fn own_id() -> String {
    wallet::twelve().id()
}

#[test]
fn info_says_which_device_it_is() {
    let bench = Bench::paired(Device {
        platform: Platform::Nova,
        edition: Edition::BtcOnly,
        version: "v9.26.5".into(),
        ..with_card(&[])
    });
    let (status, answer) = bench.json(&["info"]);
    assert_eq!(status, Some(0));
    let expected = json!({
        "schema": "bitbox-backup/1", "command": "device info", "redacted": false,
        "status": "done", "error": null, "hint": null,
        "device": {
            "product": "BitBox02 Nova", "edition": "btc-only", "version": "9.26.5",
            "name": "My BitBox", "initialized": true, "unlocked": true, "passphrase_enabled": false,
            "genuine": false, "doubt": "the device has no proof; a simulator has none either",
            "fingerprint": "5862f623", "address": bench.emulator.url(),
        },
    });
    assert_eq!(answer, expected);
    let ran = bench.run(&["info"]);
    for line in [
        "BitBox02 Nova \"My BitBox\"",
        "9.26.5",
        "btc-only",
        "5862f623",
        "not proved",
    ] {
        assert!(ran.out.contains(line), "{ran:?}");
    }
    says(
        &ran,
        0,
        &["warning: this device did not prove that it is genuine"],
    );
}

#[test]
fn a_locked_device_waits_for_its_password() {
    let bench = Bench::paired(Device {
        person: Owner::obliging()
            .at_after("Enter password", Reply::WrongPassword, 3)
            .at_after("Enter password", Reply::Confirm, 6),
        ..with_card(&[])
    });
    let ran = bench.run(&["info", "--json"]);
    says(
        &ran,
        0,
        &[
            "On the BitBox: enter its password",
            "Ten wrong ones erase the device",
        ],
    );
    assert_eq!(
        bench.titles(),
        ["Enter password", "Wrong password", "Enter password"]
    );
    let ran = bench.run(&["info", "--json"]);
    assert!(!ran.err.contains("enter its password"), "{ran:?}");
}

#[test]
fn devices_without_a_wallet_and_with_a_new_one() {
    let bench = Bench::paired(Device {
        wallet: Wallet::Uninitialized,
        ..with_card(&[wallet::twelve()])
    });
    let (status, answer) = bench.json(&["info"]);
    assert_eq!(status, Some(0));
    assert_eq!(answer["device"]["initialized"], false);
    assert_eq!(answer["device"]["unlocked"], false);
    assert_eq!(answer["device"]["fingerprint"], json!(null));
    // It lists what it could restore.
    let (_, answer) = bench.json(&["list"]);
    assert_eq!(answer["backups"][0]["id"], own_id());
    let (status, answer) = bench.json(&["check"]);
    assert_eq!(status, Some(1));
    assert_eq!(answer["reason"], "no-wallet");
    bench.emulator.change(|device| {
        let seed = wallet::twelve().seed.as_slice().to_vec();
        device.wallet = Wallet::Seeded { seed };
    });
    let (_, answer) = bench.json(&["info"]);
    assert_eq!(answer["device"]["initialized"], false);
}

#[test]
fn list_has_the_devices_order_and_for_people_the_newest_first() {
    let bench = Bench::paired(with_card(&wallet::five()));
    let (status, answer) = bench.json(&["list"]);
    assert_eq!(status, Some(0));
    let card = bench.emulator.card().unwrap();
    let folder = bench.home.path().join("card.img");
    let image = card.image.bytes(0, card.image.size() as usize);
    std::fs::write(&folder, image).unwrap();
    let offline = crate::support::program::json(bench.home.path(), &["list", "--json", "card.img"]);
    let view = &offline["sources"][0]["device_view"]["backups"];
    assert_eq!(
        &answer["backups"], view,
        "both eyes see the same, in the same order"
    );
    assert_eq!(view.as_array().unwrap().len(), 5);
    let ran = bench.run(&["list"]);
    let made: Vec<_> = ran
        .out
        .lines()
        .filter(|line| line.contains("20") && line.contains('…'))
        .collect();
    assert_eq!(made.len(), 5, "{ran:?}");
}

#[test]
fn names_from_the_device_are_made_harmless() {
    let hostile = [
        ("57\x1b[31m", 5, "\x1b]0;title\x07\u{202e}name"),
        ("", 6, ""),
    ];
    let bench = Bench::faulty(
        When::Request("list_backups"),
        What::Respond(wire::list_backups(hostile)),
    );
    let ran = bench.run(&["list"]);
    says(&ran, 0, &[]);
    assert!(
        ran.out.contains("\\x1b]0;title\\x07\\u{202e}name"),
        "{ran:?}"
    );
    assert!(
        !ran.out.contains('\u{202e}') && !ran.out.contains('\x1b'),
        "{ran:?}"
    );
}

#[test]
fn without_a_card_somebody_is_asked_for_it() {
    let bench = Bench::paired(Device::default());
    let missing = ["there is no microSD card in the BitBox", "insert the card"];
    says(&bench.run(&["list"]), 2, &missing);
    says(&bench.run(&["list", "--yes"]), 2, &missing);
    says(&bench.run(&["create", "--yes"]), 2, &missing);
    let (status, answer) = bench.json(&["check", "--yes"]);
    assert_eq!((status, &answer["reason"]), (Some(1), &json!("no-card")));
    assert_eq!(answer["matches"], false);
    let mut person = bench.person(&["list"]);
    person.reads("There is no microSD card in the BitBox. Insert it. Type yes:");
    bench.emulator.change(|device| {
        device.slot = Slot::Inserted(card(&[wallet::twelve()]));
    });
    person.types("yes\n");
    assert_eq!(person.waits(), 0);
    assert!(person.screen().contains("577782fd…"), "{}", person.screen());
}

#[test]
fn check_compares_on_both_screens() {
    let bench = Bench::paired(with_card(&[wallet::abandon(), wallet::twelve()]));
    let ran = bench.run(&["check"]);
    let id = own_id();
    let groups: Vec<_> = id
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect();
    says(&ran, 0, &["compare", "name  My BitBox", &groups.join(" ")]);
    assert!(
        ran.out
            .contains("The card holds a valid backup of this wallet."),
        "{ran:?}"
    );
    let screens = bench.emulator.screens();
    let shown = screens.iter().find(|screen| screen.title == "ID?").unwrap();
    assert_eq!(shown.body, [id.as_str()]);
    assert_eq!(
        bench.titles(),
        ["Enter password", "Name?", "ID?", "Backup valid"]
    );
    let (status, answer) = bench.json(&["check"]);
    assert_eq!(status, Some(0));
    assert_eq!(answer["id"], id);
    assert_eq!(answer["matches"], true);
    assert_eq!(answer["reason"], json!(null));
}

#[test]
fn its_page_shows_what_is_shown() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/device.md")).unwrap();
    let shown = page
        .split("```console\n$ bitbox-backup device check\n")
        .nth(1)
        .unwrap();
    let shown = shown.split("```").next().unwrap();
    let bench = Bench::paired(with_card(&[wallet::twelve()]));
    let ran = bench.run(&["check"]);
    let (_, said) = ran.err.split_once("a simulator has none either\n").unwrap();
    assert_eq!(format!("{said}{}", ran.out), shown);
}

#[test]
fn check_says_what_differs() {
    for screen in ["Name?", "ID?"] {
        let bench = Bench::paired(Device {
            person: Owner::obliging().at(screen, Reply::Reject),
            ..with_card(&[wallet::twelve()])
        });
        let (status, answer) = bench.json(&["check"]);
        assert_eq!((status, &answer["reason"]), (Some(1), &json!("aborted")));
        assert_eq!(answer["id"], own_id());
    }
    let cases = [
        (card(&[]), "no-backup", "no valid backup on this card"),
        (
            card(&[wallet::abandon()]),
            "other-wallets-only",
            "of other wallets only",
        ),
        (
            card(&[]).unreadable(0..40_000),
            "card-unreadable",
            "cannot read this card",
        ),
    ];
    for (card, reason, said) in cases {
        let bench = Bench::paired(Device {
            slot: Slot::Inserted(card),
            ..Device::default()
        });
        let (status, answer) = bench.json(&["check"]);
        assert_eq!((status, &answer["reason"]), (Some(1), &json!(reason)));
        assert_eq!(answer["matches"], false);
        let ran = bench.run(&["check"]);
        assert!(ran.out.contains(said), "{ran:?}");
        assert_eq!(bench.titles(), ["Enter password"], "no screen for it");
    }
}

#[test]
fn a_device_that_shows_another_id_than_it_told_is_not_believed() {
    let mut device = with_card(&[wallet::twelve()]);
    let other = wallet::abandon().id();
    // The second answer is the one on the screen.
    device.faults = vec![
        Fault::once(
            When::Request("check_backup"),
            What::Respond(wire::check_backup(&own_id())),
        ),
        Fault::once(
            When::Request("check_backup"),
            What::Respond(wire::check_backup(&other)),
        ),
    ];
    let bench = Bench::paired(device);
    let (status, answer) = bench.json(&["check"]);
    assert_eq!((status, &answer["reason"]), (Some(1), &json!("differs")));
}

#[test]
fn answers_in_json_are_as_published() {
    let published = crate::support::published::Published::new();
    let bench = Bench::paired(with_card(&[wallet::twelve()]));
    let image = bench.home.path().join("other.img");
    std::fs::write(&image, vec![0; 1024]).unwrap();
    let image = image.display().to_string();
    for arguments in [
        &["info"][..],
        &["list"],
        &["check"],
        &["create", "--yes"],
        &["create", "--yes", "--verify", &image],
    ] {
        let (_, answer) = bench.json(arguments);
        published.holds(&format!("{arguments:?}"), &answer, published.device);
    }
    bench.emulator.change(|device| {
        device.person = Owner::obliging().at("Is today?", Reply::Reject);
        device.slot = Slot::Inserted(card(&[]));
    });
    let (_, answer) = bench.json(&["create", "--yes"]);
    published.holds("create, rejected", &answer, published.device);
    let (_, answer) = bench.json(&["check"]);
    published.holds("check, no backup", &answer, published.device);
    bench
        .emulator
        .change(|device| device.wallet = Wallet::Uninitialized);
    let (_, answer) = bench.json(&["info"]);
    published.holds("info, no wallet", &answer, published.device);
}

/// A passphrase is in no backup: whoever uses one has to know that the card alone is not enough.
#[test]
fn a_passphrase_that_may_be_in_use_is_told_with_the_card() {
    let said =
        "if one is in use, the wallet that it opens cannot be recovered from the card without it.";
    for arguments in [&["info"][..], &["check"], &["create", "--yes"]] {
        for passphrase in [None, Some("TREZOR".to_owned())] {
            let is_on = passphrase.is_some();
            let bench = Bench::paired(Device {
                wallet: Wallet::Initialized {
                    seed: wallet::twelve().seed[..16].to_vec(),
                    passphrase,
                },
                ..with_card(&[wallet::twelve()])
            });
            let ran = bench.run(arguments);
            assert_eq!(ran.status, Some(0), "{ran:?}");
            let text: Vec<_> = ran.out.split_whitespace().collect();
            assert_eq!(text.join(" ").contains(said), is_on, "{ran:?}");
            let (_, answer) = bench.json(arguments);
            assert_eq!(answer["device"]["passphrase_enabled"], is_on);
        }
    }
}

/// The outcome of a run is in its log, as it is in JSON, never redacted.
#[test]
fn a_log_has_the_answer() {
    for arguments in [&["info"][..], &["list"], &["check"], &["create", "--yes"]] {
        let bench = Bench::paired(with_card(&[wallet::twelve()]));
        for more in [&["--json"][..], &["--json", "--redact"], &[]] {
            let ran = bench.run(&[arguments, &["--log", "a.log"], more].concat());
            assert_eq!(ran.status, Some(0), "{ran:?}");
            let log = std::fs::read_to_string(bench.home.path().join("a.log")).unwrap();
            let last: serde_json::Value =
                serde_json::from_str(log.lines().next_back().unwrap()).unwrap();
            let result = &last["result"];
            assert_eq!(result["device"]["name"], "My BitBox", "{last:#}");
            if more == ["--json"] {
                let answer = ran.json();
                for (field, value) in result.as_object().unwrap() {
                    assert_eq!(&answer[field], value, "{field}");
                }
            }
            match arguments[0] {
                "info" => {}
                "list" => assert_eq!(result["backups"][0]["id"], own_id()),
                _ => assert_eq!(result["id"], own_id()),
            }
        }
    }
}
