//! What is looked for beside file systems.

use std::ops::Range;

use super::surface::Artifact;

/// What is looked for beside file systems.
#[derive(Clone, Copy)]
pub struct Recognizer {
    /// Finds artifacts with an anchor in a range of bytes, which begins where a sector does, and
    /// says whether there was more than it looked at. They come in ascending order, and no two
    /// overlap.
    pub contents: fn(&[u8], Range<usize>, &mut Vec<Artifact>) -> bool,
    /// Whether a slot of a long name is worth a line.
    pub name: fn(&[u16; 13]) -> bool,
    /// Whether IDs that stand as a text are looked for, too.
    pub ids: bool,
}
