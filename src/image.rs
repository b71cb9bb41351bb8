//! The bytes under examination: an image file, a card reader, memory, a folder. Read-only by type.
//!
//! [`open`] tells by content what a path is. Everything above reads through [`ReadAt`], which has
//! no way to write, and mostly through [`Sectors`], which reads each sector once.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod containers;
mod damage;
mod digest;
mod extent;
mod medium;
mod named;
mod node;
mod open_error;
mod packed;
mod read_at;
mod read_error;
mod sectors;
mod source;
mod status;
mod watched;

pub use containers::expert::error::ExpertError;
pub use containers::foreign::Foreign;
pub(crate) use containers::foreign::of_small as foreign_in;
pub use containers::window::Window;
#[cfg(feature = "recover")]
pub(crate) use damage::gaps::join;
pub use damage::rescue_map::{RescueMap, RescueMapError, Tried};
pub use damage::split::SplitReads;
pub use digest::{DigestError, sha256};
pub use extent::{Extent, SECTOR};
pub use medium::beginning::{Beginning, beginning};
pub use medium::beneath::FolderKind;
pub use medium::file::FileImage;
pub use medium::folder::{Contents, Folder, FolderEntry, FolderError};
#[cfg(target_os = "linux")]
pub use medium::held::hold;
pub use medium::memory::Memory;
#[cfg(feature = "audit")]
pub(crate) use named::EXTENSIONS;
pub use named::has_archive_name;
pub use node::Node;
pub use open_error::{FileType, OpenError};
pub use packed::packing::{Flaw, Packing, UnpackError};
pub use packed::pages::{Pages, PagesError};
pub use packed::unpack::unpack;
pub use packed::unpack::{Unpacked, unpack_damaged};
pub use read_at::ReadAt;
pub use read_error::{Fault, ReadError};
pub use sectors::{Sector, Sectors, Tally};
pub(crate) use source::archive_in;
pub use source::{
    Damaged, Identity, Limits, Opened, Source, SourceKind, belongings, files_from, members_of,
    open, open_raw,
};
pub use status::{Images, Lies, Presence, Status, images_in};
pub(crate) use watched::Watched;
