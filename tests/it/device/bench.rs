//! An emulated device, a computer, and the cable between them.

use std::path::Path;
use std::time::Duration;

use bitbox_backup::device::{Address, Keys, Paired, Unpaired, Waiter, open};
use emulator::{Card, Device, Emulator, Fault, Slot, What, When};
use fixtures::backup::{Backup, Variant};
use fixtures::power_cut::LAYOUT;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::person::Person;
use crate::support::program::{Ran, program, ran, without_terminal};

/// A device and a computer.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    /// Where the computer keeps its keys, and its working folder.
    pub(crate) home: TempDir,
    /// Screens of the device before the test began.
    before: usize,
}

/// A card as the device formats it, with these backups on it.
pub(crate) fn card(backups: &[Backup]) -> Card {
    let mut fat = LAYOUT.format();
    for backup in backups {
        fat.save(backup);
    }
    Card::new(fat.card)
}

/// A card with one backup of which every copy crashes the device: its metadata is missing.
pub(crate) fn crashing() -> Card {
    let mut fat = LAYOUT.format();
    let other = fixtures::wallet::abandon();
    let bytes = other.encode_as(Variant::WithoutMetadata);
    fat.save_bytes(&other, [&bytes, &bytes, &bytes]);
    Card::new(fat.card)
}

/// A device with this card in it.
pub(crate) fn holding(card: Card) -> Device {
    Device {
        slot: Slot::Inserted(card),
        locked: false,
        ..Device::default()
    }
}

/// A device with a card in it that has these backups.
pub(crate) fn with_card(backups: &[Backup]) -> Device {
    Device {
        slot: Slot::Inserted(card(backups)),
        ..Device::default()
    }
}

/// A device gives up on a host that is silent for half a second; on a busy machine that would be a test of
/// the machine. Tests of just that say how long.
fn patient(device: Device) -> Device {
    let patience = if device.patience == Device::default().patience {
        Some(Duration::from_secs(5))
    } else {
        device.patience
    };
    Device { patience, ..device }
}

impl Bench {
    /// A device and a computer that do not know each other.
    pub(crate) fn strangers(device: Device) -> Self {
        Self {
            emulator: Emulator::start(patient(device)),
            home: tempfile::tempdir().unwrap(),
            before: 0,
        }
    }

    /// The same, paired, and the device unlocked; then the device becomes as given.
    pub(crate) fn paired(device: Device) -> Self {
        let mut bench = Self::strangers(Device {
            key: device.key,
            ..Device::default()
        });
        let keys = bench.keys();
        let address: Address = bench.emulator.url().parse().unwrap();
        let cable = open(&address, &keys, false).unwrap();
        let mut greeted = Unpaired::greet(cable, Waiter::silent()).unwrap();
        greeted.unlock().unwrap();
        match greeted.handshake(&keys).unwrap() {
            Paired::Unknown(pairing) => drop(pairing.verify().unwrap().remember(&keys).unwrap()),
            Paired::Known(_) => panic!("they cannot know each other"),
        }
        bench.emulator.change(|now| {
            let hosts = std::mem::take(&mut now.hosts);
            *now = patient(Device { hosts, ..device });
        });
        bench.before = bench.emulator.screens().len();
        bench
    }

    /// Paired, unlocked, with a card with these backups, and this fault.
    pub(crate) fn faulty(when: When, what: What) -> Self {
        let mut device = with_card(&[fixtures::wallet::twelve()]);
        device.locked = false;
        device.faults = vec![Fault::once(when, what)];
        Self::paired(device)
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys::at(&self.home.path().join("bitbox-backup")).unwrap()
    }

    /// Runs `device` without any terminal.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// The same with these variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let url = self.emulator.url();
        let mut command = program(self.home.path());
        command
            .args(["device"])
            .args(arguments)
            .args(["--device", &url])
            .env("XDG_CONFIG_HOME", self.home.path())
            .envs(variables.iter().copied());
        ran(without_terminal(&mut command))
    }

    /// Runs it and reads its answer.
    pub(crate) fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let ran = self.run(&[arguments, &["--json"]].concat());
        let value = serde_json::from_str(&ran.out);
        (
            ran.status,
            value.unwrap_or_else(|error| panic!("{error}: {ran:?}")),
        )
    }

    /// Runs it before a person at a terminal.
    pub(crate) fn person(&self, arguments: &[&str]) -> Person {
        let url = self.emulator.url();
        let arguments = [&["device"], arguments, &["--device", &url]].concat();
        let home = self.home.path().to_owned();
        Person::starts_on(self.home.path(), &arguments, (50, 100), |command| {
            command
                .env("XDG_CONFIG_HOME", home)
                .env("TZ", "Europe/Zurich")
        })
    }

    /// The titles of the screens since the test began.
    pub(crate) fn titles(&self) -> Vec<String> {
        let screens = self.emulator.screens().into_iter().skip(self.before);
        screens.map(|screen| screen.title).collect()
    }
}

/// Holds a run against what it has to say.
#[track_caller]
pub(crate) fn says(ran: &Ran, status: i32, lines: &[&str]) {
    assert_eq!(ran.status, Some(status), "{ran:#?}");
    for line in lines {
        assert!(ran.err.contains(line), "never said {line:?}: {ran:#?}");
    }
    assert!(!ran.err.contains("panicked"), "{ran:#?}");
    assert!(!ran.err.contains('\x1b'), "{ran:#?}");
}

/// The bytes of a file.
pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
