//! Where on a card things lie, as a strip of cells.

use std::io::Write;

use bitbox_backup::catalogue::{CopyState, Origin};
use bitbox_backup::report::{Card, Source};

use super::{BOLD, DIM};

/// Cells of the strip.
const CELLS: usize = 64;

/// Prints the strip from the first byte to the last thing found, and what its letters mean.
pub(super) fn map(out: &mut impl Write, source: &Source, card: &Card) -> std::io::Result<()> {
    let mut marks: Vec<(u64, u64, char)> = Vec::new();
    for volume in card.volumes.iter() {
        marks.push((volume.offset, 512, 'B'));
        if let (Some(fat), Some(data)) = (volume.fat_offset, volume.data_offset) {
            marks.push((fat, data.saturating_sub(fat), 'F'));
        }
    }
    for copy in source.backups.iter().flat_map(|backup| &backup.copies) {
        let letter = match copy.state {
            CopyState::Valid if copy.origin == Origin::Live => 'C',
            CopyState::Valid => 'd',
            CopyState::Erased => 'e',
            _ => 'x',
        };
        marks.extend(
            copy.extents
                .iter()
                .map(|run| (run.0.offset, run.0.length, letter)),
        );
        marks.extend(copy.entry_offset.map(|offset| (offset, 32, 'D')));
    }
    let Some(end) = marks
        .iter()
        .map(|(offset, length, _)| offset.saturating_add(*length))
        .max()
    else {
        return Ok(());
    };
    let mut drawn = strip(out, "Map", &marks, 0, end)?;
    let copies = marks
        .iter()
        .filter(|(_, _, letter)| !matches!(letter, 'B' | 'F'));
    if let Some(start) = copies.map(|(offset, _, _)| offset / 512 * 512).min()
        && end - start < end / 4
    {
        drawn += &strip(out, "Closer", &marks, start, end)?;
    }
    let legend = [
        ('B', "boot sector"),
        ('F', "FAT"),
        ('D', "folder"),
        ('C', "whole copy"),
        ('x', "damaged copy"),
        ('d', "deleted copy"),
        ('e', "erased copy"),
    ];
    let used = legend.iter().filter(|(letter, _)| drawn.contains(*letter));
    let used: Vec<_> = used
        .map(|(letter, meaning)| format!("{letter} {meaning}"))
        .collect();
    writeln!(out, "  {DIM}{}, · the rest{DIM:#}", used.join(", "))
}

/// Prints one strip and returns it.
fn strip(
    out: &mut impl Write,
    title: &str,
    marks: &[(u64, u64, char)],
    start: u64,
    end: u64,
) -> std::io::Result<String> {
    let cell = (end - start).div_ceil(CELLS as u64).next_multiple_of(512);
    let mut strip = ['·'; CELLS];
    // The rarer and the more telling a thing, the later it is drawn.
    for wanted in ['F', 'B', 'D', 'e', 'x', 'd', 'C'] {
        let here = marks
            .iter()
            .filter(|(offset, _, letter)| *letter == wanted && *offset >= start);
        for (offset, length, letter) in here {
            let place = |at: u64| usize::try_from((at - start) / cell).unwrap_or(CELLS);
            let last = place(offset.saturating_add(length.saturating_sub(1)));
            for place in strip
                .iter_mut()
                .take(last.saturating_add(1))
                .skip(place(*offset))
            {
                *place = *letter;
            }
        }
    }
    let strip: String = strip.iter().collect();
    writeln!(
        out,
        "\n{BOLD}{title}{BOLD:#}  bytes {start} to {end}, {cell} a cell"
    )?;
    writeln!(out, "  {strip}")?;
    Ok(strip)
}
