//! A type's name is used once in the library.

use std::collections::{BTreeMap, BTreeSet};

use super::layers::library;

/// Names that stand for several types, and why.
const SEVERAL: &[(&str, &str)] = &[
    ("FolderHandle", "one for each kind of system"),
    (
        "OpenError",
        "why a source and why a device cannot be opened",
    ),
];

/// The types that a file declares and others can see.
fn declared(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("pub")?;
        let rest = match rest.strip_prefix('(') {
            Some(inside) => inside.split_once(')')?.1,
            None => rest,
        };
        let (kind, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
        let is_type = ["struct", "enum", "trait", "type", "union"].contains(&kind);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        is_type.then(|| &rest[..end.unwrap_or(rest.len())])
    })
}

#[test]
fn a_name_stands_for_one_type() {
    let files = library();
    let mut places: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, code) in &files {
        for name in declared(code) {
            places
                .entry(name)
                .or_default()
                .insert(path.display().to_string()); // twins for several systems are in one file
        }
    }
    assert!(places.len() > 200, "{} types", places.len());
    places.retain(|_, places| places.len() > 1);
    let allowed: Vec<_> = SEVERAL.iter().map(|(name, _)| *name).collect();
    let found: Vec<_> = places.keys().copied().collect();
    assert_eq!(found, allowed, "{places:#?}");
}

#[test]
fn declarations_are_found() {
    let code = "pub struct One<'a>(u8);\n    pub(super) enum Two {\npub(in crate::a) trait Three: Sync\n\
                pub type Four = u8;\nstruct Private;\npub fn five() {}\npub use six::Seven;";
    assert_eq!(
        declared(code).collect::<Vec<_>>(),
        ["One", "Two", "Three", "Four"]
    );
}
