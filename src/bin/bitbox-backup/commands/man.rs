//! `man`: the manual, made of what `--help` says.

use std::path::Path;

use anyhow::Context;
use bitbox_backup::report::path_text;
use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{self, Args};
use crate::exit::Exit;

pub(crate) fn run(args: &args::Man) -> anyhow::Result<Exit> {
    let mut command = Args::command();
    command.build();
    match &args.to {
        None => Man::new(command).render(&mut std::io::stdout())?,
        Some(folder) => pages(&command, folder)?,
    }
    Ok(Exit::Done)
}

/// A page for a command and each below it, such as `bitbox-backup-list.1`.
fn pages(command: &clap::Command, folder: &Path) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    let file = folder.join(format!("{name}.1"));
    std::fs::write(&file, page)
        .with_context(|| format!("{}: cannot be written", path_text(&file)))?;
    command
        .get_subcommands()
        .try_for_each(|below| pages(below, folder))
}
