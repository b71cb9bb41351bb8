//! Images that lie in a container with checksums of its own.

pub(super) mod expert;
pub(super) mod foreign;
