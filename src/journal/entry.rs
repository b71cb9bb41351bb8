//! What a line says.

use std::ffi::OsStr;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;

use super::Hash;
use crate::reader::CardIdentity;
use crate::report::{Source, Text};
use crate::text::{exact, path_text};

/// The program that writes the line.
const TOOL: &str = concat!("bitbox-backup ", env!("CARGO_PKG_VERSION"));

/// What is to be noted.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// When it happened. The caller says so: the log has no clock.
    pub time: SystemTime,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Event {
    /// A run began.
    Started {
        /// The arguments it was given, each escaped; made by [`Event::started`].
        command: Vec<String>,
        /// How far the sandbox goes, where the caller says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        sandbox: Option<String>,
        /// Who ran it, and where, as far as the caller says so.
        #[serde(flatten)]
        place: Option<Box<RunPlace>>,
    },
    /// A source was examined, or could not be.
    Source {
        /// Which source it was.
        source: Box<SourceIdentity>,
        /// The hash of the whole file or device in hex, where it was asked for.
        sha256: Option<String>,
        /// What was found: a value made of a report, which cannot hold a secret.
        result: Value,
    },
    /// A file was written.
    Written {
        /// Its path, escaped.
        path: String,
        /// How many bytes it has.
        size: u64,
        /// The hash of its contents in hex; `None` of recovery words.
        sha256: Option<String>,
    },
    /// The run came to its end.
    Finished {
        /// What it came to.
        result: Value,
        /// How it ended and what its sources are now, where the caller says so.
        #[serde(flatten)]
        end: Option<LoggedEnd>,
    },
    /// The run was stopped before its end.
    Interrupted {
        /// How far it had come.
        result: Value,
        /// How it ended and what its sources are now, where the caller says so.
        #[serde(flatten)]
        end: Option<LoggedEnd>,
    },
}

/// Who ran the program, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunPlace {
    /// The SHA-256 of the program itself in hex.
    pub program_sha256: Option<String>,
    /// The machine's name, escaped.
    pub host: Option<String>,
    /// Its system, with the release and the architecture.
    pub system: String,
    /// The user's number.
    pub user: Option<u32>,
    /// The time zone of local times: its name, or its offset from UTC.
    pub time_zone: String,
    /// The folder the program was run in, escaped.
    pub folder: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedEnd {
    /// The exit status.
    pub status: u8,
    /// The number of the signal that ended it.
    pub signal: Option<u8>,
    /// The sources that were hashed, before and after.
    pub sources: Vec<SourceHashes>,
}

/// A source before and after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceHashes {
    /// Its path as it was given, escaped.
    pub path: String,
    /// The SHA-256 of the whole file in hex before the run.
    pub before: Option<String>,
    /// The same after it.
    pub after: Option<String>,
    /// Whether both are the same; `None` if one of them is not known.
    pub unchanged: Option<bool>,
}

impl Event {
    /// The beginning of a run with these arguments. What is no text in them shows as `\u{fffd}`.
    pub fn started(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let escaped = arguments
            .into_iter()
            .map(|one| path_text(one.as_ref().as_ref()));
        Self::Started {
            command: escaped.collect(),
            sandbox: None,
            place: None,
        }
    }

    /// A source as it was reported, and what is to be noted of it.
    pub fn source(report: &Source, result: Value) -> Self {
        let source = SourceIdentity {
            path: report.source.clone(),
            kind: report.card.as_ref().map(|card| card.kind.clone()),
            size: report.size,
            modified: report.modified.clone(),
            inode: report.inode,
            card: report.card.as_ref().and_then(|card| card.identity.clone()),
        };
        Self::Source {
            source: Box::new(source),
            sha256: report.sha256.clone(),
            result,
        }
    }
}

/// Which source it was, as far as the system knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SourceIdentity {
    /// Its path as it was given, escaped.
    pub path: String,
    /// What it was opened from, such as `raw image`; `None` if it could not be opened.
    pub kind: Option<Text>,
    /// Bytes of the file as it is stored, or of the device.
    pub size: Option<u64>,
    /// When the file was last changed, in RFC 3339 with nanoseconds.
    pub modified: Option<String>,
    /// The file's number in its file system.
    pub inode: Option<u64>,
    /// The card behind a device.
    pub card: Option<CardIdentity>,
}

/// A line as it is written. The order of its fields is the order in the file: [`start_of`] relies
/// on the first two.
#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    previous: Hash,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    after_torn_line: bool,
    time: String,
    tool: &'static str,
    #[serde(flatten)]
    event: &'a Event,
}

/// The line for an entry, without its line feed.
pub(super) fn line_of(
    entry: &LogEntry,
    line: u64,
    previous: Hash,
    after_torn_line: bool,
) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Line {
        line,
        previous,
        after_torn_line,
        time: exact(entry.time),
        tool: TOOL,
        event: &entry.event,
    })
}

/// How every line with this number behind that hash begins.
pub(super) fn start_of(line: u64, previous: Hash) -> String {
    format!("{{\"line\":{line},\"previous\":\"{previous}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, UNIX_EPOCH};

    fn line(event: Event, torn: bool) -> String {
        let time = UNIX_EPOCH + Duration::new(1_601_281_809, 500);
        let line = line_of(&LogEntry { time, event }, 7, Hash::of(b""), torn).unwrap();
        let line = String::from_utf8(line).unwrap();
        let start = start_of(7, Hash::of(b""));
        line.strip_prefix(&start).unwrap().to_owned()
    }

    #[test]
    fn the_fields_stand_in_their_order() {
        let head = format!(",\"time\":\"2020-09-28T08:30:09.000000500Z\",\"tool\":\"{TOOL}\"");
        assert_eq!(
            line(Event::started(["audit", "a\x1b\n"]), false),
            format!("{head},\"event\":\"started\",\"command\":[\"audit\",\"a\\\\x1b\\\\x0a\"]}}")
        );
        let result = json!({ "sources": 1 });
        assert_eq!(
            line(Event::Finished { result, end: None }, true),
            format!(
                ",\"after_torn_line\":true{head},\"event\":\"finished\",\"result\":{{\"sources\":1}}}}"
            )
        );
        let failed = Source::failed("x\u{202e}", "gone", "look");
        assert_eq!(
            line(Event::source(&failed, Value::Null), false),
            format!(
                "{head},\"event\":\"source\",\"source\":{{\"path\":\"x\\\\u{{202e}}\",\"kind\":null,\
                 \"size\":null,\"modified\":null,\"inode\":null,\"card\":null}},\"sha256\":null,\
                 \"result\":null}}"
            )
        );
    }
}
