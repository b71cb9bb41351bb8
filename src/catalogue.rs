//! The evidence view: everything on a card that is, was or could be part of a backup.
//!
//! [`locate`] always returns a value; damage is in it as data. The catalogue alone owns the bytes of
//! copies; what it says of them in [`BackupCopy`] holds no secret.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod absent;
mod assumed;
mod boot;
mod container;
mod copy;
mod damaged_name;
mod entered;
mod folder;
mod found;
mod join;
mod locate;
mod looked;
mod lost;
mod nameless;
mod node;
mod orphan;
mod owner;
mod part;
mod problem;
mod runs;
mod sighting;
mod surface;
#[cfg(feature = "recover")]
mod unread;
mod volume;
mod walk;

pub use assumed::AssumedFile;
pub(crate) use copy::LARGE;
pub use copy::{BackupCopy, CopyState, Facts, Health, Origin};
pub use folder::{folder, single_file};
pub use found::Catalogue;
pub use locate::locate;
pub use looked::Looked;
pub use node::{Node, Role};
pub use problem::{Absent, Problem};
pub use sighting::{Sighting, TimeSeen};
pub use surface::surface;
#[cfg(feature = "recover")]
pub(crate) use unread::Unread;
pub use volume::{BootRecord, Volume};
