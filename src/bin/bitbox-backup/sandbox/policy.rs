//! A fence around the program: which files it may open and which system calls it may make, put up
//! before the first byte of a card is read and never taken down.
//!
//! On Linux two walls stand behind each other. Landlock (kernel 5.19 and later) lets it open only
//! what [`Access`] names. seccomp allows the system calls on a list, and no other: no sockets, no
//! other programs or processes, no memory shared with them, no changed rights or attributes of files.
//! Both hold for every thread started later and cannot be lifted. Where the kernel lacks one, the
//! other still stands, and [`Level`] says so. Other systems have neither. `docs/sandbox.md` says what
//! remains possible.
//!
//! A command that talks to a device has a wider fence until it is connected; [`narrow`] closes it.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::seccomp;

/// From so many sources on, their folders are let in rather than each of them.
const MANY: usize = 256;

/// What a command needs: nothing, until it says so.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Access {
    /// Files, folders and devices that are read.
    pub(super) reads: Vec<PathBuf>,
    /// Folders in which something is made, and files that are written.
    pub(super) writes: Vec<PathBuf>,
    /// Devices that are written and asked by ioctl, or folders of such.
    pub(super) devices: Vec<PathBuf>,
    /// Where a connection by TCP is made.
    pub(super) connects: Vec<SocketAddr>,
    /// Whether files that are written bear other dates than now.
    pub(super) dates: bool,
}

impl Access {
    /// Nothing but what every command needs: the time zone, the terminal, what tells of processors.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Files, folders and devices that are read.
    pub(crate) fn reads(&self) -> &[PathBuf] {
        &self.reads
    }

    /// A file, folder or device is read. Links in a folder lead on to what they name.
    pub(crate) fn read(mut self, path: &Path) -> Self {
        self.reads.push(path.to_owned());
        self
    }

    /// These are read: each by itself, or their folders where they are more than 256.
    pub(crate) fn read_all(mut self, paths: &[PathBuf]) -> Self {
        if paths.len() <= MANY {
            self.reads.extend_from_slice(paths);
            return self;
        }
        let mut last = PathBuf::new();
        for path in paths {
            let around = around(path);
            // A folder or a link among them may lead elsewhere; a file lies where it lies.
            let known = std::fs::symlink_metadata(path);
            if !known.is_ok_and(|known| known.is_file()) {
                self.reads.push(path.clone());
            } else if around != last {
                last = around.to_owned();
                self.reads.push(last.clone());
            }
        }
        self.reads.sort();
        self.reads.dedup();
        self
    }

    /// What may not be there yet is waited for: its folder is read too.
    pub(crate) fn await_at(self, path: &Path) -> Self {
        self.read(path).read(around(path))
    }

    /// Something new is made at this place, or what is there is replaced: beside it first.
    pub(crate) fn write(mut self, place: &Path) -> Self {
        self.writes.push(around(place).to_owned());
        self.writes.push(place.to_owned());
        self
    }

    /// A device is talked to, or any device of a folder such as `/dev`.
    pub(crate) fn device(mut self, path: &Path) -> Self {
        self.devices.push(path.to_owned());
        self
    }

    /// Whether anything is written.
    pub(crate) fn writes(&self) -> bool {
        !self.writes.is_empty()
    }

    /// A connection by TCP is made to one of these places.
    pub(crate) fn connect(mut self, places: &[SocketAddr]) -> Self {
        self.connects.extend_from_slice(places);
        self
    }

    /// What is written bears other dates than now.
    pub(crate) fn dates(mut self) -> Self {
        self.dates = true;
        self
    }

    /// What is left of it when the devices are connected: an open connection stays usable.
    pub(super) fn connected(&self) -> Self {
        Self {
            devices: Vec::new(),
            connects: Vec::new(),
            ..self.clone()
        }
    }

    /// What is left of it when only cards are read.
    pub(super) fn reading(&self) -> Self {
        Self {
            writes: Vec::new(),
            ..self.connected()
        }
    }
}

/// The folder something lies in.
fn around(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        None => path,
    }
}

/// How far the fence goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// The version of Landlock that guards files; `None` if nothing does.
    pub(crate) landlock: Option<u32>,
    /// Whether forbidden system calls fail.
    pub(crate) seccomp: bool,
    /// Whether a connection by TCP can be made, because the command needs one.
    pub(crate) connects: bool,
}

impl Level {
    /// Whether both walls stand.
    #[cfg(test)]
    pub(crate) fn is_whole(&self) -> bool {
        self.landlock.is_some() && self.seccomp
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.landlock, self.seccomp) {
            (None, false) => return f.write_str("none"),
            (Some(version), true) => write!(f, "Landlock {version} and seccomp")?,
            (Some(version), false) => write!(f, "Landlock {version}, no seccomp")?,
            (None, true) => f.write_str("seccomp, no Landlock")?,
        }
        /// The first version of Landlock that knows of ports.
        const PORTS: u32 = 4;
        f.write_str(match (self.connects, self.landlock) {
            (false, _) => "; no network",
            (true, Some(PORTS..)) => "; TCP to the port of the device, until it is connected",
            (true, _) => "; TCP until the device is connected",
        })
    }
}

/// Puts up the fence around this thread and all it starts; to be called before any other thread
/// runs. It goes as far as the system lets it, and never fails: the level says how far that is.
pub(crate) fn enter(access: &Access) -> Level {
    Level {
        landlock: guard(access),
        seccomp: seccomp::forbid(access).is_ok(),
        connects: !access.connects.is_empty(),
    }
}

/// Puts up a narrower fence inside the first, when the devices are connected or only cards are read: the
/// level is what it is from then on. Nothing can be connected any more by any thread. What can be
/// opened is narrowed for this thread and those it starts, and with Linux 7.0 for every thread.
pub(super) fn narrow(level: Level, access: &Access) -> Level {
    guard(access);
    Level {
        connects: level.connects && seccomp::disconnect().is_err(),
        ..level
    }
}

/// Lets only these be opened; says the version of Landlock that sees to it, if any does.
fn guard(access: &Access) -> Option<u32> {
    #[cfg(target_os = "linux")]
    {
        super::landlock::guard(access).ok().flatten()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = access;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_sources_are_let_in_by_their_folders() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..=MANY)
            .map(|number| folder.path().join(format!("{number}.img")))
            .collect();
        for path in &paths {
            std::fs::write(path, "x").unwrap();
        }
        assert_eq!(Access::none().read_all(&paths).reads, [folder.path()]);
        let few = &paths[..MANY];
        assert_eq!(Access::none().read_all(few).reads, few);
    }

    #[test]
    fn a_name_alone_lies_here() {
        let access = Access::none().write(Path::new("out"));
        assert_eq!(access.writes, [Path::new("."), Path::new("out")]);
    }

    #[test]
    fn a_level_says_what_it_is() {
        let level = |landlock, seccomp, connects| Level {
            landlock,
            seccomp,
            connects,
        };
        let said = |level: Level| level.to_string();
        assert_eq!(said(Level::default()), "none");
        assert_eq!(
            said(level(Some(7), true, false)),
            "Landlock 7 and seccomp; no network"
        );
        assert_eq!(
            said(level(None, true, true)),
            "seccomp, no Landlock; TCP until the device is connected"
        );
        assert_eq!(
            said(level(Some(4), true, true)),
            "Landlock 4 and seccomp; TCP to the port of the device, until it is connected"
        );
        assert!(level(Some(2), true, false).is_whole());
        assert!(!level(Some(2), false, false).is_whole());
    }
}
