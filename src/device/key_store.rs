//! The keys by which this computer and its devices know each other, kept in a file of our own (docs/device.md
//! 4.4-d). Files of other programs are never touched.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::noise;
#[cfg(unix)]
use crate::files::restrict_to_owner;
use crate::files::{
    WriteError, make_private_folder, open_lock_file, remove_private, replace_private,
};

/// Its name, and that of the file that is locked while it is read and written.
const FILE: &str = "pairing.json";
const LOCK: &str = "pairing.lock";
/// What it begins with.
const SCHEMA: &str = "bitbox-backup-pairing/1";
/// Most bytes of it: more than a thousand devices.
const MAX_FILE: u64 = 64 << 10;
/// Most devices that are remembered; the oldest is forgotten.
const MAX_DEVICES: usize = 1000;

/// Why keys cannot be read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PairingError {
    /// Nothing says where this user's files are.
    #[error("it is not known where to keep the pairing: neither XDG_CONFIG_HOME nor HOME is set")]
    NoPlace,
    /// The system refused.
    #[error("{}: cannot be used: {error}", .path.display())]
    System {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// Others may have read or written this file or folder.
    #[error("{}: other users of this computer have access to it", .0.display())]
    Open(PathBuf),
    /// Something else is in its place.
    #[error("{}: is no file of this program", .0.display())]
    Foreign(PathBuf),
    /// No new key can be made.
    #[error("no key can be made: this system gives no random numbers")]
    Random,
}

/// This computer's key and the devices it knows. They are read once; what is remembered or forgotten goes
/// to the file.
#[derive(Clone)]
pub struct Keys {
    folder: PathBuf,
    private: Zeroizing<[u8; 32]>,
    devices: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("folder", &self.folder)
            .field("devices", &self.devices.len())
            .finish_non_exhaustive()
    }
}

/// The file.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: String,
    /// This computer's private key, in base64.
    private: String,
    /// The devices' public keys, in base64, the newest last.
    devices: Vec<String>,
}

impl Keys {
    /// Those of this user; a key is made at the first time.
    ///
    /// # Errors
    /// If they cannot be read or kept, or others may have read them.
    pub fn of_this_computer() -> Result<Self, PairingError> {
        Self::at(&folder().ok_or(PairingError::NoPlace)?)
    }

    /// Makes the folder for the keys of this user, or takes it from others' eyes: what [`Keys::at`] does
    /// first, and what a sandbox may forbid by then.
    ///
    /// # Errors
    /// If that cannot be done, or the folder is another's.
    pub fn make_folder() -> Result<(), PairingError> {
        own_folder(&folder().ok_or(PairingError::NoPlace)?)
    }

    /// Those kept in this folder, which is made if it is not there.
    ///
    /// # Errors
    /// Those of [`Keys::of_this_computer`].
    pub fn at(folder: &Path) -> Result<Self, PairingError> {
        own_folder(folder)?;
        let _lock = lock(folder)?;
        if let Some(keys) = read(folder)? {
            return Ok(keys);
        }
        let keys = Self {
            folder: folder.to_owned(),
            private: noise::new_key().map_err(|_| PairingError::Random)?,
            devices: Vec::new(),
        };
        keys.write()?;
        Ok(keys)
    }

    /// Forgets this computer's key and every device, so that each has to be paired again: how many devices
    /// were known.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn forget_all() -> Result<usize, PairingError> {
        Self::forget_all_at(&folder().ok_or(PairingError::NoPlace)?)
    }

    /// The same for what is kept in this folder.
    ///
    /// # Errors
    /// Those of [`Keys::forget_all`].
    pub fn forget_all_at(folder: &Path) -> Result<usize, PairingError> {
        if !folder.exists() {
            return Ok(0);
        }
        let _lock = lock(folder)?;
        // Also what cannot be read any more is to go.
        let known = read(folder).ok().flatten();
        match remove_private(folder, FILE) {
            Ok(true) => Ok(known.map_or(0, |known| known.devices.len())),
            Ok(false) => Ok(0),
            Err(error) => Err(PairingError::System {
                path: folder.join(FILE),
                error,
            }),
        }
    }

    /// Whether a device with this static key was paired.
    pub(super) fn knows(&self, device: &[u8; 32]) -> bool {
        self.devices.contains(device)
    }

    pub(super) fn private(&self) -> &[u8; 32] {
        &self.private
    }

    /// Where they are kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a device whose code was compared.
    pub(super) fn remember(&self, device: &[u8; 32]) -> Result<(), PairingError> {
        let _lock = lock(&self.folder)?;
        // Another run may have paired another device meanwhile; after an unpairing the key is gone.
        let mut now = match read(&self.folder)? {
            Some(now) if now.private == self.private => now,
            Some(_) => return Ok(()), // that key is not the one this device knows
            None => self.clone(),
        };
        now.devices.retain(|known| known != device);
        now.devices.push(*device);
        let many = now.devices.len().saturating_sub(MAX_DEVICES);
        now.devices.drain(..many);
        now.write()
    }

    /// Puts the file in its place whole, or leaves the one before.
    fn write(&self) -> Result<(), PairingError> {
        let stored = Stored {
            schema: SCHEMA.to_owned(),
            private: BASE64.encode(&*self.private),
            devices: self.devices.iter().map(|key| BASE64.encode(key)).collect(),
        };
        let system = |error| PairingError::System {
            path: self.folder.join(FILE),
            error,
        };
        let text = serde_json::to_vec_pretty(&stored).map(Zeroizing::new);
        let text = text.map_err(|error| system(error.into()))?;
        replace_private(&self.folder, FILE, &text).map_err(|error| match error {
            WriteError::System { error, .. } => system(error),
            error => system(io::Error::other(error)),
        })
    }
}

/// The folder of this user's keys, whether it is there or not; `None` if the system names no home.
pub fn folder() -> Option<PathBuf> {
    place(&|name| std::env::var_os(name))
}

/// Where this user's keys are, by the rules of each system.
fn place(variable: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
    // A relative path is invalid by the XDG base directory specification.
    let folder = |name: &str| {
        let folder = variable(name).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let base = if cfg!(windows) {
        folder("APPDATA")?
    } else if cfg!(target_os = "macos") {
        folder("HOME")?.join("Library/Application Support")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))?
    };
    Some(base.join("bitbox-backup"))
}

/// Makes the folder, for its owner only; refuses one that is another's.
fn own_folder(folder: &Path) -> Result<(), PairingError> {
    let system = |error| PairingError::System {
        path: folder.to_owned(),
        error,
    };
    make_private_folder(folder).map_err(system)?;
    let metadata = fs::metadata(folder).map_err(system)?;
    if !metadata.is_dir() {
        return Err(PairingError::Foreign(folder.to_owned()));
    }
    if is_open(&metadata, 0o022) {
        return Err(PairingError::Open(folder.to_owned()));
    }
    #[cfg(unix)]
    if is_open(&metadata, 0o077) {
        restrict_to_owner(folder).map_err(system)?;
    }
    Ok(())
}

/// Whether it is another user's, or others have one of these rights on it.
fn is_open(metadata: &fs::Metadata, rights: u32) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        metadata.uid() != rustix::process::geteuid().as_raw() || metadata.mode() & rights != 0
    }
    #[cfg(not(unix))]
    {
        let _ = (metadata, rights);
        false
    }
}

/// Waits until no other run uses the file.
fn lock(folder: &Path) -> Result<File, PairingError> {
    let path = folder.join(LOCK);
    let locked = open_lock_file(folder, LOCK).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| PairingError::System { path, error })
}

/// What the file says; `None` if there is none.
fn read(folder: &Path) -> Result<Option<Keys>, PairingError> {
    let path = folder.join(FILE);
    let system = |error| PairingError::System {
        path: path.clone(),
        error,
    };
    let foreign = || PairingError::Foreign(path.clone());
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(system(error)),
        Ok(found) if !found.is_file() => return Err(foreign()),
        Ok(_) => {}
    }
    let file = File::open(&path).map_err(system)?;
    if is_open(&file.metadata().map_err(system)?, 0o077) {
        return Err(PairingError::Open(path));
    }
    // No room is asked for twice, so that no bytes of it stay behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize + 1));
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(system)?;
    let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    if bytes.len() as u64 > MAX_FILE || stored.schema != SCHEMA {
        return Err(foreign());
    }
    let devices = stored.devices.iter().map(|text| key(text));
    Ok(Some(Keys {
        folder: folder.to_owned(),
        private: key(&stored.private)
            .map(Zeroizing::new)
            .ok_or_else(foreign)?,
        devices: devices.collect::<Option<_>>().ok_or_else(foreign)?,
    }))
}

fn key(text: &str) -> Option<[u8; 32]> {
    let bytes = BASE64.decode(text.as_bytes()).ok().map(Zeroizing::new)?;
    bytes.as_slice().try_into().ok()
}

#[cfg(all(test, unix))]
mod tests;
