//! A backup file: what its bytes say and whether they are whole (docs/format.md 2).
//!
//! Knows nothing of disks. [`decode`] is strict and is what a device does; [`wire`] goes on past
//! damage and says where each field lies.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

/// A `Debug` that names the type and nothing in it: the fields are a seed or lead to one.
macro_rules! silent_debug {
    ($($message:ident),+) => {$(
        impl std::fmt::Debug for $message {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($message), "(..)"))
            }
        }
    )+};
}

pub mod checksum;
mod contents;
pub(crate) mod damaged_id;
mod encode;
mod evidence;
pub mod file_name;
#[cfg(feature = "recover")]
mod known_words;
pub mod layout;
pub(crate) mod length;
pub mod message;
pub mod recognize;
pub mod seed;
mod splice;
pub mod text;
mod two_copies;
#[cfg(feature = "recover")]
pub mod wallet;
pub mod wire;
#[cfg(feature = "recover")]
pub mod words;

pub use checksum::{CheckError, ModeWidth};
pub use contents::{Contents, DecodeError, MAX_FILE_SIZE, decode};
pub use damaged_id::{DamagedId, IdDistance};
pub use encode::Parts;
pub use file_name::FileName;
#[cfg(feature = "recover")]
pub use known_words::{KnownWords, KnownWordsError};
pub use length::{fitting_lengths, seed_length};
pub(crate) use seed::find_intact_seed;
pub use seed::{Id, Seed, words_of};
pub use splice::{Method, Repaired, majority, vote_or_splice};
#[cfg(feature = "recover")]
pub(crate) use two_copies::{MOST_COPIES as MOST_SPLICED, splice_two};
#[cfg(feature = "recover")]
pub use wallet::{Fingerprint, root_fingerprint};
#[cfg(feature = "recover")]
pub use words::{PutAway, Words, WordsError, wipe_stack};

#[cfg(test)]
pub(crate) mod tests;
