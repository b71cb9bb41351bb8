//! `completions`: what a shell needs to complete the command line.

use clap::CommandFactory;

use crate::args::{Args, Completions};
use crate::exit::Exit;

pub(crate) fn run(args: &Completions) -> anyhow::Result<Exit> {
    let mut command = Args::command();
    clap_complete::generate(
        args.shell,
        &mut command,
        "bitbox-backup",
        &mut std::io::stdout(),
    );
    Ok(Exit::Done)
}
