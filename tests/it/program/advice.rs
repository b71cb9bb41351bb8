//! Advice is real: every command line that an answer gives works as it stands.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder with every shipped card in it, under names a shell has to be told of.
fn folder() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".img.zst") {
            continue;
        }
        let name = match names.len() % 3 {
            0 => name.to_owned(),
            1 => format!("Grandma's {name}"),
            _ => format!("-{name}"),
        };
        std::fs::copy(&path, folder.path().join(&name)).unwrap();
        names.push(name);
    }
    names.sort();
    (folder, names)
}

fn program(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bitbox-backup"));
    program.current_dir(folder);
    program
}

/// A command line as a shell runs it, with more words behind it.
fn shell(folder: &Path, line: &str, more: &str) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_bitbox-backup"));
    let path = format!(
        "{}:{}",
        bin.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    Command::new("sh")
        .args(["-c", &format!("{line} {more}")])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("status {:?}\n{out}\n{err}", output.status.code())
}

#[test]
#[cfg(unix)]
fn every_command_of_an_answer_works() {
    let (folder, names) = folder();
    let mut ran = std::collections::BTreeMap::<String, usize>::new();
    for name in &names {
        for command in ["list", "inspect", "audit"] {
            let output = program(folder.path())
                .args([command, "--json", "--", name])
                .output()
                .unwrap();
            let answer: Value = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
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
                let code = output.status.code().unwrap();
                // Without a BitBox there is nothing to create on; the words must still be understood.
                let fine = match action {
                    "create-fresh" | "create-here" | "check" => {
                        code == 2 && !said(&output).contains("Usage")
                    }
                    _ => code < 2,
                };
                assert!(fine, "{name}: {line}: {}", said(&output));
                *ran.entry(action.to_owned()).or_default() += 1;
            }
        }
    }
    assert!(ran["recover"] > 5 && ran["create-fresh"] > 5, "{ran:?}");
}
