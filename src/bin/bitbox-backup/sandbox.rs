//! What each command may touch, and the fence around it.

#[cfg_attr(not(target_os = "linux"), path = "sandbox/rights_none.rs")]
mod rights;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bitbox_backup::device::Address;
use bitbox_backup::image::belongings;
use bitbox_backup::sandbox::{self, Access, Level};

use crate::args::{self, Answer, Args, Audit, AuditCommand, Command, Log, Searching};
use crate::places;

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
    let places = places::written(command);
    places
        .iter()
        .fold(reading(command), |access, place| access.write(place))
}

/// What it reads.
fn reading(command: &Command) -> Access {
    let none = Access::none();
    match command {
        Command::List(list) => sources(none, &list.cards.sources),
        Command::Inspect(inspect) => source(none, &inspect.source),
        Command::Wallet(wallet) => sources(none, &wallet.cards.sources),
        Command::Match(matching) => {
            let access = sources(none, &matching.cards.sources);
            match &matching.id {
                Some(_) => access,
                None if matching.device.is_empty() => reach(access, &Address::Usb),
                None => matching.device.iter().fold(access, reach),
            }
        }
        Command::Image(image) => source(none, &image.source),
        Command::Sources(_) => none,
        Command::Device(device) => through(device),
        Command::Audit(audit) => of_audit(audit),
        Command::Diff(diff) => none.read(&diff.old).read(&diff.new),
        Command::Recover(recover) => searching(source(none, &recover.source), &recover.searching),
        Command::Words(words) => searching(source(none, &words.source), &words.searching),
        Command::Log(Log::Verify(verify)) => none.read(&verify.file),
        Command::Man(_) | Command::SelfTest(_) | Command::Completions(_) => none,
    }
}

/// A card that is read, with what may lie beside it.
fn source(access: Access, path: &Path) -> Access {
    let beside = belongings(path);
    beside
        .iter()
        .fold(access.read(path), |access, path| access.read(path))
}

fn sources(access: Access, paths: &[PathBuf]) -> Access {
    let mut all = paths.to_vec();
    all.extend(paths.iter().flat_map(|path| belongings(path)));
    access.read_all(&all)
}

/// What a device command touches: the device, and the folder of our keys.
fn through(device: &args::Device) -> Access {
    let none = Access::none();
    let (connection, verify) = match device {
        args::Device::Info(ask) | args::Device::List(ask) | args::Device::Check(ask) => {
            (&ask.connection, None)
        }
        args::Device::Create(create) => (&create.connection, create.verify.as_deref()),
        args::Device::Unpair(_) => return keys(none),
    };
    let access = match verify {
        Some(card) => none.await_at(card),
        None => none,
    };
    reach(access, &connection.device)
}

/// A device that is talked to, and the keys for it.
fn reach(access: Access, address: &Address) -> Access {
    let access = keys(access);
    match address {
        Address::Tcp { .. } => access.network(),
        Address::UsbAt(path) => access.device(Path::new(path)),
        Address::Usb => {
            let found = bitbox_backup::reader::bitboxes(Path::new("/"));
            let found = found.unwrap_or_default();
            found.iter().fold(access, |access, device| {
                access.device(Path::new(&device.path))
            })
        }
    }
}

/// The folder of our keys, which may have to be made in one that is there.
fn keys(access: Access) -> Access {
    let Some(folder) = bitbox_backup::device::keys_folder() else {
        return access;
    };
    let there = folder.ancestors().find(|folder| folder.exists());
    match there {
        Some(there) => access.write(&there.join("keys")),
        None => access,
    }
}

fn of_audit(audit: &Audit) -> Access {
    let none = Access::none();
    if let Some(AuditCommand::Merge(merge)) = &audit.command {
        return answered(none.read_all(&merge.files), &merge.answer);
    }
    let sources = &audit.list.cards.sources;
    let access = if audit.watch {
        // A card reader's node goes with its card and comes back as another.
        sources
            .iter()
            .fold(none, |access, path| access.await_at(path))
    } else {
        self::sources(none, sources)
    };
    answered(read(access, audit.resume.as_deref()), &audit.answer)
}

fn answered(access: Access, answer: &Answer) -> Access {
    read(access, answer.expect.as_deref())
}

fn searching(access: Access, searching: &Searching) -> Access {
    read(access, searching.expect.as_deref())
}

fn read(access: Access, file: Option<&Path>) -> Access {
    match file {
        Some(file) => access.read(file),
        None => access,
    }
}

/// Takes the sources that `--files-from` names in among those given, before the fence that they
/// decide on stands.
pub(crate) fn settle(command: &mut Command) -> anyhow::Result<()> {
    let cards = match command {
        Command::List(list) => &mut list.cards,
        Command::Audit(audit) => &mut audit.list.cards,
        Command::Wallet(wallet) => &mut wallet.cards,
        Command::Match(matching) => &mut matching.cards,
        _ => return Ok(()),
    };
    if cards.files_from.is_some() {
        cards.sources = crate::commands::sources(cards)?;
        cards.files_from = None;
    }
    Ok(())
}
