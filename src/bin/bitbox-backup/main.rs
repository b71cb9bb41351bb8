//! bitbox-backup: the truth about the microSD backups of a BitBox02.

#![cfg_attr(not(test), warn(clippy::unwrap_used))]
#![warn(clippy::print_stdout)]

mod advice;
mod answers;
mod args;
mod cli;
mod commands;
mod evidence;
mod exit;
mod input;
mod interrupt;
mod machine;
mod output;
mod output_paths;
mod privacy;
mod render;
mod sandbox;
mod search_run;
mod self_test;
mod spreadsheet;
#[cfg_attr(not(unix), path = "terminal/none.rs")]
mod terminal;
#[cfg(all(test, unix))]
mod test_process;
mod uname;
mod validation;

use bitbox_backup::journal::RunPlace;
use clap::{CommandFactory, Parser};

use cli::{Cli, Command};
use exit::Exit;

fn main() -> std::process::ExitCode {
    no_core_dumps();
    // Before anything is made, and before the sandbox, which forbids what handlers need.
    let handlers = interrupt::Handlers::install();
    let arguments = cli::guide(cli::expand(std::env::args_os()));
    let mut args = match Cli::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return exit::usage(&error, &arguments, cli::named(&arguments)),
    };
    let json = args.command.answers_in_json();
    let color = args.global.color;
    color.write_global();
    let begun = redact(&args.command)
        .inspect(|()| exit::may_be_cut(json))
        .and_then(|()| output_paths::check(&args.command.written()))
        .and_then(|()| args.command.settle())
        .and_then(|()| {
            privacy::learn_sources(args.command.sources());
            enter(&args)
        })
        .and_then(|place| {
            handlers?.watch()?;
            record(&args, place)
        });
    if let Err(error) = begun {
        let error = args.command.advised(error);
        return exit::ended(&error, json).into();
    }
    let (written, words) = (args.command.written(), args.command.words());
    output_paths::name_leftovers(&written);
    output_paths::name_memory(written.iter().filter(|place| !words.contains(place)));
    let done = match args.command {
        Command::List(list) => commands::list::run(&list, &args.global),
        Command::Audit(audit) => commands::audit::run(&audit, &args.global),
        Command::Device(device) => commands::device::run(&device, &args.global),
        Command::Diff(diff) => commands::diff::run(&diff, &args.global),
        Command::Inspect(inspect) => commands::inspect::run(&inspect, &args.global),
        Command::Recover(recover) => commands::recover::run(&recover, &args.global),
        Command::Log(log) => commands::log::run(&log, &args.global),
        Command::Words(words) => commands::words::run(&words, &args.global),
        Command::Image(image) => commands::image::run(&image, &args.global),
        Command::Letter(letter) => commands::letter::run(&letter, &args.global),
        Command::Rescue(rescue) => commands::rescue::run(&rescue, &args.global),
        Command::Sources(sources) => commands::sources::run(&sources, &args.global),
        Command::SelfTest(test) => commands::self_test::run(&test),
        Command::Man(man) => commands::man::run(&man, Cli::command()),
        Command::Wallet(wallet) => commands::wallet::run(&wallet, &args.global),
        Command::Match(which) => commands::matching::run(&which, &args.global),
        Command::Completions(shell) => commands::man::complete(&shell, Cli::command()),
    };
    let exit = done.unwrap_or_else(|error| exit::ended(&error, json));
    match evidence::end(exit, &written, &words) {
        Ok(()) => exit.into(),
        Err(error) => exit::failed(&error).into(),
    }
}

/// With `--redact` nothing that identifies anything leaves the program from now on.
fn redact(command: &Command) -> anyhow::Result<()> {
    match command.record() {
        Some(record) if record.redact => privacy::begin(command.sources())?,
        _ => return Ok(()),
    }
    privacy::learn_places(command.written());
    privacy::learn_places(command.access().reads());
    Ok(())
}

/// Puts up the fence around what the command may touch; for a log, says before where the run takes place.
fn enter(args: &Cli) -> anyhow::Result<Option<RunPlace>> {
    let record = args.command.record();
    let is_logged = record.is_some_and(|record| record.log.is_some());
    let place = is_logged.then(evidence::place);
    let wants = sandbox::Wants {
        access: &|| args.command.access(),
        talks: args.command.talks(),
        reopens: args.command.reopens(),
    };
    sandbox::enter(&wants, &args.global)?;
    Ok(place)
}

fn record(args: &Cli, place: Option<RunPlace>) -> anyhow::Result<()> {
    let command = &args.command;
    let Some(record) = command.record() else {
        return Ok(());
    };
    let protected = output_paths::protect(command.sources());
    evidence::begin(record, place, &protected, command.hashed(), &args.global)
}

/// Keeps seeds out of core dumps, and this process from other eyes, as far as the system lets us.
fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = setrlimit(Resource::Core, none);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}
