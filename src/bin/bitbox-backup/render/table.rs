//! The table of backups.

use std::io::Write;

use bitbox_backup::assess::{State, Writer};
use bitbox_backup::catalogue::{CopyState, Origin};
use bitbox_backup::repair::Method;
use bitbox_backup::report::BackupReport;
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
    presets,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use textwrap::core::display_width;

/// Below this width a table is hard to read; each backup becomes a few lines instead.
pub(super) const NARROW: usize = 72;

/// Prints the backups as a table, or as records where the terminal is narrow.
pub(super) fn backups(
    out: &mut impl Write,
    backups: &[BackupReport],
    width: Option<usize>,
) -> std::io::Result<()> {
    match width {
        Some(width) if width < NARROW => records(out, backups),
        _ => table(out, backups, width),
    }
}

fn table(
    out: &mut impl Write,
    backups: &[BackupReport],
    width: Option<usize>,
) -> std::io::Result<()> {
    let reasons = backups.iter().any(|backup| !why(backup).is_empty());
    let head = [
        "NAME",
        "MADE (LOCAL)",
        "MADE (UTC)",
        "WORDS",
        "STATE",
        "COPIES",
        "ID",
    ];
    let head: Vec<_> = head.into_iter().chain(reasons.then_some("WHY")).collect();
    let mut table = plain(&head, width);
    for backup in backups {
        let state = Cell::new(backup.state)
            .fg(color(backup.state))
            .add_attribute(Attribute::Bold);
        let row = [
            Cell::new(name(backup)),
            Cell::new(local(backup)),
            Cell::new(utc(backup)),
            Cell::new(words(backup)).set_alignment(CellAlignment::Right),
            state,
            Cell::new(copies(backup)),
            Cell::new(short_id(backup)),
        ];
        table.add_row(
            row.into_iter()
                .chain(reasons.then(|| Cell::new(why(backup)))),
        );
    }
    for dates in [1, 2] {
        if let Some(column) = table.column_mut(dates) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    print(out, &table)
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
) -> std::io::Result<()> {
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
pub(super) fn print(out: &mut impl Write, table: &Table) -> std::io::Result<()> {
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

fn records(out: &mut impl Write, backups: &[BackupReport]) -> std::io::Result<()> {
    for (index, backup) in backups.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let rows = [
            ("name", name(backup)),
            ("made", format!("{} local", local(backup))),
            ("", format!("{} UTC", utc(backup))),
            ("words", words(backup)),
            ("state", backup.state.to_string()),
            ("copies", copies(backup)),
            ("id", short_id(backup)),
            ("why", why(backup)),
        ];
        for (key, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(out, "  {key:7}{value}")?;
        }
    }
    Ok(())
}

fn color(state: State) -> Color {
    match state {
        State::Healthy => Color::Green,
        State::Degraded => Color::Yellow,
        State::Hidden | State::Damaged | State::Lost => Color::Red,
        State::Deleted | State::Erased => Color::Grey,
    }
}

fn name(backup: &BackupReport) -> String {
    match &backup.name {
        Some(name) if !name.is_empty() => name.clone(),
        Some(_) => "(no name)".to_owned(),
        None => "?".to_owned(),
    }
}

/// The first digits of the id.
pub(crate) fn short_id(backup: &BackupReport) -> String {
    let id = backup.id.as_deref().and_then(|id| id.get(..8));
    id.map_or_else(|| "?".to_owned(), |id| format!("{id}…"))
}

fn at(timestamp: Option<u32>, zone: TimeZone) -> String {
    let time = timestamp.and_then(|seconds| Timestamp::from_second(i64::from(seconds)).ok());
    time.map_or_else(
        || "?".to_owned(),
        |time| time.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

pub(super) fn local(backup: &BackupReport) -> String {
    at(backup.timestamp, TimeZone::system())
}

fn utc(backup: &BackupReport) -> String {
    made_utc(backup.timestamp)
}

/// The minute of a time, in UTC.
pub(super) fn made_utc(timestamp: Option<u32>) -> String {
    at(timestamp, TimeZone::UTC)
}

/// The day of a time, in UTC.
pub(crate) fn utc_day(seconds: u32) -> String {
    let time = Timestamp::from_second(i64::from(seconds)).unwrap_or_default();
    time.strftime("%Y-%m-%d").to_string()
}

fn words(backup: &BackupReport) -> String {
    backup
        .words
        .map_or_else(|| "?".to_owned(), |words| words.to_string())
}

pub(crate) fn written_by(backup: &BackupReport) -> &'static str {
    match backup.written_by {
        Some(Writer::Device) => "device",
        Some(Writer::Computer) => "computer",
        None => "unknown",
    }
}

/// How many of the copies are valid, and what the others are.
fn copies(backup: &BackupReport) -> String {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for copy in &backup.copies {
        let kind = match (copy.origin, copy.state) {
            (Origin::Deleted, CopyState::Valid) => Origin::Deleted.to_string(),
            (_, state) => state.to_string(),
        };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn why(backup: &BackupReport) -> String {
    match (&backup.cause, backup.repaired_by) {
        (Some(cause), _) => cause.strip_prefix("of ").unwrap_or(cause).to_owned(),
        (None, Some(Method::Vote)) => "listed by a majority of its damaged copies".to_owned(),
        _ if backup.written_by == Some(Writer::Computer) => "copied by a computer".to_owned(),
        _ => String::new(),
    }
}
