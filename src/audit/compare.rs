//! The wallets found beside those a register expects.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cards::Cards;
use super::register::{Expected, Register, RegisterCounts};
use super::wallet::{Generation, Wallet};
use crate::finding::Rule;
use crate::text::{plural, short_id};

/// What to do where a card is there and does not restore what it should.
const THERE: &str = "Recover the backup from that card, or make a new one on a fresh card while the device still \
     holds this wallet.";

/// What to do where only a wallet of another length has the id.
const OTHER_WORDS: &str =
    "If it is the wallet meant, correct how many words it has in the register.";

/// What to do where two wallets share an id.
const BY_WORDS: &str = "Write into the register how many words it has, in a column \"words\": two wallets share this id.";

/// Compares the wallets with the register; those it misses are added.
pub(super) fn compare(
    register: &Register,
    wallets: &mut Vec<Wallet>,
    cards: &Cards<'_>,
) -> RegisterCounts {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, wallet) in wallets.iter().enumerate() {
        by_id.entry(&wallet.id).or_default().push(place);
    }
    let ids: BTreeSet<&str> = by_id.keys().copied().collect();
    let mut missing = Vec::new();
    let mut other_length: HashMap<usize, &Expected> = HashMap::new();
    let mut meant_by: HashMap<usize, Vec<(&Expected, usize)>> = HashMap::new();
    for expected in &register.expected {
        let of_id = expected.meant(&ids);
        let of_id = of_id.iter().filter_map(|id| by_id.get(id)).flatten();
        let of_id: Vec<usize> = of_id.copied().collect();
        let meant = likeliest(expected, of_id.clone(), wallets);
        if meant.is_empty() {
            other_length.extend(of_id.iter().map(|place| (*place, expected)));
            let others: Vec<&Wallet> = of_id.iter().filter_map(|one| wallets.get(*one)).collect();
            missing.push(missing_wallet(expected, &others, cards));
        }
        for place in &meant {
            let means = meant_by.entry(*place).or_default();
            means.push((expected, meant.len()));
        }
    }
    let mut counts = RegisterCounts {
        expected: register.expected.len(),
        missing: missing.len(),
        ..RegisterCounts::default()
    };
    for (place, wallet) in wallets.iter_mut().enumerate() {
        match meant_by.get(&place).map(Vec::as_slice) {
            None => {
                counts.unknown += 1;
                let other = other_length.get(&place).and_then(|other| other.words);
                wallet.unknown(other);
            }
            Some([(expected, 1)]) => {
                counts.found += 1;
                counts.short += usize::from(is_short(expected, wallet, cards));
            }
            Some(several) => ambiguous(several, wallet),
        }
    }
    counts.ambiguous = counts
        .expected
        .saturating_sub(counts.found)
        .saturating_sub(counts.missing);
    wallets.extend(missing);
    counts
}

/// Of the wallets whose ids fit, those whose lengths do, and of these the live ones, where any are.
fn likeliest(expected: &Expected, mut places: Vec<usize>, wallets: &[Wallet]) -> Vec<usize> {
    let wallet = |place: &usize| wallets.get(*place);
    let words = |place: &usize| wallet(place).and_then(|wallet| wallet.words);
    if let Some(wanted) = expected.words {
        places.retain(|place| words(place).is_none_or(|words| words == wanted));
        if places.iter().any(|place| words(place).is_some()) {
            places.retain(|place| words(place).is_some());
        }
    }
    let is_live = |place: &usize| wallet(place).is_some_and(Wallet::is_live);
    if places.iter().any(is_live) {
        places.retain(is_live);
    }
    places
}

/// Says why nobody knows whether a wallet is expected.
fn ambiguous(several: &[(&Expected, usize)], wallet: &mut Wallet) {
    let message = match several {
        [(one, wallets)] => {
            let prefix = short_id(&one.id);
            format!("\"{prefix}\" in the register fits {wallets} of the wallets found")
        }
        _ => format!(
            "its shortened id fits {} wallets of the register",
            several.len()
        ),
    };
    let rule = Rule::RegisterAmbiguous;
    match several {
        [(one, _)] if one.words.is_none() && wallet.words_if_ambiguous().is_some() => {
            wallet.find_advising(rule, message, BY_WORDS);
        }
        _ => wallet.find(rule, message),
    }
}

/// Compares a wallet with what is expected of it; says whether anything is short.
fn is_short(expected: &Expected, wallet: &mut Wallet, cards: &Cards<'_>) -> bool {
    expect(wallet, expected);
    let found = wallet.separate_cards;
    let restored_from = wallet.generations.iter().filter(|one| one.restores);
    let restored_from: BTreeSet<usize> = restored_from.map(|one| one.source).collect();
    let mut absent = Vec::new();
    let mut there = Vec::new();
    for label in &expected.on {
        let called = cards.called.called(label);
        if called.is_empty() {
            absent.push(format!("\"{label}\""));
        } else if !called.iter().any(|card| restored_from.contains(card)) {
            let state = state_on(&called, &wallet.generations, &wallet.id, cards);
            there.push(format!("the card \"{label}\" is there, and {state}"));
        }
    }
    // Where none restores it, that is said already and says more.
    let too_few = found < expected.cards;
    if found > 0 && too_few {
        few(expected, wallet, &restored_from, cards);
        // It says the same, and less of it.
        let few = Rule::FewCards.name();
        wallet.findings.retain(|finding| finding.rule != few);
    }
    for message in &there {
        let message = format!("{message}; the register expects to restore it from there");
        wallet.find_advising(Rule::ExpectedCardNotRestoring, message, THERE);
    }
    if !absent.is_empty() {
        let message = format!(
            "the register expects it on the {} {}, and no such card is among those examined{}",
            if absent.len() == 1 { "card" } else { "cards" },
            absent.join(" and "),
            unread(cards)
        );
        wallet.find(Rule::ExpectedCardsMissing, message);
    }
    too_few || !absent.is_empty() || !there.is_empty()
}

/// Says that a wallet is restored from fewer cards than expected: with the others, where they are
/// there, and what is on them.
fn few(
    expected: &Expected,
    wallet: &mut Wallet,
    restored_from: &BTreeSet<usize>,
    cards: &Cards<'_>,
) {
    let found = wallet.separate_cards;
    let seen = restored_from.iter();
    let mut seen: BTreeSet<_> = seen.map(|card| cards.alike.counted_as(*card)).collect();
    let mut others = Vec::new();
    for generation in &wallet.generations {
        let card = generation.source;
        if seen.insert(cards.alike.counted_as(card)) {
            let state = state_on(&[card], &wallet.generations, &wallet.id, cards);
            others.push(format!("; on {} {state}", cards.name(card)));
        }
    }
    let all_there = found.saturating_add(others.len()) >= expected.cards;
    let message = format!(
        "it can be restored from {}, and the register expects it on {}{}{}",
        plural(found, "card", "cards"),
        expected.cards,
        others.concat(),
        if all_there { "" } else { unread(cards) }
    );
    if all_there {
        wallet.find_advising(Rule::ExpectedCardNotRestoring, message, THERE);
    } else {
        wallet.find(Rule::ExpectedCardsMissing, message);
    }
}

/// What of a wallet is on these cards, which are one by name, and do not restore it.
fn state_on(called: &[usize], generations: &[Generation], id: &str, cards: &Cards<'_>) -> String {
    let on = generations.iter();
    let on = on.filter(|one| called.contains(&one.source));
    match on.min_by_key(|one| (one.origin, one.state)) {
        Some(best) if best.is_live() => format!("its backup there is {}", best.state),
        Some(best) => format!("its backup there is {}", best.origin),
        None => not_on(called, id, cards).to_owned(),
    }
}

fn not_on(called: &[usize], id: &str, cards: &Cards<'_>) -> &'static str {
    if called.iter().all(|card| cards.failed.contains(card)) {
        "it could not be read"
    } else if called.iter().any(|card| cards.has_erased(id, *card)) {
        "its backup there was erased by a device"
    } else {
        "this wallet is not on it"
    }
}

/// A wallet that a register expects and no card holds; `others` have its id and another length.
fn missing_wallet(expected: &Expected, others: &[&Wallet], cards: &Cards<'_>) -> Wallet {
    let mut wallet = Wallet {
        id: expected.id.clone(),
        words: expected.words,
        ..Wallet::default()
    };
    expect(&mut wallet, expected);
    if let (Some(wanted), Some(other)) = (expected.words, others.first()) {
        let words = other
            .words
            .map_or("?".to_owned(), |words| words.to_string());
        let on = other.cards.iter().chain(&other.deleted_on).next();
        let on = on.map_or_else(String::new, |card| format!(" ({card})"));
        let message = format!(
            "the register expects it with {wanted} words, and it was found with {words} words{on}"
        );
        wallet.find_advising(Rule::ExpectedMissing, message, OTHER_WORDS);
        return wallet;
    }
    let on: Vec<_> = expected.on.iter().map(|on| format!("\"{on}\"")).collect();
    let on = match on.as_slice() {
        [] => String::new(),
        on => format!(" ({})", on.join(", ")),
    };
    let message = format!(
        "the register expects it on {}{on}, and it was found on none{}",
        plural(expected.cards, "card", "cards"),
        on_cards(expected, cards)
    );
    wallet.find(Rule::ExpectedMissing, message);
    wallet
}

fn expect(wallet: &mut Wallet, expected: &Expected) {
    wallet.expected = Some(true);
    wallet.label.clone_from(&expected.label);
    wallet.expected_cards = Some(expected.cards);
    wallet.expected_on.clone_from(&expected.on);
}

/// The cards that a register names for a wallet that was found nowhere, as the end of a sentence.
fn on_cards(expected: &Expected, cards: &Cards<'_>) -> String {
    let mut text = String::new();
    for label in &expected.on {
        let called = cards.called.called(label);
        if !called.is_empty() {
            let state = not_on(&called, &expected.id, cards);
            text.push_str(&format!("; the card \"{label}\" is there, and {state}"));
        }
    }
    text + unread(cards)
}

/// That a card that is missed may be one that could not be read.
fn unread(cards: &Cards<'_>) -> &'static str {
    if cards.failed.is_empty() {
        ""
    } else {
        "; it may be one of those that could not be read"
    }
}

#[cfg(test)]
mod tests;
