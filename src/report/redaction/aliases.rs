//! Other names for what people named.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use crate::finding::Rule;
use crate::text::{quoted, stem};

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

/// Words that the program says, beside those of its rules.
const OF_PROGRAM: &str = "again another archive attention audit Backup backup backups bitbox BitBox BitBox02 \
     bitbox-backup bytes card Card cards carved check checksum command completions computer copies copy create damaged \
     date day deep degraded deleted device diff disk done down empty erased error examined failed file files first folder foreign found fresh hash healthy hidden \
     image images info inspect keep letter library list live log lost made main man map match merge microSD money name names \
     needed new next none normal not number old older other others owner page paper path place proved quick reader readings recover \
     recoverable recovered recovery redact report rescue saved search second seed self self-test serial size source sources state step \
     store system test text times to traces unknown unpair unreadable unsearched unusable until use valid verify volume Wallet \
     wallet wallets warning what where which whole why without word words write written yes";

/// The other name of everything that was met, equal for what is equal.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    /// By what it was called, in the order of that.
    known: BTreeMap<String, String>,
    /// The other names: what is redacted once more stays as it is.
    given: BTreeSet<String>,
    /// The names that may stand in sentences without quotes.
    in_sentences: BTreeSet<String>,
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
        self.given_path(path, "source")
    }

    /// Another file or folder of the computer, by the path it was given by.
    pub(super) fn place(&mut self, path: &str) -> String {
        self.given_path(path, "place")
    }

    /// Where a device is reached: one other name for all the names of that.
    pub(super) fn device(&mut self, names: &[&str]) {
        let Some((first, rest)) = names.split_first() else {
            return;
        };
        let alias = self.alias(first, "device", "");
        for name in rest {
            self.know(name, &alias);
        }
    }

    fn given_path(&mut self, path: &str, what: &'static str) -> String {
        let alias = self.alias(path, what, &ending(path));
        self.folders_around(path);
        // Sentences may name it without the slash at its end, or the file alone, and commands what is made of it.
        let plain: PathBuf = Path::new(path).components().collect();
        let plain = plain.to_string_lossy().into_owned();
        let file = plain.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = stem(path);
        let bare = alias.split('.').next().unwrap_or_default();
        for (name, alias) in [
            (file.to_owned(), alias.clone()),
            (quoted(&plain).unwrap_or_default(), alias.clone()),
            (plain, alias.clone()),
            (quoted(path).unwrap_or_default(), alias.clone()),
            (format!("recovered-{stem}"), format!("recovered-{bare}")),
            (format!("{stem}.img"), format!("{bare}.img")),
            (format!("{stem}.unpacked"), format!("{bare}.unpacked")),
            (format!("{stem}-files"), format!("{bare}-files")),
            (format!("-o{stem}-files"), format!("-o{bare}-files")),
            (format!("{stem}-joined"), format!("{bare}-joined")),
            (format!("{stem}.raw"), format!("{bare}.raw")),
            (format!("-t {stem}"), format!("-t {bare}")),
        ] {
            if name.len() > 2 {
                self.know(&name, &alias);
                self.given.insert(alias);
            }
        }
        alias
    }

    /// The folders that a path leads through, by which sentences may name them. What every computer has is no name.
    fn folders_around(&mut self, path: &str) {
        for folder in Path::new(path).ancestors().skip(1) {
            let parts = folder.components();
            let names = parts.filter(|part| matches!(part, Component::Normal(_)));
            let is_common = folder.has_root() && names.count() < 2;
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            let is_named = !is_common && !is_of_systems(&name);
            if let Some(text) = folder.to_str().filter(|_| is_named) {
                let alias = self.alias(text, "place", "");
                if let Some(quoted) = quoted(text) {
                    self.know(&quoted, &alias);
                }
            }
        }
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
        if !is_of_program(name) {
            self.in_sentences.insert(name.to_owned());
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    pub(super) fn is_given(&self, alias: &str) -> bool {
        self.given.contains(alias)
    }

    /// The longest name that a text begins with and that ends there, where `before` stands before it: how long it is,
    /// and its other. In the middle of a word no name begins or ends.
    pub(super) fn at(&self, text: &str, before: char) -> Option<(usize, &str)> {
        let begins = |c: char| !(before.is_alphanumeric() && c.is_alphanumeric());
        if !text.chars().next().is_some_and(begins) {
            return None;
        }
        let mut end = text;
        loop {
            // The last name up to here begins the text, or is like it as far as any name that does.
            let upto = (Bound::Unbounded, Bound::Included(end));
            let name = self.in_sentences.range::<str, _>(upto).next_back()?;
            let same = shared(name, text);
            if same == name.len() {
                let ends = |c: char| {
                    let inside = text.get(same..).and_then(|rest| rest.chars().next());
                    !(c.is_alphanumeric() && inside.is_some_and(char::is_alphanumeric))
                };
                let last = name.chars().next_back()?;
                if ends(last) {
                    return Some((same, self.get(name)?));
                }
                end = text.get(..same.checked_sub(last.len_utf8())?)?;
            } else {
                end = text.get(..same)?;
            }
        }
    }
}

/// How many bytes two texts begin with are the same, in whole characters.
fn shared(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    let same = pairs.take_while(|(one, other)| one == other);
    same.map(|(one, _)| one.len_utf8()).sum()
}

/// Whether sentences of the program hold this, whatever it is the name of. It identifies nobody, and with
/// another name for it they would say something else.
fn is_of_program(name: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let rules = Rule::ALL.iter();
        let texts =
            rules.flat_map(|rule| [rule.name(), rule.meaning(), rule.shows(), rule.advice()]);
        let words = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
        let plain = words.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
        plain.chain(OF_PROGRAM.split_whitespace()).collect()
    });
    let is_short = name.chars().count() < 2;
    let is_number = name.len() < 4 && !name.chars().any(char::is_alphabetic);
    let is_mark = |c: char| c.is_ascii_punctuation() || c == ' ';
    is_short || is_number || name.chars().all(is_mark) || words.contains(name)
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
    let known = endings.take_while(|ending| ENDINGS.contains(&&**ending));
    known.fold(String::new(), |behind, ending| format!(".{ending}{behind}"))
}
