//! How a device is reached.

use bitbox_backup::device::Address;

use super::Record;

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

/// What every question to a device takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) record: Record,
}
