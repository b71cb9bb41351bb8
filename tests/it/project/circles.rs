//! No file of the library needs itself: the imports between files make no circle.

use std::collections::{BTreeMap, BTreeSet};

use super::layers::library;

/// A path of names, such as `image::compressed::sparse_pages`.
type Names = Vec<String>;

/// The files of the library by the module each is, and what each module passes on by `pub use`.
struct Library {
    files: BTreeMap<Names, String>,
    passed_on: BTreeMap<Names, BTreeMap<String, Names>>,
    uses: BTreeMap<Names, Vec<Names>>,
}

fn names(path: &str) -> Names {
    let names = path.split("::").map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Every path that a tree of imports stands for: `a::{b, c::{d, e}}` for three.
fn branches(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        return vec![path.replace(|c: char| c.is_whitespace(), "")];
    };
    let inside = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    let whole = |branch| format!("{}{branch}", tree[..open].trim());
    parts.flat_map(branches).map(whole).collect()
}

impl Library {
    fn read() -> Self {
        let sources: Vec<_> = library()
            .into_iter()
            .filter(|(path, _)| !path.ends_with("tests.rs"))
            .map(|(path, code)| {
                let module = path.with_extension("");
                let module = module.iter().map(|part| part.to_str().unwrap().to_owned());
                (module.collect::<Names>(), path.display().to_string(), code)
            })
            .collect();
        let files: BTreeMap<_, _> = sources
            .iter()
            .map(|(module, path, _)| (module.clone(), path.clone()))
            .collect();
        let mut library = Self {
            files,
            passed_on: BTreeMap::new(),
            uses: BTreeMap::new(),
        };
        for (module, _, code) in &sources {
            library.note(module, code);
        }
        library
    }

    /// Notes what a file imports, and what it names by a path where it needs it.
    fn note(&mut self, module: &Names, code: &str) {
        let mut elsewhere = String::new();
        for statement in code.split_inclusive(';') {
            let Some(at) = statement.find("use ").filter(|at| {
                let before = statement[..*at].trim_end();
                before.is_empty()
                    || before.ends_with(['}', ']', ')', ';'])
                    || before.ends_with("pub")
            }) else {
                elsewhere.push_str(statement);
                continue;
            };
            let is_passed_on = statement[..at].contains("pub");
            elsewhere.push_str(&statement[..at]);
            for branch in branches(statement[at + 4..].trim_end_matches(';')) {
                let Some(path) = self.absolute(module, &names(&branch)) else {
                    continue;
                };
                if is_passed_on {
                    let name = path.last().cloned().unwrap_or_default();
                    self.passed_on
                        .entry(module.clone())
                        .or_default()
                        .insert(name, path);
                } else {
                    self.uses.entry(module.clone()).or_default().push(path);
                }
            }
        }
        for root in ["crate::", "super::"] {
            for (at, _) in elsewhere.match_indices(root) {
                let rest = &elsewhere[at..];
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
                let path = names(&rest[..end.unwrap_or(rest.len())]);
                if let Some(path) = self.absolute(module, &path) {
                    self.uses.entry(module.clone()).or_default().push(path);
                }
            }
        }
    }

    /// A path from the root of the crate; none for one that leads out of it.
    fn absolute(&self, module: &Names, path: &Names) -> Option<Names> {
        let first = path.first()?.as_str();
        let child = [module.as_slice(), &path[..1]].concat();
        match first {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([module.as_slice(), &path[1..]].concat()),
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                let parent = &module[..module.len().checked_sub(up)?];
                Some([parent, &path[up..]].concat())
            }
            _ => self
                .files
                .contains_key(&child)
                .then(|| [child.as_slice(), &path[1..]].concat()),
        }
    }

    /// The file in which what a path names is defined.
    fn home(&self, path: &[String], depth: usize) -> Option<&Names> {
        let length = (1..=path.len())
            .rev()
            .find(|length| self.files.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(length);
        let passed_on = rest
            .first()
            .and_then(|name| self.passed_on.get(module)?.get(name));
        match passed_on {
            Some(onward) if depth < 8 => {
                let onward = [onward.as_slice(), &rest[1..]].concat();
                self.home(&onward, depth + 1)
            }
            _ => self.files.get_key_value(module).map(|(module, _)| module),
        }
    }

    /// For each file the files it needs.
    fn arrows(&self) -> BTreeMap<&Names, BTreeSet<&Names>> {
        let mut arrows: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (module, paths) in &self.uses {
            let (module, _) = self.files.get_key_value(module).unwrap();
            let homes = paths.iter().filter_map(|path| self.home(path, 0));
            arrows
                .entry(module)
                .or_default()
                .extend(homes.filter(|home| *home != module));
        }
        arrows
    }
}

/// A circle from this file on, if one leads back to it.
fn circle<'a>(
    start: &'a Names,
    arrows: &BTreeMap<&'a Names, BTreeSet<&'a Names>>,
) -> Option<Vec<&'a Names>> {
    let mut came_from: BTreeMap<&Names, &Names> = BTreeMap::new();
    let mut waiting = vec![start];
    while let Some(module) = waiting.pop() {
        for next in arrows.get(module).into_iter().flatten() {
            if *next == start {
                let mut way = vec![start, module];
                while let Some(before) = came_from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, module);
                waiting.push(next);
            }
        }
    }
    None
}

#[test]
fn no_file_needs_itself() {
    let library = Library::read();
    let arrows = library.arrows();
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 500, "only {count} imports were understood");
    let circles: Vec<_> = arrows
        .keys()
        .filter_map(|start| circle(start, &arrows))
        .map(|way| {
            way.iter()
                .map(|module| library.files[*module].as_str())
                .collect::<Vec<_>>()
                .join(" → ")
        })
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_tree_of_imports_is_all_its_branches() {
    let found = branches("crate::a::{B, c::{D, E as F}, self}");
    assert_eq!(
        found,
        [
            "crate::a::B",
            "crate::a::c::D",
            "crate::a::c::E",
            "crate::a::self"
        ]
    );
}
