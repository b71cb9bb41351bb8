//! The list of `recover --raw`: every copy as it lies, and where.

use serde::{Deserialize, Serialize};

use crate::assess::Assessment;
use crate::catalogue::Catalogue;
use crate::report::{CopyReport, Text};
use crate::text::escape;

/// The list of `recover --raw`: every copy as it lies, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RawReport {
    /// The version of this program.
    pub tool: Text,
    /// As it was given, escaped.
    pub source: String,
    /// Every copy, in the order it was found.
    pub copies: Vec<RawCopy>,
}

/// A copy as it lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RawCopy {
    /// The file with its bytes; `None` if there are none to read.
    pub file: Option<String>,
    /// The id of the wallet it belongs to, where that is known.
    pub id: Option<String>,
    /// When that backup was made: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The copy.
    #[serde(flatten)]
    pub copy: CopyReport,
}

impl RawReport {
    /// Every copy of a catalogue; the file of one is named by its number.
    pub fn of(source: &str, assessment: &Assessment, catalogue: &Catalogue) -> Self {
        let width = catalogue.copies.len().to_string().len().max(4);
        let copies = (0..catalogue.copies.len()).filter_map(|index| {
            let mut backups = assessment.backups.iter();
            let backup = backups.find(|backup| backup.copies.contains(&index));
            let is_there = !catalogue.bytes(index).is_empty();
            Some(RawCopy {
                file: is_there.then(|| format!("copy-{:0width$}.bin", index.saturating_add(1))),
                id: backup.and_then(|backup| Some(backup.id?.to_string())),
                timestamp: backup.and_then(|backup| backup.timestamp),
                copy: CopyReport::of(index, catalogue)?,
            })
        });
        Self {
            tool: env!("CARGO_PKG_VERSION").into(),
            source: escape(source),
            copies: copies.collect(),
        }
    }
}
