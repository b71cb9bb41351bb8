//! Other names for what people named.

use std::collections::{BTreeMap, BTreeSet};

/// Endings that say what a file is and nothing of whose it is.
const ENDINGS: &[&str] = &[
    "001", "7z", "bin", "bz2", "csv", "dd", "dmg", "doc", "docx", "e01", "gif", "gz", "heic",
    "html", "img", "iso", "jpeg", "jpg", "json", "log", "map", "mov", "mp3", "mp4", "ndjson",
    "odt", "pdf", "png", "raw", "rtf", "tar", "tmp", "toml", "txt", "vhd", "xls", "xlsx", "xml",
    "xz", "zip", "zst",
];

/// What devices and systems put on cards; not a person's.
const OF_SYSTEMS: &[&str] = &[
    "bitbox02",
    "system volume information",
    "indexervolumeguid",
    "wpsettings.dat",
    "$recycle.bin",
    "recycler",
    "desktop.ini",
    "thumbs.db",
    ".ds_store",
    ".spotlight-v100",
    ".trashes",
    ".fseventsd",
    ".trash-0",
    ".trash-1000",
    ".temporaryitems",
    ".com.apple.timemachine.donotpresent",
    ".apdisk",
    "lost.dir",
    "lost+found",
    "android",
    "dcim",
    "autorun.inf",
    "specter",
    "..",
    ".",
];

/// The other name of everything that was met, equal for what is equal.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    /// By what it was called, in the order of that.
    known: BTreeMap<String, String>,
    /// The other names: what is redacted once more stays as it is.
    given: BTreeSet<String>,
    /// The names by how they begin.
    by_first: BTreeMap<char, Vec<String>>,
    counts: BTreeMap<&'static str, usize>,
}

impl Aliases {
    /// A name a person gave something.
    pub(super) fn name(&mut self, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        self.alias(name, "name", "")
    }

    /// A source, by the path it was given by.
    pub(super) fn source(&mut self, path: &str) -> String {
        let alias = self.alias(path, "source", &ending(path));
        // Sentences may name the file alone, and commands something after it.
        let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let bare = alias.split('.').next().unwrap_or_default();
        for (name, alias) in [(file, &*alias), (stem, bare)] {
            if name.len() > 2 {
                self.know(name, alias);
                self.given.insert(alias.to_owned());
            }
        }
        alias
    }

    /// A path on a card: each part that is not of the format or a system by its other name.
    pub(super) fn path(&mut self, path: &str) -> String {
        let parts: Vec<_> = path.split('/').collect();
        let last = parts.len().saturating_sub(1);
        let parts = parts.iter().enumerate().map(|(index, part)| {
            if part.is_empty() || is_of_systems(part) {
                (*part).to_owned()
            } else if index == last {
                self.alias(part, "file", &ending(part))
            } else {
                self.alias(part, "folder", "")
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn alias(&mut self, name: &str, what: &'static str, ending: &str) -> String {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if self.given.contains(name) {
            return name.to_owned();
        }
        let count = self.counts.entry(what).or_default();
        *count = count.saturating_add(1);
        let alias = format!("{what}-{count}{ending}");
        self.know(name, &alias);
        self.given.insert(alias.clone());
        alias
    }

    fn know(&mut self, name: &str, alias: &str) {
        if self.known.contains_key(name) {
            return;
        }
        self.known.insert(name.to_owned(), alias.to_owned());
        if let Some(first) = name.chars().next() {
            let names = self.by_first.entry(first).or_default();
            // The longest first: others may be a part of it.
            let place = names.partition_point(|other| other.len() >= name.len());
            names.insert(place, name.to_owned());
        }
    }

    /// The other name of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// Whether this is the other name of something.
    pub(super) fn is_given(&self, alias: &str) -> bool {
        self.given.contains(alias)
    }

    /// The longest name that a text begins with and that ends there: how long it is, and its other.
    pub(super) fn at(&self, text: &str) -> Option<(usize, &str)> {
        let names = self.by_first.get(&text.chars().next()?)?;
        let name = names.iter().find(|name| {
            let behind = text.strip_prefix(name.as_str());
            behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
        })?;
        Some((name.len(), self.get(name)?))
    }
}

/// Whether a part of a path is of the format of backups, or of a system: an ID, a copy's name, `.DS_Store`.
pub(super) fn is_of_systems(part: &str) -> bool {
    let lower = part.to_lowercase();
    let bare = lower.strip_prefix("._").unwrap_or(&lower);
    let is_id = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let numbered = |before: &str, digits: usize| {
        let rest = bare.strip_prefix(before);
        rest.is_some_and(|rest| {
            rest.len() == digits && rest.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let is_copy = bare.starts_with("backup_") && bare.ends_with(".bin") && bare.len() <= 64;
    let is_found = numbered("found.", 3)
        || bare.starts_with("file") && bare.ends_with(".chk") && bare.len() == 12;
    is_id || is_copy || is_found || bare.is_empty() || OF_SYSTEMS.contains(&bare)
}

fn ending(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let endings = file.rsplit('.').take(2).map(str::to_lowercase);
    let known: Vec<_> = endings
        .take_while(|ending| ENDINGS.contains(&&**ending))
        .collect();
    known
        .iter()
        .rev()
        .map(|ending| format!(".{ending}"))
        .collect()
}
