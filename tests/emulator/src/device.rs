//! What the device is and holds before the first packet.

use std::time::Duration;

use fixtures::backup::Backup;

use crate::attestation::Attestation;
use crate::card::Slot;
use crate::fault::Fault;
use crate::person::Person;

/// A device to be started with [`Emulator::start`](crate::Emulator::start).
#[derive(Clone, Debug)]
pub struct Device {
    /// The firmware version as INFO gives it, such as `v9.27.0`.
    pub version: String,
    /// The hardware.
    pub platform: Platform,
    /// The edition of the firmware.
    pub edition: Edition,
    /// In the bootloader: no firmware operation is known, not even INFO.
    pub bootloader: bool,
    /// Its name, which becomes the name of its backups.
    pub name: String,
    /// The wallet it holds.
    pub wallet: Wallet,
    /// Locked, so that `u` asks for the password.
    pub locked: bool,
    /// Attempts at the password before the device wipes itself.
    pub attempts: u32,
    /// The private half of its static Noise key.
    pub key: [u8; 32],
    /// Static Noise keys of the hosts that are paired.
    pub hosts: Vec<[u8; 32]>,
    /// A Nova over Bluetooth: the last handshake byte is always 0x00, whoever the host is.
    pub bluetooth: bool,
    /// What it answers to the challenge.
    pub attestation: Attestation,
    /// The card slot.
    pub slot: Slot,
    /// Who answers its screens.
    pub person: Person,
    /// What goes wrong on the cable.
    pub faults: Vec<Fault>,
    /// After this long without a packet the pending operation is dropped; `None` never, as in the
    /// vendor's simulator.
    pub patience: Option<Duration>,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            version: "v9.27.0".into(),
            platform: Platform::BitBox02,
            edition: Edition::Multi,
            bootloader: false,
            name: "My BitBox".into(),
            wallet: Wallet::of(&fixtures::wallet::twelve()),
            locked: true,
            attempts: 10,
            key: *b"the emulated device's own secret",
            hosts: Vec::new(),
            bluetooth: false,
            attestation: Attestation::Refused,
            slot: Slot::Empty,
            person: Person::obliging(),
            faults: Vec::new(),
            patience: Some(Duration::from_millis(500)),
        }
    }
}

/// The hardware, as INFO numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// The BitBox02.
    BitBox02 = 0,
    /// The BitBox02 Nova.
    Nova = 2,
}

/// The edition of the firmware, as INFO numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Multi.
    Multi = 0,
    /// Bitcoin-only.
    BtcOnly = 1,
}

/// The wallet a device holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wallet {
    /// None.
    Uninitialized,
    /// A seed that was never backed up; the device is open.
    Seeded {
        /// 16, 24 or 32 bytes.
        seed: Vec<u8>,
    },
    /// A seed that was backed up at least once.
    Initialized {
        /// 16, 24 or 32 bytes.
        seed: Vec<u8>,
        /// The optional passphrase, if that is switched on; the person enters this one.
        passphrase: Option<String>,
    },
}

impl Wallet {
    /// An initialized wallet without a passphrase.
    pub fn initialized(seed: &[u8]) -> Self {
        Self::Initialized {
            seed: seed.to_vec(),
            passphrase: None,
        }
    }

    /// The initialized wallet from which this backup is.
    pub fn of(backup: &Backup) -> Self {
        Self::initialized(&backup.seed[..backup.seed_length as usize])
    }

    pub(crate) fn seed(&self) -> Option<&[u8]> {
        match self {
            Self::Uninitialized => None,
            Self::Seeded { seed } | Self::Initialized { seed, .. } => Some(seed),
        }
    }

    pub(crate) fn is_initialized(&self) -> bool {
        matches!(self, Self::Initialized { .. })
    }

    pub(crate) fn passphrase(&self) -> Option<&str> {
        match self {
            Self::Initialized { passphrase, .. } => passphrase.as_deref(),
            _ => None,
        }
    }

    /// The BIP-32 root fingerprint of the open wallet.
    pub fn fingerprint(&self) -> Option<[u8; 4]> {
        let words = bip39::Mnemonic::from_entropy(self.seed()?).ok()?;
        let stretched = words.to_seed(self.passphrase().unwrap_or_default());
        let root = bip32::XPrv::new(&stretched).ok()?;
        Some(root.public_key().fingerprint())
    }
}

impl Device {
    /// Whether its firmware is at least this one.
    pub(crate) fn is_at_least(&self, version: [u32; 3]) -> bool {
        let own = self.version.trim_start_matches('v').split('.');
        let own: Vec<u32> = own.map(|part| part.parse().unwrap_or(0)).collect();
        own >= version.to_vec()
    }
}
