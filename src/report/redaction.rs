//! Answers for the eyes of others: what identifies a person, a card, or a wallet is left out.

mod aliases;
mod scrub;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::Sha256;

use self::aliases::Aliases;
use super::source::Source;
use crate::finding::Rule;
use crate::text::made as time_of;

/// How many digits stand for an ID.
const DIGITS: usize = 8;

/// The redaction of one answer.
///
/// Names are known before they are looked for in a sentence, so that none has to be recognized by what is around it.
/// Within the answer equal things get equal names: a wallet's ID a keyed short form, a name `name-1`, a file
/// `file-1.pdf`. With another key they get others, so that nothing tells whether two answers are about the
/// same card. Times are rounded down to their year and sizes up to a power of two; places, hashes and
/// serial numbers are left out. What a finding says of the case at hand gives way to what its rule means.
#[derive(Debug)]
pub struct Redaction {
    key: Key,
    aliases: Aliases,
}

/// What short forms are made with; never shown.
struct Key {
    bytes: [u8; 32],
    /// The short forms made so far: what is redacted once more stays as it is.
    made: Mutex<BTreeSet<String>>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Key")
    }
}

impl Key {
    /// Whether these digits stand for an ID.
    fn has_made(&self, digits: &str) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.contains(digits)
    }

    /// What stands for an ID, of which the first digits are enough.
    fn short(&self, id: &str) -> String {
        let digits: String = id.chars().take(DIGITS).collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.contains(&digits) {
            return format!("{digits}…");
        }
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.bytes) else {
            return "…".to_owned(); // HMAC takes keys of any length
        };
        mac.update(digits.to_ascii_lowercase().as_bytes());
        let tag = hex::encode(mac.finalize().into_bytes());
        let short = tag.get(..DIGITS).unwrap_or_default();
        made.insert(short.to_owned());
        format!("{short}…")
    }
}

impl Redaction {
    /// The redaction of one answer. The key is random bytes that are used for no other.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key: Key {
                bytes: key,
                made: Mutex::default(),
            },
            aliases: Aliases::default(),
        }
    }

    /// A source without what identifies it.
    pub fn source(&mut self, source: &Source) -> Source {
        if let Ok(value) = serde_json::to_value(source) {
            self.learn(&value);
        }
        self.learn_inside(source);
        self.of(source).unwrap_or_else(|| {
            Source::failed("source", "it could not be redacted", "report this problem")
        })
    }

    /// Gives what lies on a card other names: sentences may name what no field of the answer holds.
    pub fn learn_inside(&mut self, source: &Source) {
        for path in &source.inside {
            drop(self.aliases.path(path));
        }
    }

    /// Gives a file or folder of the computer another name, such as one that is written.
    pub fn learn_place(&mut self, path: &str) {
        drop(self.aliases.place(path));
    }

    /// Gives the place where a device is reached another name: its address, and the host or path in it.
    pub fn learn_device(&mut self, names: &[&str]) {
        self.aliases.device(names);
    }

    /// The same of anything that is JSON and back; `None` if it is not.
    pub fn of<T: Serialize + DeserializeOwned>(&mut self, answer: &T) -> Option<T> {
        let value = self.value(answer)?;
        serde_json::from_value(value).ok()
    }

    /// An answer as JSON, without what identifies anything; `None` if it is no JSON.
    pub fn value(&mut self, answer: &impl Serialize) -> Option<Value> {
        let mut value = serde_json::to_value(answer).ok()?;
        // Names first, so that sentences that come before them are without them, too.
        self.learn(&value);
        self.redact(None, &mut value);
        Some(value)
    }

    /// A sentence, without the names that were met in answers, without IDs, times, and long numbers.
    pub fn text(&self, text: &str) -> String {
        scrub::text(text, &self.aliases, &self.key)
    }

    /// Gives every name in an answer another.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.learn(value)),
            Value::Object(fields) => {
                for (field, value) in fields {
                    let kind = Kind::of(field, fields);
                    if kind == Kind::Kept {
                        continue; // how a name is proved is no name
                    }
                    let texts = value
                        .as_array()
                        .map_or(std::slice::from_ref(value), Vec::as_slice);
                    for text in texts.iter().filter_map(Value::as_str) {
                        match kind {
                            Kind::Source => drop(self.aliases.source(text)),
                            Kind::Path => drop(self.aliases.path(text)),
                            Kind::Name => drop(self.aliases.name(text)),
                            _ => {}
                        }
                    }
                    self.learn(value);
                }
            }
            _ => {}
        }
    }

    fn redact(&mut self, kind: Option<Kind>, value: &mut Value) {
        match (kind, &mut *value) {
            (Some(Kind::Kept), _) => {}
            (Some(Kind::LeftOut), Value::Array(values)) => values.clear(),
            (Some(Kind::LeftOut | Kind::Unknown), _) => *value = Value::Null,
            (Some(Kind::Hidden), Value::String(text)) => *text = "…".to_owned(),
            (_, Value::Array(values)) => {
                values.iter_mut().for_each(|value| self.redact(kind, value))
            }
            (_, Value::Object(fields)) => self.fields(fields),
            (Some(Kind::Year), Value::Number(number)) => {
                if let Some(seconds) = number.as_u64() {
                    *value = year(seconds).into();
                }
            }
            (Some(Kind::Size), Value::Number(number)) => {
                if let Some(size) = number.as_u64() {
                    *value = rounded(size).into();
                }
            }
            (_, Value::String(text)) => {
                *text = match kind {
                    Some(Kind::Source) => self.aliases.source(text),
                    Some(Kind::Path) => {
                        scrub::text(&self.aliases.path(text), &self.aliases, &self.key)
                    }
                    Some(Kind::Name) => self.aliases.name(text),
                    _ => self.text(text),
                };
            }
            _ => {}
        }
    }

    fn fields(&mut self, fields: &mut Map<String, Value>) {
        let kinds: Vec<_> = fields.keys().map(|field| Kind::of(field, fields)).collect();
        for ((_, value), kind) in fields.iter_mut().zip(kinds) {
            self.redact(Some(kind), value);
        }
        let meaning = fields.get("rule").and_then(Value::as_str).and_then(meaning);
        if let (Some(meaning), Some(message)) = (meaning, fields.get_mut("message")) {
            *message = meaning.into();
        }
        let made = fields.get("timestamp").and_then(Value::as_u64);
        if let (Some(made), Some(created)) = (made, fields.get_mut("created")) {
            *created = u32::try_from(made).ok().and_then(time_of).into();
        }
    }
}

/// A size rounded up to a power of two. Nothing stays nothing: that a file is empty is no trait of a card, and
/// what a helper has to know.
fn rounded(size: u64) -> u64 {
    match size {
        0 => 0,
        size => size.checked_next_power_of_two().unwrap_or(size),
    }
}

/// What a finding of a rule says of every card.
fn meaning(rule: &str) -> Option<&'static str> {
    let rule = Rule::ALL.iter().find(|one| one.name() == rule)?;
    Some(rule.meaning())
}

/// When the year of a time began: seconds since 1970 UTC.
fn year(seconds: u64) -> u64 {
    let began = || {
        let time = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
        let year = time.to_zoned(jiff::tz::TimeZone::UTC).year();
        let day = jiff::civil::Date::new(year, 1, 1).ok()?;
        let began = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        u64::try_from(began.timestamp().as_second()).ok()
    };
    began().unwrap_or(0)
}

/// What a field of an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A word of the answer's own: a state, a rule, a version, a count.
    Kept,
    /// A card, an image, a folder: as it was given.
    Source,
    /// A file or folder on a card.
    Path,
    /// What a person gave a wallet, a device, or a card.
    Name,
    /// A time.
    Year,
    /// Bytes.
    Size,
    /// What belongs to one card or wallet alone: nothing, or a list without anything.
    LeftOut,
    /// The same, where a list is never empty.
    Unknown,
    /// The same, where there has to be a text.
    Hidden,
    /// A sentence, or anything not known here.
    Text,
}

/// Whether a path leads to a key and not to a file.
fn is_derivation(beside: &Map<String, Value>) -> bool {
    let path = beside.get("path").and_then(Value::as_str);
    path.is_some_and(|path| path == "m" || path.starts_with("m/"))
}

impl Kind {
    fn of(field: &str, beside: &Map<String, Value>) -> Self {
        match field {
            "schema" | "firmware" | "basis" | "version" | "tool" | "rule" | "severity"
            | "state" | "status" | "origin" | "method" | "action" | "looked" | "list" | "by"
            | "result" | "words" | "written_by" | "repaired_by" | "file_system" | "attributes"
            | "product" | "edition" | "proof" | "field" | "what" | "fate" | "effect" | "script"
            | "coin" | "kind" | "container" | "ended" | "shows" | "algorithm" | "damaged"
            | "partition" | "partition_table" => Self::Kept,
            "command" if beside.contains_key("schema") => Self::Kept,
            "advice" if beside.contains_key("rule") => Self::Kept,
            "changed" if beside.contains_key("before") => Self::Kept,
            "accounts" if beside.contains_key("gap") => Self::Kept,
            "path" if is_derivation(beside) => Self::Kept,
            // What was found on a card, and not which it is.
            "card" if beside.contains_key("device_view") => Self::Text,
            // Of a volume: there has to be a number, and 0 would be another place.
            "offset" if beside.contains_key("file_system") => Self::Size,
            "source" | "also" | "cards" | "deleted_on" | "sources" | "expected_on" | "map"
            | "place" | "file" => Self::Source,
            "path" | "files" => Self::Path,
            "name" | "names" | "label" | "boot_label" => Self::Name,
            "timestamp" | "birthdate" | "newest" | "oldest" | "generations" => Self::Year,
            "size" | "length" | "medium_size" => Self::Size,
            "wanted" | "value" => Self::Hidden,
            "address" if beside.contains_key("edition") => Self::Hidden,
            "dates" => Self::Unknown,
            "offset" | "extents" | "entry_offset" | "inode" | "modified" | "sha256"
            | "fat_sha256" | "serial" | "identity" | "card" | "read" | "cluster" | "clusters"
            | "fat_offset" | "data_offset" | "short_name" | "changed" | "unreadable"
            | "differing" | "accounts" | "multisig" | "case" | "medium_sha256" | "stored"
            | "computed" | "times" | "container_damage" | "ethereum" | "address"
            | "fingerprint" | "commands" => Self::LeftOut,
            "fingerprint_with_passphrase" => Self::LeftOut,
            _ => Self::Text,
        }
    }
}

#[cfg(test)]
mod tests;
