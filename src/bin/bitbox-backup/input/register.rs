//! Registers of wallets, in CSV as spreadsheets write it or in TOML as people do.

mod csv;
mod toml;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use anyhow::{anyhow, bail};
use bitbox_backup::audit::{Expectation, Register, RegisterError};
use bitbox_backup::backup::Id;
use bitbox_backup::backup::wallet::{OwnerProof, Target, TargetError};
use bitbox_backup::text::{escape, path_text};

/// Most bytes of a register: over a hundred thousand wallets.
const MAX_FILE: u64 = 16 << 20;
/// What a register is, for whoever gave something else.
const WHAT: &str = "a register is a file in CSV or TOML with the columns id, label, cards, card, words, xpub, address \
                    and fingerprint";
/// What is known of a wallet in a register.
const COLUMNS: [&str; 8] = [
    "id",
    "label",
    "cards",
    "card",
    "words",
    "xpub",
    "address",
    "fingerprint",
];

#[derive(Debug)]
struct Mistake {
    /// On which line, counted from 1; 0 where it is none in particular.
    line: usize,
    what: String,
    advice: String,
}

impl Mistake {
    fn new(line: usize, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
            advice: advice.into(),
        }
    }
}

#[derive(Debug, Default)]
struct Row {
    expected: Expectation,
    known: Vec<Target>,
}

type Rows = Vec<(usize, Row)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Toml,
}

impl Form {
    /// As the extension of a file says.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let extension = file.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// As the first line that says anything looks: TOML begins with a table or a key.
    fn guess(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim);
        let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
        match first {
            Some(line) if line.to_ascii_lowercase().starts_with("sep=") => Self::Csv,
            Some(line) if line.starts_with('[') || line.contains('=') => Self::Toml,
            _ => Self::Csv,
        }
    }
}

/// Reads what should be there.
pub(crate) fn read(file: &Path) -> anyhow::Result<Register> {
    let (name, rows) = rows(file)?;
    register(&name, rows)
}

/// Reads what proves a seed: the whole IDs, and, of each other wallet, what its owner knows.
pub(crate) fn read_known(file: &Path) -> anyhow::Result<(Vec<Id>, Vec<Vec<Target>>)> {
    let (name, mut rows) = rows(file)?;
    let id = |row: &Row| row.expected.id.trim().parse::<Id>().ok();
    let ids = rows.iter().filter_map(|(_, row)| id(row)).collect();
    let known = rows.iter().filter(|(_, row)| id(row).is_none());
    let known = known.map(|(_, row)| row.known.clone());
    let known: Vec<_> = known.filter(|known| !known.is_empty()).collect();
    // What is known of a wallet needs no ID here.
    rows.retain(|(_, row)| row.known.is_empty() || !row.expected.id.is_empty());
    if known.is_empty() || !rows.is_empty() {
        register(&name, rows)?;
    }
    Ok((ids, known))
}

fn register(name: &str, rows: Rows) -> anyhow::Result<Register> {
    let expected = rows.into_iter().map(|(line, row)| (line, row.expected));
    Register::new(expected).map_err(|error| {
        let between = match error {
            RegisterError::Empty => ": ",
            _ => ", ",
        };
        anyhow!("{name}{between}{error}\n{}", advice(&error))
    })
}

/// Reads the rows; also how the register is named in a message.
fn rows(file: &Path) -> anyhow::Result<(String, Rows)> {
    let name = path_text(file);
    let bytes = bytes(file).map_err(|why| anyhow!("{name}: {why}\n{WHAT}"))?;
    let text = match str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{FEFF}'),
        Err(error) => bail!(
            "{name}, line {}: it is not UTF-8 text\n\
             save it as \"CSV UTF-8\" in the spreadsheet, or as UTF-8 in the editor",
            line_of(&bytes, error.valid_up_to())
        ),
    };
    let form = Form::of(file);
    let (rows, read_as) = match form.unwrap_or_else(|| Form::guess(text)) {
        Form::Csv => (csv::rows(text), " (read as CSV)"),
        Form::Toml => (toml::rows(text), " (read as TOML)"),
    };
    let name = format!("{name}{}", form.map_or(read_as, |_| ""));
    let rows = rows.map_err(|mistake| {
        let line = match mistake.line {
            0 => String::new(),
            line => format!(", line {line}"),
        };
        anyhow!("{name}{line}: {}\n{}", mistake.what, mistake.advice)
    })?;
    Ok((name, rows))
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let opened = File::open(file).map_err(cannot)?;
    if opened.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err("is a folder".to_owned());
    }
    let mut bytes = Vec::new();
    let read = opened.take(MAX_FILE + 1).read_to_end(&mut bytes);
    if read.map_err(cannot)? as u64 > MAX_FILE {
        return Err(format!(
            "is larger than {} MiB, which no register is",
            MAX_FILE >> 20
        ));
    }
    Ok(bytes)
}

/// The line of a place in a text, counted from 1.
fn line_of(text: &[u8], at: usize) -> usize {
    let before = text.iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

fn advice(error: &RegisterError) -> &'static str {
    match error {
        RegisterError::Id { id, .. } if id.contains(['+', '.', ',']) => {
            "a spreadsheet took it for a number: give the column the format \"text\" and write the ID again"
        }
        RegisterError::Id { .. } | RegisterError::LongId { .. } => {
            "copy the ID, or its first 8 digits, from the answer of `list` or `audit`"
        }
        RegisterError::Ambiguous { .. } => {
            "write more digits of it; all rows of one wallet take the same ID"
        }
        RegisterError::Words { .. } => "write 12, 18 or 24, or leave it empty",
        RegisterError::SomeWords { .. } => {
            "write in every row of this ID how many words its wallet has"
        }
        RegisterError::NoCards { .. } => "write how many cards it should be on, or remove the line",
        RegisterError::Empty => "add a line for each wallet, or leave --expect out",
        _ => "correct this line of the register",
    }
}

impl Row {
    fn set(&mut self, line: usize, column: &str, text: &str) -> Result<(), Mistake> {
        let expected = &mut self.expected;
        match column {
            "id" => text.clone_into(&mut expected.id),
            "label" => expected.label = Some(text.to_owned()),
            "cards" => {
                let advice = "write a whole number from 1 on, such as 2";
                expected.cards = Some(number(line, column, text, advice)?);
            }
            "card" => expected.card = Some(text.to_owned()),
            "words" => {
                let advice = "write 12, 18 or 24, or leave it empty";
                expected.words = Some(number(line, column, text, advice)?);
            }
            "xpub" => self.known.push(known(line, OwnerProof::Xpub, text)?),
            "address" => self.known.push(known(line, OwnerProof::Address, text)?),
            _ => self.known.push(known(line, OwnerProof::Fingerprint, text)?),
        }
        Ok(())
    }
}

/// Reads what the owner of a wallet knows. A mistake never holds the text, which may be a secret.
fn known(line: usize, kind: OwnerProof, text: &str) -> Result<Target, Mistake> {
    let mistake = |what: &str, advice: &str| Err(Mistake::new(line, what, advice));
    match Target::read(text) {
        Ok(target) if OwnerProof::of(&target) == kind => Ok(target),
        Ok(_) => mistake(
            "this key, address or fingerprint is in a column of another kind",
            "move it to its column",
        ),
        Err(error @ TargetError::Secret) => mistake(
            &error.to_string(),
            "take it out of the register; nobody needs it there",
        ),
        Err(error) => mistake(&error.to_string(), "copy it again, or leave it empty"),
    }
}

/// Reads how many cards or words a wallet has.
fn number<N: FromStr>(line: usize, of: &str, text: &str, advice: &str) -> Result<N, Mistake> {
    let what = || format!("\"{}\" is no number of {of}", escape(text));
    text.parse().map_err(|_| Mistake::new(line, what(), advice))
}

/// What to say of a column nobody knows.
fn unknown(line: usize, name: &str, advice: &str) -> Mistake {
    let what = format!("a register has no column \"{}\"", escape(name));
    Mistake::new(line, what, advice)
}
