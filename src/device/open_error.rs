//! Why there is no cable to a device.
use super::found::FoundDevice;
use super::lock::ClaimError;
use std::io;

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
    /// It runs its bootloader, not its firmware.
    #[error("{path}: the device is in bootloader mode")]
    Bootloader {
        /// Where.
        path: String,
    },
    /// The system does not let this user talk to it.
    #[error("{path}: no permission to talk to the device")]
    Permission {
        /// Where.
        path: String,
    },
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
    /// The name stands for no address.
    #[error("{host}: there is no such host")]
    NoHost {
        /// The name.
        host: String,
    },
    /// It is on another machine.
    #[error("{address}: is on another machine")]
    Remote {
        /// Where.
        address: String,
    },
}
