//! The device view: what a BitBox02 makes of a card, by firmware version.
//!
//! Reads like the firmware's own sources, function by function: `volume` (FatFs's mounting),
//! `directory` and `name` (its directories), `sd` (the firmware's `sd.c`), `load` (its `backup.rs`),
//! and `list` (its `hww/api/backup.rs`). It sees what the device sees, wrap-arounds
//! and crashes included, and finds nothing else. The rules and their sources are in docs/format.md 3
//! and 7.

mod answer;
mod assumed;
mod fatfs_directory;
mod fatfs_name;
mod fatfs_volume;
mod lba32;
mod list_backups;
mod load_backup;
mod nanopb;
mod preflight;
mod replace;
mod restore;
mod sd;
mod version;

pub use answer::{
    Answer, Crash, DirectoryOutcome, DirectoryTrace, Hidden, List, Listed, MAX_ANSWER, Refusal,
    Rewrite, Winner,
};
pub use assumed::assumed_card;
pub use fatfs_directory::Name;
pub use fatfs_volume::{FatError, GeometryRule, MountError, MountedVolume};
pub use lba32::Lba32;
pub use list_backups::list_backups;
pub use preflight::{NotErasable, Obstacle, preflight};
pub use sd::{LIST_MAX, Listing, LoadError};
pub use version::{Basis, NEWEST, NEWEST_RELEASED, OLDEST, Version, VersionError};
