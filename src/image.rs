//! The bytes under examination: an image file, a card reader, memory, a folder. Read-only by type.
//!
//! [`open`] tells by content what a path is. Everything above reads through [`ReadAt`], which has
//! no way to write, and mostly through [`Sectors`], which reads each sector once.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod compressed;
mod containers;
mod damage;
mod extent;
mod file_names;
mod hashing;
mod medium;
mod node;
mod open_error;
mod read_at;
mod read_error;
mod sectors;
mod source;
mod source_hash;
mod status;
mod transformed;
mod with_progress;

pub use compressed::format::{Packing, PackingFlaw, UnpackError, UnpackedImage};
#[cfg(feature = "recover")]
pub(crate) use compressed::sparse_pages::is_zero;
pub use compressed::sparse_pages::{Pages, PagesError};
pub use compressed::{unpack, unpack_damaged};
pub use containers::archive::error::ArchiveDamage;
pub use containers::e01::error::E01Error;
pub use containers::e01::evidence::{
    Algorithm, CaseReport, Evidence, EvidencePart, EvidenceReport, HashReport, SegmentReport,
};
pub use containers::foreign::Foreign;
pub(crate) use containers::foreign::{
    begins_as_archive, begins_as_container, document, is_unmarked, may_be_a_card,
    of_small as foreign_in, unopened,
};
pub(crate) use containers::volume::signed_volume;
pub use containers::window::Window;
pub(crate) use damage::gaps::join;
#[cfg(feature = "recover")]
pub(crate) use damage::mapped::maps_of;
pub use damage::readings::{Readings, ReadingsError, readings_of};
pub use damage::rescue_map::{RescueMap, RescueMapError, Tried};
pub use damage::split_reads::SplitReads;
pub(crate) use extent::SECTOR_BYTES;
pub use extent::{Extent, SECTOR};
#[cfg(feature = "audit")]
pub(crate) use file_names::EXTENSIONS;
pub use file_names::{free_name, has_archive_name};
pub use hashing::DigestError;
#[cfg(feature = "recover")]
pub(crate) use hashing::each_part;
#[cfg(target_os = "linux")]
pub use medium::block_device::hold;
pub use medium::confined_folder::FolderKind;
pub use medium::file::FileImage;
pub use medium::folder::{Folder, FolderContents, FolderEntry, FolderError};
pub use medium::head_hash::{Beginning, beginning};
pub use medium::memory::Memory;
#[cfg(feature = "recover")]
pub(crate) use medium::positioned_read::read_exact_at;
pub use node::FileNumber;
pub use open_error::{FileType, OpenError};
pub use read_at::ReadAt;
pub(crate) use read_at::{check_inside, cut_at};
pub use read_error::{Fault, ReadError, SystemError};
pub use sectors::{Sector, Sectors, Tally};
pub use source::{
    Damaged, GivenFile, GivenFolder, GivenSource, Identity, Images, Limits, Medium, Opened,
    SourceKind, archive_around, belongings, belongings_of, files_from, further_readings, images_in,
    members_of, members_of_given, open, open_given, open_raw,
};
pub(crate) use source::{archive_in, archive_of, unpacked_beginning};
pub use source_hash::sha256;
pub use status::{Lies, PathStatus, Presence};
pub use transformed::{Transform, Transformed};
pub(crate) use with_progress::Watched;
