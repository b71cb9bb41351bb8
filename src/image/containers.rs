//! Images that lie in something else: containers with checksums of their own, archives, parts; and files that
//! are none.

#[cfg_attr(not(feature = "compressed"), allow(dead_code))]
pub(super) mod archive;
pub(super) mod e01;
pub(super) mod foreign;
pub(super) mod parts;
pub(super) mod vhd;
pub(super) mod volume;
pub(super) mod window;
