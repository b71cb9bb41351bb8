//! The command line of what goes through a device.

use std::path::PathBuf;

use bitbox_backup::device::Address;
use clap::Subcommand;

use super::help;

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
    Create(Create),
    /// Forget the devices this computer was paired with, and its own key
    #[command(after_help = help::MORE, after_long_help = help::DEVICE_UNPAIR)]
    Unpair(Unpair),
}

impl Device {
    /// Its name, and whether `--json` was given.
    pub(super) fn answers_in_json(&self) -> (&'static str, bool) {
        match self {
            Self::Info(ask) => ("device info", ask.json),
            Self::List(ask) => ("device list", ask.json),
            Self::Check(ask) => ("device check", ask.json),
            Self::Create(create) => ("device create", create.json),
            Self::Unpair(unpair) => ("device unpair", unpair.json),
        }
    }
}

/// How a device is reached.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Connection {
    /// The device to use: on USB, at a path if there are several, or a simulator
    #[arg(
        long,
        value_name = "hid[:PATH]|tcp://HOST:PORT",
        default_value = "hid",
        hide_default_value = true
    )]
    pub(crate) device: Address,
    /// Stop if the device does not prove that it is genuine
    #[arg(long)]
    pub(crate) require_genuine: bool,
    /// Skip every confirmation prompt, except the comparison of the pairing code
    #[arg(long)]
    pub(crate) yes: bool,
    /// Allow tcp to another machine
    #[arg(long)]
    pub(crate) remote: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Afterwards read the card in this card reader (or an image or folder) and compare it with the device's answer
    ///
    /// The source is opened before the device is asked anything, so that a typo costs nothing.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) verify: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Unpair {
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
