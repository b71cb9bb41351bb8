//! What changed between two audits, the worst first.

use std::io::{self, Write};

use anstyle::Style;
use bitbox_backup::audit::{CardChange, Change, Difference, Effect, Fate, Fates, WalletChange};
use bitbox_backup::text::plural;

use super::{BAD, BOLD, GOOD, paragraph, styled};
use crate::args::Global;

/// How many cards or wallets that got no worse are shown before the rest is only counted; `-v` shows
/// all.
const MOST: usize = 25;

/// A card or a wallet with its changes.
struct Subject<'a> {
    head: String,
    effect: Effect,
    changes: &'a [Change],
}

impl<'a> Subject<'a> {
    fn wallet(wallet: &'a WalletChange) -> Self {
        let id: String = wallet.id.chars().take(8).collect();
        let name = wallet.name.as_deref().filter(|name| !name.is_empty());
        let name = name.map_or_else(String::new, |name| format!(" \"{name}\""));
        let words = wallet.words;
        let words = words.map_or_else(String::new, |words| format!(" ({words} words)"));
        Self {
            head: format!("wallet {id}…{words}{name}{}", fate(wallet.fate)),
            effect: wallet.effect,
            changes: &wallet.changes,
        }
    }

    fn card(card: &'a CardChange) -> Self {
        Self {
            head: format!("{}{}", card.source, fate(card.fate)),
            effect: card.effect,
            changes: &card.changes,
        }
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Added => ": new",
        Fate::Gone => ": gone",
        Fate::Moved => ": moved",
        Fate::Changed => "",
    }
}

fn style(effect: Effect) -> (Style, char) {
    match effect {
        Effect::Worse => (BAD, '-'),
        Effect::Better => (GOOD, '+'),
        Effect::Neutral => (Style::new(), ' '),
    }
}

pub(crate) fn difference(
    out: &mut impl Write,
    difference: &Difference,
    global: &Global,
) -> io::Result<()> {
    let wallets = difference.wallets.iter().map(Subject::wallet);
    let cards = difference.cards.iter().map(Subject::card);
    let subjects: Vec<_> = wallets.chain(cards).collect();
    for (effect, head) in [
        (Effect::Worse, "Worse"),
        (Effect::Better, "Better"),
        (Effect::Neutral, "Other changes"),
    ] {
        let these: Vec<_> = subjects.iter().filter(|one| one.effect == effect).collect();
        if these.is_empty() {
            continue;
        }
        writeln!(out, "{BOLD}{head}{BOLD:#}")?;
        let all = global.verbose || effect == Effect::Worse;
        let most = if all { usize::MAX } else { MOST };
        for one in these.iter().take(most) {
            subject(out, one)?;
        }
        if let Some(more) = these.len().checked_sub(most).filter(|more| *more > 0) {
            writeln!(out, "  and {more} more; -v shows all")?;
        }
        writeln!(out)?;
    }
    if subjects.is_empty() {
        writeln!(out, "Nothing changed.")?;
    }
    if !global.quiet {
        end(out, difference)?;
    }
    Ok(())
}

fn subject(out: &mut impl Write, subject: &Subject<'_>) -> io::Result<()> {
    styled(out, style(subject.effect).0, &subject.head, "  ")?;
    for change in subject.changes {
        let (style, mark) = style(change.effect);
        let text = format!("{style}{mark}{style:#} {}", change.text);
        paragraph(out, &text, "    ")?;
    }
    Ok(())
}

fn end(out: &mut impl Write, difference: &Difference) -> io::Result<()> {
    let summary = &difference.summary;
    writeln!(out, "{}", counts(&summary.wallets, "wallet", "wallets"))?;
    writeln!(out, "{}", counts(&summary.cards, "card", "cards"))?;
    if summary.worse + summary.better + summary.neutral > 0 {
        let worse = plural(summary.worse, "change", "changes");
        let (better, neutral) = (summary.better, summary.neutral);
        writeln!(
            out,
            "{worse} for the worse, {better} for the better, {neutral} other."
        )?;
    }
    Ok(())
}

fn counts(fates: &Fates, one: &str, many: &str) -> String {
    let parts: Vec<_> = [
        (fates.gone, "gone"),
        (fates.added, "new"),
        (fates.changed, "changed"),
        (fates.moved, "moved"),
        (fates.unchanged, "unchanged"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let before = plural(fates.before, one, many);
    let parts = match parts.as_slice() {
        [] => String::new(),
        parts => format!(": {}", parts.join(", ")),
    };
    format!("{before} before, {} now{parts}.", fates.now)
}
