//! Opening the cable to a device.

use super::address::Address;
use super::key_store::Keys;
use super::open_error::{DeviceKind, OpenError};
use super::transport::Transport;
use super::{hid, tcp};

/// Opens the cable to a device and claims it: as long as the cable is open, another run is told that it
/// is in use. `remote` allows TCP to other machines.
///
/// # Errors
/// If there is no such device, or it cannot be used.
pub fn open(address: &Address, keys: &Keys, remote: bool) -> Result<Box<dyn Transport>, OpenError> {
    match address {
        Address::Tcp { host, .. } => tcp::open(address, host, keys, remote),
        Address::Usb => {
            let mut all = hid::found()?;
            // Next to one that runs its firmware a bootloader is no choice.
            if all.iter().any(|one| one.kind == DeviceKind::Firmware) {
                all.retain(|one| one.kind == DeviceKind::Firmware);
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
