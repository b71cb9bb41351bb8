//! Opening without leaving a trace of it.

use std::io;

/// Opens such that reading leaves the access time alone; only the owner of a file may ask for that,
/// so everybody else opens it without.
pub(crate) fn without_access_time<T>(
    flags: rustix::fs::OFlags,
    open: impl Fn(rustix::fs::OFlags) -> rustix::io::Result<T>,
) -> io::Result<T> {
    #[cfg(target_os = "linux")]
    match open(flags | rustix::fs::OFlags::NOATIME) {
        Err(rustix::io::Errno::PERM) => {}
        outcome => return outcome.map_err(io::Error::from),
    }
    open(flags).map_err(io::Error::from)
}
