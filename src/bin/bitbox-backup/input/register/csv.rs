//! Registers in CSV: separated by commas, by semicolons as spreadsheets do in many countries, or by
//! tabs.

use bitbox_backup::text::escape;
use csv::{ReaderBuilder, StringRecord};

use super::{COLUMNS, Mistake, Row, Rows, line_of, unknown};
use crate::spreadsheet::unguard;

const HEAD: &str = "the first line names the columns: id, and where wanted label, cards, card, words, xpub, address \
                    and fingerprint";
const NAMING: [&str; 4] = ["id", "xpub", "address", "fingerprint"];

pub(super) fn rows(text: &str) -> Result<Rows, Mistake> {
    let (separator, text, skipped) = separator(text);
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut lines = Lines {
        text: text.as_bytes(),
        counted: 0,
        line: 1,
    };
    let mut columns = None;
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(|error| Mistake::new(0, error.to_string(), HEAD))?;
        let at = record.position().map_or(0, csv::Position::byte);
        let line = lines.of(usize::try_from(at).unwrap_or(usize::MAX)) + skipped;
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        match &columns {
            None => columns = Some(head(line, &record)?),
            Some(columns) => rows.push((line, row(line, columns, &record)?)),
        }
    }
    match columns {
        Some(_) => Ok(rows),
        None => Err(Mistake::new(0, "it is empty", HEAD)),
    }
}

/// Counts lines. The reader of CSV does not: to it, a line ends in the middle of `\r\n`.
struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the record that begins here or behind line feeds; further on than the one before.
    fn of(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let feeds = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let at = at.saturating_add(feeds.count());
        let passed = self.text.get(self.counted..at).unwrap_or_default();
        self.line += line_of(passed, passed.len()) - 1;
        self.counted = at;
        self.line
    }
}

/// What separates the columns: what a first line `sep=` says, else what makes most of the head line
/// known. Also the text behind `sep=`, and how many lines that skips.
fn separator(text: &str) -> (u8, &str, usize) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end().to_ascii_lowercase();
    let first = first.strip_prefix("sep=").map(str::as_bytes);
    if let Some([separator @ (b',' | b';' | b'\t' | b'|')]) = first {
        return (*separator, rest, 1);
    }
    let mut lines = text.lines();
    let head = lines.find(|line| !line.trim().is_empty()).unwrap_or("");
    let known = |separator: u8| {
        let names = head.split(char::from(separator));
        let names = names.map(|name| column(name.trim().trim_matches('"')));
        names.flatten().count()
    };
    // Of equals the last counts: commas.
    let separators = [b'|', b'\t', b';', b','].into_iter();
    let separator = separators.max_by_key(|separator| known(*separator));
    (separator.unwrap_or(b','), text, 0)
}

fn column(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    COLUMNS.into_iter().find(|known| *known == name)
}

/// Which column each place of the head line is for; empty ones for none.
fn head(line: usize, record: &StringRecord) -> Result<Vec<Option<&'static str>>, Mistake> {
    let mut columns = Vec::new();
    for name in record {
        let found = match column(name) {
            None if name.trim().is_empty() => None,
            None => return Err(unknown(line, name.trim(), HEAD)),
            Some(found) if columns.contains(&Some(found)) => {
                let what = format!("the column \"{}\" appears twice", name.trim());
                return Err(Mistake::new(line, what, "remove one of the two"));
            }
            found => found,
        };
        columns.push(found);
    }
    let mut known = columns.iter().flatten();
    match known.any(|column| NAMING.contains(column)) {
        true => Ok(columns),
        false => Err(Mistake::new(line, "there is no column \"id\"", HEAD)),
    }
}

fn row(
    line: usize,
    columns: &[Option<&'static str>],
    record: &StringRecord,
) -> Result<Row, Mistake> {
    let mut row = Row::default();
    for (place, field) in record.iter().enumerate() {
        let field = field.trim();
        if field.is_empty() {
            continue;
        }
        if field.contains(['\n', '\r']) {
            let what = "a field continues past the end of the line";
            return Err(Mistake::new(line, what, "look for a quote that is missing"));
        }
        match columns.get(place).copied().flatten() {
            Some(column @ ("label" | "card")) => row.set(line, column, &unguard(field))?,
            Some(column) => row.set(line, column, field)?,
            None => {
                let what = format!("\"{}\" is in no column", escape(field));
                let advice = "put quotes around a text that holds a separator, or remove it";
                return Err(Mistake::new(line, what, advice));
            }
        }
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match rows(text) {
            Ok(rows) => {
                let rows = rows.into_iter().map(|(line, Row { expected: row, .. })| {
                    let [label, card] = [row.label, row.card].map(Option::unwrap_or_default);
                    format!("{line}:{}:{label}:{:?}:{card}", row.id, row.cards)
                });
                rows.collect::<Vec<_>>().join(" ")
            }
            Err(mistake) => format!("{}: {}", mistake.line, mistake.what),
        }
    }

    #[test]
    fn csv_as_spreadsheets_write_it() {
        let one = "2:57:A, B:Some(2):safe";
        for text in [
            "id,label,cards,card\n57,\"A, B\",2,safe\n",
            "ID;Label;Cards;Card\r\n57;A, B;2;safe\r\n",
            "id\tlabel\tcards\tcard\n57\tA, B\t2\tsafe",
            "\"card\";\"cards\";\"label\";\"id\"\n\"safe\";2;\"A, B\";57",
            "id;label;cards;card;;\n57;A, B;2;safe;;\n;;;;;\n",
        ] {
            assert_eq!(said(text), one, "{text:?}");
        }
        assert_eq!(said("sep=|\r\nid|label\r\n57|x\r\n"), "3:57:x:None:");
        assert_eq!(said("\n\nid\n\n57\n58\n"), "5:57::None: 6:58::None:");
        assert_eq!(said("label,id\n'=1+1,57\n"), "2:57:=1+1:None:");
        assert_eq!(said("id,label\n57\n"), "2:57::None:");
        let of_words = rows("words;id\n24;57\n;58\n").unwrap();
        let of_words: Vec<_> = of_words.iter().map(|(_, row)| row.expected.words).collect();
        assert_eq!(of_words, [Some(24), None]);
    }

    #[test]
    fn mistakes_are_said_with_their_line() {
        for (text, what) in [
            ("", "0: it is empty"),
            ("\n ,\n", "0: it is empty"),
            ("label;cards\nx;1", "1: there is no column \"id\""),
            ("id,name\n", "1: a register has no column \"name\""),
            (
                "577782fd;Savings\n",
                "1: a register has no column \"577782fd;Savings\"",
            ),
            ("id,ID\n57,58", "1: the column \"ID\" appears twice"),
            ("id,cards\n57,two", "2: \"two\" is no number of cards"),
            ("id,cards\n57,-1", "2: \"-1\" is no number of cards"),
            (
                "id,cards\n57,\x1b[2J",
                "2: \"\\x1b[2J\" is no number of cards",
            ),
            ("id,words\n57,many", "2: \"many\" is no number of words"),
            ("id\n57,x", "2: \"x\" is in no column"),
            (
                "id,label\n57,\"A\n58,B\n",
                "2: a field continues past the end of the line",
            ),
        ] {
            assert_eq!(said(text), what, "{text:?}");
        }
    }
}
