//! `log verify`: whether an evidence log is as it was.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::journal::{Hash, VerifyError, verify};
use bitbox_backup::text::escape;
use clap::Subcommand;

use super::answer;
use crate::answers::Outcome;
use crate::answers::log::LogVerified;
use crate::args::{Global, help};
use crate::exit::Exit;
use crate::render;

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Verify that a log is unbroken, and unchanged since its head was written down
    #[command(after_help = help::MORE, after_long_help = help::LOG_VERIFY)]
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The log
    pub(crate) file: PathBuf,
    /// The head written down earlier: 64 hex digits
    #[arg(long, value_name = "HASH")]
    pub(crate) head: Option<Hash>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Log, global: &Global) -> anyhow::Result<Exit> {
    let Log::Verify(args) = args;
    let reader = File::open(&args.file)
        .map(BufReader::new)
        .map_err(|error| unreadable(&args.file, &format!("it cannot be opened: {error}")))?;
    let verified = verify(reader, args.head);
    if let Err(error @ VerifyError::Unreadable { .. }) = &verified {
        return Err(unreadable(&args.file, &error.to_string()));
    }
    let own = LogVerified::of(&verified);
    answer("log verify", args.json, Outcome::DONE, &own, |out| {
        Ok(render::text::log(out, &args.file, &verified, global)?)
    })?;
    Ok(match verified {
        Ok(_) => Exit::Done,
        Err(_) => Exit::Attention,
    })
}

fn unreadable(file: &Path, why: &str) -> anyhow::Error {
    let file = escape(&file.display().to_string());
    anyhow!("{file}: {why}\nname a log written by --log, and check that you may read it")
}
