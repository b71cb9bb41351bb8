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
    pub(crate) name: String,
    /// Whether it holds a wallet that was backed up.
    pub(crate) initialized: bool,
    /// Whether its password was entered, now or before.
    pub(crate) unlocked: bool,
    pub(crate) passphrase_enabled: bool,
    /// Whether the maker made it; `None` if that could not be checked.
    pub(crate) genuine: Option<bool>,
    pub(crate) doubt: Option<String>,
    /// The root fingerprint of its open wallet: 8 hex digits.
    pub(crate) fingerprint: Option<String>,
    pub(crate) address: String,
}

/// A backup that the device lists.
#[derive(Debug, Serialize)]
pub(crate) struct BackupAnswer {
    id: String,
    pub(crate) timestamp: u32,
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
    pub(crate) reason: Option<CardFault>,
}

/// Why the card in a device is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CardFault {
    /// It holds a valid backup of the wallet, and the device does not list it, so it cannot be chosen when restoring.
    NotListed,
    /// The same, and the device can list nothing on this card.
    ListFails,
    NoCard,
    CardUnreadable,
    /// The device lists nothing on it.
    NoBackup,
    OtherWalletsOnly,
    Aborted,
    /// The device gave another id the second time.
    Differs,
    /// The device holds no wallet that was ever backed up.
    NoWallet,
}

/// `device create`: what is true afterwards, whatever the device answered; `None` is what it could not be asked.
#[derive(Debug, Serialize)]
pub(crate) struct Created {
    pub(crate) device: DeviceReport,
    pub(crate) written: Option<bool>,
    /// The new one, as the device lists it, or as far as it is known.
    pub(crate) id: Option<String>,
    pub(crate) timestamp: u32,
    pub(crate) name: Option<String>,
    pub(crate) listed: Option<bool>,
    pub(crate) not_asked: Option<Unasked>,
    /// Whether the card in a reader agrees.
    pub(crate) verified: Option<bool>,
    /// In what the card contradicts the device.
    pub(crate) differences: Option<Vec<String>>,
    /// Why the card could not be read, which says nothing about the backup; not escaped here.
    #[serde(serialize_with = "escaped")]
    pub(crate) not_verified: Option<String>,
    /// Why no backup was made, or in what the device contradicts itself.
    pub(crate) reason: Option<&'static str>,
    /// The number of the device's error.
    pub(crate) code: Option<i32>,
    /// The backup that was there before, and whether the device still lists it.
    pub(crate) old: Option<BackupAnswer>,
    pub(crate) old_listed: Option<bool>,
    #[serde(skip)]
    pub(crate) contradiction: Option<Contradiction>,
    /// Whether there are traces of a new backup that the device does not list.
    #[serde(skip)]
    pub(crate) has_traces: bool,
    /// Somebody wanted the program to end after the backup was made.
    #[serde(skip)]
    pub(crate) is_interrupted: bool,
}

fn escaped<S: serde::Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    text.as_deref().map(escape).serialize(to)
}

/// In what a device contradicts itself that lists the new backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contradiction {
    /// Its check finds no valid backup of its wallet.
    NotValid,
    /// Its wallet had another ID before.
    OtherId,
}

/// Why the device could not be asked what is on its card. That is never a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unasked {
    DeviceGone,
    /// It does not answer any more, or not as it should.
    NoAnswer,
    /// It vanished when it was asked for the card, although nothing went wrong before.
    DeviceVanished,
    NoCard,
    CardUnreadable,
}

impl Unasked {
    /// What keeps the device from answering, and what to do next.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::DeviceGone => (
                "it is gone",
                "leave the card in the BitBox, plug it in again, and run `bitbox-backup device check`",
            ),
            Self::NoAnswer => (
                "it gives no answer, or none that can be understood",
                "do not unplug the BitBox while it may be writing: wait until its screen no longer changes, leave the \
                 card in it, and run `bitbox-backup device check`",
            ),
            Self::DeviceVanished => (
                "it vanished when it was asked, and unless the cable was pulled, this card crashes it",
                "keep this card, put it into a card reader, and run `bitbox-backup list CARD`: it names the cause",
            ),
            Self::NoCard => (
                "there is no card in it any more",
                "insert the same card, and run `bitbox-backup device check`",
            ),
            Self::CardUnreadable => (
                "it cannot read the card",
                "keep this card, put it into a card reader, and run `bitbox-backup list CARD`; make the backup on another \
                 card",
            ),
        }
    }
}

/// `device unpair`.
#[derive(Debug, Serialize)]
pub(crate) struct Unpaired {
    pub(crate) forgotten: usize,
}
