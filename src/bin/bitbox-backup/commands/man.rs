//! `man`: manual pages.

use std::io::Write;
use std::path::Path;

use bitbox_backup::files::{Mark, Sources};
use clap::{Command, CommandFactory};

use crate::args::{Args, Man};
use crate::exit::Exit;
use crate::output;
use crate::reports::file::ReportFile;

pub(crate) fn run(args: &Man) -> anyhow::Result<Exit> {
    let mut command = Args::command().disable_help_subcommand(true);
    match &args.to {
        Some(folder) => {
            command.build();
            write(folder, &command)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output::plain().write_all(&page)?;
        }
    }
    Ok(Exit::Done)
}

/// By what an earlier page is known again.
const MARK: Mark = Mark {
    kind: "a manual page",
    beginning: b".\\\" Manual page of bitbox-backup\n",
    within: b"",
};

/// Writes the page of a command and those of the commands in it.
fn write(folder: &Path, command: &Command) -> anyhow::Result<()> {
    let mut inner = command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set());
    inner.try_for_each(|inner| write(folder, inner))?;
    let man = clap_mangen::Man::new(command.clone());
    let place = folder.join(man.get_filename());
    let mut page = ReportFile::create(&place, &Sources::none(), &MARK)?;
    page.write_all(MARK.beginning)?;
    man.render(&mut page)?;
    page.finish()
}
