//! `completions`: what a shell needs to complete the command line.

use std::io::Write;

use crate::exit::Exit;
use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "bitbox-backup", &mut script);
    output::plain().write_all(&script)?;
    Ok(Exit::Done)
}
