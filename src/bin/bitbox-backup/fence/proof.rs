//! Whether the fence holds, tried out.

use std::fs::File;
use std::io;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio};

/// What was tried from inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    /// Whether a file that was not named could not be opened.
    pub(crate) files: bool,
    /// Whether no socket could be had.
    pub(crate) network: bool,
    /// Whether no other program could be started.
    pub(crate) programs: bool,
}

/// Tries to open this file, which was not named to [`super::wall::enter`], to have a socket, and to start
/// this program: each is to fail because it is forbidden, not for want of it.
pub(crate) fn prove(file: &Path, program: &Path) -> Proof {
    let started = Command::new(program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    Proof {
        files: is_forbidden(&File::open(file)),
        network: is_forbidden(&UdpSocket::bind("127.0.0.1:0")),
        programs: is_forbidden(&started),
    }
}

fn is_forbidden<T>(tried: &io::Result<T>) -> bool {
    let kind = tried.as_ref().err().map(io::Error::kind);
    kind == Some(io::ErrorKind::PermissionDenied)
}
