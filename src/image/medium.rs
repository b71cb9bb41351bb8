//! What the bytes lie on: files, card readers, folders, memory.

#[cfg(unix)]
mod access_time;
#[cfg(any(target_os = "linux", target_vendor = "apple", windows))]
pub(super) mod aligned;
pub(super) mod cached_head;
pub(super) mod confined_folder;
#[cfg(target_os = "linux")]
pub(super) mod direct_io;
pub(super) mod file;
pub(super) mod folder;
pub(super) mod head_hash;
pub(super) mod memory;
pub(super) mod memory_folder;
pub(crate) mod positioned_read;
#[cfg(target_os = "linux")]
pub(super) mod preopened;
