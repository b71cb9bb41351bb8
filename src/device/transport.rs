//! Reports of 64 bytes to a device and back.

use std::io;
use std::time::Duration;

use super::address::Address;
use super::claim::ClaimError;
use super::hid::{self, Found, Kind};
use super::pairing::Keys;
use super::tcp;

/// Bytes of a report.
pub const REPORT: usize = 64;
/// What goes over the cable at once.
pub type Report = [u8; REPORT];

/// A cable to a device.
pub trait Transport: Send {
    /// Writes one report.
    ///
    /// # Errors
    /// If the device is gone or the system refuses.
    fn write(&mut self, report: &Report) -> Result<(), TransportError>;

    /// Reads one report; `None` if none came in that time.
    ///
    /// # Errors
    /// If the device is gone or the system refuses.
    fn read(&mut self, within: Duration) -> Result<Option<Report>, TransportError>;
}

/// Why no report went over.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The device is not there any more.
    #[error("the device is gone")]
    Gone,
    /// The system refused.
    #[error("{0}")]
    System(io::Error),
    /// A report has another length.
    #[error("a report of {found} bytes came instead of {REPORT}")]
    Length {
        /// Its bytes.
        found: usize,
    },
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => Self::Gone,
            _ => Self::System(error),
        }
    }
}

/// Why there is no cable to a device.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// None is on USB.
    #[error("no BitBox02 is connected by USB")]
    None,
    /// Several are on USB, and none was chosen.
    #[error("several BitBox devices are connected")]
    Several(Vec<Found>),
    /// None is at this path.
    #[error("{path}: no BitBox02 is there")]
    NotThere {
        /// The path.
        path: String,
        /// Those that are there.
        found: Vec<Found>,
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

/// Opens the cable to a device and claims it: as long as the cable is open, another run is told that it
/// is in use. `remote` allows TCP to other machines.
///
/// # Errors
/// If there is no such device, or it cannot be used.
pub fn open(address: &Address, keys: &Keys, remote: bool) -> Result<Box<dyn Transport>, OpenError> {
    match address {
        Address::Tcp { host, port } => tcp::open(host, *port, keys, remote),
        Address::Usb => {
            let mut all = hid::found()?;
            // Next to one that runs its firmware a bootloader is no choice.
            if all.iter().any(|one| one.kind == Kind::Firmware) {
                all.retain(|one| one.kind == Kind::Firmware);
            }
            match all.as_slice() {
                [] => Err(OpenError::None),
                [only] => hid::open(only),
                _ => Err(OpenError::Several(all)),
            }
        }
        Address::UsbAt(path) => {
            let all = hid::found()?;
            match all.iter().find(|one| one.path == *path) {
                Some(one) => hid::open(one),
                None => Err(OpenError::NotThere {
                    path: path.clone(),
                    found: all,
                }),
            }
        }
    }
}
