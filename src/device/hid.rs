//! A BitBox02 on USB.

use std::ffi::CString;
use std::io;
use std::time::Duration;

use hidapi::{DeviceInfo, HidApi, HidDevice, HidError};

use super::lock::{self, Claim, ClaimError};
use super::open_error::{DeviceKind, FoundDevice, OpenError};
use super::transport::{REPORT, Report, Transport, TransportError};

const VENDOR: u16 = 0x03EB;
const PRODUCT: u16 = 0x2403;
/// Of the hardware-wallet interface; the other is U2F.
const USAGE_PAGE: u16 = 0xFFFF;
const INTERFACE: i32 = 0;
/// Product strings of a running firmware (docs/device.md 1-b).
const FIRMWARE: [&str; 4] = [
    "BitBox02",
    "BitBox02BTC",
    "BitBox02 Nova Multi",
    "BitBox02 Nova BTC-only",
];
/// Product strings of bootloaders.
const BOOTLOADER: [&str; 4] = [
    "bb02-bootloader",
    "bb02btc-bootloader",
    "BitBox02 Nova Multi bl",
    "BitBox02 Nova BTC-only bl",
];
/// Reports an earlier program may have left behind, at most.
const MOST_OLD_REPORTS: usize = 256;

/// The devices on USB, by path.
///
/// # Errors
/// If the system cannot say which there are.
pub fn found() -> Result<Vec<FoundDevice>, OpenError> {
    let api = HidApi::new().map_err(|_| OpenError::List)?;
    let mut all: Vec<_> = api.device_list().filter_map(known).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path); // a node may be listed once a usage
    Ok(all)
}

/// A device that is ours to talk to (docs/device.md 1-a).
fn known(info: &DeviceInfo) -> Option<FoundDevice> {
    let ours = info.vendor_id() == VENDOR
        && info.product_id() == PRODUCT
        && (info.usage_page() == USAGE_PAGE || info.interface_number() == INTERFACE);
    let (product, kind) = named(info.product_string()?).filter(|_| ours)?;
    Some(FoundDevice {
        path: info.path().to_str().ok()?.to_owned(),
        product,
        kind,
        version: info.serial_number().map(str::to_owned),
    })
}

fn named(product: &str) -> Option<(&'static str, DeviceKind)> {
    let among = |names: &[&'static str], kind| {
        let name = names.iter().find(|name| **name == product);
        name.map(|name| (*name, kind))
    };
    among(&FIRMWARE, DeviceKind::Firmware).or_else(|| among(&BOOTLOADER, DeviceKind::Bootloader))
}

struct Hid {
    device: HidDevice,
    /// As long as it lives, no other run uses this device.
    _claim: Option<Claim>,
}

/// Opens a device that was found.
pub(super) fn open(found: &FoundDevice) -> Result<Box<dyn Transport>, OpenError> {
    let path = &found.path;
    if found.kind == DeviceKind::Bootloader {
        return Err(OpenError::Bootloader(path.clone()));
    }
    let system = |error| OpenError::System {
        address: path.clone(),
        error,
    };
    // Only on Linux the path leads to a node that can be locked; elsewhere the system keeps the device
    // for one program, or cannot.
    let claim = if cfg!(target_os = "linux") {
        match lock::node(path) {
            Ok(claim) => Some(claim),
            Err(ClaimError::System { error, .. })
                if error.kind() == io::ErrorKind::PermissionDenied =>
            {
                return Err(OpenError::Permission(path.clone()));
            }
            Err(ClaimError::System { error, .. }) => return Err(system(error)),
            Err(in_use) => return Err(in_use.into()),
        }
    } else {
        None
    };
    let api = HidApi::new().map_err(|_| OpenError::List)?;
    let node = CString::new(path.as_str())
        .map_err(|_| system(io::Error::from(io::ErrorKind::InvalidInput)))?;
    let device = api
        .open_path(&node)
        .map_err(|error| system(error_of(error)))?;
    let mut hid = Hid {
        device,
        _claim: claim,
    };
    hid.forget_old();
    Ok(Box::new(hid))
}

impl Hid {
    /// Reads away what was meant for another program.
    fn forget_old(&mut self) {
        for _ in 0..MOST_OLD_REPORTS {
            if !matches!(self.read(Duration::ZERO), Ok(Some(_))) {
                break;
            }
        }
    }
}

/// What the system says, without what hidapi says around it.
fn error_of(error: HidError) -> io::Error {
    match error {
        HidError::IoError { error } => error,
        _ => io::Error::other("the system does not open it as a HID device"),
    }
}

/// Errors by which Linux says that a device was unplugged.
fn transport(error: HidError) -> TransportError {
    const EIO: i32 = 5;
    const ENXIO: i32 = 6;
    const ENODEV: i32 = 19;
    const EPROTO: i32 = 71;
    match error {
        HidError::IoError { error } => match error.raw_os_error() {
            Some(EIO | ENXIO | ENODEV | EPROTO) => TransportError::Gone,
            _ => error.into(),
        },
        _ => TransportError::Gone, // hidapi says an unplugged device in words
    }
}

impl Transport for Hid {
    fn write(&mut self, report: &Report) -> Result<(), TransportError> {
        // The first byte is the number of the report; there are none, so it is 0.
        let mut numbered = [0; REPORT + 1];
        if let Some(rest) = numbered.get_mut(1..) {
            rest.copy_from_slice(report);
        }
        self.device.write(&numbered).map_err(transport)?;
        Ok(())
    }

    fn read(&mut self, within: Duration) -> Result<Option<Report>, TransportError> {
        let mut report = [0; REPORT];
        let milliseconds = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
        match self.device.read_timeout(&mut report, milliseconds) {
            Ok(0) => Ok(None),
            Ok(REPORT) => Ok(Some(report)),
            Ok(found) => Err(TransportError::Length(found)),
            Err(error) => Err(transport(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_bootloader_and_others_are_told_apart() {
        assert_eq!(named("BitBox02"), Some(("BitBox02", DeviceKind::Firmware)));
        assert_eq!(
            named("BitBox02 Nova Multi"),
            Some(("BitBox02 Nova Multi", DeviceKind::Firmware))
        );
        assert_eq!(
            named("BitBox02 Nova Multi bl"),
            Some(("BitBox02 Nova Multi bl", DeviceKind::Bootloader))
        );
        assert_eq!(named("BitBox02\x1b[31m"), None);
        assert_eq!(named("Digital Bitbox"), None);
    }

    #[test]
    fn no_device_here_is_no_error() {
        // Whatever is plugged in: listing never fails for want of a device.
        assert!(found().is_ok());
    }
}
