//! What a folder shows and does not hold: links, and what lies in a cloud; and documents, of which only some text is read.

use super::found::Catalogue;
use super::problem::{Absent, Problem};
use crate::image::{FolderEntry, FolderKind, Foreign};

/// Most documents that are named.
const MOST_DOCUMENTS: usize = 8;

/// What was seen of that in a folder.
#[derive(Default)]
pub(super) struct NotHeld {
    links: NamedFiles,
    /// Whether one of them is where a card has its backups.
    link_to_backups: bool,
    clouds: NamedFiles,
    documents: Vec<(String, Foreign)>,
}

/// How many files, and the first.
#[derive(Default)]
struct NamedFiles {
    count: usize,
    first: Option<String>,
}

impl NamedFiles {
    fn add(&mut self, path: &str) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert_with(|| path.to_owned());
    }

    fn note(self, why: Absent, catalogue: &mut Catalogue) {
        if let Some(path) = self.first {
            let others = self.count.saturating_sub(1);
            catalogue.note(Problem::Absent { path, others, why });
        }
    }
}

impl NotHeld {
    /// Sees an entry; whether its place is that of a backup.
    pub(super) fn entry(&mut self, entry: &FolderEntry, path: &str, is_of_backups: bool) {
        if entry.kind == FolderKind::Other {
            self.links.add(path);
            self.link_to_backups |= is_of_backups;
        }
        let is_cloud = entry.name.starts_with('.') && entry.name.ends_with(".icloud");
        if is_cloud && entry.kind == FolderKind::File {
            self.clouds.add(path);
        }
    }

    pub(super) fn document(&mut self, path: &str, what: Foreign) {
        if self.documents.len() < MOST_DOCUMENTS {
            self.documents.push((path.to_owned(), what));
        }
    }

    /// Notes it; what leads to no backup only where none was found.
    pub(super) fn note(self, catalogue: &mut Catalogue) {
        let is_bare = catalogue.copies.is_empty();
        if is_bare || self.link_to_backups {
            self.links.note(Absent::Link, catalogue);
        }
        self.clouds.note(Absent::Cloud, catalogue);
        for (path, what) in self.documents.into_iter().filter(|_| is_bare) {
            catalogue.note(Problem::Unopened { path, what });
        }
    }
}
