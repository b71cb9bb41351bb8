//! What changed for one wallet across all cards.

use std::collections::{HashMap, HashSet};

use super::change::{Change, Effect, Fate, Fates, WalletChange, What, fates, worst_first};
use super::pair::Pairs;
use crate::audit::cards::few;
use crate::audit::wallet::{Wallet, WalletState};
use crate::text::plural;

/// The wallets that changed, the worst first, and how many became what. `moved` has the name of now
/// for each card of before.
pub(super) fn changes(
    old: &[Wallet],
    new: &[Wallet],
    moved: &HashMap<&str, &str>,
) -> (Vec<WalletChange>, Fates) {
    let mut pairs = Pairs::new(old, new);
    pairs.by(|one| Some((one.id.clone(), one.words)), |_, _| true);
    // Where only damaged copies remain, nothing tells the length.
    // With several wallets of one id it could be either.
    let mut lengths: HashMap<&str, HashSet<u8>> = HashMap::new();
    for wallet in old.iter().chain(new) {
        lengths.entry(&wallet.id).or_default().extend(wallet.words);
    }
    let is_one = |id: &str| lengths.get(id).is_none_or(|lengths| lengths.len() < 2);
    pairs.by(
        |one| Some(one.id.clone()).filter(|id| is_one(id)),
        |a, b| a.words.is_none() || b.words.is_none(),
    );
    let pairs = pairs.in_order();
    let both = pairs.both.iter();
    let mut changes: Vec<_> = both
        .filter_map(|(old, new)| {
            let changes = compare(old, new, moved);
            (!changes.is_empty()).then(|| change(new, old, Fate::Changed, changes))
        })
        .collect();
    for wallet in pairs.new {
        let effect = Effect::of_count(0, wallet.separate_cards);
        let added = vec![Change::new(What::Added, effect, backed_up(wallet))];
        changes.push(change(wallet, wallet, Fate::Added, added));
    }
    for wallet in pairs.old {
        let text = format!("it was {}", backed_up(wallet));
        let gone = vec![Change::new(What::Gone, Effect::Worse, text)];
        changes.push(change(wallet, wallet, Fate::Gone, gone));
    }
    changes.sort_by_cached_key(|one| (one.effect, one.id.clone(), one.words));
    let each = changes.iter().map(|change| change.fate);
    let counts = fates(old.len(), new.len(), each);
    (changes, counts)
}

fn change(now: &Wallet, before: &Wallet, fate: Fate, mut changes: Vec<Change>) -> WalletChange {
    WalletChange {
        id: now.id.clone(),
        words: now.words.or(before.words),
        name: now.names.first().or(before.names.first()).cloned(),
        fate,
        effect: worst_first(&mut changes),
        changes,
    }
}

fn backed_up(wallet: &Wallet) -> String {
    if !wallet.is_live() {
        return deleted_on(wallet);
    }
    format!(
        "on {} ({}), restored from {}",
        plural(wallet.cards.len(), "card", "cards"),
        few(&wallet.cards),
        wallet.separate_cards
    )
}

/// Where what is left of a wallet is.
fn deleted_on(wallet: &Wallet) -> String {
    format!("only deleted on {}", few(&wallet.deleted_on))
}

fn compare(old: &Wallet, new: &Wallet, moved: &HashMap<&str, &str>) -> Vec<Change> {
    let mut changes = Vec::new();
    cards(old, new, moved, &mut changes);
    let (before, now) = (old.separate_cards, new.separate_cards);
    if before != now {
        let text = format!(
            "restored from {before} → {}",
            plural(now, "separate card", "separate cards")
        );
        let effect = Effect::of_count(before, now);
        changes.push(Change::new(What::SeparateCards, effect, text));
    }
    let (before, now) = (old.valid_copies, new.valid_copies);
    if before != now {
        let text = format!("valid copies {before} → {now}");
        let effect = Effect::of_count(before, now);
        changes.push(Change::new(What::ValidCopies, effect, text));
    }
    if old.state != new.state {
        // Between safe and attention lie warnings only.
        let effect = match (old.state, new.state) {
            (_, WalletState::Danger | WalletState::Missing) => Effect::Worse,
            (WalletState::Danger | WalletState::Missing, _) => Effect::Better,
            _ => Effect::Neutral,
        };
        let text = format!("{} → {}", old.state, new.state);
        changes.push(Change::new(What::State, effect, text));
    }
    if let (Some(before), Some(now)) = (old.newest, new.newest)
        && before != now
    {
        let day = crate::text::day;
        let text = format!("newest backup {} → {}", day(before), day(now));
        changes.push(Change::new(What::Newest, Effect::Neutral, text));
    }
    changes
}

/// Compares the cards a wallet is on; one that has another name is the same card.
fn cards(old: &Wallet, new: &Wallet, moved: &HashMap<&str, &str>, changes: &mut Vec<Change>) {
    let before = old.cards.iter().map(String::as_str);
    let before = before.map(|card| moved.get(card).copied().unwrap_or(card));
    let mut come: Vec<&str> = new.cards.iter().map(String::as_str).collect();
    let mut gone: Vec<&str> = Vec::new();
    for card in before {
        match come.iter().position(|one| *one == card) {
            Some(place) => drop(come.remove(place)),
            None => gone.push(card),
        }
    }
    if come.is_empty() && gone.is_empty() {
        return;
    }
    let mut text = format!(
        "on {} → {}",
        old.cards.len(),
        plural(new.cards.len(), "card", "cards")
    );
    for (what, cards) in [("no more on", &gone), ("new on", &come)] {
        if !cards.is_empty() {
            text.push_str(&format!("; {what} {}", few(cards)));
        }
    }
    if !new.is_live() {
        text.push_str(&format!("; {}", deleted_on(new)));
    }
    let effect = Effect::of_count(old.cards.len(), new.cards.len());
    changes.push(Change::new(What::Cards, effect, text));
}
