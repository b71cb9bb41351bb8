//! bitbox-backup: the truth about the microSD backups of a BitBox02.

#![cfg_attr(not(test), warn(clippy::unwrap_used))]
#![warn(clippy::print_stdout)]

mod advice;
#[cfg(all(test, unix))]
mod apart;
mod args;
mod commands;
mod effort;
mod exit;
mod fence;
mod input;
mod interrupt;
mod machine;
mod output;
mod places;
mod render;
mod reports;
mod self_test;
mod spreadsheet;
mod system;
#[cfg_attr(not(unix), path = "terminal/none.rs")]
mod terminal;
mod validation;

use clap::Parser;

use args::{Args, Command};
use exit::Exit;

fn main() -> std::process::ExitCode {
    no_core_dumps();
    // Before anything is made, and before the sandbox, which forbids what handlers need.
    let handlers = interrupt::Handlers::install();
    let arguments = args::expand(std::env::args_os());
    let mut args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return exit::usage(&error, &arguments),
    };
    let json = args.command.answers_in_json();
    let color = args.global.color;
    color.write_global();
    let begun = fence::settle(&mut args.command)
        .and_then(|()| fence::enter(&args))
        .and_then(|()| Ok(handlers?.watch()?));
    if let Err(error) = begun {
        return exit::ended(&error, json).into();
    }
    places::name_leftovers(&places::written(&args.command));
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
        Command::Sources(sources) => commands::sources::run(&sources, &args.global),
        Command::SelfTest(test) => commands::self_test::run(&test),
        Command::Man(man) => commands::man::run(&man),
        Command::Wallet(wallet) => commands::wallet::run(&wallet, &args.global),
        Command::Match(which) => commands::matching::run(&which, &args.global),
        Command::Completions(completions) => commands::completions::run(&completions),
    };
    done.unwrap_or_else(|error| exit::ended(&error, json))
        .into()
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
