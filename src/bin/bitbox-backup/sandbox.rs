//! What each command may touch, and the fence around it.

#[cfg_attr(not(target_os = "linux"), path = "sandbox/rights_none.rs")]
mod rights;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bitbox_backup::sandbox::{self, Access, Level};

use crate::args::{self, Answer, Args, Audit, AuditCommand, Command, Log, Searching};

/// How far the fence goes; `None` where none was wanted.
static LEVEL: OnceLock<Option<Level>> = OnceLock::new();

/// What became of root's rights, in words; empty where there were none.
static RIGHTS: OnceLock<String> = OnceLock::new();

/// Opens what only root may open, gives up root's rights and puts up the fence, unless `--no-sandbox`.
/// Before any thread starts, and before anything is read.
pub(crate) fn enter(args: &Args) -> anyhow::Result<()> {
    let wanted = !args.global.no_sandbox;
    let access = access(&args.command);
    if wanted {
        let _ = RIGHTS.set(rights::give_up(&access, &args.command)?);
    }
    let level = wanted.then(|| sandbox::enter(&access));
    let _ = LEVEL.set(level);
    if args.global.verbose {
        let _ = writeln!(anstream::stderr(), "sandbox: {}", said());
    }
    Ok(())
}

/// How far the fence goes, in words.
pub(crate) fn said() -> String {
    let level = match LEVEL.get() {
        Some(Some(level)) => level.to_string(),
        _ => "off".to_owned(),
    };
    match RIGHTS.get().map(String::as_str) {
        None | Some("") => level,
        Some(rights) => format!("{level}; {rights}"),
    }
}

/// How far it goes.
pub(crate) fn level() -> Option<Level> {
    LEVEL.get().copied().flatten()
}

/// What a command reads and writes.
fn access(command: &Command) -> Access {
    let none = Access::none();
    match command {
        Command::List(list) => none.read_all(&list.sources),
        Command::Inspect(inspect) => none.read(&inspect.source),
        Command::Audit(audit) => of_audit(audit),
        Command::Diff(diff) => none.read(&diff.old).read(&diff.new),
        Command::Recover(recover) => {
            let places = [&recover.to, &recover.card, &recover.raw];
            let places = places.into_iter().map(Option::as_deref);
            let access = searching(none.read(&recover.source), &recover.searching);
            written(access, places)
        }
        Command::Words(words) => {
            let access = searching(none.read(&words.source), &words.searching);
            written(access, [words.to.as_deref()])
        }
        Command::Log(Log::Verify(verify)) => none.read(&verify.file),
        Command::Man(man) => {
            let page = man.to.as_deref().map(|folder| folder.join("page"));
            written(none, [page.as_deref()])
        }
        Command::SelfTest(_) | Command::Completions(_) => none,
    }
}

fn of_audit(audit: &Audit) -> Access {
    let none = Access::none();
    if let Some(AuditCommand::Merge(merge)) = &audit.command {
        return answered(none.read_all(&merge.files), &merge.answer);
    }
    let sources = &audit.cards.sources;
    let access = if audit.watch {
        // A card reader's node goes with its card and comes back as another.
        sources
            .iter()
            .fold(none, |access, path| access.await_at(path))
    } else {
        none.read_all(sources)
    };
    answered(read(access, audit.resume.as_deref()), &audit.answer)
}

fn answered(access: Access, answer: &Answer) -> Access {
    let Answer {
        ndjson,
        html,
        csv,
        dfxml,
        min_cards: _,
        expect,
        write_register,
        log,
        redact: _,
    } = answer;
    let lines = ndjson.as_deref().filter(|file| *file != Path::new("-"));
    let files = [html, csv, dfxml, write_register, log];
    let files = files.into_iter().map(Option::as_deref);
    written(read(access, expect.as_deref()), files.chain([lines]))
}

fn searching(access: Access, searching: &Searching) -> Access {
    let access = read(access, searching.expect.as_deref());
    written(access, [searching.resume.as_deref()])
}

fn read(access: Access, file: Option<&Path>) -> Access {
    match file {
        Some(file) => access.read(file),
        None => access,
    }
}

fn written<'a>(access: Access, places: impl IntoIterator<Item = Option<&'a Path>>) -> Access {
    let places = places.into_iter().flatten();
    places.fold(access, |access, place| access.write(place))
}

/// Takes the sources that `--files-from` names in among those given, before the fence that they
/// decide on stands.
pub(crate) fn settle(command: &mut Command) -> anyhow::Result<()> {
    let cards = match command {
        Command::List(cards) => cards,
        Command::Audit(audit) => &mut audit.cards,
        _ => return Ok(()),
    };
    let args::Sources {
        sources,
        files_from,
        ..
    } = cards;
    if let Some(file) = files_from.take() {
        let all: Vec<PathBuf> = crate::commands::sources(sources, Some(&file))?;
        *sources = all;
    }
    Ok(())
}
