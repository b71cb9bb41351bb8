//! What is said of copies that were not read, and may be whole on the card.

use crate::catalogue::Unread;

impl Unread {
    /// What is said of a backup of which nothing was read.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Unfinished => {
                "its files were not read in this copy of the card, which is not finished: they may be whole on the card"
            }
            Self::CutShort => {
                "its files were not read: this image ends before the card does, and they may be whole on the card"
            }
            Self::Failed => "its files could not be read: they may be whole on the card",
            Self::Denied => "its files were not read, for lack of permission: they may be whole",
        }
    }

    /// What helps first.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Unfinished => {
                "First finish the copy: insert the card, and give `image` its card reader and --to this same file."
            }
            Self::CutShort => {
                "First copy the whole card again: this image ends before the card does."
            }
            Self::Failed => {
                "First read the card in another card reader, and copy it there with `image`: it reads bad parts again."
            }
            Self::Denied => {
                "First let the program read them: change their permissions, or run it as an administrator (with sudo)."
            }
        }
    }
}
