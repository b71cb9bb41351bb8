//! `log verify`: whether an evidence log is as it was.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use anyhow::anyhow;
use bitbox_backup::journal::{Verified, VerifyError, verify};
use bitbox_backup::report::SCHEMA;
use bitbox_backup::text::escape;
use serde_json::{Value, json};

use crate::args::{Global, Log, LogVerify};
use crate::exit::Exit;
use crate::render;

pub(crate) fn run(args: &Log, global: &Global) -> anyhow::Result<Exit> {
    match args {
        Log::Verify(args) => run_verify(args, global),
    }
}

fn run_verify(args: &LogVerify, global: &Global) -> anyhow::Result<Exit> {
    let reader = File::open(&args.file)
        .map(BufReader::new)
        .map_err(|error| unreadable(&args.file, &format!("it cannot be opened: {error}")))?;
    let verified = verify(reader, args.head);
    if let Err(error @ VerifyError::Unreadable { .. }) = &verified {
        return Err(unreadable(&args.file, &error.to_string()));
    }
    let mut out = io::BufWriter::new(crate::output::stdout());
    if args.json {
        writeln!(out, "{}", answer(&verified))?;
    } else {
        render::log(&mut out, &args.file, &verified, global)?;
    }
    out.flush()?;
    Ok(match verified {
        Ok(_) => Exit::Done,
        Err(_) => Exit::Attention,
    })
}

fn unreadable(file: &Path, why: &str) -> anyhow::Error {
    let file = escape(&file.display().to_string());
    anyhow!("{file}: {why}\nname a log written by --log, and check that you may read it")
}

/// The answer in JSON; what cannot be known of a broken log is null.
fn answer(verified: &Result<Verified, VerifyError>) -> Value {
    let (found, broken) = match verified {
        Ok(found) => (Some(found), Value::Null),
        Err(error) => {
            let (found, line) = match error {
                VerifyError::OtherHead { found } => (Some(&**found), None),
                VerifyError::Broken { line, .. } | VerifyError::Unreadable { line, .. } => {
                    (None, Some(line))
                }
                _ => (None, None),
            };
            (found, json!({ "line": line, "what": error.to_string() }))
        }
    };
    json!({
        "schema": SCHEMA,
        "command": "log verify",
        "lines": found.map(|found| found.lines),
        "head": found.map(|found| found.head),
        "torn": found.map(|found| &found.torn),
        "behind": found.and_then(|found| found.behind),
        "intact": broken.is_null(),
        "broken": broken,
    })
}
