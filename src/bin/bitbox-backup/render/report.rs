//! The reports of an audit: each takes one source after the other and ends with what shows across them.

use bitbox_backup::audit::Across;
use bitbox_backup::report::Source;
use serde::Serialize;

use crate::answers::Outcome;

/// One form of the answer.
pub(crate) trait Report {
    /// Takes the next source, in order.
    fn source(&mut self, source: &Source) -> anyhow::Result<()>;

    /// The same where its JSON was made already, in parallel.
    fn prepared(&mut self, source: &Source, _json: &[u8]) -> anyhow::Result<()> {
        self.source(source)
    }

    /// Ends with why the run as a whole came to nothing, too.
    fn came_to(&mut self, _outcome: Outcome) {}

    /// Ends with what shows across all of them.
    fn end(self: Box<Self>, across: &Across) -> anyhow::Result<()>;
}

/// A state as JSON has it, so that every report uses the same words.
pub(crate) fn word(state: &impl Serialize) -> String {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
