//! Where on a card things lie, as a strip of cells.

use std::io::Write;

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
            "valid" if copy.origin == "live" => 'C',
            "valid" => 'd',
            "erased" => 'e',
            _ => 'x',
        };
        marks.extend(copy.extents.iter().map(|run| (run.0.offset, run.0.length, letter)));
        marks.extend(copy.entry_offset.map(|offset| (offset, 32, 'D')));
    }
    let end = marks.iter().map(|(offset, length, _)| offset.saturating_add(*length)).max().unwrap_or(0);
    if end == 0 {
        return Ok(());
    }
    let cell = end.div_ceil(CELLS as u64).next_multiple_of(512);
    let mut strip = ['·'; CELLS];
    // The rarer and the more telling a thing, the later it is drawn.
    for wanted in ['F', 'B', 'D', 'e', 'x', 'd', 'C'] {
        for (offset, length, letter) in marks.iter().filter(|(_, _, letter)| *letter == wanted) {
            let first = usize::try_from(offset / cell).unwrap_or(CELLS);
            let last = usize::try_from(offset.saturating_add(length.saturating_sub(1)) / cell).unwrap_or(CELLS);
            for place in strip.iter_mut().take(last.saturating_add(1)).skip(first) {
                *place = *letter;
            }
        }
    }
    let strip: String = strip.iter().collect();
    writeln!(out, "\n{BOLD}Map{BOLD:#}  bytes 0 to {end}, {cell} a cell")?;
    writeln!(out, "  {strip}")?;
    let legend = [
        ('B', "boot sector"),
        ('F', "FAT"),
        ('D', "folder"),
        ('C', "whole copy"),
        ('x', "damaged copy"),
        ('d', "deleted copy"),
        ('e', "erased copy"),
    ];
    let used = legend.iter().filter(|(letter, _)| strip.contains(*letter));
    let used: Vec<_> = used.map(|(letter, meaning)| format!("{letter} {meaning}")).collect();
    writeln!(out, "  {DIM}{}, · the rest{DIM:#}", used.join(", "))
}
