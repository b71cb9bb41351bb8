//! Files a person gives: lines of earlier audits, registers.

pub(crate) mod register;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use bitbox_backup::report::{Line, LineError};
use bitbox_backup::text::path_text;

/// Most bytes of a line: a card full of findings has fewer.
const MAX_LINE: u64 = 64 << 20;

/// Where lines end too early.
#[derive(Debug)]
pub(crate) struct Cut {
    lines: usize,
    /// Bytes of them: there the line that was cut off begins.
    pub(crate) whole: u64,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "it ends in the middle of line {}: the run that wrote it was cut off; {} whole lines are used",
            self.lines + 1,
            self.lines
        )
    }
}

/// Reads the lines of `audit --ndjson`. One cut off at the end of the file is no error but an answer.
pub(crate) fn lines(
    file: &Path,
    each: impl FnMut(Line) -> anyhow::Result<()>,
) -> anyhow::Result<Option<Cut>> {
    let name = path_text(file);
    let reader = File::open(file).with_context(|| format!("{name}: cannot be read"))?;
    lines_in(reader, &name, each)
}

/// The same for a file that is open.
pub(crate) fn lines_in(
    reader: impl Read,
    name: &str,
    mut each: impl FnMut(Line) -> anyhow::Result<()>,
) -> anyhow::Result<Option<Cut>> {
    let mut reader = BufReader::new(reader);
    let mut text = Vec::new();
    let mut whole = 0;
    for number in 0.. {
        text.clear();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut text);
        if read.with_context(|| format!("{name}: cannot be read"))? == 0 {
            break;
        }
        anyhow::ensure!(
            text.ends_with(b"\n") || (text.len() as u64) < MAX_LINE,
            "{name}, line {}: it is longer than {} MiB\ngive a file that `audit --ndjson` wrote",
            number + 1,
            MAX_LINE >> 20
        );
        if text.trim_ascii().is_empty() {
            whole += text.len() as u64;
            continue;
        }
        match Line::read(&text) {
            Ok(line) => each(line).with_context(|| format!("{name}, line {}", number + 1))?,
            Err(LineError::Cut) if !text.ends_with(b"\n") => {
                let lines = number;
                return Ok(Some(Cut { lines, whole }));
            }
            Err(error) => {
                anyhow::bail!(
                    "{name}, line {}: {error}\ngive a file that `audit --ndjson` wrote",
                    number + 1
                );
            }
        }
        whole += text.len() as u64;
    }
    Ok(None)
}
