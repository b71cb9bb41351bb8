//! `completions`: what a shell needs to complete the command line.

use std::io::Write;

use clap::CommandFactory;

use crate::args::{Args, Completions};
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &Completions) -> anyhow::Result<Exit> {
    let mut command = Args::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "bitbox-backup", &mut script);
    output::plain().write_all(&script)?;
    Ok(Exit::Done)
}
