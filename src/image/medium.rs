//! What the bytes lie on: files, card readers, folders, memory.

#[cfg(unix)]
mod access_time;
#[cfg(any(target_os = "linux", target_vendor = "apple", windows))]
pub(super) mod aligned;
pub(super) mod beginning;
pub(super) mod begun;
pub(super) mod beneath;
pub(super) mod file;
pub(super) mod folder;
#[cfg(target_os = "linux")]
pub(super) mod held;
pub(super) mod kept;
pub(super) mod memory;
pub(crate) mod positioned;
#[cfg(target_os = "linux")]
pub(super) mod uncached;
