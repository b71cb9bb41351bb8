//! Tables that fit: no word is broken. Where there is not room for all columns, some are left out in
//! a stated order; where that does not help, each row becomes a list.

use std::io::{self, Write};

use anstyle::Style;
use textwrap::core::display_width;

use crate::render::text::DIM;

/// Below this width a table is hard to read.
pub(crate) const NARROW: usize = 60;
/// A column that wraps keeps at least so much room, as far as it has anything to show.
const ROOM: usize = 16;

pub(crate) struct Column<'a> {
    head: &'a str,
    is_right: bool,
    /// Whether its cells may go on below.
    wraps: bool,
    /// When it is left out: 1 first; 0 never.
    left_out: u8,
}

impl<'a> Column<'a> {
    pub(crate) const fn new(head: &'a str) -> Self {
        Self {
            head,
            is_right: false,
            wraps: false,
            left_out: 0,
        }
    }

    /// The same for numbers.
    pub(crate) const fn right(self) -> Self {
        Self {
            is_right: true,
            ..self
        }
    }

    /// The same with cells that may go on below.
    pub(crate) const fn wrapping(self) -> Self {
        Self {
            wraps: true,
            ..self
        }
    }

    /// The same, left out in this order where there is no room.
    pub(crate) const fn left_out(self, order: u8) -> Self {
        Self {
            left_out: order,
            ..self
        }
    }
}

pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: Style::new(),
        }
    }

    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }
}

/// How wide a column would be, and how narrow it may get.
#[derive(Clone, Copy)]
struct Width {
    natural: usize,
    least: usize,
}

/// Prints rows as a table, or as lists where the width does not allow one. With `all` no column is
/// left out.
pub(crate) fn print<T>(
    out: &mut impl Write,
    columns: &[Column<'_>],
    rows: &[T],
    cells: impl Fn(&T) -> Vec<Cell>,
    width: Option<usize>,
    all: bool,
) -> io::Result<()> {
    let widths = measure(columns, rows, &cells);
    let Some(shown) = fit(columns, &widths, width, all) else {
        return lists(out, columns, rows, &cells, width.unwrap_or(NARROW));
    };
    let head = columns.iter().map(|column| Cell::styled(column.head, DIM));
    line(out, head.collect(), columns, &shown, false)?;
    for row in rows {
        line(out, cells(row), columns, &shown, true)?;
    }
    let left_out = columns.iter().zip(&shown);
    let left_out = left_out.filter(|(_, shown)| shown.is_none());
    let left_out: Vec<_> = left_out.map(|(column, _)| column.head).collect();
    if left_out.is_empty() {
        return Ok(());
    }
    let text = format!("not shown here: {}; -v shows all", left_out.join(", "));
    writeln!(out, "   {DIM}{text}{DIM:#}")
}

fn measure<T>(columns: &[Column<'_>], rows: &[T], cells: &impl Fn(&T) -> Vec<Cell>) -> Vec<Width> {
    let of_head = |column: &Column<'_>| {
        let natural = display_width(column.head);
        let least = natural;
        Width { natural, least }
    };
    let mut widths: Vec<_> = columns.iter().map(of_head).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(cells(row)) {
            let pieces = pieces(&cell.text).map(|piece| display_width(piece.trim_end()));
            width.natural = width.natural.max(display_width(&cell.text));
            width.least = width.least.max(pieces.max().unwrap_or(0));
        }
    }
    for (width, column) in widths.iter_mut().zip(columns) {
        width.least = if column.wraps {
            width.least.max(width.natural.min(ROOM))
        } else {
            width.natural
        };
    }
    widths
}

/// How wide each column is shown, if at all; `None` where no table fits.
fn fit(
    columns: &[Column<'_>],
    widths: &[Width],
    width: Option<usize>,
    all: bool,
) -> Option<Vec<Option<usize>>> {
    let Some(width) = width else {
        return Some(widths.iter().map(|width| Some(width.natural)).collect());
    };
    if width < NARROW {
        return None;
    }
    let last = columns.iter().map(|column| column.left_out).max();
    for step in 0..=last.unwrap_or(0) {
        let is_shown = |column: &Column<'_>| column.left_out == 0 || column.left_out > step;
        let shown = || columns.iter().zip(widths).filter(|(one, _)| is_shown(one));
        // Two columns before the first, one before and one behind each.
        let least: usize = shown().map(|(_, width)| width.least + 2).sum::<usize>() + 2;
        if let Some(mut spare) = width.checked_sub(least) {
            let fitted = columns.iter().zip(widths).map(|(column, width)| {
                is_shown(column).then(|| {
                    let more = spare.min(width.natural.saturating_sub(width.least));
                    spare -= more;
                    width.least + more
                })
            });
            return Some(fitted.collect());
        }
        if all {
            return None;
        }
    }
    None
}

/// Prints a row: as many lines as its longest cell has. `aligned` says whether numbers stand at the right.
fn line(
    out: &mut impl Write,
    cells: Vec<Cell>,
    columns: &[Column<'_>],
    shown: &[Option<usize>],
    aligned: bool,
) -> io::Result<()> {
    let cells = cells.into_iter().zip(columns).zip(shown);
    let cells = cells.filter_map(|((cell, column), width)| {
        let (width, is_right) = ((*width)?, aligned && column.is_right);
        Some((wrap(&cell.text, width), cell.style, is_right, width))
    });
    let cells: Vec<_> = cells.collect();
    let height = cells.iter().map(|(lines, ..)| lines.len()).max();
    for index in 0..height.unwrap_or(0) {
        let mut text = "  ".to_owned();
        // Spaces are written when something follows them.
        let mut owed = 0;
        for (lines, style, is_right, width) in &cells {
            let part = lines.get(index).map_or("", String::as_str);
            let space = width.saturating_sub(display_width(part));
            owed += 1 + if *is_right { space } else { 0 };
            if !part.is_empty() {
                text.push_str(&" ".repeat(owed));
                text.push_str(&format!("{style}{part}{style:#}"));
                owed = 0;
            }
            owed += 1 + if *is_right { 0 } else { space };
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// Prints each row as a list of its cells.
fn lists<T>(
    out: &mut impl Write,
    columns: &[Column<'_>],
    rows: &[T],
    cells: &impl Fn(&T) -> Vec<Cell>,
    width: usize,
) -> io::Result<()> {
    let heads = || columns.iter().map(|column| column.head.to_lowercase());
    let indent = heads().map(|head| display_width(&head)).max().unwrap_or(0) + 2;
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for (head, cell) in heads().zip(cells(row)) {
            let Cell { text, style } = cell;
            let room = width.saturating_sub(indent + 2).max(1);
            if pieces(&text).all(|piece| display_width(piece.trim_end()) <= room) {
                let mut key = head.as_str();
                for part in wrap(&text, room) {
                    writeln!(out, "  {DIM}{key:indent$}{DIM:#}{style}{part}{style:#}")?;
                    key = "";
                }
            } else {
                // A long word has lines of its own.
                writeln!(out, "  {DIM}{head}{DIM:#}")?;
                for part in wrap(&text, width.saturating_sub(4).max(1)) {
                    writeln!(out, "    {style}{part}{style:#}")?;
                }
            }
        }
    }
    Ok(())
}

/// The parts of a text between which a line may end: behind a space, and behind a `/` of a path.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '/'])
}

/// The lines of a text that is broken between words only; of an empty text none.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && display_width(&line) + display_width(piece.trim_end()) > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    if !line.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column<'_>; 4] = [
        Column::new("CARD").wrapping(),
        Column::new("STATE"),
        Column::new("COPIES").right().left_out(1),
        Column::new("ON").wrapping().left_out(2),
    ];

    type Row = [&'static str; 4];

    fn printed(rows: &[Row], width: Option<usize>, all: bool) -> String {
        let mut out = Vec::new();
        let cells = |row: &Row| row.iter().map(|text| Cell::new(*text)).collect();
        print(&mut out, &COLUMNS, rows, cells, width, all).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    const ROWS: [Row; 2] = [
        [
            "fleet/a.img",
            "healthy",
            "3",
            "first wallet, second wallet, third wallet",
        ],
        ["fleet/of/january/b.img", "hidden", "", "another"],
    ];

    #[test]
    fn no_word_is_broken_and_no_line_too_long() {
        let wide = printed(&ROWS, None, false);
        assert_eq!(wide.lines().count(), 3);
        assert!(wide.contains("   fleet/a.img             healthy       3  first wallet, second"));
        for width in 20..120 {
            for all in [false, true] {
                let text = printed(&ROWS, Some(width), all);
                for line in text.lines() {
                    assert!(display_width(line) <= width, "{width}: {line}");
                }
                // Every word is there, whole, unless its column is said to be left out.
                let words = text.replace("\u{1b}", "");
                for word in [
                    "healthy", "hidden", "january/", "b.img", "second", "another",
                ] {
                    let is_left_out = words.contains("not shown here") && words.contains("ON;");
                    let shown = words.contains(word);
                    assert!(shown || (is_left_out && !all), "{width} {word}: {text}");
                }
            }
        }
    }

    #[test]
    fn columns_are_left_out_in_order_and_a_list_leaves_out_none() {
        let rows = [[
            "a-name-of-thirty-characters.img",
            "healthy",
            "123456789",
            "wallets",
        ]];
        let heads = |width, all| {
            let text = printed(&rows, Some(width), all);
            let head = text.lines().next().unwrap();
            (
                head.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
                text,
            )
        };
        assert_eq!(heads(80, false).0, ["CARD", "STATE", "COPIES", "ON"]);
        let (head, text) = heads(60, false);
        assert_eq!(head, ["CARD", "STATE", "ON"]);
        assert!(
            text.ends_with("not shown here: COPIES; -v shows all\n"),
            "{text}"
        );
        let (_, list) = heads(60, true);
        let expected = "  card    a-name-of-thirty-characters.img\n  state   healthy\n  \
                        copies  123456789\n  on      wallets\n";
        assert_eq!(list, expected);
        assert_eq!(heads(42, false).1, expected);
        let below = expected.replace("card    a-", "card\n    a-");
        assert_eq!(heads(40, false).1, below);
    }
}
