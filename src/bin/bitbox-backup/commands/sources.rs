//! `sources`: card readers and BitBoxes.

use std::io::{BufWriter, Write};
use std::path::Path;

use bitbox_backup::reader;

use crate::answers::Answer;
use crate::answers::sources::Connected;
use crate::args::{Global, Record};
use crate::exit::Exit;
use crate::{privacy, render};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let root = Path::new("/");
    let connected = Connected {
        readers: reader::slots(root),
        devices: reader::bitboxes(root),
    };
    if args.json {
        render::json::print(&Answer::done("sources", connected))?;
    } else {
        privacy::learn(&connected);
        let mut out = BufWriter::new(crate::output::stdout());
        render::text::sources::sources(&mut out, &connected, global)?;
        out.flush()?;
    }
    Ok(Exit::Done)
}
