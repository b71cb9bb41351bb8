//! Generated pages and transcripts are as the program would make them now.
//!
//! `WRITE_DOCS=1 cargo test --test it docs::` rewrites them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::support::program;
use bitbox_backup::finding::{Rule, Severity};

/// The top folder of the project.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page people read: at the top, in `docs`, and beside what they describe.
pub(super) fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "testdata", "tests/witness", ".github", "fuzz"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let entries = entries.map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|found| found == "md")));
    }
    pages.sort();
    pages
}

/// The lines of a page outside its code blocks.
pub(super) fn prose(page: &str) -> String {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push(line);
        }
    }
    lines.join("\n")
}

fn check(path: &str, expected: &str) {
    let path = root().join(path);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found != expected && std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    assert!(
        found == expected,
        "{} is out of date: run WRITE_DOCS=1 cargo test --test it docs::",
        path.display()
    );
}

fn findings() -> String {
    let mut page = String::from(
        "# Findings\n\n\
         Every rule `list`, `inspect`, `audit` and the library report, by its stable name: what it means,\n\
         what a person sees on the BitBox02 or in its app, and what to do. The facts behind the rules are in\n\
         [format.md](format.md).\n\n\
         *error*: a backup is hidden, damaged or lost, or the device would fail or crash; the program\n\
         ends with status 1. *warning*: it works, and something needs attention. *info*: good to know.\n\
         Some rules are reported with another severity where the case asks for it.\n\n\
         <!-- Made from src/finding/rule by tests/it/project/docs.rs. -->\n\n\
         | rule | severity |\n|---|---|\n",
    );
    let word = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    for rule in Rule::ALL {
        writeln!(
            page,
            "| [`{0}`](#{0}) | {1} |",
            rule.name(),
            word(rule.severity())
        )
        .unwrap();
    }
    for rule in Rule::ALL {
        write!(
            page,
            "\n## {}\n\n{}\n\n- **Severity:** {}\n- **The BitBox shows:** {}\n- **What to do:** {}\n",
            rule.name(),
            rule.meaning(),
            word(rule.severity()),
            rule.shows(),
            rule.advice()
        )
        .unwrap();
    }
    page
}

/// What docs/fleet.md shows is what the scripts run.
#[test]
fn fleet_page() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let page = read("docs/fleet.md");
    let python = read("tests/fleet/audit.py");
    let (_, code) = python.split_once("\n\"\"\"\n\n").unwrap();
    assert!(page.contains(code), "tests/fleet/audit.py");
    for script in ["tests/fleet/parallel", "tests/fleet/spark"] {
        let script = read(script);
        let (_, shown) = script.split_once("# What docs/fleet.md shows.\n").unwrap();
        let command = shown.split_once("lines").unwrap().0;
        let command = command.replace("\"$here/audit.py\"", "audit.py");
        assert!(page.contains(command.trim_end()), "{command}");
    }
}

/// The example for the library is what this function does.
#[test]
fn library_example() -> Result<(), bitbox_backup::image::OpenError> {
    // What README.md shows:
    use bitbox_backup::examine::{Options, examine};

    let examination = examine("testdata/healthy.img.zst".as_ref(), &Options::default())?;
    println!("{}", examination.report.verdict.unwrap_or_default());
    // End of it.
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, shown) = readme.split_once("```rust\n").unwrap();
    let shown = shown.split("```").next().unwrap();
    let done = include_str!("docs.rs");
    let (_, done) = done.split_once("// What README.md shows:\n").unwrap();
    let done = done.split("    // End of it.").next().unwrap();
    let done: Vec<_> = done
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    assert_eq!(shown.trim_end(), done.join("\n").trim_end());
    Ok(())
}

#[test]
fn findings_page() {
    check("docs/findings.md", &findings());
}

/// The program, run where the transcripts run it.
pub(super) fn run(command: &str) -> String {
    let arguments: Vec<_> = command.split(' ').collect();
    let ran = program::run(root(), &arguments);
    let lines: Vec<_> = ran.out.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// What follows `$ bitbox-backup` in a `text` block of any page is what the program prints. A `console` block
/// needs a terminal, a device or a folder to write to, and is held by the test of its command.
#[test]
fn transcripts() {
    const OPENING: &str = "```text\n$ bitbox-backup ";
    let mut checked = Vec::new();
    for path in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        let mut parts = page.split(OPENING);
        let mut expected = parts.next().unwrap().to_owned();
        for part in parts {
            let (shown, rest) = part.split_once("\n```").unwrap();
            let command = shown.lines().next().unwrap();
            write!(expected, "{OPENING}{command}\n{}\n```{rest}", run(command)).unwrap();
            checked.push(command.split(' ').next().unwrap().to_owned());
        }
        check(path.to_str().unwrap(), &expected);
    }
    checked.sort();
    checked.dedup();
    assert_eq!(checked, ["audit", "list", "wallet", "words"]);
}
