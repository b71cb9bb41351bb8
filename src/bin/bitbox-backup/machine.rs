//! What might carry a secret off this machine: network, swap, core dumps, and whatever else sees what
//! a terminal shows.
//!
//! Linux tells most of it in `/sys` and `/proc`, which are only looked at. `None` always means that it
//! could not be told, as on every other system; an empty list means that there is none.

mod terminal;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use bitbox_backup::text::escape;

pub(crate) use terminal::Watcher;

/// Most bytes of one file of `/sys` or `/proc` that are read.
const MAX_TEXT: u64 = 64 << 10;
/// The type of a loopback interface in `/sys/class/net/*/type`: ARPHRD_LOOPBACK.
const LOOPBACK: u64 = 772;
/// The flag of an interface that is switched on: IFF_UP.
const IFF_UP: u64 = 1;

/// What was seen of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// The network interfaces that are up, by name.
    pub(crate) network: Option<Vec<String>>,
    /// Where memory is swapped out to.
    pub(crate) swap: Option<Vec<Swap>>,
    /// What happens to the memory of a program that crashes.
    pub(crate) core_dumps: Option<CoreDumps>,
    /// What carries, keeps or records what this terminal shows.
    pub(crate) watchers: Vec<Watcher>,
}

/// One place memory is swapped out to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Swap {
    pub(crate) place: String,
    /// What becomes of what is written there.
    pub(crate) kind: SwapKind,
}

/// What becomes of memory that is swapped out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SwapKind {
    /// It is kept compressed in memory: zram.
    Memory,
    /// It is written to an encrypted device.
    Encrypted,
    /// It is written as it is, or nothing tells otherwise.
    Plain,
}

/// What happens to the memory of a program that crashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreDumps {
    /// Whether this program's would be written.
    pub(crate) own: bool,
    /// Where those of other programs go, such as the one that draws the terminal: a pattern of file
    /// names, or after `|` a program.
    pub(crate) pattern: String,
}

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

/// Looks at the machine whose `sys` and `proc` lie in `root`, in an environment of these variables.
pub(crate) fn look(root: &Path, variable: &dyn Fn(&str) -> Option<OsString>) -> Machine {
    let system = System(root);
    Machine {
        network: system.network(),
        swap: system.swap(),
        core_dumps: system.core_dumps(),
        watchers: terminal::watchers(&system, variable),
    }
}

/// `/sys` and `/proc`.
struct System<'a>(&'a Path);

impl System<'_> {
    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn text(&self, path: &str) -> Option<String> {
        text(&self.path(path))
    }

    fn network(&self) -> Option<Vec<String>> {
        let mut up = Vec::new();
        for interface in fs::read_dir(self.path("sys/class/net")).ok()?.flatten() {
            let path = interface.path();
            if path.is_dir() && is_up(&path) {
                up.push(escape(&interface.file_name().to_string_lossy()));
            }
        }
        up.sort();
        Some(up)
    }

    /// The lines of `/proc/swaps` below its head: place, type, size, used, priority.
    fn swap(&self) -> Option<Vec<Swap>> {
        let text = self.text("proc/swaps")?;
        let places = text.lines().skip(1);
        let places = places.filter_map(|line| line.split_whitespace().next());
        let swap = |place: &str| Swap {
            kind: self.swap_kind(place),
            place: escape(place),
        };
        Some(places.map(swap).collect())
    }

    fn swap_kind(&self, place: &str) -> SwapKind {
        let Some(device) = place.strip_prefix("/dev/") else {
            return SwapKind::Plain;
        };
        // The name of a mapped device is a link to its number, as which /sys knows it.
        let device = match device.strip_prefix("mapper/") {
            Some(_) => fs::read_link(self.path(&format!("dev/{device}")))
                .ok()
                .and_then(|link| Some(link.file_name()?.to_string_lossy().into_owned())),
            None => Some(device.to_owned()),
        };
        let Some(device) = device else {
            return SwapKind::Plain;
        };
        if device.starts_with("zram") && self.backing_device(&device).is_none() {
            return SwapKind::Memory;
        }
        match self.text(&format!("sys/block/{device}/dm/uuid")) {
            Some(uuid) if uuid.starts_with("CRYPT-") => SwapKind::Encrypted,
            _ => SwapKind::Plain,
        }
    }

    /// The disk a zram device gives up to what does not compress.
    fn backing_device(&self, device: &str) -> Option<String> {
        self.text(&format!("sys/block/{device}/backing_dev"))
            .filter(|backing| backing != "none")
    }

    fn core_dumps(&self) -> Option<CoreDumps> {
        let limits = self.text("proc/self/limits")?;
        let limit = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"))?;
        let soft = limit.split_whitespace().next()?;
        Some(CoreDumps {
            own: soft != "0",
            pattern: escape(&self.text("proc/sys/kernel/core_pattern")?),
        })
    }
}

/// Whether an interface can reach anything. One that does not say is up if it is switched on and has
/// not lost its carrier.
fn is_up(interface: &Path) -> bool {
    let text = |name: &str| text(&interface.join(name));
    if text("type").and_then(|kind| kind.parse().ok()) == Some(LOOPBACK) {
        return false;
    }
    match text("operstate").as_deref() {
        Some("up") => true,
        Some("unknown") | None => {
            let flags = text("flags").and_then(|flags| {
                let digits = flags.strip_prefix("0x")?;
                u64::from_str_radix(digits, 16).ok()
            });
            let on = flags.is_none_or(|flags| flags & IFF_UP != 0);
            on && text("carrier").as_deref() != Some("0")
        }
        Some(_) => false,
    }
}

/// What a small file says, without white space at its ends; `None` if it cannot be read.
fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(MAX_TEXT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// On what the files of this folder are kept; `None` if that is not known.
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

#[cfg(all(test, unix))]
mod tests;
