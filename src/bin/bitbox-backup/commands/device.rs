//! `device`: what "Manage backups" of the BitBox's app does, through the device.

mod card;
mod connect;
pub(crate) mod create;
pub(super) mod hints;
pub(crate) mod queries;
mod verify;

use std::io::Write;

use bitbox_backup::device::Notice;
use clap::Subcommand;

use crate::args::{Ask, Global, Record, help};
use crate::exit::Exit;

pub(crate) use connect::{Connected, connect, open, talk};

/// What is said at the first Ctrl-C while a device is waited for.
const STOPPING: &str = "stopping: the device is not asked any more, so it drops the request; press again to end at once";

/// What is done with a connected BitBox02.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Show which device it is, whether it is genuine, and which wallet it holds
    #[command(after_help = help::MORE, after_long_help = help::DEVICE_INFO)]
    Info(Ask),
    /// List the backups on the card in the device, as the device lists them
    #[command(after_help = help::MORE, after_long_help = help::DEVICE_LIST)]
    List(Ask),
    /// Check whether the card in the device holds a valid backup of its wallet
    ///
    /// You compare the ID on both screens.
    #[command(after_help = help::MORE, after_long_help = help::DEVICE_CHECK)]
    Check(Ask),
    /// Make a backup of the device's wallet on the card in the device
    ///
    /// The device asks its questions on its own screen. Afterwards, also after an error, the card is listed
    /// and checked. What could not be asked then is reported as unknown, never as "no".
    #[command(after_help = help::MORE, after_long_help = help::DEVICE_CREATE)]
    Create(create::Args),
    /// Forget the devices this computer was paired with, and its own key
    #[command(after_help = help::MORE, after_long_help = help::DEVICE_UNPAIR)]
    Unpair(queries::Unpair),
}

impl Device {
    /// What is kept of the run, and whether answers are redacted.
    pub(crate) fn record(&self) -> Option<&Record> {
        match self {
            Self::Info(ask) | Self::List(ask) | Self::Check(ask) => Some(&ask.record),
            Self::Create(create) => Some(&create.ask.record),
            Self::Unpair(_) => None,
        }
    }

    /// Its name, and whether `--json` was given.
    pub(crate) fn answers_in_json(&self) -> (&'static str, bool) {
        match self {
            Self::Info(ask) => ("device info", ask.json),
            Self::List(ask) => ("device list", ask.json),
            Self::Check(ask) => ("device check", ask.json),
            Self::Create(create) => ("device create", create.ask.json),
            Self::Unpair(unpair) => ("device unpair", unpair.json),
        }
    }
}

pub(crate) fn run(args: &Device, global: &Global) -> anyhow::Result<Exit> {
    match args {
        Device::Info(ask) => queries::info(ask, global),
        Device::List(ask) => queries::list(ask, global),
        Device::Check(ask) => queries::check(ask, global),
        Device::Create(create) => create::run(create, global),
        Device::Unpair(unpair) => queries::unpair(unpair),
    }
}

/// Says what has to be done or known before a question, here or on the device, is answered; not on standard
/// output, which has the answer alone.
pub(super) fn say(text: &str) {
    // Nobody may be listening: that does not keep the device from its work.
    let _ = crate::render::text::device::note(&mut crate::output::stderr(), text);
}

/// The same, word for word also with `--redact`: what to do on the device, with nothing of whose it is.
fn instruct(text: &str) {
    if crate::privacy::is_on() {
        let _ = writeln!(anstream::stderr(), "{text}");
    } else {
        say(text);
    }
}

/// What the library has to say while it waits.
fn notice(notice: Notice) {
    match notice {
        Notice::Busy => say(
            "The BitBox is busy: finish or cancel what is on its screen, and close other programs that use it.",
        ),
        Notice::Cleared => {
            say("Another program left half a message in the BitBox; it was cleared.");
        }
        _ => {}
    }
}
