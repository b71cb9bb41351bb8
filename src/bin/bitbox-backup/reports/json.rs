//! One JSON object, written piece by piece: the head, each source as it is done, the summary.

use std::io::Write;

use bitbox_backup::audit::Across;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{SCHEMA, Source, Summary, basis};
use serde_json::json;

use super::Report;

/// `--json`.
pub(crate) struct Json<W> {
    out: W,
    first: bool,
}

impl<W: Write> Json<W> {
    pub(crate) fn new(mut out: W, command: &str, firmware: Version) -> anyhow::Result<Self> {
        let head = json!({
            "schema": SCHEMA,
            "command": command,
            "firmware": firmware.to_string(),
            "basis": basis(firmware),
        });
        let head = head.to_string();
        write!(out, "{},\"sources\":[", head.trim_end_matches('}'))?;
        Ok(Self { out, first: true })
    }

    pub(crate) fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.element(&serde_json::to_vec(source)?)
    }

    fn element(&mut self, json: &[u8]) -> anyhow::Result<()> {
        let before: &[u8] = if self.first { b"\n" } else { b",\n" };
        self.first = false;
        self.out.write_all(before)?;
        self.out.write_all(json)?;
        Ok(())
    }

    /// Ends the answer of a command that looks at each source alone.
    pub(crate) fn end(mut self, summary: &Summary) -> anyhow::Result<()> {
        let summary = serde_json::to_string(summary)?;
        writeln!(self.out, "],\n\"summary\":{summary}}}")?;
        self.out.flush()?;
        Ok(())
    }
}

impl<W: Write> Report for Json<W> {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        Self::source(self, source)
    }

    fn prepared(&mut self, _: &Source, json: &[u8]) -> anyhow::Result<()> {
        self.element(json)
    }

    fn end(mut self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        let mut summary = serde_json::to_value(across.summary)?;
        if let Some(fields) = summary.as_object_mut() {
            fields.insert("wallets".to_owned(), json!(across.wallet_counts));
            if let Some(register) = across.register {
                fields.insert("register".to_owned(), json!(register));
            }
        }
        let wallets = serde_json::to_string(&across.wallets)?;
        let clones = serde_json::to_string(&across.clones)?;
        writeln!(
            self.out,
            "],\n\"wallets\":{wallets},\n\"clones\":{clones},\n\"summary\":{summary}}}"
        )?;
        self.out.flush()?;
        Ok(())
    }
}
