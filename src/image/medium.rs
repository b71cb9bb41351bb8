//! What the bytes lie on: files, card readers, folders, memory.

#[cfg(any(target_os = "linux", target_vendor = "apple", windows))]
pub(super) mod aligned;
#[cfg(target_os = "linux")]
pub(super) mod block_device;
pub(super) mod cached_head;
pub(super) mod confined_folder;
pub(super) mod file;
pub(super) mod folder;
pub(super) mod head_hash;
pub(super) mod memory;
pub(super) mod memory_folder;
pub(crate) mod positioned_read;
