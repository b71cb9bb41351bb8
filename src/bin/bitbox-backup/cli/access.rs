//! What each command may touch: what it reads, where it writes, and whether it talks to a device. The fence
//! lets in nothing else.

use std::path::{Path, PathBuf};

use bitbox_backup::device::{Address, keys_folder};
use bitbox_backup::image::{belongings, belongings_of};
use bitbox_backup::reader;

use super::Command;
use crate::args::Searching;
use crate::commands::device::Device;
use crate::commands::{self, audit, log, owner};
use crate::privacy;
use crate::sandbox::Access;

impl Command {
    pub(crate) fn access(&self) -> Access {
        let places = self.written();
        let write = |access: Access, place: &PathBuf| access.write(place);
        places.iter().fold(self.read(), write)
    }

    fn read(&self) -> Access {
        let none = Access::none();
        match self {
            Self::List(list) => sources(none, &list.examine.cards.sources),
            Self::Inspect(inspect) => source(none, &inspect.source),
            Self::Wallet(wallet) => sources(none, &wallet.cards.sources),
            Self::Letter(letter) => sources(none, &letter.cards.sources),
            Self::Match(matching) => {
                let access = sources(none, &matching.cards.sources);
                match &matching.id {
                    Some(_) => access,
                    None if matching.device.is_empty() => reach(access, &Address::Usb),
                    None => matching.device.iter().fold(access, reach),
                }
            }
            Self::Image(image) => source(none, &image.source),
            // The recovered files bear the device's date.
            Self::Rescue(rescue) => {
                let access = source(none, rescue.source()).dates();
                access.read_all(&rescue.beside())
            }
            Self::Device(device) => through(device),
            Self::Audit(audit) => of_audit(audit),
            Self::Diff(diff) => none.read(&diff.old).read(&diff.new),
            // What a device would have written bears the device's date.
            Self::Recover(recover) => searching(&recover.cards.sources, &recover.searching).dates(),
            Self::Words(words) => searching(&words.cards.sources, &words.searching),
            Self::Log(log::Log::Verify(verify)) => none.read(&verify.file),
            Self::Sources(_) | Self::Man(_) | Self::SelfTest(_) | Self::Completions(_) => none,
        }
    }

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
        let addresses = match self {
            Self::Match(matching) if matching.id.is_none() => &mut *matching.device,
            Self::Device(Device::Info(ask) | Device::List(ask) | Device::Check(ask)) => {
                std::slice::from_mut(&mut ask.connection.device)
            }
            Self::Device(Device::Create(create)) => {
                std::slice::from_mut(&mut create.ask.connection.device)
            }
            _ => &mut [],
        };
        for address in addresses {
            privacy::learn_device(address);
            // A host that is not there is said where it is to be connected.
            let _ = address.resolve();
        }
        let cards = match self {
            Self::Rescue(rescue) => return rescue.settle(),
            Self::List(list) => &mut list.examine.cards,
            Self::Audit(audit) => &mut audit.list.cards,
            Self::Wallet(wallet) => &mut wallet.cards,
            Self::Letter(letter) => &mut letter.cards,
            Self::Match(matching) => &mut matching.cards,
            Self::Recover(recover) => &mut recover.cards,
            Self::Words(words) => &mut words.cards,
            _ => return Ok(()),
        };
        if let Some(file) = &cards.files_from {
            privacy::learn_places([file]);
            cards.sources = commands::sources(cards)?;
            cards.files_from = None;
        }
        Ok(())
    }

    /// Every place that it may write to.
    pub(crate) fn written(&self) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = match self {
            Self::Image(image) => vec![image.to.clone()],
            Self::Recover(recover) => [
                &recover.to,
                &recover.card,
                &recover.raw,
                &recover.searching.resume,
            ]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
            Self::Words(words) => {
                let places = [&words.to, &words.searching.resume];
                places.into_iter().flatten().cloned().collect()
            }
            Self::Audit(audit) => {
                let places = audit.reports().places().into_iter();
                places.map(Path::to_owned).collect()
            }
            Self::SelfTest(test) => test.validation.iter().cloned().collect(),
            Self::Man(man) => man.to.iter().map(|folder| inside(folder)).collect(),
            Self::Letter(letter) => letter.to.iter().map(|folder| inside(folder)).collect(),
            Self::Rescue(rescue) => rescue.places(),
            _ => Vec::new(),
        };
        let log = self.record().and_then(|record| record.log.clone());
        // An audit names its own among its reports.
        places.extend(log.filter(|log| !places.contains(log)));
        places
    }
}

/// What is written to this folder has names of its own; a folder that is not there is made first.
fn inside(folder: &Path) -> PathBuf {
    match folder.is_dir() {
        true => folder.join("page"),
        false => folder.to_owned(),
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
    match device {
        Device::Info(ask) | Device::List(ask) | Device::Check(ask) => {
            reach(none, &ask.connection.device)
        }
        Device::Create(create) => {
            let cards = create.verify.iter();
            let access = cards.fold(none, |access, card| access.await_at(card));
            reach(access, &create.ask.connection.device)
        }
        Device::Unpair(_) => keys(none),
    }
}

/// A device that is talked to, and the keys for it.
fn reach(access: Access, address: &Address) -> Access {
    let access = keys(access);
    match address {
        Address::Tcp { places, .. } => access.connect(places),
        Address::UsbAt(path) => access.device(Path::new(path)),
        Address::Usb => {
            let found = reader::bitboxes(Path::new("/")).unwrap_or_default();
            let paths = found.iter().map(|device| Path::new(&device.path));
            paths.fold(access, Access::device)
        }
    }
}

/// The folder of our keys, which may have to be made in one that is there.
fn keys(access: Access) -> Access {
    let folder = keys_folder().unwrap_or_default();
    match folder.ancestors().find(|folder| folder.exists()) {
        Some(there) => access.write(&there.join("keys")),
        None => access,
    }
}

fn of_audit(audit: &audit::Args) -> Access {
    let none = Access::none();
    let files = &audit.list.cards.sources;
    let access = match &audit.command {
        Some(audit::Command::Merge(merge)) => none.read_all(&merge.files),
        // A card reader's node goes with its card and comes back as another.
        None if audit.watch => files
            .iter()
            .fold(none, |access, path| access.await_at(path)),
        None => sources(none, files).read_all(audit.resume.as_slice()),
    };
    access.read_all(audit.reports().expect.as_slice())
}

fn searching(cards: &[PathBuf], searching: &Searching) -> Access {
    let known = [&searching.xpub, &searching.address, &searching.fingerprint];
    let files = known
        .into_iter()
        .flatten()
        .filter_map(|text| owner::file(text));
    let words = searching.known_words.iter().flatten();
    let files = files.chain(words.chain(&searching.expect).map(PathBuf::as_path));
    files.fold(sources(Access::none(), cards), Access::read)
}
