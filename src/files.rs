//! The only room that writes: new files and folders, whole or not there, never on a source.
//!
//! Every file that any command makes is made here, so that these promises are kept in one place:
//!
//! - **Never on a source.** A place is refused that is a source by another name, lies in a folder
//!   that is read, on the card that is read, or in an image that is read and mounted ([`Sources`]).
//! - **Never among devices.** A place in `/dev`, `/proc`, or `/sys` is refused, be something there or not
//!   ([`check_place`]): whoever names one means a device, standard output, or a pipe.
//! - **Nothing is overwritten** that the program did not write itself. New files are moved to their
//!   place by a call that fails if something is there; a report takes the place of an earlier one
//!   only if that carries the program's [`Mark`] and has not changed since the run began.
//! - **Whole or nothing.** What is new is built without a name where the system allows it, and
//!   otherwise beside its place under a name of one form ([`is_unfinished_name`]); it is brought to
//!   the disk and then moved. If that fails, or a signal ends the program
//!   ([`discard_unfinished`]), nothing of it stays. After a kill or a power cut [`leftovers`] names
//!   what could not be removed.
//! - **Private.** Files are made with mode 0600, folders with 0700.
//! - **No path is walked twice.** The folder around a place is opened once, and everything happens
//!   in that folder, wherever its path leads by then.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod error;
mod file_identity;
mod growing_lines;
#[cfg_attr(unix, path = "files/handle/by_handle.rs")]
#[cfg_attr(not(unix), path = "files/handle/by_path.rs")]
mod handle;
mod leftovers;
#[cfg(target_os = "linux")]
mod mounts;
mod new_file;
mod new_folder;
mod own_files;
mod place;
mod private_folder;
mod sources;
#[cfg(test)]
mod test_listing;
#[cfg(target_os = "linux")]
mod underlying_devices;
mod unfinished;

pub use error::WriteError;
pub use growing_lines::{GrowingFile, open_log};
pub use leftovers::{Leftover, is_unfinished_name, leftovers};
pub use new_file::{Mark, NewFile};
pub use new_folder::NewFolder;
pub use own_files::{OpenFile, OpenedOwn, OwnFile, PlacedFile};
pub use place::check_place;
#[cfg(unix)]
pub use private_folder::restrict_to_owner;
pub use private_folder::{make_private_folder, open_lock_file, remove_private, replace_private};
pub use sources::Sources;
pub use unfinished::discard_unfinished;
