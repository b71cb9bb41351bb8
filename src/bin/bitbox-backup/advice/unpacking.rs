//! How an image of a compressed file system is unpacked.

use super::About;

/// What unpacks an image of a compressed file system, as far as the name of the new folder.
pub(super) fn unpacking(what: &str) -> Option<&'static str> {
    match what {
        "SquashFS" => Some("unsquashfs -d "),
        "EROFS" => Some("fsck.erofs --extract="),
        "cramfs" => Some("fsck.cramfs --extract="),
        _ => None,
    }
}

impl About<'_> {
    /// How what is an image of a compressed file system is unpacked.
    pub(super) fn unpacking(&self, what: &str) -> (String, Option<String>) {
        let new = self.new_name("", "-files");
        let text = format!(
            "Unpack it on a computer that never goes online: it is {what}, which this program does not read, and a backup may \
             be in it. Then examine the new folder {new}."
        );
        let path = self.path.as_ref().filter(|_| !self.is_device);
        let command = path.zip(unpacking(what));
        let command = command.map(|(path, program)| format!("{program}{new} {path}"));
        (text, command)
    }
}
