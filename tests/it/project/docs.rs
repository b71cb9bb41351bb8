//! What people read is true: generated pages and transcripts are as the program would make them now, every
//! link leads somewhere, and the words are those of the glossary.
//!
//! `WRITE_DOCS=1 cargo test --test docs` rewrites findings and transcripts.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use bitbox_backup::finding::{Rule, Severity};

/// The top folder of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page people read: at the top, in `docs`, and beside what they describe.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "testdata", "tests/witness", ".github", "fuzz"] {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else {
            continue;
        };
        let entries = entries.map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|found| found == "md")));
    }
    pages.sort();
    pages
}

/// The lines of a page outside its code blocks.
fn prose(page: &str) -> String {
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

#[test]
fn findings_page() {
    check("docs/findings.md", &findings());
}

/// The program, run where the transcripts run it.
fn run(command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bitbox-backup"))
        .args(command.split(' '))
        .current_dir(root())
        .env("TZ", "Europe/Zurich")
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = out.lines().map(str::trim_end).collect();
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

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The anchors of a page. The text of a link is what counts in a heading.
fn anchors(page: &str) -> Vec<String> {
    let headings = prose(page)
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect();
    headings
}

/// The targets of the links in a page.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let targets = prose.split("](").skip(1);
    targets
        .map(|rest| rest.split([')', ' ']).next().unwrap().to_owned())
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    let mut counted = 0;
    for path in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            counted += 1;
            let (file, fragment) = match link.split_once('#') {
                Some((file, fragment)) => (file, Some(fragment)),
                None => (link.as_str(), None),
            };
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let resolves = target.exists()
                && fragment.is_none_or(|fragment| {
                    let text = std::fs::read_to_string(&target).unwrap_or_default();
                    anchors(&text).iter().any(|anchor| anchor == fragment)
                });
            if !resolves {
                dead.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
    assert!(counted > 100, "{counted} links");
}

/// The words of the glossary's last table that are not used.
fn avoided() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let (_, table) = page.split_once("| say | not |\n|---|---|\n").unwrap();
    let cells = table.lines().filter_map(|row| row.split('|').nth(2));
    let words: Vec<_> = cells
        .flat_map(|cell| cell.split(';'))
        .map(|words| words.trim().to_lowercase())
        .collect();
    assert!(words.len() > 50 && words.iter().all(|words| !words.is_empty()));
    words
}

/// Lower case, one space between words, and no code, links or signs.
fn plain(text: &str) -> String {
    let code = text.split('`').step_by(2).collect::<Vec<_>>().join(" code ");
    let targets = code.split("](").enumerate().map(|(n, part)| match n {
        0 => part,
        _ => part.split_once(')').map_or("", |(_, rest)| rest),
    });
    let words = targets.collect::<Vec<_>>().join(" ").to_lowercase();
    let words: Vec<_> = words
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-')
        .filter(|word| !word.is_empty())
        .collect();
    format!(" {} ", words.join(" "))
}

/// The help of the program and of each of its commands, with the names of the commands.
fn helps() -> Vec<(String, String)> {
    fn add(command: &str, found: &mut Vec<(String, String)>) {
        let help = run(format!("{command} --help").trim_start());
        let listed = help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest);
        let names: Vec<_> = listed
            .lines()
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(|name| format!("{command} {name}").trim_start().to_owned())
            .collect();
        found.push((format!("{command} --help"), help));
        for name in names {
            add(&name, found);
        }
    }
    let mut found = Vec::new();
    add("", &mut found);
    found
}

#[test]
fn the_words_are_those_of_the_glossary() {
    let avoided = avoided();
    let mut texts = helps();
    assert!(texts.len() > 20, "{}", texts.len());
    for path in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        let page = page.split("| say | not |").next().unwrap();
        texts.push((path.display().to_string(), prose(page)));
    }
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let text = plain(text);
        for words in &avoided {
            if text.contains(&format!(" {words} ")) {
                wrong.push(format!("{name}: {words}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "docs/glossary.md has better words for these:\n{}",
        wrong.join("\n")
    );
}
