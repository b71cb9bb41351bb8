//! The words and symbols of the page.

use bitbox_backup::assess::CardState;
use bitbox_backup::audit::Across;
use bitbox_backup::finding::Severity;
use bitbox_backup::text::plural;

use crate::render::phrase::left_out;

/// The symbol of a state: its own where it has one, otherwise by how much it matters. Its color follows from it.
pub(super) fn symbol(state: &str, severity: Option<Severity>) -> &'static str {
    match (state, severity) {
        ("hidden", _) => "hidden",
        ("lost" | "missing", _) => "lost",
        ("empty" | "deleted" | "erased", _) => "gone",
        (_, Some(severity)) => severity_symbol(severity),
        (_, None) => "ok",
    }
}

pub(super) fn card_symbol(state: CardState) -> &'static str {
    symbol(state.name(), state.severity())
}

pub(super) fn severity_symbol(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "bad",
        Severity::Warning => "warn",
        Severity::Info => "info",
    }
}

/// Everything in one sentence, or two where the run was interrupted.
pub(super) fn headline(across: &Across, troubled: usize) -> String {
    match across.summary.left_out {
        0 => verdict(across, troubled),
        more => format!("{} {}", left_out(more), verdict(across, troubled)),
    }
}

fn verdict(across: &Across, troubled: usize) -> String {
    let cards = match (troubled, across.summary.sources) {
        (0, all) => in_order(all, across.summary.empty),
        (some, all) => part(some, all, "card"),
    };
    let counts = across.wallet_counts;
    let danger = counts.danger + counts.missing > 0;
    if troubled > 0 && counts.attention > 0 && !danger {
        let wallets = part(counts.attention, across.wallets.len(), "wallet");
        let wallets = wallets.replace("The", "the").replace("All", "all");
        return format!("{cards} and {wallets} need attention.");
    }
    let cards = match troubled {
        0 => cards,
        1 => format!("{cards} needs attention"),
        _ => format!("{cards} need attention"),
    };
    let wallets = [
        (counts.missing, "wallet is missing", "wallets are missing"),
        (
            counts.danger,
            "wallet is in danger",
            "wallets are in danger",
        ),
        (
            counts.attention,
            "wallet needs attention",
            "wallets need attention",
        ),
    ];
    let wallets = wallets.into_iter().filter(|(count, ..)| *count > 0);
    let wallets: Vec<_> = wallets
        .map(|(count, one, many)| plural(count, one, many))
        .collect();
    let wallets = match (wallets.as_slice(), counts.safe) {
        ([], 0) => "no wallet was found".to_owned(),
        ([], 1) => "the one wallet is safe".to_owned(),
        ([], safe) => format!("all {safe} wallets are safe"),
        (several, _) => several.join(", "),
    };
    format!("{cards}; {wallets}.")
}

/// Cards of which none needs attention.
fn in_order(all: usize, empty: usize) -> String {
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    match (empty, all.saturating_sub(empty)) {
        (0, _) => format!("{} {} in order", part(all, all, "card"), are(all)),
        (_, 0) => format!("{} {} empty", part(all, all, "card"), are(all)),
        (_, some) => format!(
            "{some} of {all} cards {} in order and {empty} {} empty",
            are(some),
            are(empty)
        ),
    }
}

/// Some of all: "The card", "All 3 cards", "2 of 3 cards".
fn part(some: usize, all: usize, what: &str) -> String {
    match (some, all) {
        (1, 1) => format!("The {what}"),
        _ if some == all => format!("All {all} {what}s"),
        _ => format!("{some} of {all} {what}s"),
    }
}

/// The symbol of cards that need attention: whether any of them has an error.
pub(super) fn trouble(across: &Across) -> &'static str {
    let of_wallets = across.wallets.iter().flat_map(|wallet| &wallet.findings);
    let of_wallets = of_wallets.filter(|one| one.severity == Severity::Error);
    let errors = across.summary.findings.error;
    let of_cards = errors.saturating_sub(of_wallets.count());
    match of_cards + across.summary.failed {
        0 => "warn",
        _ => "bad",
    }
}

pub(super) fn tone(across: &Across, troubled: usize) -> &'static str {
    let wallets = across.wallet_counts;
    let failed = across.summary.failed > 0;
    if failed || across.has_errors() || wallets.danger + wallets.missing > 0 {
        "bad"
    } else if troubled + wallets.attention + across.summary.left_out > 0 {
        "warn"
    } else {
        "ok"
    }
}

/// The last part of a path, and no more of it than fits the head of a column.
pub(super) fn short_name(path: &str) -> String {
    const MOST: usize = 22;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = if name.is_empty() { path } else { name };
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let stem = if stem.is_empty() { name } else { stem };
    match stem.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", stem.get(..end).unwrap_or(stem)),
        None => stem.to_owned(),
    }
}
