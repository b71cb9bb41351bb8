//! `sources`: card readers and BitBoxes.

use std::path::Path;

use bitbox_backup::reader;

use super::answer;
use crate::answers::Outcome;
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
    answer("sources", args.json, Outcome::DONE, &connected, |out| {
        privacy::learn(&connected);
        Ok(render::text::sources::sources(out, &connected, global)?)
    })?;
    Ok(Exit::Done)
}
