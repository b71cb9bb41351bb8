//! The evidence view: everything on a card that is, was or could be part of a backup.
//!
//! [`locate`] always returns a value; damage is in it as data. The catalogue alone owns the bytes of
//! copies; what it says of them in [`BackupCopy`] holds no secret.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod absent;
mod container;
mod copy;
mod find_volumes;
mod folder;
mod found;
mod join;
mod locate;
mod lost_clusters;
mod names_seen;
mod node;
mod orphaned_folder;
mod problem;
mod runs;
mod surface;
#[cfg_attr(
    not(feature = "recover"),
    allow(dead_code, reason = "only `recover` asks why")
)]
mod unread;
mod volume;
mod walk;

pub(crate) use copy::LARGE;
pub use copy::{BackupCopy, CopyState, Facts, Health, Looked, Origin};
pub use folder::{AssumedFile, folder, single_file};
pub use found::Catalogue;
pub use locate::locate;
pub use node::{Node, Role, Sighting, TimeSeen};
pub use problem::{Absent, Problem};
pub use surface::surface;
#[cfg(feature = "recover")]
pub(crate) use unread::Unread;
pub use volume::Volume;
