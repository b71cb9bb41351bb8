//! What keeps a match from being certain: devices that could not be asked, and ids that fit several wallets
//! or none.

use std::collections::{BTreeMap, BTreeSet};

use bitbox_backup::text::short_id;

use crate::answers::matching::Problem;
use crate::commands::wallet::card_wallets::Card;

/// Ids that say too little of which wallet is meant.
#[derive(Debug)]
pub(super) struct Ambiguous<'a> {
    /// Those of wallets with different numbers of words, with these.
    lengths: BTreeMap<&'a str, BTreeSet<u8>>,
    /// Those that begin with the prefix given, if there are several.
    prefixed: BTreeSet<&'a str>,
}

impl<'a> Ambiguous<'a> {
    pub(super) fn of(cards: &'a [Card], prefix: Option<&str>) -> Self {
        let mut lengths: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
        for held in cards.iter().flat_map(|card| &card.wallets) {
            let of_id = lengths.entry(&held.offer.id).or_default();
            of_id.insert(held.offer.words);
        }
        lengths.retain(|_, words| words.len() > 1);
        let begins = |id: &&str| prefix.is_some_and(|prefix| id.starts_with(prefix));
        let mut prefixed: BTreeSet<_> = cards.iter().flat_map(ids).filter(begins).collect();
        if prefixed.len() < 2 {
            prefixed.clear();
        }
        Self { lengths, prefixed }
    }

    /// Whether this is one.
    pub(super) fn has(&self, id: &str) -> bool {
        self.lengths.contains_key(id) || self.prefixed.contains(id)
    }
}

fn ids(card: &Card) -> impl Iterator<Item = &str> {
    let proved = card.wallets.iter().map(|held| held.offer.id.as_str());
    let missing = card.missing.iter().filter_map(|one| one.id.as_deref());
    proved.chain(missing)
}

/// The ID of the wallet whose root fingerprint this is.
fn with_fingerprint<'a>(cards: &'a [Card], digits: &str) -> Option<&'a str> {
    let mut all = cards.iter().flat_map(|card| &card.wallets);
    let held = all.find(|held| held.offer.fingerprint.as_deref() == Some(digits))?;
    Some(&held.offer.id)
}

/// What is to be said of the ids on the cards, and of the one asked for.
pub(super) fn of_ids(
    cards: &[Card],
    prefix: Option<&str>,
    ambiguous: &Ambiguous<'_>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(prefix) = prefix
        && cards.iter().any(|card| card.failed.is_none())
        && !cards.iter().flat_map(ids).any(|id| id.starts_with(prefix))
    {
        let (but, hint) = match with_fingerprint(cards, prefix) {
            Some(id) => (
                format!(
                    "; it is the root fingerprint of the wallet with the ID {}",
                    short_id(id)
                ),
                "if it is a fingerprint that you compare, it is this wallet's without a passphrase; an ID has other \
                 digits",
            ),
            None => (
                String::new(),
                "compare the digits again; `bitbox-backup list` shows the IDs on each card",
            ),
        };
        problems.push(Problem::of_id(
            format!("--id {prefix}: no backup on these cards has an ID that begins with it{but}"),
            hint.to_owned(),
        ));
    }
    if let (Some(prefix), false) = (prefix, ambiguous.prefixed.is_empty()) {
        let all: Vec<_> = ambiguous.prefixed.iter().copied().collect();
        problems.push(Problem::of_id(
            format!(
                "--id {prefix}: ambiguous ID prefix, {} IDs on these cards begin with it",
                all.len()
            ),
            format!("give more of its digits: {}", all.join(" or ")),
        ));
    }
    let meant = |id: &str| prefix.is_none_or(|prefix| id.starts_with(prefix));
    for (id, words) in ambiguous.lengths.iter().filter(|(id, _)| meant(id)) {
        let words: Vec<_> = words.iter().map(u8::to_string).collect();
        problems.push(Problem::of_id(
            format!(
                "ID {}: these cards hold {} wallets with this ID, of {} words",
                short_id(id),
                words.len(),
                words.join(" and ")
            ),
            "the ID does not distinguish them: compare the root fingerprint, which the BitBox shows, with \
             `bitbox-backup wallet`"
                .to_owned(),
        ));
    }
    problems
}
