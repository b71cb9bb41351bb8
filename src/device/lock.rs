//! One program at one device: whoever comes second is told, and does not mix his packets into another's
//! conversation.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::key_store::Keys;
use crate::files::open_lock_file;

/// How long another run may take to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// As long as it lives, other runs are told that the device is in use. The system takes it back when the
/// program ends, however it ends.
#[derive(Debug)]
pub(super) struct Claim {
    _file: File,
}

/// Why a device could not be claimed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Another run talks to what is at this address.
    #[error("{0}: another run of this program is talking to this device")]
    InUse(String),
    /// The file that says so cannot be used.
    #[error("{}: cannot be used: {error}", .path.display())]
    System {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

/// Claims the device behind a node of the system: whoever wants it locks the node.
pub(super) fn node(path: &str) -> Result<Claim, ClaimError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    claimed(options.open(path), Path::new(path), path)
}

/// Claims what has no node by a file of this name beside the keys.
pub(super) fn name(keys: &Keys, name: &str, address: &str) -> Result<Claim, ClaimError> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    let name = format!("{name}.lock");
    let path = keys.folder().join(&name);
    claimed(open_lock_file(keys.folder(), &name), &path, address)
}

fn claimed(file: io::Result<File>, path: &Path, address: &str) -> Result<Claim, ClaimError> {
    let system = |error| ClaimError::System {
        path: path.to_owned(),
        error,
    };
    let file = file.map_err(system)?;
    // A run that is just ending is waited for.
    let until = Instant::now() + PATIENCE;
    let mut locked = file.try_lock();
    while matches!(locked, Err(TryLockError::WouldBlock)) && Instant::now() < until {
        std::thread::sleep(PATIENCE / 20);
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => Ok(Claim { _file: file }),
        Err(TryLockError::WouldBlock) => Err(ClaimError::InUse(address.to_owned())),
        // A system that cannot lock a node keeps it for one program by itself.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            Ok(Claim { _file: file })
        }
        Err(TryLockError::Error(error)) => Err(system(error)),
    }
}
