//! What we write: cards of our own by `fatfs`, in memory or as a new image, and folders of files.
//!
//! Never to a source, never to a device, and never over anything that is there. What is written is
//! built beside its place under another name and moved there when it is whole and on the disk; when
//! anything fails before, nothing remains of it.

mod card;
mod file;
mod folder;
mod place;

pub use card::NewCard;
pub use file::NewFile;
pub use folder::NewFolder;
pub use place::WriteError;
pub(crate) use place::{Place, new_file};

use std::time::{Duration, SystemTime};

/// When a device's files were written, as all of them say: 2019-01-01 00:00:00, here in UTC
/// (docs/format.md 6).
pub fn device_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_546_300_800)
}
