//! The wallets found beside those a register expects.

use std::collections::{BTreeSet, HashMap};

use super::register::{Expected, Register, RegisterCounts};
use super::wallet::Wallet;
use crate::assess::plural;
use crate::finding::Rule;

/// Whether a card, by its place in `sources`, goes by a name.
type IsCalled<'a> = &'a dyn Fn(usize, &str) -> bool;

/// Compares the wallets, in the order of their ids, with the register; those it misses are added.
pub(super) fn compare(
    register: &Register,
    wallets: &mut Vec<Wallet>,
    is_called: IsCalled<'_>,
) -> RegisterCounts {
    let ids: Vec<String> = wallets.iter().map(|wallet| wallet.id.clone()).collect();
    let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let mut missing = Vec::new();
    let mut meant_by: HashMap<&str, Vec<(&Expected, usize)>> = HashMap::new();
    for expected in register.expected() {
        let meant = expected.meant(&ids);
        if meant.is_empty() {
            missing.push(Wallet::missing(expected));
        }
        for id in &meant {
            let means = meant_by.entry(id).or_default();
            means.push((expected, meant.len()));
        }
    }
    let mut counts = RegisterCounts {
        expected: register.expected().len(),
        missing: missing.len(),
        ..RegisterCounts::default()
    };
    // A register tells ids apart, not lengths: wallets of one id stand side by side and are one to it.
    for lengths in wallets.chunk_by_mut(|a, b| a.id == b.id) {
        let id = lengths.first().map_or("", |wallet| &wallet.id);
        match meant_by.get(id).map(Vec::as_slice) {
            None => {
                counts.unknown += 1;
                lengths.iter_mut().for_each(Wallet::unknown);
            }
            Some([(expected, 1)]) => {
                counts.found += 1;
                counts.short += usize::from(is_short(expected, lengths, is_called));
            }
            Some(several) => {
                let message = ambiguous(several);
                for wallet in lengths {
                    wallet.find(Rule::RegisterAmbiguous, message.clone());
                }
            }
        }
    }
    counts.ambiguous = counts
        .expected
        .saturating_sub(counts.found)
        .saturating_sub(counts.missing);
    wallets.extend(missing);
    counts
}

/// Why nobody knows whether a wallet is expected.
fn ambiguous(several: &[(&Expected, usize)]) -> String {
    match several {
        [(one, wallets)] => {
            let prefix = one.short();
            format!("\"{prefix}\" in the register fits {wallets} of the wallets found")
        }
        _ => format!(
            "its shortened id fits {} wallets of the register",
            several.len()
        ),
    }
}

/// Compares the wallets of one id with what is expected of it; says whether anything is short.
fn is_short(expected: &Expected, lengths: &mut [Wallet], is_called: IsCalled<'_>) -> bool {
    let cards: usize = lengths.iter().map(|wallet| wallet.separate_cards).sum();
    let generations = lengths.iter().flat_map(|wallet| &wallet.generations);
    let restoring = generations.filter(|one| one.restores());
    let on: BTreeSet<usize> = restoring.map(|one| one.source).collect();
    let absent: Vec<_> = expected
        .on
        .iter()
        .filter(|label| !on.iter().any(|card| is_called(*card, label)))
        .map(|label| format!("\"{label}\""))
        .collect();
    for wallet in lengths.iter_mut() {
        wallet.expect(expected);
    }
    // Where none restores it, that is said already and says more.
    if let Some(first) = lengths.first_mut().filter(|_| cards > 0) {
        if cards < expected.cards {
            let message = format!(
                "it can be restored from {}, and the register expects it on {}",
                plural(cards, "card", "cards"),
                expected.cards
            );
            first.find(Rule::ExpectedCardsMissing, message);
        }
        if !absent.is_empty() {
            let message = format!(
                "the register expects it on the {} {}, and it cannot be restored from there",
                if absent.len() == 1 { "card" } else { "cards" },
                absent.join(" and ")
            );
            first.find(Rule::ExpectedCardsMissing, message);
        }
    }
    cards < expected.cards || !absent.is_empty()
}
