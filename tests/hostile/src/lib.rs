//! What must hold of any bytes at all. One plain function a target: cargo-fuzz calls them
//! (`fuzz/fuzz_targets`), and so does an ordinary test, over seeds, damages of them and what was found.
//!
//! Each panics where something does not hold; docs/robustness.md tells what each asserts.
//!
//! A card of many megabytes is no good input for a fuzzer. So whole cards are written as a base and
//! a few changes to it: see [`card::Built`].

pub mod card;
mod containers;
mod copies;
mod device;
mod e01;
mod file;
pub mod seeds;
mod volume;

pub use containers::containers;
pub use copies::repair;
pub use device::{frame, message, noise};
pub use e01::e01;
pub use file::{decode, image};
pub use volume::{fat, locate, partition};

/// A target: its name and its function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its folders in `fuzz/found` and in the corpus.
pub const TARGETS: &[Target] = &[
    ("partition", partition),
    ("fat", fat),
    ("decode", decode),
    ("locate", locate),
    ("repair", repair),
    ("image", image),
    ("e01", e01),
    ("containers", containers),
    ("frame", frame),
    ("noise", noise),
    ("message", message),
];
