//! `man`: manual pages.

use std::io::Write;

use anyhow::Context;
use bitbox_backup::text::path_text;
use clap::CommandFactory;

use crate::args::{Args, Man};
use crate::exit::Exit;

pub(crate) fn run(args: &Man) -> anyhow::Result<Exit> {
    let command = Args::command().disable_help_subcommand(true);
    match &args.to {
        Some(folder) => {
            let all = clap_mangen::generate_to(command, folder);
            all.with_context(|| format!("{}: no manual pages written", path_text(folder)))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            std::io::stdout().write_all(&page)?;
        }
    }
    Ok(Exit::Done)
}
