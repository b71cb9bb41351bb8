//! The surface of a card, from its first byte to its last: whatever is known by its own bytes, with
//! no file system to lead there.
//!
//! [`scan`] finds what a recognizer knows, sectors of directories, boot sectors and the beginnings of
//! FATs. It gives places only; what they are worth is for others to say. The same image gives the same
//! answer on any number of threads: the surface is cut at fixed places and put together in order.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod ext;
mod ids;
mod ntfs;
mod scan;
mod sector;
mod surface;
mod texts;

pub use ids::ids_in;
pub use ntfs::read_restored;
pub use scan::scan;
pub use surface::{Carved, Recognizer, Surface};
pub(crate) use texts::text_length;
