//! `sources`: card readers and BitBoxes.

use std::io::{BufWriter, Write};
use std::path::Path;

use bitbox_backup::reader;
use bitbox_backup::report::SCHEMA;
use serde_json::json;

use crate::args::{Global, SourcesList};
use crate::exit::Exit;
use crate::render;

pub(crate) fn run(args: &SourcesList, global: &Global) -> anyhow::Result<Exit> {
    let root = Path::new("/");
    let (slots, devices) = (reader::slots(root), reader::bitboxes(root));
    let mut out = BufWriter::new(crate::output::stdout());
    if args.json {
        let answer = json!({
            "schema": SCHEMA,
            "command": "sources",
            "readers": slots,
            "devices": devices,
        });
        writeln!(out, "{answer:#}")?;
    } else {
        render::sources::sources(&mut out, slots.as_deref(), devices.as_deref(), global)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
