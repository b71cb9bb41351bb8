//! Every link and every path in a page leads somewhere.

use std::path::PathBuf;

use super::docs::{pages, prose, root};

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
    prose(page)
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
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

/// A path of the project that is named in code, such as `tests/outside/run`, is there.
#[test]
fn paths_are_there() {
    const FOLDERS: [&str; 9] = [
        ".ci/",
        ".github/",
        "benches/",
        "docs/",
        "fuzz/",
        "packaging/",
        "src/",
        "testdata/",
        "tests/",
    ];
    let mut missing = Vec::new();
    let mut counted = 0;
    // The pages of the test crates name paths of their own folder.
    let folders = [
        root().to_owned(),
        root().join("docs"),
        root().join(".github"),
    ];
    let ours = |path: &PathBuf| folders.iter().any(|folder| path.parent() == Some(folder));
    for path in pages().into_iter().filter(ours) {
        let page = prose(&std::fs::read_to_string(&path).unwrap());
        for code in page.split('`').skip(1).step_by(2) {
            let named = code.split([' ', ':']).next().unwrap();
            let is_path = FOLDERS.iter().any(|folder| named.starts_with(folder));
            if !is_path || named.contains(['*', '<', '…', '{']) {
                continue;
            }
            counted += 1;
            if !root().join(named).exists() {
                missing.push(format!("{}: {code}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
    assert!(counted > 50, "{counted} paths");
}

/// Everything that ARCHITECTURE.md names by a path of modules, such as `image::open`, is in the sources.
#[test]
fn names_are_there() {
    fn read(folder: &std::path::Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut sources = String::new();
    read(&root().join("src"), &mut sources);
    let page = prose(&std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap());
    let named = page.split('`').skip(1).step_by(2);
    let named = named.filter_map(|code| Some(code.rsplit_once("::")?.1));
    let (mut missing, mut counted) = (Vec::new(), 0);
    for name in named {
        counted += 1;
        let kinds = ["fn", "struct", "enum", "mod", "trait"];
        let is_there = kinds.iter().any(|kind| {
            let item = format!("{kind} {name}");
            let mut places = sources.split(&item).skip(1);
            places.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        if !is_there {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "not in the sources: {missing:?}");
    assert!(counted > 20, "{counted}");
}
