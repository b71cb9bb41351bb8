//! What each command may touch: what it reads, where it writes, and whether it talks to a device. The fence
//! lets in nothing else.

use std::path::{Path, PathBuf};

use bitbox_backup::device::Address;
use bitbox_backup::image::{belongings, belongings_of};

use super::Command;
use crate::args::Searching;
use crate::commands::audit::reports::Reports;
use crate::commands::device::Device;
use crate::commands::{audit, log, owner};
use crate::sandbox::Access;

impl Command {
    /// What it may touch.
    pub(crate) fn access(&self) -> Access {
        access(self)
    }

    /// Every place that it may write to.
    pub(crate) fn written(&self) -> Vec<PathBuf> {
        written(self)
    }

    /// Whether a device is talked to.
    pub(crate) fn talks(&self) -> bool {
        match self {
            Self::Device(device) => !matches!(device, Device::Unpair(_)),
            Self::Match(matching) => matching.id.is_none(),
            _ => false,
        }
    }

    /// Whether a card reader is opened more than once, since other cards are put into it.
    pub(crate) fn reopens(&self) -> bool {
        matches!(self, Self::Audit(audit) if audit.watch)
    }

    /// Takes the sources that `--files-from` names in among those given, and looks up the names of hosts,
    /// before the fence that they decide on stands.
    pub(crate) fn settle(&mut self) -> anyhow::Result<()> {
        settle(self)
    }
}

/// What a command reads and writes.
fn access(command: &Command) -> Access {
    let places = written(command);
    places
        .iter()
        .fold(read_by(command), |access, place| access.write(place))
}

/// What it reads.
fn read_by(command: &Command) -> Access {
    let none = Access::none();
    match command {
        Command::List(list) => sources(none, &list.examine.cards.sources),
        Command::Inspect(inspect) => source(none, &inspect.source),
        Command::Wallet(wallet) => sources(none, &wallet.cards.sources),
        Command::Letter(letter) => sources(none, &letter.cards.sources),
        Command::Match(matching) => {
            let access = sources(none, &matching.cards.sources);
            match &matching.id {
                Some(_) => access,
                None if matching.device.is_empty() => reach(access, &Address::Usb),
                None => matching.device.iter().fold(access, reach),
            }
        }
        Command::Image(image) => source(none, &image.source),
        // The recovered files bear the device's date.
        Command::Rescue(rescue) => {
            let access = source(none, rescue.source()).dates();
            access.read_all(&rescue.beside())
        }
        Command::Sources(_) => none,
        Command::Device(device) => through(device),
        Command::Audit(audit) => of_audit(audit),
        Command::Diff(diff) => none.read(&diff.old).read(&diff.new),
        Command::Recover(recover) => {
            let access = searching(sources(none, &recover.cards.sources), &recover.searching);
            // What a device would have written bears the device's date.
            access.dates()
        }
        Command::Words(words) => searching(sources(none, &words.cards.sources), &words.searching),
        Command::Log(log::Log::Verify(verify)) => none.read(&verify.file),
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
    all.extend(belongings_of(paths));
    access.read_all(&all)
}

/// What a device command touches: the device, and the folder of our keys.
fn through(device: &Device) -> Access {
    let none = Access::none();
    let (connection, verify) = match device {
        Device::Info(ask) | Device::List(ask) | Device::Check(ask) => (&ask.connection, None),
        Device::Create(create) => (&create.ask.connection, create.verify.as_deref()),
        Device::Unpair(_) => return keys(none),
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

fn of_audit(audit: &audit::Args) -> Access {
    let none = Access::none();
    if let Some(audit::Command::Merge(merge)) = &audit.command {
        return answered(none.read_all(&merge.files), &merge.reports);
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
    answered(read(access, audit.resume.as_deref()), &audit.reports)
}

fn answered(access: Access, reports: &Reports) -> Access {
    read(access, reports.expect.as_deref())
}

fn searching(access: Access, searching: &Searching) -> Access {
    let known = [&searching.xpub, &searching.address, &searching.fingerprint];
    let files = known
        .into_iter()
        .flatten()
        .filter_map(|text| owner::file(text));
    let words = searching.known_words.iter().flatten().map(PathBuf::as_path);
    let files = files.chain(words);
    files.fold(read(access, searching.expect.as_deref()), Access::read)
}

fn read(access: Access, file: Option<&Path>) -> Access {
    match file {
        Some(file) => access.read(file),
        None => access,
    }
}

fn settle(command: &mut Command) -> anyhow::Result<()> {
    if let Command::Rescue(rescue) = command {
        return rescue.settle();
    }
    for address in addresses(command) {
        crate::privacy::learn_device(address);
        // A host that is not there is said where it is to be connected.
        let _ = address.resolve();
    }
    let cards = match command {
        Command::List(list) => &mut list.examine.cards,
        Command::Audit(audit) => &mut audit.list.cards,
        Command::Wallet(wallet) => &mut wallet.cards,
        Command::Letter(letter) => &mut letter.cards,
        Command::Match(matching) => &mut matching.cards,
        Command::Recover(recover) => &mut recover.cards,
        Command::Words(words) => &mut words.cards,
        _ => return Ok(()),
    };
    if let Some(file) = &cards.files_from {
        crate::privacy::learn_places([file]);
        cards.sources = crate::commands::sources(cards)?;
        cards.files_from = None;
    }
    Ok(())
}

/// The devices that are named.
fn addresses(command: &mut Command) -> &mut [Address] {
    match command {
        Command::Match(matching) if matching.id.is_none() => &mut matching.device,
        Command::Device(Device::Info(ask) | Device::List(ask) | Device::Check(ask)) => {
            std::slice::from_mut(&mut ask.connection.device)
        }
        Command::Device(Device::Create(create)) => {
            std::slice::from_mut(&mut create.ask.connection.device)
        }
        _ => &mut [],
    }
}

/// Every place that a command may write to.
fn written(command: &Command) -> Vec<PathBuf> {
    let places: Vec<Option<&Path>> = match command {
        Command::Image(image) => vec![Some(&image.to)],
        Command::Recover(recover) => vec![
            recover.to.as_deref(),
            recover.card.as_deref(),
            recover.raw.as_deref(),
            recover.searching.resume.as_deref(),
        ],
        Command::Words(words) => vec![words.to.as_deref(), words.searching.resume.as_deref()],
        Command::Audit(audit) => match &audit.command {
            Some(audit::Command::Merge(merge)) => of_reports(&merge.reports),
            None => of_reports(&audit.reports),
        },
        Command::SelfTest(test) => vec![test.validation.as_deref()],
        _ => Vec::new(),
    };
    let log = command.record().and_then(|record| record.log.as_deref());
    let mut places: Vec<_> = places.into_iter().flatten().map(Path::to_owned).collect();
    // What is written to these folders has names of its own.
    let folder = match command {
        Command::Man(man) => man.to.as_deref(),
        Command::Letter(letter) => letter.to.as_deref(),
        _ => None,
    };
    places.extend(folder.map(|folder| {
        if folder.is_dir() {
            folder.join("page")
        } else {
            folder.to_owned() // it is made first
        }
    }));
    if let Command::Rescue(rescue) = command {
        places.extend(rescue.places());
    }
    // An audit names its own among its reports.
    let log = log.filter(|log| places.iter().all(|place| place != log));
    places.extend(log.map(Path::to_owned));
    places
}

fn of_reports(reports: &Reports) -> Vec<Option<&Path>> {
    reports.places().into_iter().map(Some).collect()
}
