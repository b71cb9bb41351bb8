//! Files are short enough to be read at once.

use std::path::Path;

use super::layers::sources;

/// Most lines of a file, as CONTRIBUTING.md has it.
const MOST: usize = 400;

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
