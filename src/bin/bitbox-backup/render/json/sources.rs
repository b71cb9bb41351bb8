//! The answer of a command that examines, source by source.

use std::io::Write;

use bitbox_backup::audit::{Across, Skipped};
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Source, Summary};
use serde::Serialize;

use super::lines;
use crate::answers::{AuditEnd, Examined, Outcome};
use crate::output;
use crate::render::report::Report;

/// The answer of a command that examines, written source by source as each is done.
pub(crate) struct Sources<W> {
    out: W,
    is_first: bool,
    /// Why the run came to nothing, although sources were read.
    outcome: Option<Outcome>,
}

impl<W: Write> Sources<W> {
    pub(crate) fn new(
        mut out: W,
        command: &'static str,
        firmware: Version,
    ) -> anyhow::Result<Self> {
        let head = serde_json::to_string(&Examined::new(command, firmware))?;
        let head = format!("{},\"sources\":[", head.trim_end_matches('}'));
        output::piece(true, || written(&mut out, head.as_bytes()))?;
        Ok(Self {
            out,
            is_first: true,
            outcome: None,
        })
    }

    pub(crate) fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.element(&serde_json::to_vec(source)?)
    }

    fn element(&mut self, json: &[u8]) -> anyhow::Result<()> {
        let before: &[u8] = if self.is_first { b"\n" } else { b",\n" };
        self.is_first = false;
        let element = [before, json].concat();
        output::piece(true, || written(&mut self.out, &element))?;
        Ok(())
    }

    /// Ends the answer of a command that looks at each source alone.
    pub(crate) fn end(self, summary: &Summary, skipped: &[Skipped]) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct End<'a> {
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            skipped: &'a [Skipped],
            summary: &'a Summary,
        }
        self.close(&End { skipped, summary })
    }

    /// Writes the fields behind the sources.
    fn close(mut self, end: &impl Serialize) -> anyhow::Result<()> {
        let mut fields = Vec::new();
        lines::write(&mut fields, end)?;
        let fields = fields.strip_prefix(b"{").unwrap_or(&fields);
        let outcome = self
            .outcome
            .as_ref()
            .map(serde_json::to_string)
            .transpose()?;
        let outcome = outcome.map_or_else(String::new, |outcome| {
            format!("{},\n", outcome.trim_matches(['{', '}']))
        });
        let end = [b"],\n", outcome.as_bytes(), fields, b"\n"].concat();
        Ok(output::piece(false, || written(&mut self.out, &end))?)
    }
}

/// Writes a piece, and waits with none of it.
fn written(out: &mut impl Write, piece: &[u8]) -> std::io::Result<()> {
    out.write_all(piece)?;
    out.flush()
}

impl<W: Write> Report for Sources<W> {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        Self::source(self, source)
    }

    fn prepared(&mut self, _: &Source, json: &[u8]) -> anyhow::Result<()> {
        self.element(json)
    }

    fn came_to(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    fn end(self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        self.close(&AuditEnd::of(across))
    }
}
