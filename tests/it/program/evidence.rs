//! `--log` of every command that examines or writes: who ran what where, what was read and written, and how
//! it ended.

use std::process::Stdio;
use std::time::{Duration, Instant};

use fixtures::wallet;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::cards::{Cards, card};
use crate::support::program::program;

fn lines(cards: &Cards, log: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(cards.path(log)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn hash(cards: &Cards, file: &str) -> String {
    hex::encode(Sha256::digest(std::fs::read(cards.path(file)).unwrap()))
}

#[test]
fn every_command_that_examines_or_writes_goes_on_record() {
    let cards = Cards::new();
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    let card = hash(&cards, "card.img");
    for (number, arguments) in [
        &["list", "card.img"][..],
        &["inspect", "card.img"],
        &["audit", "card.img", "--hash"],
        &["recover", "card.img", "--to", "out", "--yes"],
        &["recover", "card.img", "--card", "new.img", "--yes"],
        &["words", "card.img"],
        &[
            "words",
            "card.img",
            "--reveal",
            "--to",
            "words.txt",
            "--yes",
        ],
        &["wallet", "card.img"],
        &["match", "card.img", "--id", "577782fd"],
        &["image", "card.img", "--to", "copy.img", "--yes"],
    ]
    .into_iter()
    .enumerate()
    {
        let log = format!("{number}.log");
        let ran = cards.run(&[arguments, &["--log", &log]].concat());
        assert_eq!(ran.status, Some(0), "{arguments:?}: {}", ran.text());
        assert!(
            ran.err.contains("write down its head"),
            "{arguments:?}: {}",
            ran.err
        );
        let verified = cards.run(&["log", "verify", &log]);
        assert_eq!(verified.status, Some(0), "{}", verified.text());
        let lines = lines(&cards, &log);
        let (first, last) = (&lines[0], &lines[lines.len() - 1]);
        assert_eq!(first["event"], "started", "{arguments:?}");
        assert_eq!(first["command"][0], arguments[0]);
        for field in [
            "program_sha256",
            "host",
            "system",
            "time_zone",
            "folder",
            "user",
        ] {
            assert!(!first[field].is_null(), "{arguments:?}: {field} in {first}");
        }
        assert_eq!(last["event"], "finished", "{arguments:?}");
        assert_eq!(last["status"], 0);
        if arguments[0] == "image" {
            assert_eq!(last["result"]["sha256"], card);
        } else {
            let source = lines.iter().find(|line| line["event"] == "source").unwrap();
            assert_eq!(source["source"]["path"], "card.img");
            assert_eq!(source["sha256"], card, "{arguments:?}");
        }
        if arguments[0] != "audit" {
            let source = &last["sources"][0];
            assert_eq!(source["before"], card, "{arguments:?}: {last}");
            assert_eq!(source["after"], card);
            assert_eq!(source["unchanged"], true);
        }
        for line in lines.iter().filter(|line| line["event"] == "written") {
            let path = line["path"].as_str().unwrap();
            match path {
                "words.txt" => assert!(line["sha256"].is_null(), "{line}"),
                path => assert_eq!(line["sha256"], hash(&cards, path), "{line}"),
            }
        }
        let written = lines
            .iter()
            .filter(|line| line["event"] == "written")
            .count();
        let expected = match arguments {
            ["recover", .., "out", _] => 5, // three copies, two reports
            ["recover", ..] | ["words", _, _, ..] => 1,
            ["image", ..] => 1,
            _ => 0,
        };
        assert_eq!(written, expected, "{arguments:?}: {lines:#?}");
    }
}

/// Who stops a run while its sources are hashed gets an answer of the same form, and a whole log.
#[test]
fn what_is_stopped_before_it_began_says_so() {
    let cards = Cards::new();
    let large = std::fs::File::create(cards.path("card.img")).unwrap();
    large.set_len(64 << 30).unwrap();
    for (number, arguments) in [
        &["list", "card.img"][..],
        &["inspect", "card.img"],
        &["match", "card.img", "--id", "577782fd"],
        &["recover", "card.img", "--to", "out", "--yes"],
    ]
    .into_iter()
    .enumerate()
    {
        let log = format!("{number}.log");
        let child = program(cards.folder())
            .args(arguments)
            .args(["--json", "--log", &log])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        // The hash takes longer than that.
        while std::fs::read(cards.path(&log)).map_or(0, |text| text.len()) == 0 {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(200));
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130), "{arguments:?}: {ended:?}");
        let answer: Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!(answer["command"], arguments[0], "{answer}");
        assert_eq!(answer["status"], "interrupted", "{answer}");
        let last = lines(&cards, &log).pop().unwrap();
        assert_eq!(last["event"], "interrupted", "{last}");
        assert_eq!(last["status"], 130, "{last}");
        assert!(!cards.path("out").exists());
    }
}

#[test]
fn a_failure_goes_on_record_too() {
    let cards = Cards::new();
    let ran = cards.run(&["list", "nowhere.img", "--log", "a.log"]);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    let lines = lines(&cards, "a.log");
    assert_eq!(lines[1]["event"], "source");
    assert_eq!(lines[1]["result"]["status"], "failed");
    assert_eq!(lines[2]["status"], 2);
    assert!(lines[2]["sources"][0]["before"].is_null());
}

#[test]
fn each_source_that_could_not_be_read_is_on_record_and_named() {
    let cards = Cards::new();
    for (log, arguments) in [
        ("words.log", &["words", "a.img", "b.img"][..]),
        (
            "recover.log",
            &["recover", "a.img", "b.img", "--to", "out", "--yes"],
        ),
    ] {
        let ran = cards.run(&[arguments, &["--log", log]].concat());
        assert_eq!(ran.status, Some(2), "{}", ran.text());
        let lines = lines(&cards, log);
        for (line, name) in [(1, "a.img"), (2, "b.img")] {
            assert_eq!(lines[line]["event"], "source", "{arguments:?}");
            assert_eq!(lines[line]["source"]["path"], name);
            assert_eq!(lines[line]["result"]["status"], "failed");
            assert!(ran.err.contains(name), "{arguments:?}: {}", ran.err);
        }
    }
}

#[test]
fn a_log_on_a_source_is_refused_by_every_command() {
    let cards = Cards::new();
    std::fs::create_dir(cards.path("card")).unwrap();
    for command in ["list", "inspect", "words", "wallet"] {
        let ran = cards.run(&[command, "card", "--log", "card/a.log"]);
        assert_eq!(ran.status, Some(2), "{command}: {}", ran.text());
        assert!(!cards.path("card/a.log").exists(), "{command}");
    }
}
