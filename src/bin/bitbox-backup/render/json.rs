//! JSON: one object in the order its fields are declared, each element of its lists on a line of its own.

mod lines;
mod sources;

use std::io::{BufWriter, Write};

use serde::Serialize;

pub(crate) use lines::bytes;
pub(crate) use sources::Sources;

/// Prints the answer of a command.
pub(crate) fn print(answer: &impl Serialize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(crate::output::plain());
    out.write_all(&bytes(answer)?)?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests;
