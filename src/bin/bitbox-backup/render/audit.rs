//! The tables of `audit`: cards, wallets, and what needs attention.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use bitbox_backup::assess::{State, plural};
use bitbox_backup::audit::{Across, Wallet, WalletState};
use bitbox_backup::finding::Severity;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{BackupReport, FindingReport, ListStatus, Source, Status};
use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint};

use super::table::{self, short_id};
use super::{BOLD, DIM, basis, counts, paragraph, severity_style, width};

/// How many troubles are told before the rest is only counted; `-v` tells all.
const MOST_TROUBLES: usize = 25;
/// How many wallets or cards a cell names.
const MOST_NAMES: usize = 3;

/// One card in the table.
pub(crate) struct CardRow {
    source: String,
    state: String,
    color: Color,
    backups: String,
    wallets: String,
}

impl CardRow {
    pub(crate) fn of(source: &Source) -> Self {
        let (state, color) = state(source);
        Self {
            source: source.source.clone(),
            state: state.to_owned(),
            color,
            backups: backups(source),
            wallets: some(source.backups.iter().filter(is_live).map(called)),
        }
    }
}

/// A card's state in a word: what the device makes of the card, then of the backups on it.
pub(crate) fn state(source: &Source) -> (&'static str, Color) {
    if source.status == Status::Failed {
        return ("failed", Color::Red);
    }
    match source.device_view.as_ref().map(|view| view.list) {
        Some(ListStatus::Error) => return ("refused", Color::Red),
        Some(ListStatus::Crash) => return ("crashes", Color::Red),
        Some(ListStatus::Ok) | None => {}
    }
    let live = || source.backups.iter().filter(is_live);
    let worst = live().map(|backup| backup.state).max();
    match (worst, source.worst()) {
        (None, _) => ("empty", Color::Grey),
        (Some(State::Healthy), Some(Severity::Error)) => ("trouble", Color::Red),
        (Some(State::Healthy), Some(Severity::Warning)) => ("warning", Color::Yellow),
        (Some(State::Healthy), _) => ("healthy", Color::Green),
        (Some(State::Degraded), _) => ("degraded", Color::Yellow),
        (Some(State::Hidden), _) => ("hidden", Color::Red),
        (Some(State::Damaged), _) => ("damaged", Color::Red),
        (Some(_), _) => ("lost", Color::Red),
    }
}

pub(crate) fn is_live(backup: &&BackupReport) -> bool {
    !backup.state.is_trace()
}

/// How many backups are in which state.
pub(crate) fn backups(source: &Source) -> String {
    let mut kinds: Vec<(State, usize)> = Vec::new();
    for backup in &source.backups {
        match kinds.iter_mut().find(|(known, _)| *known == backup.state) {
            Some((_, count)) => *count += 1,
            None => kinds.push((backup.state, 1)),
        }
    }
    kinds.sort();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    kinds.join(", ")
}

fn called(backup: &BackupReport) -> String {
    match backup.name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => format!("{} {name}", short_id(backup)),
        None => short_id(backup),
    }
}

/// The first few of many.
fn some(all: impl Iterator<Item = String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    let shown: Vec<_> = seen.iter().take(MOST_NAMES).map(String::as_str).collect();
    let shown = shown.join(", ");
    match seen.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown}, +{more}"),
    }
}

/// Prints the cards, one a line.
pub(crate) fn cards(out: &mut impl Write, rows: &[CardRow]) -> std::io::Result<()> {
    let mut table = table::plain(&["CARD", "STATE", "BACKUPS", "WALLETS"], width());
    for row in rows {
        table.add_row([
            Cell::new(&row.source),
            Cell::new(&row.state).fg(row.color),
            Cell::new(&row.backups),
            Cell::new(&row.wallets),
        ]);
    }
    if let Some(state) = table.column_mut(1) {
        state.set_constraint(ColumnConstraint::ContentWidth);
    }
    table::print(out, &table)
}

/// Prints the wallets, those in trouble first.
pub(crate) fn wallets(out: &mut impl Write, across: &Across) -> std::io::Result<()> {
    if across.wallets.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let head = [
        "WALLET",
        "NAME",
        "WORDS",
        "CARDS",
        "COPIES",
        "NEWEST (UTC)",
        "STATE",
        "ON",
    ];
    let mut table = table::plain(&head, width());
    let mut sorted: Vec<_> = across.wallets.iter().collect();
    sorted.sort_by_key(|wallet| wallet.state);
    for wallet in sorted {
        table.add_row(wallet_row(wallet));
    }
    table::print(out, &table)
}

fn wallet_row(wallet: &Wallet) -> Vec<Cell> {
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
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
    let words = wallet
        .words
        .map_or_else(|| "?".to_owned(), |words| words.to_string());
    vec![
        Cell::new(format!("{id}…")),
        Cell::new(name),
        right(words),
        right(cards),
        right(wallet.valid_copies.to_string()),
        Cell::new(wallet.newest.map_or_else(String::new, table::utc_day)),
        Cell::new(wallet.state).fg(wallet_color(wallet.state)),
        Cell::new(some(wallet.cards.iter().cloned())),
    ]
}

fn wallet_color(state: WalletState) -> Color {
    match state {
        WalletState::Safe => Color::Green,
        WalletState::Attention => Color::Yellow,
        WalletState::Danger | WalletState::Missing => Color::Red,
    }
}

/// Something on a card that needs attention.
pub(crate) struct Trouble {
    severity: Severity,
    source: String,
    rule: String,
    message: String,
    advice: String,
}

impl Trouble {
    /// Errors and warnings of a card, or why it failed.
    pub(crate) fn of(source: &Source) -> Vec<Self> {
        if let Some(error) = &source.error {
            return vec![Self {
                severity: Severity::Error,
                source: source.source.clone(),
                rule: "failed".to_owned(),
                message: error.clone(),
                advice: source.hint.clone().unwrap_or_default(),
            }];
        }
        findings(source)
            .filter(|(finding, _)| finding.severity < Severity::Info)
            .map(|(finding, about)| Self::new(&source.source, finding, about))
            .collect()
    }

    fn new(source: &str, finding: &FindingReport, about: Option<String>) -> Self {
        let about = about.map_or_else(String::new, |about| format!("{about}: "));
        Self {
            severity: finding.severity,
            source: source.to_owned(),
            rule: finding.rule.to_string(),
            message: format!("{about}{}", finding.message),
            advice: finding.advice.clone(),
        }
    }
}

/// Every finding of a card; where the card holds several backups, with the one it is about.
pub(crate) fn findings(source: &Source) -> impl Iterator<Item = (&FindingReport, Option<String>)> {
    let several = source.backups.iter().filter(is_live).count() > 1;
    let of_card = source.findings.iter().map(|finding| (finding, None));
    let of_backups = source.backups.iter().flat_map(move |backup| {
        let about = several.then(|| short_id(backup));
        backup
            .findings
            .iter()
            .map(move |finding| (finding, about.clone()))
    });
    of_card.chain(of_backups)
}

/// Prints what needs attention: errors before warnings, wallets before cards.
pub(crate) fn troubles(
    out: &mut impl Write,
    cards: &[Trouble],
    across: &Across,
    verbose: bool,
) -> std::io::Result<()> {
    let of_wallets: Vec<_> = across
        .wallets
        .iter()
        .flat_map(|wallet| wallet.findings.iter().map(move |finding| (wallet, finding)))
        .filter(|(_, finding)| verbose || finding.severity < Severity::Info)
        .map(|(wallet, finding)| Trouble::new(&wallet.called(), finding, None))
        .collect();
    let mut all: Vec<_> = of_wallets.iter().chain(cards).collect();
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by_key(|trouble| trouble.severity);
    writeln!(out, "\n{BOLD}Needs attention{BOLD:#}")?;
    let most = if verbose { usize::MAX } else { MOST_TROUBLES };
    for trouble in all.iter().take(most) {
        print(out, trouble)?;
    }
    match all.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(
            out,
            "  and {more} more; -v shows all, --html makes a page of them"
        ),
    }
}

fn print(out: &mut impl Write, trouble: &Trouble) -> std::io::Result<()> {
    let (style, word) = severity_style(trouble.severity);
    let text = format!(
        "{style}{word}{style:#}[{}] {BOLD}{}{BOLD:#}: {}",
        trouble.rule, trouble.source, trouble.message
    );
    paragraph(out, &text, "  ")?;
    let advice = format!("{DIM}what to do:{DIM:#} {}", trouble.advice);
    paragraph(out, &advice, "      ")
}

/// Prints the counts, and whose rules they follow.
pub(crate) fn end(out: &mut impl Write, across: &Across, firmware: Version) -> std::io::Result<()> {
    let wallets = across.wallet_counts;
    let mut parts = Vec::new();
    let red = AnsiColor::Red.on_default().bold();
    let yellow = AnsiColor::Yellow.on_default().bold();
    let green = AnsiColor::Green.on_default().bold();
    let mut part = |count: usize, style: Style, what: &str| {
        if count > 0 {
            parts.push(format!("{style}{count} {what}{style:#}"));
        }
    };
    part(wallets.missing, red, "missing");
    part(wallets.danger, red, "in danger");
    part(wallets.attention, yellow, "need attention");
    part(wallets.safe, green, "safe");
    writeln!(out)?;
    if !parts.is_empty() {
        let all = plural(across.wallets.len(), "wallet", "wallets");
        writeln!(out, "{all}: {}.", parts.join(", "))?;
    }
    writeln!(out, "{}", counts(&across.summary))?;
    paragraph(out, &format!("{DIM}{}{DIM:#}", basis(firmware)), "")
}
