//! The table of backups.

use std::io::{self, Write};

use bitbox_backup::assess::Writer;
use bitbox_backup::backup::Method;
use bitbox_backup::catalogue::{CopyState, Origin};
use bitbox_backup::report::BackupReport;
use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use textwrap::core::display_width;

use super::grid::{self, Column};
use super::state_style;
use crate::render::phrase::{by_kind, id_cell, state};

/// Prints the backups as a table, or as lists where the terminal is narrow. Where there is no room, the
/// local time is left out first, then the reason, which the findings name too.
pub(super) fn backups(
    out: &mut impl Write,
    backups: &[&BackupReport],
    width: Option<usize>,
    all: bool,
) -> io::Result<()> {
    let mut columns = vec![
        Column::new("NAME").wrapping(),
        Column::new("MADE (LOCAL)").left_out(1),
        Column::new("MADE (UTC)"),
        Column::new("WORDS").right(),
        Column::new("STATE"),
        Column::new("COPIES").wrapping(),
        Column::new("ID"),
    ];
    let reasons = backups.iter().any(|backup| !why(backup).is_empty());
    if reasons {
        columns.push(Column::new("WHY").wrapping().left_out(2));
    }
    let cells = |backup: &&BackupReport| {
        let mut row = vec![
            grid::Cell::new(name(backup.name.as_deref())),
            grid::Cell::new(made_local(backup.timestamp)),
            grid::Cell::new(made_utc(backup.timestamp)),
            grid::Cell::new(number(backup.words)),
            grid::Cell::styled(state(backup), state_style(backup.state.severity())),
            grid::Cell::new(copies(backup)),
            grid::Cell::new(id_cell(backup)),
        ];
        if reasons {
            row.push(grid::Cell::new(why(backup)));
        }
        row
    };
    grid::print(out, &columns, backups, cells, width, all)
}

/// A table without lines, as wide as the terminal; in a pipe as wide as it gets.
pub(super) fn plain(head: &[&str], width: Option<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).enforce_styling();
    match width {
        Some(width) => {
            let width = u16::try_from(width.saturating_sub(2)).unwrap_or(u16::MAX);
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    if !head.is_empty() {
        table.set_header(
            head.iter()
                .map(|head| Cell::new(head).add_attribute(Attribute::Dim)),
        );
    }
    table
}

/// How many rows are laid out at once: a table keeps much more of a row than is printed.
const CHUNK: usize = 500;

/// Prints a table of any length.
pub(super) fn long<T>(
    out: &mut impl Write,
    head: &[&str],
    rows: &[T],
    cells: impl Fn(&T) -> Vec<Cell>,
) -> io::Result<()> {
    let width = super::width();
    let mut widths: Vec<_> = head.iter().map(|head| head.len()).collect();
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(cells(row)) {
            *widest = (*widest).max(display_width(&cell.content()));
        }
    }
    let mut head = head;
    for chunk in rows.chunks(CHUNK) {
        let mut table = plain(head, width);
        table.add_rows(chunk.iter().map(&cells));
        // Where there is room, every part is as wide as the widest.
        if width.is_none() {
            for (column, width) in table.column_iter_mut().zip(&widths) {
                let padded = u16::try_from(width.saturating_add(2)).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(padded)));
            }
        }
        print(out, &table)?;
        head = &[];
    }
    Ok(())
}

/// Prints a table, indented.
pub(super) fn print(out: &mut impl Write, table: &Table) -> io::Result<()> {
    const RESET: &str = "\u{1b}[0m";
    for line in table.lines() {
        let line = line.trim_end();
        match line.strip_suffix(RESET) {
            Some(styled) => writeln!(out, "  {}{RESET}", styled.trim_end())?,
            None => writeln!(out, "  {line}")?,
        }
    }
    Ok(())
}

/// What a backup is called, in a table.
pub(super) fn name(name: Option<&str>) -> &str {
    match name {
        Some("") => "(no name)",
        Some(name) => name,
        None => "?",
    }
}

pub(super) fn number(number: Option<u8>) -> String {
    number.map_or_else(|| "?".to_owned(), |number| number.to_string())
}

fn at(timestamp: Option<u32>, zone: TimeZone) -> String {
    if timestamp == Some(0) {
        return "unknown".to_owned();
    }
    let time = timestamp.and_then(|seconds| Timestamp::from_second(i64::from(seconds)).ok());
    let time = time.map(|time| time.to_zoned(zone).strftime("%Y-%m-%d %H:%M"));
    time.map_or_else(|| "?".to_owned(), |time| time.to_string())
}

/// The minute of a time, on this computer's clock.
pub(super) fn made_local(timestamp: Option<u32>) -> String {
    at(timestamp, TimeZone::system())
}

/// The minute of a time, in UTC.
pub(super) fn made_utc(timestamp: Option<u32>) -> String {
    at(timestamp, TimeZone::UTC)
}

pub(crate) fn written_by(backup: &BackupReport) -> &'static str {
    match backup.written_by {
        Some(Writer::Device) => "device",
        Some(Writer::Computer) => "computer",
        Some(Writer::Specter) => "Specter-DIY",
        _ => "unknown",
    }
}

/// How many of the copies are valid, and what the others are.
fn copies(backup: &BackupReport) -> String {
    let kinds = by_kind(backup.copies.iter().map(|copy| {
        let kind = match (copy.origin, copy.state) {
            (Origin::Deleted | Origin::Carved, CopyState::Valid) => copy.origin.to_string(),
            _ if copy.entry_size.is_some() => "of another size".to_owned(),
            (_, state) => state.to_string(),
        };
        (kind, copy)
    }));
    let kinds = kinds
        .iter()
        .map(|(kind, same)| format!("{} {kind}", same.len()));
    kinds.collect::<Vec<_>>().join(", ")
}

fn why(backup: &BackupReport) -> String {
    match (&backup.cause, backup.repaired_by) {
        (Some(cause), _) => cause.clone(),
        (None, Some(Method::Vote)) if backup.state.is_trace() => {
            "proved by the majority of its damaged copies".to_owned()
        }
        (None, Some(Method::Vote)) => "listed by a majority of its damaged copies".to_owned(),
        // Whoever copied what is deleted does not matter for it any more.
        _ if backup.written_by == Some(Writer::Computer) && !backup.state.is_trace() => {
            "copied by a computer".to_owned()
        }
        _ => String::new(),
    }
}
