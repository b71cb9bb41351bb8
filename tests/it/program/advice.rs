//! Advice is real: every command line that an answer gives works as it stands.

use std::path::Path;
use std::process::Command;

use crate::support::program::{Ran, json, ran, shipped, testdata};

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
