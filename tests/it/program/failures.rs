//! A command that did not do its work says so in JSON, too, where `--json` was given; and `help` and a card in
//! place of a command.
#![cfg(unix)]

use serde_json::Value;

use crate::support::program::{Ran, program, ran, testdata, without_terminal};
use crate::support::published::Published;

fn run(arguments: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let mut program = program(&testdata());
    program.env("XDG_CONFIG_HOME", home.path());
    ran(without_terminal(program.args(arguments)))
}

fn answer(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = run(arguments);
    let answer = output.json();
    (output.status, answer)
}

/// Nothing listens there.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("tcp://{}", listener.local_addr().unwrap())
}

#[test]
fn every_command_that_fails_answers_in_json() {
    let published = Published::new();
    let nobody = nobody();
    let new = tempfile::tempdir().unwrap();
    let new = |name: &str| new.path().join(name).display().to_string();
    let (folder, image) = (new("folder"), new("image"));
    for (command, arguments) in [
        ("list", &["list", "--files-from", "nowhere"][..]),
        ("audit", &["audit", "--files-from", "nowhere"]),
        ("audit", &["audit", ".", "--expect", "nowhere"]),
        ("audit", &["audit", ".", "--resume", "nowhere"]),
        ("audit", &["audit", ".", "--ndjson"]),
        ("audit", &["audit", ".", "--html", "README.md"]),
        ("audit", &["audit", "merge", "nowhere"]),
        ("diff", &["diff", "nowhere", "nowhere"]),
        ("inspect", &["inspect", "--preflight", "../docs"]),
        ("recover", &["recover", "nowhere", "--to", &folder, "--yes"]),
        ("recover", &["recover", "healthy.img.zst", "--to", &folder]),
        (
            "recover",
            &[
                "recover",
                "healthy.img.zst",
                "--to",
                &folder,
                "--yes",
                "--id",
                "00",
            ],
        ),
        (
            "words",
            &["words", "healthy.img.zst", "--expect", "nowhere"],
        ),
        ("words", &["words", "healthy.img.zst", "--passphrase"]),
        (
            "wallet",
            &["wallet", "healthy.img.zst", "--find", "nothing"],
        ),
        ("wallet", &["wallet", "healthy.img.zst", "--passphrase"]),
        ("image", &["image", "nowhere", "--to", &image, "--yes"]),
        ("image", &["image", "healthy.img.zst", "--to", &image]),
        ("match", &["match", "--files-from", "nowhere"]),
        ("match", &["match", "healthy.img.zst", "--device", &nobody]),
        ("device info", &["device", "info", "--device", &nobody]),
        ("device list", &["device", "list", "--device", &nobody]),
        ("device check", &["device", "check", "--device", &nobody]),
        ("device create", &["device", "create", "--device", &nobody]),
        ("device unpair", &["device", "unpair"]),
        ("log verify", &["log", "verify", "nowhere"]),
        // What the command line itself has wrong.
        ("list", &["list"]),
        ("list", &["list", "healthy.img.zst", "--firmware", "8.0.0"]),
        ("match", &["match", "healthy.img.zst", "--id", "577782f"]),
        ("device create", &["device", "create", "--verify"]),
        ("device", &["device", "frobnicate"]),
        ("self-test", &["self-test", "--frobnicate"]),
        ("sources", &["sources", "much"]),
    ] {
        let arguments = [arguments, &["--json"]].concat();
        let (status, answer) = answer(&arguments);
        published.holds(&format!("{arguments:?}"), &answer, published.failure);
        assert_eq!(answer["command"], command, "{arguments:?}: {answer:#}");
        let expected = match answer["status"].as_str().unwrap() {
            "failed" => 2,
            "refused" => 1,
            other => panic!("{arguments:?}: {other}"),
        };
        assert_eq!(status, Some(expected), "{arguments:?}: {answer:#}");
        // People read the same on standard error.
        let said = run(&arguments).text();
        let error = answer["error"].as_str().unwrap();
        let first: String = error.chars().take(24).collect();
        assert!(said.contains(&first), "{arguments:?}: {said}");
        assert!(!error.starts_with("error:"), "{answer:#}");
    }
    // Without --json nothing is on standard output.
    for arguments in [&["diff", "nowhere", "nowhere"][..], &["list"]] {
        let output = run(arguments);
        assert_eq!(output.out, "", "{}", output.text());
        assert!(output.err.starts_with("error: "), "{}", output.text());
    }
}

#[test]
fn commands_that_answer_for_each_source_say_it_there() {
    for arguments in [
        &["list", "nowhere"][..],
        &["inspect", "nowhere"],
        &["audit", "nowhere"],
        &["wallet", "nowhere"],
        &["match", "nowhere", "--id", "577782fd"],
    ] {
        let (status, answer) = answer(&[arguments, &["--json"]].concat());
        assert_eq!(status, Some(2), "{arguments:?}");
        let source = &answer["sources"][0];
        assert!(source["error"].is_string(), "{answer:#}");
        assert!(source["hint"].is_string(), "{answer:#}");
    }
    let (_, all_failed) = answer(&["match", "nowhere", "--id", "577782fd", "--json"]);
    assert_eq!(all_failed["status"], "failed", "{all_failed:#}");
    let published = Published::new();
    published.holds("match", &all_failed, published.matching);
    let (status, answer) = answer(&["words", "nowhere", "--json"]);
    assert_eq!(status, Some(2));
    assert!(
        answer["error"].is_string() && answer["hint"].is_string(),
        "{answer:#}"
    );
}

#[test]
fn a_card_in_place_of_a_command_is_listed() {
    let same = |short: &[&str], long: &[&str]| {
        let (short, long) = (run(short), run(long));
        assert_eq!(short.text(), long.text());
        short.status
    };
    let card = "healthy.img.zst";
    assert_eq!(same(&[card], &["list", card]), Some(0));
    let hidden = "stray-ds-store.img.zst";
    assert_eq!(same(&[card, hidden], &["list", card, hidden]), Some(1));
    assert_eq!(same(&[card, "--json"], &["list", card, "--json"]), Some(0));
    assert_eq!(same(&["-q", card], &["-q", "list", card]), Some(0));
    assert_eq!(
        same(
            &["--color", "never", card],
            &["--color", "never", "list", card]
        ),
        Some(0)
    );
    // What only looks like a card is looked for.
    assert_eq!(same(&["./nowhere"], &["list", "./nowhere"]), Some(2));
    assert_eq!(same(&["nowhere.img"], &["list", "nowhere.img"]), Some(2));
    let said = run(&["frobnicate"]).text();
    assert!(
        said.contains("unrecognized subcommand 'frobnicate'"),
        "{said}"
    );
    assert!(said.starts_with("status 2"), "{said}");
}

#[test]
fn help_of_a_command() {
    for (asked, command) in [
        (&["help", "list"][..], &["list", "--help"][..]),
        (
            &["help", "device", "create"],
            &["device", "create", "--help"],
        ),
        (&["help"], &["--help"]),
    ] {
        let (asked, command) = (run(asked), run(command));
        assert_eq!(asked.status, Some(0), "{}", asked.text());
        assert_eq!(asked.text(), command.text());
        assert!(asked.text().contains("Usage: bitbox-backup"));
    }
    let said = run(&["help", "frobnicate"]).text();
    assert!(said.starts_with("status 2"), "{said}");
    // The manual pages are of the commands, and `help` is none of ours.
    let page = run(&["man"]).text();
    assert!(!page.contains("bitbox\\-backup\\-help"), "{page}");
}
