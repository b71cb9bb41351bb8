//! What is on a card beside what was recovered from it.

/// What would be lost with a card of which the backups that can be proved were recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// Backups that are proved, and that nobody asked for.
    Backups,
    /// Damaged copies that nothing proves yet, live or deleted.
    Unproved,
    /// Backups of a BitBox01.
    BitBox01,
    /// Deleted files of a BitBox01.
    DeletedBitBox01,
    /// What may hold backups and was not looked into: files, places, and volumes.
    Unopened,
    /// Parts that could not be read or were not searched.
    Unsearched,
    /// Files that are no backups.
    Files,
}

impl Rest {
    /// What it is, as what a card holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backups => "other backups",
            Self::Unproved => "damaged copies that nothing proves yet",
            Self::BitBox01 => "backups of a BitBox01",
            Self::DeletedBitBox01 => "deleted files of a BitBox01",
            Self::Unopened => "what was not looked into, such as an archive",
            Self::Unsearched => "parts that were not searched",
            Self::Files => "files that are no backups",
        }
    }

    /// All of it, as what a card holds; empty if there is nothing.
    pub fn list(all: &[Self]) -> String {
        let names: Vec<_> = all.iter().map(|one| one.name()).collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        }
    }
}
