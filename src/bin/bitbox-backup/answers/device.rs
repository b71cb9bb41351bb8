//! What the commands of `device` answer; all texts are escaped.

use bitbox_backup::device;
use bitbox_backup::text::escape;
use serde::Serialize;

/// A device in an answer; its texts are escaped.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeviceReport {
    /// `BitBox02` or `BitBox02 Nova`.
    pub(crate) product: String,
    /// `multi` or `btc-only`.
    pub(crate) edition: String,
    /// Of its firmware, without the v.
    pub(crate) version: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it holds a wallet that was backed up.
    pub(crate) initialized: bool,
    /// Whether its password was entered, now or before.
    pub(crate) unlocked: bool,
    /// Whether passphrases are switched on.
    pub(crate) passphrase_enabled: bool,
    /// Whether the maker made it; `None` if that could not be checked.
    pub(crate) genuine: Option<bool>,
    /// Why not.
    pub(crate) doubt: Option<String>,
    /// The root fingerprint of its open wallet: 8 hex digits.
    pub(crate) fingerprint: Option<String>,
    /// Where it was reached.
    pub(crate) address: String,
}

/// A backup that the device lists.
#[derive(Debug, Serialize)]
pub(crate) struct BackupAnswer {
    id: String,
    timestamp: u32,
    name: String,
}

impl BackupAnswer {
    pub(crate) fn of(backup: &device::ListedBackup) -> Self {
        Self {
            id: escape(&backup.id),
            timestamp: backup.timestamp,
            name: escape(&backup.name),
        }
    }
}

/// `device info`.
#[derive(Debug, Serialize)]
pub(crate) struct Info<'a> {
    pub(crate) device: &'a DeviceReport,
}

/// `device list`.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<'a> {
    pub(crate) device: &'a DeviceReport,
    /// In the device's order.
    pub(crate) backups: Vec<BackupAnswer>,
}

/// `device check`.
#[derive(Debug, Serialize)]
pub(crate) struct CheckedCard<'a> {
    pub(crate) device: &'a DeviceReport,
    pub(crate) id: Option<&'a str>,
    pub(crate) matches: bool,
    /// Why it is not as it should be.
    pub(crate) reason: Option<&'static str>,
}

/// `device create`; `None` is what the device could not be asked.
#[derive(Debug, Serialize)]
pub(crate) struct Created<'a> {
    pub(crate) device: &'a DeviceReport,
    pub(crate) written: Option<bool>,
    pub(crate) id: Option<String>,
    pub(crate) timestamp: u32,
    pub(crate) name: Option<String>,
    pub(crate) listed: Option<bool>,
    /// Why it could not be asked.
    pub(crate) not_asked: Option<&'static str>,
    pub(crate) verified: Option<bool>,
    /// In what the card contradicts the device.
    pub(crate) differences: Option<&'a [String]>,
    /// Why the card could not be read.
    pub(crate) not_verified: Option<String>,
    /// Why no backup was made.
    pub(crate) reason: Option<&'static str>,
    /// The number of the device's error.
    pub(crate) code: Option<i32>,
    /// The backup that was there before.
    pub(crate) old: Option<BackupAnswer>,
    pub(crate) old_listed: Option<bool>,
}

/// `device unpair`.
#[derive(Debug, Serialize)]
pub(crate) struct Unpaired {
    /// How many devices.
    pub(crate) forgotten: usize,
}
