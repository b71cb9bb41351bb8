//! A BitBox02 at the other end of a cable: finds it, checks that it is genuine, pairs, and asks it what
//! "Manage backups" of its app asks. The protocol is described in `docs/device.md`.
//!
//! The layers, bottom up: reports of 64 bytes over USB or TCP ([`Transport`]), frames, the polling of
//! the device's hardware-wallet interface, operations, Noise, requests. Everything blocks, and everything
//! that comes from the device is bounded: in bytes, in frames and in time.
//!
//! What may be asked when is a matter of types. [`Unpaired`] can prove itself and be unlocked; a
//! handshake makes it a [`Session`], or a [`Pairing`] whose code a person has to compare first. Only a
//! [`Session`] takes requests:
//!
//! ```compile_fail,E0599
//! fn before_pairing(mut device: bitbox_backup::device::Unpaired) {
//!     device.list_backups(); // no method named `list_backups` found for struct `Unpaired`
//! }
//! ```
//!
//! ```compile_fail,E0599
//! fn before_the_code_was_compared(mut device: bitbox_backup::device::Pairing) {
//!     device.list_backups(); // nor for `Pairing`
//! }
//! ```
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use bitbox_backup::device::{Address, Keys, Paired, Unpaired, Waiter, open};
//!
//! let keys = Keys::of_this_computer()?;
//! let transport = open(&"tcp://127.0.0.1:15423".parse::<Address>()?, &keys, false)?;
//! let mut device = Unpaired::greet(transport, Waiter::silent())?;
//! let genuine = device.attest()?;
//! device.unlock()?;
//! let mut session = match device.handshake(&keys)? {
//!     Paired::Known(session) => session,
//!     Paired::Unknown(pairing) => {
//!         println!("{} {genuine:?}", pairing.code()); // to be compared with the device's screen
//!         pairing.verify()?.remember(&keys)?
//!     }
//! };
//! println!("{:?}", session.list_backups()?);
//! # Ok(())
//! # }
//! ```

mod address;
mod attestation;
mod error;
mod frame;
mod hid;
mod hww;
mod info;
mod key_store;
mod lock;
mod message;
mod noise;
mod open;
mod open_error;
mod session;
mod tcp;
mod transport;

use std::sync::atomic::{AtomicBool, Ordering};

pub use address::{Address, AddressError, DEFAULT_PORT};
pub use attestation::{Doubt, Genuine};
pub use error::{ApiCode, Error, ErrorFrame, ExchangeError, Failure, FrameError, Step};
pub use hid::found;
pub use info::{DeviceVersion, Edition, Info, InfoError, Platform};
pub use key_store::{Keys, PairingError, folder as keys_folder};
pub use lock::ClaimError;
pub use message::{About, ListedBackup};
pub use open::open;
pub use open_error::{DeviceKind, FoundDevice, OpenError};
pub use session::{Compared, Paired, Pairing, Session, Unpaired};
pub use transport::{REPORT, Report, Transport, TransportError};

/// What is said while the device is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// It is busy with something else, such as a request of another program on its screen; it is
    /// asked again.
    Busy,
    /// Half a message of another program was in its way; that was cleared.
    Cleared,
}

/// Who waits for the device: may end that, and hears what it is that takes long.
///
/// This is no [`crate::progress::Progress`]: nobody knows how much there is to do until a person has
/// confirmed on the device. And it is kept as long as the session, across requests.
#[derive(Clone, Copy, Debug)]
pub struct Waiter {
    stop: &'static AtomicBool,
    notice: fn(Notice),
}

impl Waiter {
    /// Waits until somebody sets `stop`; `notice` is called when something is to be said.
    pub fn new(stop: &'static AtomicBool, notice: fn(Notice)) -> Self {
        Self { stop, notice }
    }

    /// Waits as long as the device does, and hears nothing.
    pub fn silent() -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self::new(&NEVER, |_| {})
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
