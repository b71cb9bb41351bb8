//! Whether the fence holds, tried out.

use std::fs::File;
use std::io;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio};

use super::policy::Level;
use super::seccomp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    /// A short name, lower-case and hyphenated; it never changes.
    pub(crate) name: &'static str,
    /// What was tried, for a person.
    pub(crate) what: &'static str,
    /// Whether this system can forbid it.
    pub(crate) stands: bool,
    /// Whether it was forbidden; `None` if no fence was wanted, so that it was not tried.
    pub(crate) forbidden: Option<bool>,
}

/// Tries to open this file, which was not named to [`super::policy::enter`], to have a socket, to start this
/// program, and to make the calls of [`seccomp::attempts`]: each is to fail because it is forbidden, not for
/// want of it. Where no fence was wanted it tries nothing.
pub(crate) fn prove(level: Option<Level>, file: &Path, program: &Path) -> Vec<Proof> {
    let start = || {
        let mut program = Command::new(program);
        let program = program.stdin(Stdio::null()).stdout(Stdio::null());
        is_forbidden(&program.stderr(Stdio::null()).status())
    };
    let files = level.is_some_and(|level| level.landlock.is_some());
    let calls = level.is_some_and(|level| level.seccomp);
    let mut all = vec![
        Proof {
            name: "sandbox-files",
            what: "the sandbox: to open another file",
            stands: files,
            forbidden: level.map(|_| is_forbidden(&File::open(file))),
        },
        Proof {
            name: "sandbox-network",
            what: "the sandbox: to open a socket",
            stands: calls,
            forbidden: level.map(|_| is_forbidden(&UdpSocket::bind("127.0.0.1:0"))),
        },
        Proof {
            name: "sandbox-programs",
            what: "the sandbox: to start a program",
            stands: calls,
            forbidden: level.map(|_| start()),
        },
    ];
    all.extend(seccomp::attempts().map(|(name, what, is_forbidden)| Proof {
        name,
        what,
        stands: calls,
        // What nothing forbids is not tried.
        forbidden: level.map(|_| calls && is_forbidden()),
    }));
    all
}

fn is_forbidden<T>(tried: &io::Result<T>) -> bool {
    let kind = tried.as_ref().err().map(io::Error::kind);
    kind == Some(io::ErrorKind::PermissionDenied)
}
