//! One source as one line of JSON: complete in itself, so that lines of many runs can be merged, a
//! run be resumed, and two audits be compared.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SCHEMA, Source, escape};
use crate::firmware::Version;

/// How a source was examined, as far as it changes what is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionsReport {
    /// Deleted entries too.
    pub deleted: bool,
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
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

impl Line {
    /// A source as this program and these options found it.
    pub fn new(firmware: Version, options: OptionsReport, source: Source) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            firmware: firmware.to_string(),
            options,
            source,
        }
    }

    /// Reads a line. It may have been written by anyone: every text in it is escaped anew.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn read(text: &[u8]) -> Result<Self, LineError> {
        let form = |error: serde_json::Error| {
            if error.is_eof() {
                LineError::Cut
            } else {
                LineError::Form {
                    why: escape(&error.to_string()),
                }
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

    /// Whether a source examined with these options would give this line again, as far as can be
    /// told without looking: the same program, rules and options, and a file of the same size,
    /// time and number. Never true of a device or a folder, whose contents change without a trace.
    pub fn still_holds(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.source, &other.source);
        let known = mine.size.is_some() && mine.modified.is_some();
        known
            && self.schema == other.schema
            && self.tool == other.tool
            && self.firmware == other.firmware
            && self.options == other.options
            && (mine.size, &mine.modified, mine.inode)
                == (theirs.size, &theirs.modified, theirs.inode)
    }
}

/// Escapes every text in a value, however deep; serde_json itself bounds the depth.
fn escape_all(value: &mut Value) {
    each_text(value, &mut |text| {
        let escaped = escape(text);
        (escaped != *text).then_some(escaped)
    });
}

/// Calls `change` for every text in a value and puts what it answers in its place.
pub(super) fn each_text(value: &mut Value, change: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, change)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|value| each_text(value, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
