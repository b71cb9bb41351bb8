//! Where on a card things lie, as a strip of cells.

use std::io::Write;

use bitbox_backup::catalogue::{CopyState, Origin};
use bitbox_backup::report::{Card, CopyReport, Source};

use super::{BOLD, DIM};

/// Cells of the strip.
const CELLS: usize = 64;

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

    fn letter(self) -> char {
        match self {
            Self::Fat => 'F',
            Self::BootSector => 'B',
            Self::Folder => 'D',
            Self::ErasedCopy => 'e',
            Self::DamagedCopy => 'x',
            Self::DeletedCopy => 'd',
            Self::WholeCopy => 'C',
        }
    }

    /// What it is, in words.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Fat => "FAT",
            Self::BootSector => "boot sector",
            Self::Folder => "folder",
            Self::ErasedCopy => "erased copy",
            Self::DamagedCopy => "damaged copy",
            Self::DeletedCopy => "deleted copy",
            Self::WholeCopy => "intact copy",
        }
    }

    /// Whether it belongs to a backup and not to the volume.
    pub(crate) fn is_of_backup(self) -> bool {
        !matches!(self, Self::Fat | Self::BootSector)
    }
}

/// A thing and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) thing: Thing,
}

impl Mark {
    /// The first byte behind it.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// Everything on a card whose place is known.
pub(crate) fn marks(source: &Source, card: &Card) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut mark = |offset, length, thing| {
        marks.push(Mark {
            offset,
            length,
            thing,
        });
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

/// Prints the strip from the first byte to the last thing found, and what its letters mean.
pub(super) fn map(out: &mut impl Write, source: &Source, card: &Card) -> std::io::Result<()> {
    let marks = marks(source, card);
    let Some(end) = marks.iter().map(Mark::end).max() else {
        return Ok(());
    };
    let mut drawn = strip(out, "Map", &marks, 0, end)?;
    let of_backups = marks.iter().filter(|mark| mark.thing.is_of_backup());
    if let Some(start) = of_backups.map(|mark| mark.offset / 512 * 512).min()
        && end - start < end / 4
    {
        drawn += &strip(out, "Closer", &marks, start, end)?;
    }
    let legend = [
        Thing::BootSector,
        Thing::Fat,
        Thing::Folder,
        Thing::WholeCopy,
        Thing::DamagedCopy,
        Thing::DeletedCopy,
        Thing::ErasedCopy,
    ];
    let used = legend.iter().filter(|thing| drawn.contains(thing.letter()));
    let used: Vec<_> = used
        .map(|thing| format!("{} {}", thing.letter(), thing.meaning()))
        .collect();
    writeln!(out, "  {DIM}{}, · the rest{DIM:#}", used.join(", "))
}

/// Prints one strip and returns it.
fn strip(
    out: &mut impl Write,
    title: &str,
    marks: &[Mark],
    start: u64,
    end: u64,
) -> std::io::Result<String> {
    let cell = (end - start).div_ceil(CELLS as u64).next_multiple_of(512);
    let mut strip = ['·'; CELLS];
    for wanted in Thing::ALL {
        let here = marks
            .iter()
            .filter(|mark| mark.thing == wanted && mark.offset >= start);
        for mark in here {
            let place = |at: u64| usize::try_from((at - start) / cell).unwrap_or(CELLS);
            let last = place(mark.offset.saturating_add(mark.length.saturating_sub(1)));
            for cell in strip
                .iter_mut()
                .take(last.saturating_add(1))
                .skip(place(mark.offset))
            {
                *cell = wanted.letter();
            }
        }
    }
    let strip: String = strip.iter().collect();
    writeln!(
        out,
        "\n{BOLD}{title}{BOLD:#}  bytes {start} to {end}, {cell} per cell"
    )?;
    writeln!(out, "  {strip}")?;
    Ok(strip)
}
