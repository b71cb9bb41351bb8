//! One line of JSON a source, as soon as it is done.

use std::io::Write;

use bitbox_backup::audit::Across;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Line, OptionsReport, Source};

use super::report::Report;

/// `--ndjson`.
pub(crate) struct Ndjson<W> {
    pub(crate) out: W,
    pub(crate) firmware: Version,
    pub(crate) options: OptionsReport,
}

impl<W: Write> Report for Ndjson<W> {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.prepared(source, &serde_json::to_vec(source)?)
    }

    fn prepared(&mut self, _: &Source, json: &[u8]) -> anyhow::Result<()> {
        let line = Line::around(self.firmware, &self.options, json)?;
        self.out.write_all(&line)?;
        // Whoever reads it works while the next card is examined.
        self.out.flush()?;
        Ok(())
    }

    fn end(mut self: Box<Self>, _: &Across) -> anyhow::Result<()> {
        self.out.flush()?;
        Ok(())
    }
}
