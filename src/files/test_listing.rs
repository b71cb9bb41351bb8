//! What is in a folder, for tests.

use std::fs;
use std::path::Path;

/// The names in a folder, hidden ones too, in order.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
