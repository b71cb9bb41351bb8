//! `man` and `completions`: what is generated from the command line itself.

use std::io::Write;
use std::path::{Path, PathBuf};

use bitbox_backup::files::{Mark, Sources};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

use crate::exit::Exit;
use crate::output;
use crate::output::file::ReportFile;

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "NO_COLOR",
        "If set and not empty, no color is used, unless --color says so.",
    ),
    ("TZ", "The time zone of local times, such as Europe/Zurich."),
    (
        "XDG_CONFIG_HOME",
        "Where the keys of paired devices are kept, in bitbox-backup/pairing.json; ~/.config by default.",
    ),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write a page for the program and one for each command to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

/// What a shell needs to complete the command line.
pub(crate) fn complete(args: &Completions, mut command: clap::Command) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "bitbox-backup", &mut script);
    output::plain().write_all(&script)?;
    Ok(Exit::Done)
}

pub(crate) fn run(args: &Args, command: clap::Command) -> anyhow::Result<Exit> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    match &args.to {
        Some(folder) => write_all(&command, folder)?,
        None => output::plain().write_all(&page(&command)?)?,
    }
    Ok(Exit::Done)
}

/// By what an earlier page is known again.
const MARK: Mark = Mark {
    kind: "a manual page",
    beginning: b".\\\" Manual page of bitbox-backup\n",
    within: b"",
};

/// Writes the page of a command and those of the commands below it.
fn write_all(command: &clap::Command, folder: &Path) -> anyhow::Result<()> {
    for below in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        write_all(below, folder)?;
    }
    let place = folder.join(Page::new(command.clone()).get_filename());
    let mut file = ReportFile::create(&place, &Sources::none(), &MARK)?;
    file.write_all(MARK.beginning)?;
    file.write_all(&page(command)?)?;
    file.finish()
}

/// The page of a command: what clap knows of it, and the sections at the end of its help.
fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let source = format!("bitbox-backup {}", env!("CARGO_PKG_VERSION"));
    let made = Page::new(command.clone())
        .source(source)
        .manual("User Commands");
    let end = command.get_after_long_help().map(ToString::to_string);
    let end = end.unwrap_or_default();
    let mut page = Vec::new();
    made.render_title(&mut page)?;
    made.render_name_section(&mut page)?;
    made.render_synopsis_section(&mut page)?;
    made.render_description_section(&mut page)?;
    let mut roff = Roff::new();
    for line in end.lines().take_while(|line| !is_heading(line)) {
        roff.control("PP", []);
        roff.text([roman(line)]);
    }
    roff.to_writer(&mut page)?;
    made.render_options_section(&mut page)?;
    if command.has_subcommands() {
        made.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::new();
    sections(&mut roff, &end);
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
    see_also(&mut roff, command);
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// The sections at the end of a command's help, their lines as they are.
fn sections(roff: &mut Roff, end: &str) {
    let mut lines = end.lines().skip_while(|line| !is_heading(line)).peekable();
    while let Some(heading) = lines.next() {
        let heading = heading.trim_end_matches(':').to_uppercase();
        roff.control("SH", [heading.as_str()]);
        roff.control("nf", []);
        while let Some(line) = lines.next_if(|line| !is_heading(line)) {
            let line = line.strip_prefix("  ").unwrap_or(line);
            // An empty line before the next heading is none of the section.
            if !line.is_empty() {
                roff.text([roman(line)]);
            }
        }
        roff.control("fi", []);
    }
}

/// Whether a line names a section.
fn is_heading(line: &str) -> bool {
    line.ends_with(':') && !line.starts_with(' ')
}

/// The pages of the commands below this one and beside it.
fn see_also(roff: &mut Roff, command: &clap::Command) {
    let name = |one: &clap::Command| one.get_display_name().unwrap_or(one.get_name()).to_owned();
    let own = name(command);
    let above = own.strip_suffix(&format!("-{}", command.get_name()));
    let below = command.get_subcommands().filter(|one| !one.is_hide_set());
    let names = above.map(str::to_owned).into_iter().chain(below.map(name));
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for (index, name) in names.enumerate() {
        if index > 0 {
            line.push(roman(", "));
        }
        line.push(bold(name));
        line.push(roman("(1)"));
    }
    roff.text(line);
    roff.control("PP", []);
    roff.text([roman(concat!(
        "The pages in the folder docs of the project: ",
        env!("CARGO_PKG_REPOSITORY")
    ))]);
}
