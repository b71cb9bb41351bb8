//! The words and symbols of the page.

use bitbox_backup::assess::plural;
use bitbox_backup::audit::Across;

/// The symbol of a state, by the state's word; its colour follows from it.
pub(super) fn symbol(state: &str) -> &'static str {
    match state {
        "healthy" | "safe" => "ok",
        "degraded" | "warning" | "attention" => "warn",
        "hidden" => "hidden",
        "lost" | "missing" => "lost",
        "empty" | "deleted" | "erased" => "gone",
        "info" => "info",
        _ => "bad",
    }
}

/// Everything in one sentence.
pub(super) fn headline(across: &Across, troubled: usize) -> String {
    let all = across.summary.sources;
    let cards = match (troubled, all) {
        (0, 1) => "The card is in order".to_owned(),
        (0, _) => format!("All {all} cards are in order"),
        (1, 1) => "The card needs attention".to_owned(),
        (1, _) => format!("1 of {all} cards needs attention"),
        _ if troubled == all => format!("All {all} cards need attention"),
        _ => format!("{troubled} of {all} cards need attention"),
    };
    let counts = across.wallet_counts;
    if troubled > 0 && counts.attention > 0 && counts.danger + counts.missing == 0 {
        let wallets = across.wallets.len();
        return match counts.attention {
            _ if wallets == 1 => format!("{cards}, and so does the wallet."),
            1 => format!("{cards}, and 1 of {wallets} wallets does."),
            few => format!("{cards}, and so do {few} of {wallets} wallets."),
        };
    }
    let is = |count: usize, what: &str| {
        let verb = if count == 1 { "is" } else { "are" };
        format!("{} {verb} {what}", plural(count, "wallet", "wallets"))
    };
    let mut wallets = Vec::new();
    if counts.missing > 0 {
        wallets.push(is(counts.missing, "missing"));
    }
    if counts.danger > 0 {
        wallets.push(is(counts.danger, "in danger"));
    }
    if counts.attention > 0 {
        let verb = if counts.attention == 1 {
            "needs"
        } else {
            "need"
        };
        let attention = plural(counts.attention, "wallet", "wallets");
        wallets.push(format!("{attention} {verb} attention"));
    }
    let wallets = match (wallets.as_slice(), counts.safe) {
        ([], 0) => "no wallet was found".to_owned(),
        ([], 1) => "the one wallet on them is safe".to_owned(),
        ([], safe) => format!("all {safe} wallets are safe"),
        (several, _) => several.join(", "),
    };
    format!("{cards}; {wallets}.")
}

/// The colour of the sentence.
pub(super) fn tone(across: &Across, troubled: usize) -> &'static str {
    let wallets = across.wallet_counts;
    let failed = across.summary.failed > 0;
    if failed || across.has_errors() || wallets.danger + wallets.missing > 0 {
        "bad"
    } else if troubled + wallets.attention > 0 {
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
