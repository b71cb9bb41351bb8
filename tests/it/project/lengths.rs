//! Files are short enough to be read at once, and the tree holds none that nobody meant.

use std::path::Path;

use super::layers::sources;

/// Most lines of a file, as CONTRIBUTING.md has it.
const MOST: usize = 400;

/// What stands at the top of the tree; `target` is what is built, a package has a file of its own.
const KNOWN: [&str; 21] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "benches",
    "clippy.toml",
    "deny.toml",
    "docs",
    "fuzz",
    "packaging",
    "src",
    "target",
    "testdata",
    "tests",
    "web",
];

#[test]
fn files_are_short() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 500, "{} files", files.len());
    files.retain(|path| !path.ends_with("tests.rs"));
    let lines = |path: &Path| std::fs::read_to_string(path).unwrap().lines().count();
    let long = files.iter().map(|path| (path, lines(path)));
    let long: Vec<_> = long.filter(|(_, lines)| *lines > MOST).collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// What a command writes into the folder that it runs in must not be committed with the rest.
#[test]
fn the_top_of_the_tree_is_what_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.retain(|name| !KNOWN.contains(&name.as_str()));
    assert!(names.is_empty(), "{names:?}");
}
