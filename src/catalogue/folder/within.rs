//! What is in the files of a folder, or is not looked into.

use std::path::Path;

use super::{Place, Walk};
use crate::backup::text::attached_in_text;
use crate::catalogue::copy::Looked;
use crate::catalogue::node::Role;
use crate::image::{FolderEntry, FolderKind, Foreign, archive_in, archive_of, document, unopened};

/// How many bytes at the beginning of a file show of what kind it is.
const HEAD: u64 = 4096;
impl Walk<'_> {
    /// Looks into the archives that a text carries in Base64, as a mail does.
    pub(super) fn attached(&mut self, text: &[u8], below: &Place<'_>) {
        if self.looked < Looked::Deleted {
            return;
        }
        for bytes in attached_in_text(text) {
            let Some(nested) = self.nested.checked_sub(1) else {
                return self.catalogue.too_much(below.path);
            };
            self.nested = nested;
            let (archive, unread) = archive_of(Path::new(below.path), bytes, self.large);
            if let Some(archive) = archive {
                self.folder(&archive, below);
            }
            // No command takes it out of the text as it is.
            let unread = unread.map(|_| Foreign::ATTACHED);
            self.catalogue.unopened(below.path, unread, self.origin);
        }
    }

    /// Notes a file of a folder of this computer that is compressed, encrypted, or an image of a kind that is not looked
    /// into, and one that is a document.
    fn unopened(&mut self, entry: &FolderEntry, path: &str, bytes: Option<&[u8]>) {
        if self.looked < Looked::Deleted || entry.kind != FolderKind::File || entry.is_kept() {
            return;
        }
        let read = match bytes {
            Some(_) => None,
            None => entry.read(HEAD).ok(),
        };
        let head = bytes.or(read.as_ref().map(|read| read.as_slice()));
        let head = head.unwrap_or_default();
        self.catalogue.unopened(path, unopened(head), self.origin);
        self.document(entry, path, head);
    }

    /// Notes a document, of which only some text is read. Those of a BitBox01 are named elsewhere.
    fn document(&mut self, entry: &FolderEntry, path: &str, head: &[u8]) {
        let is_own = path.to_lowercase().contains("/digitalbitbox/")
            || self.own_role == Some(Role::BitBox01);
        if let Some(what) = document(head).filter(|_| !is_own && !entry.is_kept()) {
            self.seen.document(path, what);
        }
    }

    /// Looks into a file that is an archive as into a folder; the device sees nothing of what is in it. Whether
    /// it is one; what is none and not looked into either is noted.
    pub(super) fn archive(
        &mut self,
        entry: &FolderEntry,
        below: &Place<'_>,
        bytes: Option<&[u8]>,
    ) -> bool {
        let is_archive = self.look_into_archive(entry, below).is_some();
        if !is_archive {
            self.unopened(entry, below.path, bytes);
        }
        is_archive
    }

    fn look_into_archive(&mut self, entry: &FolderEntry, below: &Place<'_>) -> Option<()> {
        let is_nested = entry.is_kept();
        let is_out_of_room = is_nested && self.nested == 0;
        if self.looked < Looked::Deleted || entry.kind != FolderKind::File || is_out_of_room {
            return None;
        }
        let (inside, unread) = archive_in(entry, self.large);
        let unread = unread.filter(|_| !is_nested);
        self.catalogue.unopened(below.path, unread, self.origin);
        let inside = inside?;
        if let Ok(head) = entry.read(HEAD) {
            self.document(entry, below.path, &head);
        }
        self.nested = self.nested.saturating_sub(usize::from(is_nested));
        self.folder(&inside, below);
        Some(())
    }
}
