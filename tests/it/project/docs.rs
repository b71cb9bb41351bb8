//! The pages that are made from the program are as the program would make them now.
//!
//! `WRITE_DOCS=1 cargo test --test it docs::` writes them anew.

use std::fmt::Write;
use std::path::Path;

use bitbox_backup::finding::{Rule, Severity};

fn check(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
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
         <!-- Made from src/finding.rs by tests/it/project/docs.rs. -->\n\n\
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
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

#[test]
fn findings_page() {
    check("docs/findings.md", &findings());
}
