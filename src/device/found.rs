//! A device found on USB.

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
