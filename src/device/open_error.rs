//! The devices on USB, and why there is no cable to one.

use std::io;

use super::lock::ClaimError;

/// What a device runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// Its firmware.
    Firmware,
    /// Its bootloader, which knows nothing of backups.
    Bootloader,
}

/// A device on USB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// Where, for `--device hid:PATH`.
    pub path: String,
    /// What it calls itself: one of a few known names.
    pub product: &'static str,
    /// What it runs.
    pub kind: DeviceKind,
    /// Its serial string, which is its version, as it is: not escaped.
    pub version: Option<String>,
}

/// Why there is no cable to a device.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// None is on USB.
    #[error("no BitBox02 is connected by USB")]
    None,
    /// Several are on USB, and none was chosen.
    #[error("several BitBox devices are connected")]
    Several(Vec<FoundDevice>),
    /// None is at this path.
    #[error("{path}: no BitBox02 is there")]
    NotThere {
        /// The path.
        path: String,
        /// Those that are there.
        found: Vec<FoundDevice>,
    },
    /// What is at this path runs its bootloader, not its firmware.
    #[error("{0}: the device is in bootloader mode")]
    Bootloader(String),
    /// The system does not let this user talk to what is at this path.
    #[error("{0}: no permission to talk to the device")]
    Permission(String),
    /// Another program, or another run of this one, talks to it.
    #[error("{0}")]
    Claim(#[from] ClaimError),
    /// The system cannot say which devices there are.
    #[error("the USB devices cannot be listed")]
    List,
    /// The system refused.
    #[error("{address}: {error}")]
    System {
        /// Where.
        address: String,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// This name stands for no address.
    #[error("{0}: there is no such host")]
    NoHost(String),
    /// What is at this address is on another machine.
    #[error("{0}: is on another machine")]
    Remote(String),
}
