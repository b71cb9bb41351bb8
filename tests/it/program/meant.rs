//! `--id`: one rule for every command. Several IDs that begin with it are an error in the command line, none is an
//! answer; both name the IDs there are.

use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::wallet;

use crate::support::cards::{Cards, card};

/// Two wallets whose IDs begin with the same digit.
fn alike() -> [Backup; 2] {
    let mut all = (0..)
        .map(wallet::numbered)
        .filter(|one| one.id().starts_with('a'));
    [0, 1].map(|_| all.next().unwrap())
}

/// A card with both, and one for each.
fn cards() -> Cards {
    let cards = Cards::new();
    let [one, other] = alike();
    cards.put("both.img", &card(1, &[one.clone(), other.clone()]));
    cards.put("one.img", &card(2, std::slice::from_ref(&one)));
    cards.put("again.img", &card(3, &[one]));
    cards.put("other.img", &card(4, &[other]));
    cards
}

const COMMANDS: [&[&str]; 7] = [
    &["list"],
    &["inspect"],
    &["audit"],
    &["words"],
    &["wallet"],
    &["letter"],
    &["recover", "--to", "new", "--yes"],
];

fn short(backup: &Backup) -> String {
    format!("{}…", &backup.id()[..12])
}

#[test]
fn several_ids_are_an_error_that_names_them() {
    let cards = cards();
    for command in COMMANDS {
        for sources in [&["both.img"][..], &["one.img", "other.img"]] {
            if command == ["inspect"] && sources.len() > 1 {
                continue;
            }
            let line = [command, sources, &["--id", "a"]].concat();
            let ran = cards.run(&line);
            assert_eq!(
                (ran.status, ran.out.as_str()),
                (Some(2), ""),
                "{line:?}: {ran:?}"
            );
            let first = "error: --id a: ambiguous ID prefix, 2 IDs begin with it\n       give more digits of one of these: ";
            assert!(ran.err.starts_with(first), "{line:?}: {ran:?}");
            for backup in alike() {
                assert!(ran.err.contains(&short(&backup)), "{line:?}: {ran:?}");
            }
            let ran = cards.run(&[&line[..], &["--json"]].concat());
            assert_eq!(
                (ran.status, &ran.json()["status"]),
                (Some(2), &"failed".into()),
                "{line:?}"
            );
            assert!(
                ran.json()["error"]
                    .as_str()
                    .unwrap()
                    .contains("ambiguous ID prefix")
            );
            assert!(
                ran.json()["hint"]
                    .as_str()
                    .unwrap()
                    .contains(&short(&alike()[0]))
            );
        }
    }
    assert!(!cards.path("new").exists());
}

#[test]
fn one_id_on_several_cards_is_not_ambiguous() {
    let cards = cards();
    let [one, _] = alike();
    for command in COMMANDS {
        let sources = ["one.img", "again.img"];
        let sources = if command == ["inspect"] {
            &sources[..1]
        } else {
            &sources
        };
        let ran = cards.run(&[command, sources, &["--id", "a"]].concat());
        assert_eq!(ran.status, Some(0), "{command:?}: {ran:?}");
        let enough = &one.id()[..12];
        let _ = std::fs::remove_dir_all(cards.path("new"));
        let ran = cards.run(&[command, &["both.img", "--id", enough]].concat());
        assert_eq!(ran.status, Some(0), "{command:?}: {ran:?}");
        let _ = std::fs::remove_dir_all(cards.path("new"));
    }
}

#[test]
fn no_id_is_an_answer_that_names_those_there_are() {
    let cards = cards();
    for command in COMMANDS {
        let line = [command, &["one.img", "--id", "0123abcd"]].concat();
        let ran = cards.run(&line);
        assert_eq!(ran.status, Some(1), "{line:?}: {ran:?}");
        let said = format!(
            "error: --id 0123abcd: no backup that was found has an ID that begins with it\n       compare its digits \
             again; there are: {}",
            short(&alike()[0])
        );
        assert!(ran.err.contains(&said), "{line:?}: {ran:?}");
        if ["list", "inspect"].contains(&command[0]) {
            let first = "one.img\n  No backup with this ID was found here. Another one was found.";
            assert!(ran.out.starts_with(first), "{line:?}: {ran:?}");
        }
    }
    // What has no ID may be the one.
    let mut copy = wallet::numbered(7).encode();
    copy[6..60].fill(0xFF);
    cards.file("copy.bin", copy);
    let ran = cards.run(&["list", "copy.bin", "--id", "0123abcd"]);
    assert!(
        ran.out
            .contains("No backup that is known to have this ID was found here."),
        "{ran:?}"
    );
    // Where answers are shared, nobody should know which wallet was asked for.
    for command in ["list", "audit", "wallet", "words", "letter"] {
        for prefix in ["a", "0123abcd"] {
            let ran = cards.run(&[command, "both.img", "--id", prefix, "--redact"]);
            let said = ran.text();
            assert!(said.contains("error: --id: "), "{said}");
            for backup in alike() {
                assert!(!said.contains(&backup.id()[..8]), "{said}");
                assert!(!said.contains(&backup.name), "{said}");
            }
        }
    }
}

#[test]
fn the_help_says_the_same_of_it() {
    let cards = Cards::new();
    for command in COMMANDS {
        let said = cards.run(&[command[0], "-h"]).out;
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = "--id <UNIQUE-PREFIX> Only the backups of the wallet whose ID begins with these digits, enough of \
                    them to be unique; a root fingerprint is no ID";
        assert!(words.contains(text), "{said}");
    }
}

/// What is said first is said of the backups that are asked for.
#[test]
fn the_verdict_is_on_the_backups_that_are_meant() {
    let cards = Cards::new();
    let mut fat = Layout::FAT32.format();
    let (whole, hidden) = (wallet::twelve(), wallet::abandon());
    fat.save(&whole);
    let set = fat.save(&hidden);
    fat.make_file(set.folder.as_dir(), "desktop.ini", &[0]);
    cards.put("card.img", &fat);
    for command in ["list", "inspect", "audit"] {
        let of = |backup: &Backup| {
            let id = &backup.id()[..8];
            let ran = cards.run(&[command, "card.img", "--json", "--id", id]);
            (ran.json()["sources"][0].clone(), ran.status)
        };
        let (source, status) = of(&whole);
        assert_eq!((&source["state"], status), (&"healthy".into(), Some(0)));
        let verdict = source["verdict"].as_str().unwrap();
        assert!(verdict.starts_with("Your backup is complete"), "{verdict}");
        assert_eq!(source["next"], serde_json::json!([]), "{command}");
        let (source, status) = of(&hidden);
        assert_eq!((&source["state"], status), (&"hidden".into(), Some(1)));
        let mut steps = source["next"].as_array().unwrap().iter();
        let recover = steps.find(|step| step["action"] == "recover").unwrap();
        let line = recover["command"].as_str().unwrap();
        assert!(
            line.contains(&format!(" --id {}", &hidden.id()[..8])),
            "{line}"
        );
    }
    let ran = cards.run(&["list", "card.img", "--redact", "--id", &hidden.id()[..8]]);
    assert!(!ran.text().contains("--id"), "{}", ran.text());
}

/// An answer in JSON says itself that nothing is meant.
#[test]
fn an_answer_says_that_no_backup_is_meant() {
    let cards = cards();
    for command in ["list", "inspect", "audit"] {
        let ran = cards.run(&[command, "both.img", "--json", "--id", "0123"]);
        let answer = ran.json();
        assert_eq!(ran.status, Some(1), "{answer:#}");
        assert_eq!(answer["status"], "refused", "{answer:#}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains("--id 0123: no backup"), "{error}");
        let hint = answer["hint"].as_str().unwrap();
        assert!(hint.contains(&short(&alike()[0])), "{hint}");
        assert_eq!(answer["summary"]["examined"], 1, "{answer:#}");
    }
}
