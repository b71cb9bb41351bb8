//! The evidence view: everything on a card that is, was or could be part of a backup.
//!
//! [`locate`] always returns a value; damage is in it as data. The catalogue alone owns the bytes of
//! copies; what it says of them in [`BackupCopy`] holds no secret.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod absent;
mod assumed;
mod cluster_owner;
mod container;
mod copy;
mod damaged_name;
mod depth;
mod entry_size;
mod find_volumes;
mod folder;
mod found;
mod ids_in_names;
mod join;
mod locate;
mod lost_clusters;
mod nameless;
mod node;
mod orphaned_folder;
mod part;
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
mod written_text;

pub use assumed::AssumedFile;
pub(crate) use copy::LARGE;
pub use copy::{BackupCopy, CopyState, Facts, Health, Origin};
pub use depth::Looked;
pub use folder::{folder, single_file};
pub use found::Catalogue;
pub use ids_in_names::{Sighting, TimeSeen};
pub use locate::locate;
pub use node::{Node, Role};
pub use problem::{Absent, Problem};
pub use surface::surface;
#[cfg(feature = "recover")]
pub(crate) use unread::Unread;
pub use volume::{BootRecord, Volume};
