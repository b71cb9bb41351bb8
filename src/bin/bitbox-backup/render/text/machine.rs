//! What this machine might do with a secret, in words.

use crate::machine::{CoreDumps, Locked, Machine, Storage, Swap, SwapKind, Watcher};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The secret may get to others.
    Risk,
    /// It could not be told.
    Unknown,
    /// As it should be, or nearly.
    Good,
}

/// One thing to be said.
#[derive(Clone, Debug)]
pub(crate) struct Risk {
    pub(crate) level: Level,
    pub(crate) text: String,
}

fn risk(text: impl Into<String>) -> Risk {
    let (level, text) = (Level::Risk, text.into());
    Risk { level, text }
}

fn unknown(text: impl Into<String>) -> Risk {
    let (level, text) = (Level::Unknown, text.into());
    Risk { level, text }
}

fn good(text: impl Into<String>) -> Risk {
    let (level, text) = (Level::Good, text.into());
    Risk { level, text }
}

/// Everything that is to be said of this machine before a secret is shown, the worst first.
pub(crate) fn risks(machine: &Machine, locked: Locked, verbose: bool) -> Vec<Risk> {
    let mut risks: Vec<_> = machine.watchers.iter().map(watcher).collect();
    risks.push(network(machine.network.as_deref()));
    risks.extend(swap(machine.swap.as_deref(), locked));
    risks.push(core_dumps(machine.core_dumps.as_ref()));
    if verbose {
        risks.push(memory(locked));
    }
    risks.sort_by_key(|risk| risk.level);
    risks
}

fn watcher(watcher: &Watcher) -> Risk {
    let text = match watcher {
        Watcher::Remote => {
            "This terminal is on another machine (ssh or the like): the words would \
             cross the network and be in that machine's memory too. Sit down at this one."
                .to_owned()
        }
        Watcher::Multiplexer(name) => format!(
            "This terminal is inside {name}, which keeps what it shows, and may show it elsewhere. \
             Leave it and use a plain terminal."
        ),
        Watcher::Recorder(name) => format!(
            "{name} is recording this terminal: the words would be in its file. End it first."
        ),
    };
    risk(text)
}

fn network(up: Option<&[String]>) -> Risk {
    match up {
        None => unknown("Whether a network is up could not be determined."),
        Some([]) => good("No network is up."),
        Some(up) => risk(format!(
            "A network is up ({}). Pull the cable and switch Wi-Fi off.",
            up.join(", ")
        )),
    }
}

fn swap(swap: Option<&[Swap]>, locked: Locked) -> Vec<Risk> {
    let Some(swap) = swap else {
        return vec![unknown(
            "Whether memory is swapped out to a disk could not be determined.",
        )];
    };
    if swap.is_empty() {
        return vec![good("No memory is swapped out to a disk.")];
    }
    let ours = match locked {
        Locked::Nothing => "Memory, this program's too,",
        Locked::Present | Locked::All => "Memory of other programs, such as your terminal,",
    };
    let one = |swap: &Swap| {
        let place = &swap.place;
        match swap.kind {
            SwapKind::Memory => good(format!("Swap ({place}) stays in memory: zram.")),
            SwapKind::Encrypted => good(format!("Swap ({place}) is encrypted.")),
            SwapKind::Plain => risk(format!(
                "{ours} may be written to the disk as swap ({place}) and stay there. \
                     Switch it off first: swapoff -a"
            )),
        }
    };
    swap.iter().map(one).collect()
}

fn memory(locked: Locked) -> Risk {
    match locked {
        Locked::All | Locked::Present => good("This program's memory is locked against swapping."),
        Locked::Nothing => unknown(
            "The system does not let this program keep its memory from being swapped out (ulimit -l).",
        ),
    }
}

fn core_dumps(dumps: Option<&CoreDumps>) -> Risk {
    match dumps {
        None => unknown(
            "Whether programs that crash leave their memory on the disk could not be determined.",
        ),
        Some(CoreDumps { own: true, pattern }) => risk(format!(
            "If this program crashed, its memory would be written to {pattern}."
        )),
        Some(_) => good("If this program crashed, its memory would not be written to the disk."),
    }
}

/// What is to be said of the place of a new file.
pub(crate) fn storage(storage: Option<Storage>) -> Option<Risk> {
    match storage {
        Some(Storage::Memory) => None,
        Some(Storage::Disk) => Some(risk(
            "The file would be on a disk: its traces stay there even after it is removed. \
             Use a place in memory, such as /dev/shm.",
        )),
        None => Some(unknown(
            "Whether the file would be on a disk, where its traces stay even after it is removed, \
             could not be determined.",
        )),
    }
}
