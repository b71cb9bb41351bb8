//! What each command may touch, and the fence around it.

#[cfg_attr(
    not(all(
        target_os = "linux",
        any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "riscv64"
        )
    )),
    path = "fence/attempts_none.rs"
)]
mod attempts;
#[cfg(target_os = "linux")]
#[cfg_attr(
    not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )),
    path = "fence/calls_none.rs"
)]
mod calls;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod privilege;
mod proof;
#[cfg_attr(not(target_os = "linux"), path = "fence/rights_none.rs")]
mod rights;
#[cfg(all(test, target_os = "linux"))]
mod tests;
mod wall;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use bitbox_backup::device::{Address, Keys};
use bitbox_backup::image::belongings;

use wall::{Access, Level};

pub(crate) use proof::{Proof, prove};

use crate::args::{self, Answer, Args, Audit, AuditCommand, Command, Global, Log, Searching};
use crate::places;

/// How far the fence goes, and what it lets in; `None` where none was wanted.
static FENCE: Mutex<Option<(Level, Access)>> = Mutex::new(None);

/// What became of root's rights, in words; empty where there were none.
static RIGHTS: OnceLock<String> = OnceLock::new();

/// Opens what only root may open, gives up root's rights and puts up the fence, unless `--no-sandbox`.
/// Before any thread starts, and before anything is read.
pub(crate) fn enter(args: &Args) -> anyhow::Result<()> {
    if !args.global.no_sandbox {
        let access = access(&args.command);
        let _ = RIGHTS.set(rights::give_up(&access, &args.command)?);
        // Another user's process is one that may be looked into again; inside nothing changes that.
        crate::no_core_dumps();
        let access = if talks(&args.command) {
            // Inside, no folder is taken from others' eyes. If it cannot be made, whoever needs it says so.
            let _ = Keys::make_folder();
            self::access(&args.command)
        } else {
            access
        };
        *fence() = Some((wall::enter(&access), access));
    }
    say(&args.global);
    Ok(())
}

/// The devices are connected: from now on none can be opened, and nothing else connected. Before the
/// threads that read cards start, since not every kernel narrows what other threads may open.
pub(crate) fn connected(global: &Global) {
    narrow(Access::connected, global);
}

/// The devices are not talked to any more, and cards are read: from now on nothing is written either.
pub(crate) fn reading(global: &Global) {
    narrow(Access::reading, global);
}

fn narrow(less: fn(&Access) -> Access, global: &Global) {
    let mut fence = fence();
    let Some((level, access)) = fence.as_mut() else {
        return;
    };
    let less = less(access);
    if less == *access {
        return;
    }
    let before = *level;
    *level = wall::narrow(before, &less);
    *access = less;
    let changed = *level != before;
    drop(fence);
    if changed {
        say(global);
    }
}

fn say(global: &Global) {
    if global.verbose {
        let _ = writeln!(anstream::stderr(), "sandbox: {}", said());
    }
}

fn fence() -> std::sync::MutexGuard<'static, Option<(Level, Access)>> {
    FENCE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far the fence goes, in words.
pub(crate) fn said() -> String {
    let level = match level() {
        Some(level) => level.to_string(),
        None => "off".to_owned(),
    };
    match RIGHTS.get().map(String::as_str) {
        None | Some("") => level,
        Some(rights) => format!("{level}; {rights}"),
    }
}

/// How far it goes.
pub(crate) fn level() -> Option<Level> {
    fence().as_ref().map(|(level, _)| *level)
}

/// What a command reads and writes.
fn access(command: &Command) -> Access {
    let places = places::written(command);
    places
        .iter()
        .fold(read_by(command), |access, place| access.write(place))
}

/// What it reads.
fn read_by(command: &Command) -> Access {
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
        Command::Recover(recover) => {
            let access = searching(source(none, &recover.source), &recover.searching);
            // What a device would have written bears the device's date.
            access.dates()
        }
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

/// Whether a device is talked to.
fn talks(command: &Command) -> bool {
    match command {
        Command::Device(device) => !matches!(device, args::Device::Unpair(_)),
        Command::Match(matching) => matching.id.is_none(),
        _ => false,
    }
}

/// A device that is talked to, and the keys for it.
fn reach(access: Access, address: &Address) -> Access {
    let access = keys(access);
    match address {
        Address::Tcp { places, .. } => access.connect(places),
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

/// Takes the sources that `--files-from` names in among those given, and looks up the names of hosts,
/// before the fence that they decide on stands.
pub(crate) fn settle(command: &mut Command) -> anyhow::Result<()> {
    for address in addresses(command) {
        // A host that is not there is said where it is to be connected.
        let _ = address.resolve();
    }
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

/// The devices that are named.
fn addresses(command: &mut Command) -> &mut [Address] {
    match command {
        Command::Match(matching) if matching.id.is_none() => &mut matching.device,
        Command::Device(
            args::Device::Info(ask) | args::Device::List(ask) | args::Device::Check(ask),
        ) => std::slice::from_mut(&mut ask.connection.device),
        Command::Device(args::Device::Create(create)) => {
            std::slice::from_mut(&mut create.connection.device)
        }
        _ => &mut [],
    }
}
