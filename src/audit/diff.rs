//! What changed between two audits.
//!
//! Cards are known by their own numbers, their names, their volumes' serial numbers and their contents;
//! one that has another name was moved, unless all in its folder are in another one. Wallets are known by id and length. Only what a device would restore worse than before is
//! worse; warnings come and go without harm.

mod card;
mod change;
mod follow;
mod pair;
mod wallet;

use std::collections::HashMap;

pub use change::{
    CardChange, Change, Difference, DifferenceSummary, Effect, Fate, Fates, WalletChange, What,
};

use change::fates;

use super::across::Audit;
use crate::report::Source;

/// Compares two audits. Each wallet should be on `wanted` cards.
pub fn diff(old: &[Source], new: &[Source], wanted: usize) -> Difference {
    let cards = follow::follow(old, new);
    let both = cards.both.iter();
    let moved: HashMap<&str, &str> = both
        .map(|same| (same.old.source.as_str(), same.new.source.as_str()))
        .collect();
    let across = |sources: &[Source]| {
        let mut audit = Audit::new(wanted, None);
        sources.iter().for_each(|source| audit.add(source));
        audit.across().wallets
    };
    let (wallets, wallet_fates) = wallet::changes(&across(old), &across(new), &moved);
    let both = cards.both.iter();
    let mut changes: Vec<_> = both
        .map(|same| card::compare(same.old, same.new, same.moved))
        .collect();
    changes.extend(cards.new.iter().map(|card| Some(card::added(card))));
    changes.extend(cards.old.iter().map(|card| Some(card::gone(card))));
    let mut cards: Vec<CardChange> = changes.into_iter().flatten().collect();
    cards.sort_by_key(|card| card.effect);
    let fates = fates(old.len(), new.len(), cards.iter().map(|card| card.fate));
    let mut summary = DifferenceSummary {
        cards: fates,
        wallets: wallet_fates,
        ..DifferenceSummary::default()
    };
    let of_cards = cards.iter().flat_map(|card| &card.changes);
    for change in of_cards.chain(wallets.iter().flat_map(|wallet| &wallet.changes)) {
        match change.effect {
            Effect::Worse => summary.worse += 1,
            Effect::Better => summary.better += 1,
            Effect::Neutral => summary.neutral += 1,
        }
    }
    Difference {
        cards,
        wallets,
        summary,
    }
}

#[cfg(test)]
mod tests;
