//! An object, the elements of whose lists stand on lines of their own.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::privacy;

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

pub(super) fn write(out: &mut impl Write, answer: &impl Serialize) -> serde_json::Result<()> {
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
        // The list that is open is one of the answer itself.
        if self.open == 2 {
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
