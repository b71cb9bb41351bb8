//! `audit` as text: a line a card, a line a wallet, and what needs attention.

mod trouble;

use std::io::{self, Write};

use anstyle::Style;
use bitbox_backup::assess::{CardState, State};
use bitbox_backup::audit::{Across, RegisterCounts, Wallet};
use bitbox_backup::catalogue::Origin;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{BackupReport, Source};
use bitbox_backup::text::{day, plural};

use self::trouble::{Trouble, troubles};
use super::grid::{self, Cell, Column};
use super::{BAD, DIM, GOOD, WARN, paragraph, state_style, styled, table, width};
use crate::args::Global;
use crate::render::Report;
use crate::render::phrase::{self, backups, basis, counts, id_cell, is_live, skipped};

/// How many wallets or cards a cell names.
const MOST_NAMES: usize = 3;
/// Which column says what a register says, where there is one.
const REGISTER: usize = 7;

struct CardRow {
    source: String,
    state: CardState,
    backups: String,
    wallets: String,
}

/// The answer as text. The rows wait for the last card, since columns are as wide as the widest.
pub(crate) struct Table<'a, W> {
    out: W,
    global: &'a Global,
    firmware: Version,
    rows: Vec<CardRow>,
    troubles: Vec<Trouble>,
}

impl<'a, W: Write> Table<'a, W> {
    pub(crate) fn new(out: W, global: &'a Global, firmware: Version) -> Self {
        Self {
            out,
            global,
            firmware,
            rows: Vec::new(),
            troubles: Vec::new(),
        }
    }
}

impl<W: Write> Report for Table<'_, W> {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.rows.push(CardRow {
            source: source.source.clone(),
            state: source.state,
            backups: backups(source),
            wallets: wallets_on(source),
        });
        if source.attention().is_some() {
            self.troubles.extend(Trouble::of(source));
        }
        Ok(())
    }

    fn end(mut self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        let out = &mut self.out;
        let all = self.global.verbose;
        cards(out, &self.rows, all)?;
        wallets(out, across, all)?;
        if !self.global.quiet {
            troubles(out, &self.troubles, across, self.global.verbose)?;
            end(out, across, self.firmware)?;
        }
        self.out.flush()?;
        Ok(())
    }
}

/// The first few wallets on a card.
pub(crate) fn wallets_on(source: &Source) -> String {
    let live = || source.backups.iter().filter(is_live);
    // The same id with another length is another wallet.
    let is_shared = |backup: &BackupReport| {
        let mut others = live().filter(|other| other.id == backup.id && other.words.is_some());
        backup.words.is_some() && others.any(|other| other.words != backup.words)
    };
    let shown = live().map(|backup| match backup.words.filter(|_| is_shared(backup)) {
        Some(words) => format!("{} ({words} words)", called(backup)),
        None => called(backup),
    });
    // A wallet of which nothing live is left is still on the card, for whoever looks.
    let is_gone = |backup: &&BackupReport| {
        backup.state == State::Deleted && !live().any(|other| other.id == backup.id)
    };
    let deleted = source.backups.iter().filter(is_gone);
    let deleted = deleted.map(|backup| format!("{} ({})", called(backup), phrase::state(backup)));
    some(shown.chain(deleted))
}

fn called(backup: &BackupReport) -> String {
    phrase::called(id_cell(backup), backup.name.as_deref())
}

/// The last part of a path: the whole of it stands in the table of cards.
fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// The first few of many.
fn some(all: impl Iterator<Item = String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    let shown = seen.get(..MOST_NAMES).unwrap_or(&seen).join(", ");
    match seen.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown}, +{more}"),
    }
}

/// The columns of cards; where there is no room, BACKUPS is left out first, then WALLETS.
const CARDS: [Column<'_>; 4] = [
    Column::new("CARD").wrapping(),
    Column::new("STATE"),
    Column::new("BACKUPS").wrapping().left_out(1),
    Column::new("WALLETS").wrapping().left_out(2),
];

/// Prints the cards, one per line.
fn cards(out: &mut impl Write, rows: &[CardRow], all: bool) -> io::Result<()> {
    let cells = |row: &CardRow| {
        vec![
            Cell::new(&row.source),
            Cell::styled(row.state.name(), state_style(row.state.severity())),
            Cell::new(&row.backups),
            Cell::new(&row.wallets),
        ]
    };
    grid::print(out, &CARDS, rows, cells, width(), all)
}

/// Prints the wallets, those in trouble first. Where there is no room, COPIES is left out first, then
/// NEWEST, ON and NAME.
fn wallets(out: &mut impl Write, across: &Across, all: bool) -> io::Result<()> {
    if across.wallets.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut columns = vec![
        Column::new("WALLET"),
        Column::new("NAME").wrapping().left_out(4),
        Column::new("WORDS").right(),
        Column::new("CARDS").right(),
        Column::new("COPIES").right().left_out(1),
        Column::new("NEWEST (UTC)").left_out(2),
        Column::new("STATE").wrapping(),
        Column::new("ON").wrapping().left_out(3),
    ];
    if across.register.is_some() {
        columns.insert(REGISTER, Column::new("REGISTER"));
    }
    let mut sorted: Vec<_> = across.wallets.iter().collect();
    sorted.sort_by_key(|wallet| wallet.state);
    let cells = |wallet: &&Wallet| {
        let mut row = wallet_row(wallet);
        if across.register.is_some() {
            row.insert(REGISTER, Cell::new(in_register(wallet)));
        }
        row
    };
    grid::print(out, &columns, &sorted, cells, width(), all)
}

fn wallet_row(wallet: &Wallet) -> Vec<Cell> {
    let id: String = wallet.id.chars().take(8).collect();
    let name = match (&wallet.label, wallet.names.as_slice()) {
        (Some(label), _) => label.clone(),
        (None, [only]) => only.clone(),
        (None, [newest, ..]) => format!("{newest} (+{})", wallet.names.len() - 1),
        (None, []) => String::new(),
    };
    let cards = match wallet.expected_cards {
        Some(expected) => format!("{} of {expected}", wallet.separate_cards),
        None => wallet.separate_cards.to_string(),
    };
    let cut = match id.len() < 8 || id.len() < wallet.id.len() {
        true => "…",
        false => "",
    };
    // Where nothing live is left, the state says what is.
    let state = match wallet.origin {
        Some(origin @ (Origin::Deleted | Origin::Carved)) => format!("{}, {origin}", wallet.state),
        _ => wallet.state.to_string(),
    };
    let on = wallet.cards.iter();
    let on = on.chain(wallet.deleted_on.iter().filter(|_| !wallet.is_live()));
    vec![
        Cell::new(format!("{id}{cut}")),
        Cell::new(name),
        Cell::new(table::number(wallet.words)),
        Cell::new(cards),
        Cell::new(wallet.valid_copies.to_string()),
        Cell::new(wallet.newest.map_or_else(String::new, day)),
        Cell::styled(state, state_style(wallet.state.severity())),
        Cell::new(some(on.map(|card| file_name(card)))),
    ]
}

/// What the register says of a wallet.
fn in_register(wallet: &Wallet) -> &'static str {
    match wallet.expected {
        Some(true) => "expected",
        Some(false) => "unknown",
        None => "ambiguous",
    }
}

/// Prints the counts, and whose rules they follow.
fn end(out: &mut impl Write, across: &Across, firmware: Version) -> io::Result<()> {
    let wallets = across.wallet_counts;
    let mut parts = Vec::new();
    let mut part = |count: usize, style: Style, what: &str| {
        if count > 0 {
            parts.push(format!("{style}{count} {what}{style:#}"));
        }
    };
    part(wallets.missing, BAD, "missing");
    part(wallets.danger, BAD, "in danger");
    let need = match wallets.attention {
        1 => "needs attention",
        _ => "need attention",
    };
    part(wallets.attention, WARN, need);
    part(wallets.safe, GOOD, "safe");
    writeln!(out)?;
    if !parts.is_empty() {
        let all = plural(across.wallets.len(), "wallet", "wallets");
        writeln!(out, "{all}: {}.", parts.join(", "))?;
    }
    if let Some(counts) = &across.register {
        writeln!(out, "{}", register(counts))?;
    }
    writeln!(out, "{}", counts(&across.summary))?;
    for one in &across.skipped {
        paragraph(out, &skipped(one), "")?;
    }
    styled(out, DIM, &basis(firmware), "")
}

/// What a register expects, what of it there is, and what there is beside it.
fn register(counts: &RegisterCounts) -> String {
    let mut text = format!(
        "Register: {} expected, {} found, {} missing",
        counts.expected, counts.found, counts.missing
    );
    for (count, what) in [
        (counts.short, "on fewer or other cards than expected"),
        (counts.ambiguous, "ambiguous"),
        (counts.unknown, "unknown"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {count} {what}"));
        }
    }
    text + "."
}
