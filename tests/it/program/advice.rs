//! Advice is real: every command line that an answer gives works as it stands.

use std::path::Path;
use std::process::Command;

use crate::support::cards::{Cards, card, save_in, seed_offset};
use crate::support::program::{Ran, json, ran, shipped, testdata};
use fixtures::wallet;

/// A folder with every shipped card in it, under names a shell has to be told of.
fn folder() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for (number, card) in shipped().into_iter().enumerate() {
        let name = match number % 3 {
            0 => card.clone(),
            1 => format!("Grandma's {card}"),
            _ => format!("-{card}"),
        };
        std::fs::copy(testdata().join(card), folder.path().join(&name)).unwrap();
        names.push(name);
    }
    names.sort();
    (folder, names)
}

/// A command line as a shell runs it, with more words behind it.
fn shell(folder: &Path, line: &str, more: &str) -> Ran {
    let bin = Path::new(env!("CARGO_BIN_EXE_bitbox-backup"));
    let path = format!(
        "{}:{}",
        bin.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{line} {more}")]);
    ran(shell.current_dir(folder).env("PATH", path))
}

#[test]
#[cfg(unix)]
fn every_command_of_an_answer_works() {
    let (folder, names) = folder();
    let mut ran = std::collections::BTreeMap::<String, usize>::new();
    for name in &names {
        for command in ["list", "inspect", "audit"] {
            let answer = json(folder.path(), &[command, "--json", "--", name]);
            let source = &answer["sources"][0];
            let next = source["next"].as_array().unwrap();
            assert_eq!(
                next.is_empty(),
                source["state"] == "healthy",
                "{name}: {source}"
            );
            if command != "list" {
                continue;
            }
            for step in next {
                let Some(line) = step["command"].as_str() else {
                    continue;
                };
                let action = step["action"].as_str().unwrap();
                let more = if action == "recover" {
                    "--yes --effort quick"
                } else {
                    ""
                };
                let output = shell(folder.path(), line, more);
                let code = output.status.unwrap();
                // Without a BitBox there is nothing to create on; the words must still be understood.
                let fine = match action {
                    "create-fresh" | "create-here" | "check" => {
                        code == 2 && !output.text().contains("Usage")
                    }
                    _ => code < 2,
                };
                assert!(fine, "{name}: {line}: {}", output.text());
                *ran.entry(action.to_owned()).or_default() += 1;
            }
        }
    }
    assert!(ran["recover"] > 5 && ran["create-fresh"] > 5, "{ran:?}");
}

/// The steps of a source that do one thing: their words and commands.
fn steps(source: &serde_json::Value, action: &str) -> Vec<(String, Option<String>)> {
    let text = |step: &serde_json::Value, field: &str| step[field].as_str().map(str::to_owned);
    let next = source["next"].as_array().unwrap().iter();
    next.filter(|step| step["action"] == action)
        .map(|step| (text(step, "text").unwrap(), text(step, "command")))
        .collect()
}

fn command(source: &serde_json::Value, action: &str) -> String {
    steps(source, action)[0].1.clone().unwrap()
}

#[test]
fn no_new_file_is_named_twice_or_there_already() {
    let cards = Cards::new();
    let damaged = testdata().join("stray-ds-store.img.zst");
    for folder in ["a", "b"] {
        std::fs::create_dir(cards.path(folder)).unwrap();
        std::fs::copy(&damaged, cards.path(&format!("{folder}/card.img.zst"))).unwrap();
    }
    let sources = ["a/card.img.zst", "b/card.img.zst"];
    let names = |command_name: &str| {
        let answer = json(
            cards.folder(),
            &[&[command_name, "--json"], &sources[..]].concat(),
        );
        [0, 1].map(|number| {
            let line = command(&answer["sources"][number], "recover");
            line.rsplit(' ').next().unwrap().to_owned()
        })
    };
    for command in ["list", "audit"] {
        assert_eq!(names(command), ["recovered-card", "recovered-card-2"]);
    }
    std::fs::create_dir(cards.path("recovered-card")).unwrap();
    for command in ["list", "audit"] {
        assert_eq!(names(command), ["recovered-card-3", "recovered-card-2"]);
    }
}

#[test]
fn a_command_unpacks_as_much_as_was_allowed() {
    let cards = Cards::new();
    let damaged = testdata().join("stray-ds-store.img.zst");
    std::fs::copy(&damaged, cards.path("card.img.zst")).unwrap();
    let arguments = ["list", "--json", "--max-unpacked", "2048", "card.img.zst"];
    let answer = json(cards.folder(), &arguments);
    assert_eq!(
        command(&answer["sources"][0], "recover"),
        "bitbox-backup recover card.img.zst --max-unpacked 2048 --to recovered-card"
    );
}

#[test]
#[cfg(unix)]
fn a_seed_of_unknown_length_is_recovered_with_a_length_only() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    save_in(&cards.path("sd"), &backup);
    let mut bytes = backup.encode();
    let seed = seed_offset(&bytes, &backup);
    bytes[seed - 3] = 24;
    let folder = cards.path("sd/bitbox02").join(backup.id());
    for number in [0, 1, 2] {
        std::fs::write(folder.join(backup.file_name(number)), &bytes).unwrap();
    }
    let answer = json(cards.folder(), &["list", "--json", "sd"]);
    let source = &answer["sources"][0];
    assert_eq!(source["backups"][0]["repaired_by"], "seed-by-id");
    assert_eq!(source["backups"][0]["words"], serde_json::Value::Null);
    let [(text, command)] = &steps(source, "recover")[..] else {
        panic!("{source}");
    };
    assert_eq!(*command, None);
    let line = text.split('`').nth(1).unwrap();
    assert!(line.ends_with(" --to recovered-sd --length 16"), "{text}");
    let recovered = shell(cards.folder(), line, "--yes");
    assert_eq!(recovered.status, Some(0), "{}", recovered.text());
}

#[test]
fn sources_that_are_one_file_are_examined_once() {
    let cards = Cards::new();
    cards.put("h.img", &card(1, &[wallet::twelve()]));
    for command in ["list", "audit"] {
        let answer = json(
            cards.folder(),
            &[command, "--json", "h.img", "./h.img", "h.img"],
        );
        let sources = answer["sources"].as_array().unwrap();
        assert_eq!(sources.len(), 1, "{command}");
        assert_eq!(sources[0]["also"], serde_json::json!(["./h.img", "h.img"]));
    }
}
