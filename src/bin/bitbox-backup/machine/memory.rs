//! What stays in memory and what does not.

use std::path::Path;

/// On what the files of a folder are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// In memory: they are gone when the machine is switched off, unless swap wrote them to a disk.
    Memory,
    /// On something that keeps them.
    Disk,
}

/// How much of this program's memory is kept from being swapped out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locked {
    /// All of it, and all it will ask for.
    All,
    /// What it has now.
    Present,
    /// Nothing: the system does not allow it, or has no such thing.
    Nothing,
}

/// On what the files of this folder are kept; `None` if that cannot be told.
pub(crate) fn storage(folder: &Path) -> Option<Storage> {
    #[cfg(target_os = "linux")]
    {
        /// What statfs(2) calls tmpfs and ramfs.
        const IN_MEMORY: [u32; 2] = [0x0102_1994, 0x8584_58f6];
        // As wide as the system has it; these two fit in 32 bits.
        let kind = rustix::fs::statfs(folder).ok()?.f_type as u32;
        Some(if IN_MEMORY.contains(&kind) {
            Storage::Memory
        } else {
            Storage::Disk
        })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        None
    }
}

/// Keeps this program's memory from being swapped out, as far as the system lets it.
///
/// What is asked for later is included only where that has no limit: at a limit the system would
/// refuse memory, and the program could not go on.
pub(crate) fn lock_memory() -> Locked {
    #[cfg(target_os = "linux")]
    {
        use rustix::mm::{MlockAllFlags, mlockall};
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Memlock);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        let unlimited = setrlimit(Resource::Memlock, raised).is_ok() && limit.maximum.is_none();
        if unlimited && mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE).is_ok() {
            return Locked::All;
        }
        if mlockall(MlockAllFlags::CURRENT).is_ok() {
            return Locked::Present;
        }
    }
    Locked::Nothing
}
