//! JSON: one object in the order its fields are declared, each element of its lists on a line of its own.

use std::io::{self, BufWriter, Write};

use bitbox_backup::audit::Across;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Source, Summary};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use super::report::Report;
use crate::answers::{AuditEnd, Examined};
use crate::privacy;

/// Prints the answer of a command.
pub(crate) fn print(answer: &impl Serialize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(crate::output::plain());
    out.write_all(&bytes(answer)?)?;
    Ok(out.flush()?)
}

/// An answer as it is printed, and as it is written to a file.
pub(crate) fn bytes(answer: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut json = Vec::new();
    match privacy::value(answer) {
        Some(redacted) => write(&mut json, &redacted)?,
        None => write(&mut json, answer)?,
    }
    json.push(b'\n');
    Ok(json)
}

fn write(out: &mut impl Write, answer: &impl Serialize) -> serde_json::Result<()> {
    answer.serialize(&mut Serializer::with_formatter(out, Lines::default()))
}

/// Breaks lines between the elements of the lists that an answer consists of, and nowhere else.
#[derive(Default)]
struct Lines {
    /// How many objects and lists are open.
    open: u32,
    /// Whether the last field of the answer was a list.
    was_list: bool,
}

impl Lines {
    /// Whether the list that is open is one of the answer itself.
    fn in_list(&self) -> bool {
        self.open == 2
    }
}

impl Formatter for Lines {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if self.open == 1 {
            self.was_list = false;
        }
        self.open += 1;
        CompactFormatter.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open -= 1;
        CompactFormatter.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        CompactFormatter.begin_object_key(out, first)?;
        if self.open == 1 && std::mem::take(&mut self.was_list) {
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if self.open == 1 {
            self.was_list = true;
        }
        self.open += 1;
        CompactFormatter.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open -= 1;
        CompactFormatter.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        CompactFormatter.begin_array_value(out, first)?;
        if self.in_list() {
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// The answer of a command that examines, written source by source as each is done.
pub(crate) struct Sources<W> {
    out: W,
    is_first: bool,
}

impl<W: Write> Sources<W> {
    pub(crate) fn new(
        mut out: W,
        command: &'static str,
        firmware: Version,
    ) -> anyhow::Result<Self> {
        let head = serde_json::to_string(&Examined::new(command, firmware))?;
        write!(out, "{},\"sources\":[", head.trim_end_matches('}'))?;
        Ok(Self {
            out,
            is_first: true,
        })
    }

    pub(crate) fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.element(&serde_json::to_vec(source)?)
    }

    fn element(&mut self, json: &[u8]) -> anyhow::Result<()> {
        let before: &[u8] = if self.is_first { b"\n" } else { b",\n" };
        self.is_first = false;
        self.out.write_all(before)?;
        self.out.write_all(json)?;
        Ok(())
    }

    /// Ends the answer of a command that looks at each source alone.
    pub(crate) fn end(self, summary: &Summary) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct End<'a> {
            summary: &'a Summary,
        }
        self.close(&End { summary })
    }

    /// Writes the fields behind the sources.
    fn close(mut self, end: &impl Serialize) -> anyhow::Result<()> {
        let mut fields = Vec::new();
        write(&mut fields, end)?;
        self.out.write_all(b"],\n")?;
        self.out
            .write_all(fields.strip_prefix(b"{").unwrap_or(&fields))?;
        self.out.write_all(b"\n")?;
        Ok(self.out.flush()?)
    }
}

impl<W: Write> Report for Sources<W> {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        Self::source(self, source)
    }

    fn prepared(&mut self, _: &Source, json: &[u8]) -> anyhow::Result<()> {
        self.element(json)
    }

    fn end(self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        self.close(&AuditEnd::of(across))
    }
}

#[cfg(test)]
mod tests;
