//! What has a place on a card, for the maps of it.

use bitbox_backup::catalogue::{CopyState, Origin};
use bitbox_backup::report::{Card, CopyReport, Source};

/// Something that has a place on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Fat,
    BootSector,
    Folder,
    ErasedCopy,
    DamagedCopy,
    DeletedCopy,
    WholeCopy,
}

impl Thing {
    /// All, the rarer and the more telling the later: what is drawn later covers the earlier.
    pub(crate) const ALL: [Self; 7] = [
        Self::Fat,
        Self::BootSector,
        Self::Folder,
        Self::ErasedCopy,
        Self::DamagedCopy,
        Self::DeletedCopy,
        Self::WholeCopy,
    ];

    fn of(copy: &CopyReport) -> Self {
        match copy.state {
            CopyState::Valid if copy.origin == Origin::Live => Self::WholeCopy,
            CopyState::Valid => Self::DeletedCopy,
            CopyState::Erased => Self::ErasedCopy,
            _ => Self::DamagedCopy,
        }
    }

    /// Its letter on the terminal, its class on the page, and what it is, in words.
    pub(crate) fn look(self) -> (char, &'static str, &'static str) {
        match self {
            Self::Fat => ('F', "m-fat", "FAT"),
            Self::BootSector => ('B', "m-boot", "boot sector"),
            Self::Folder => ('D', "m-entry", "folder"),
            Self::ErasedCopy => ('e', "m-erased", "erased copy"),
            Self::DamagedCopy => ('x', "m-damaged", "damaged copy"),
            Self::DeletedCopy => ('d', "m-deleted", "deleted copy"),
            Self::WholeCopy => ('C', "m-whole", "intact copy"),
        }
    }

    /// Whether it belongs to a backup and not to the volume.
    pub(crate) fn is_of_backup(self) -> bool {
        !matches!(self, Self::Fat | Self::BootSector)
    }
}

/// A thing and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) thing: Thing,
}

impl Placed {
    /// The first byte behind it.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// Everything on a card whose place is known.
pub(crate) fn marks(source: &Source, card: &Card) -> Vec<Placed> {
    let mut marks = Vec::new();
    let mut mark = |offset, length, thing| {
        marks.push(Placed {
            offset,
            length,
            thing,
        })
    };
    for volume in &card.volumes {
        mark(volume.offset, 512, Thing::BootSector);
        if let (Some(fat), Some(data)) = (volume.fat_offset, volume.data_offset) {
            mark(fat, data.saturating_sub(fat), Thing::Fat);
        }
    }
    for copy in source.backups.iter().flat_map(|backup| &backup.copies) {
        for run in &copy.extents {
            mark(run.offset, run.length, Thing::of(copy));
        }
        if let Some(offset) = copy.entry_offset {
            mark(offset, 32, Thing::Folder);
        }
    }
    marks
}
