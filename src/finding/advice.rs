//! What to do about a card, and what else is on it. The binary words it.

/// One step, in the order in which to take it.
///
/// Not `non_exhaustive`: whoever words the steps has to word each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Search the whole card, including unallocated space.
    Search,
    /// Read the card once more: it did not stay until all of it was read.
    ReadAgain,
    /// Examine the card images in the folder, each as a card of its own.
    EachImage,
    /// Copy the card sector by sector first.
    Image,
    /// Copy the card once more: this image ends before the card does.
    WholeImage,
    /// Finish the copy that this image is.
    FinishImage,
    /// Recover what can be proved to another place.
    Recover,
    /// Make the image of a card from copies that lie loose in a folder.
    RecoverLoose,
    /// Have the BitBox make a backup on a fresh card.
    CreateFresh,
    /// Have the BitBox make a backup on this card. Writes to the card.
    CreateHere,
    /// Delete these files or folders from the card: no copy of any backup is in them. Writes to the card.
    Remove(Vec<String>),
    /// Give a file or folder another name. Writes to the card.
    Rename(Place),
    /// Move a file or folder into another folder of the card. Writes to the card.
    Move(Place),
    /// Move these files or folders out of the folder of a backup, and keep them: they may hold what nobody knows of.
    /// Writes to the card.
    MoveOut(Vec<Place>),
    /// Format the card. Writes to the card.
    Format,
    /// Have a computer repair the file system. Writes to the card.
    Repair,
    /// Read the card in another reader.
    OtherReader,
    /// Let the program read the files: it lacks the permission.
    Permit,
    /// Copy a file off the card and make of it what can be examined: it was not looked into.
    Unpack {
        /// Its path, as stored.
        path: String,
        /// What it is, with its article.
        what: String,
        /// How to look into it, in a clause.
        how: String,
    },
    /// The same for what no entry leads to.
    UnpackAt {
        /// Where it begins: bytes from the start of the card.
        offset: u64,
        /// At how many other places there is something of the kind.
        others: usize,
        /// What it is, with its article.
        what: String,
        /// How to look into it, in a clause.
        how: String,
    },
    /// Open what a volume of the card holds: it is encrypted or compressed, and was not looked into.
    Unlock {
        /// What it holds, by its name.
        what: String,
        /// Whether it is all of the card.
        is_whole: bool,
    },
    /// Name what links lead to: none is followed.
    FollowLinks,
    /// Have a computer download what is in iCloud only.
    Download,
    /// Keep the card as it is: it holds backups of a BitBox01.
    KeepBitBox01 {
        /// Whether all of them were deleted.
        is_deleted: bool,
    },
    /// Look for another card of the wallet, or use another one.
    OtherCard,
    /// Make a new backup on a smaller card: this one is too large for a BitBox.
    SmallerCard,
    /// Destroy the card if its wallet is not wanted: whoever finds it can read the seed.
    Destroy,
    /// Keep the card as safe as a wallet, and do not destroy it: whoever finds it can read a seed, and this is on it, too.
    KeepSafe(Vec<Rest>),
}

/// A file or folder to be renamed or moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path, as stored.
    pub path: String,
    /// Its new name or the folder it should lie in, where that is fixed; of what is moved out the root, where nothing
    /// there has its name.
    pub to: Option<String>,
    /// Whether any copy of a backup is in it, whole or damaged.
    pub holds_copies: bool,
    /// Whether all that is in it was searched for copies.
    pub is_searched: bool,
    /// The wallets, by id, of which no whole live copy is outside of it.
    pub only: Vec<String>,
}

impl Advice {
    /// The word of the contract for it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Search
            | Self::ReadAgain
            | Self::EachImage
            | Self::Permit
            | Self::FollowLinks
            | Self::Download => "search",
            Self::Image | Self::WholeImage | Self::FinishImage => "image",
            Self::Recover | Self::RecoverLoose => "recover",
            Self::CreateFresh => "create-fresh",
            Self::CreateHere => "create-here",
            Self::Remove(_) => "remove",
            Self::Rename(_) => "rename",
            Self::Move(_) | Self::MoveOut(_) => "move",
            Self::Format => "format",
            Self::Repair => "repair",
            Self::OtherReader => "other-reader",
            Self::OtherCard | Self::SmallerCard => "other-card",
            Self::Unpack { .. } | Self::UnpackAt { .. } | Self::Unlock { .. } => "unpack",
            Self::KeepBitBox01 { .. } | Self::KeepSafe(_) => "none",
            Self::Destroy => "destroy",
        }
    }

    /// Whether it writes to the card.
    pub fn writes(&self) -> bool {
        matches!(
            self,
            Self::CreateHere
                | Self::Remove(_)
                | Self::Rename(_)
                | Self::Move(_)
                | Self::MoveOut(_)
                | Self::Format
                | Self::Repair
        )
    }

    /// Whether it only touches things that hold no copy of any backup.
    pub fn spares_copies(&self) -> bool {
        match self {
            Self::Remove(_) => true,
            Self::Rename(place) | Self::Move(place) => !place.holds_copies && place.is_searched,
            _ => !self.writes(),
        }
    }

    /// What it renames or moves.
    pub fn places(&self) -> &[Place] {
        match self {
            Self::Rename(place) | Self::Move(place) => std::slice::from_ref(place),
            Self::MoveOut(places) => places,
            _ => &[],
        }
    }
}

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
