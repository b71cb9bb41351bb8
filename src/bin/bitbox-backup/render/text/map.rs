//! Where on a card things lie, as a strip of cells.

use std::io::Write;

use bitbox_backup::report::{Card, Source};

use super::{BOLD, DIM};
use crate::render::mark::{Mark, Thing, marks};

/// Cells of the strip.
const CELLS: usize = 64;

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
