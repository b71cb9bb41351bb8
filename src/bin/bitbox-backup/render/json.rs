//! JSON: one object in the order its fields are declared, each element of its lists on a line of its own.

mod lines;
mod sources;

use std::io::{BufWriter, Write};

use bitbox_backup::audit::Across;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Line, OptionsReport, Source};
use serde::Serialize;

use super::report::Report;

pub(crate) use lines::bytes;
pub(crate) use sources::Sources;

pub(crate) fn print(answer: &impl Serialize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(crate::output::plain());
    out.write_all(&bytes(answer)?)?;
    Ok(out.flush()?)
}

/// `--ndjson`: one line of JSON a source, as soon as it is done.
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

#[cfg(test)]
mod tests;
