//! What to do, where it depends on the system.

/// What to do where nothing is at a path.
pub(super) const NOT_FOUND: &str = match cfg!(windows) {
    true => {
        r"check the spelling; Disk Management shows the number of a card reader, 1 for \\.\PhysicalDrive1"
    }
    false if cfg!(target_vendor = "apple") => {
        "check the spelling; a card reader shows in `diskutil list` once a card is in it"
    }
    false => "check the spelling; a card reader shows in lsblk once a card is in it",
};
/// What to do where something else than a source is there.
pub(super) const NOT_A_SOURCE: &str = match cfg!(windows) {
    true => {
        r"name a card image, a card reader such as \\.\PhysicalDrive1, a folder, or a .bin file"
    }
    false => "name a card image, a card reader such as /dev/sdb, a folder, or a .bin file",
};
