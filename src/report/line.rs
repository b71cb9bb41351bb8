//! One source as one line of JSON: complete in itself, so that lines of many runs can be merged, a
//! run be resumed, and two audits be compared.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::form::SCHEMA;
use super::source::{BesideReport, PartReport, Source, Status as Examined};
use crate::firmware::Version;
use crate::image::{Lies, PathStatus};
use crate::text::{escape, exact};

/// How a source was examined, as far as it changes what is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionsReport {
    /// Live folders only.
    #[serde(default)]
    pub quick: bool,
    /// Deleted entries too.
    pub deleted: bool,
    /// The whole card was searched. Absent in lines from older versions.
    #[serde(default)]
    pub carve: bool,
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
    /// The part of each image that was examined, where only one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<PartReport>,
    /// The hash of the whole source.
    pub hash: bool,
    /// Ids shortened and names left out.
    pub redact: bool,
    /// Only backups whose id begins so.
    pub id: Option<String>,
}

/// One source with all that is needed to understand it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The version of the form.
    pub schema: String,
    /// The version of the program that wrote it.
    pub tool: String,
    /// Whose rules were applied.
    pub firmware: String,
    /// How it was examined.
    pub options: OptionsReport,
    /// The source.
    #[serde(flatten)]
    pub source: Source,
}

/// Why a line cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// It ends in the middle.
    #[error("it ends in the middle of a line: the run that wrote it was interrupted")]
    Cut,
    /// It is no line of this program.
    #[error("it is no line of `audit --ndjson`: {why}")]
    Form {
        /// What the reader of JSON says, with the column.
        why: String,
    },
    /// It is of another form.
    #[error("its schema is {found}, and this program knows {SCHEMA}")]
    Schema {
        /// What it says.
        found: String,
    },
}

/// The version of this program, as reports name it.
pub const TOOL: &str = env!("CARGO_PKG_VERSION");

impl Line {
    /// The line of a source as this program and these options found it, with its line feed.
    ///
    /// # Errors
    /// Those of `serde_json`, which a report never causes.
    pub fn of(
        firmware: Version,
        options: &OptionsReport,
        source: &Source,
    ) -> Result<Vec<u8>, serde_json::Error> {
        Self::around(firmware, options, &serde_json::to_vec(source)?)
    }

    /// The same of a source that is JSON already: an object, as [`Source`] makes it.
    ///
    /// # Errors
    /// As of [`Line::of`].
    pub fn around(
        firmware: Version,
        options: &OptionsReport,
        source: &[u8],
    ) -> Result<Vec<u8>, serde_json::Error> {
        /// What a [`Line`] says beside its source.
        #[derive(Serialize)]
        struct Head<'a> {
            schema: &'a str,
            tool: &'a str,
            firmware: String,
            options: &'a OptionsReport,
        }
        let mut line = serde_json::to_vec(&Head {
            schema: SCHEMA,
            tool: TOOL,
            firmware: firmware.to_string(),
            options,
        })?;
        line.pop();
        line.push(b',');
        line.extend(source.iter().skip(1));
        line.push(b'\n');
        Ok(line)
    }

    /// Reads a line. It may have been written by anyone: every text in it is escaped again.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn read(text: &[u8]) -> Result<Self, LineError> {
        let form = |error: serde_json::Error| {
            let why = escape(&error.to_string());
            match error.is_eof() {
                true => LineError::Cut,
                false => LineError::Form { why },
            }
        };
        let mut value: Value = serde_json::from_slice(text).map_err(form)?;
        escape_all(&mut value);
        if let Some(found) = value.get("schema").and_then(Value::as_str)
            && found != SCHEMA
        {
            let found = found.to_owned();
            return Err(LineError::Schema { found });
        }
        serde_json::from_value(value).map_err(form)
    }

    /// Whether examining a file with these options would give this line again, as far as can be told
    /// without looking: the same program, rules and options, a file of the same size, time and
    /// number, and the same files beside it. Never true of a device or a folder, whose contents change without a trace.
    pub fn still_holds(
        &self,
        firmware: Version,
        options: &OptionsReport,
        now: &PathStatus,
        beside: &[BesideReport],
    ) -> bool {
        let source = &self.source;
        let modified = now.modified.map(exact);
        now.lies == Lies::File
            && modified.is_some()
            && source.status == Examined::Examined
            && self.schema == SCHEMA
            && self.tool == TOOL
            && self.firmware == firmware.to_string()
            && self.options == *options
            && source.size == Some(now.size)
            && source.modified == modified
            && source.inode == now.node.map(|node| node.inode)
            && source.beside == beside
    }
}

/// Escapes every text in a value, however deep; serde_json itself bounds the depth.
fn escape_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = escape(text),
        Value::Array(values) => values.iter_mut().for_each(escape_all),
        Value::Object(fields) => fields.values_mut().for_each(escape_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
