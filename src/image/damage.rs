//! What cannot be read of an image: gaps, the maps that name them, and reads that go around them.

pub(super) mod gaps;
pub(super) mod mapped;
pub(super) mod readings;
pub(super) mod rescue_map;
pub(super) mod split_reads;
