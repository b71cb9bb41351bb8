//! What keeps a match from being certain: devices that could not be asked, and ids that fit several wallets
//! or none.

use std::collections::{BTreeMap, BTreeSet};

use bitbox_backup::text::short_id;

use crate::answers::matching::Problem;
use crate::commands::wallet::card_wallets::Card;

/// Ids of wallets with different numbers of words, with these: they say too little of which wallet is meant.
#[derive(Debug)]
pub(super) struct Ambiguous<'a>(BTreeMap<&'a str, BTreeSet<u8>>);

impl<'a> Ambiguous<'a> {
    pub(super) fn of(cards: &'a [Card]) -> Self {
        let mut lengths: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
        for held in cards.iter().flat_map(|card| &card.wallets) {
            let of_id = lengths.entry(&held.offer.id).or_default();
            of_id.insert(held.offer.words);
        }
        lengths.retain(|_, words| words.len() > 1);
        Self(lengths)
    }

    /// Whether this is one.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// What is to be said of those that begin with this.
    pub(super) fn problems(&self, prefix: Option<&str>) -> impl Iterator<Item = Problem> {
        let meant = move |id: &str| prefix.is_none_or(|prefix| id.starts_with(prefix));
        let all = self.0.iter().filter(move |(id, _)| meant(id));
        all.map(|(id, words)| {
            let words: Vec<_> = words.iter().map(u8::to_string).collect();
            Problem::of_id(
                format!(
                    "ID {}: these cards hold {} wallets with this ID, of {} words",
                    short_id(id),
                    words.len(),
                    words.join(" and ")
                ),
                "the ID does not distinguish them: compare the root fingerprint, which the BitBox shows, with \
                 `bitbox-backup wallet`"
                    .to_owned(),
            )
        })
    }
}

/// That no wallet has the ID that was asked for.
pub(super) fn of_nothing(error: &anyhow::Error) -> Problem {
    let text = error.to_string();
    let (error, hint) = text.split_once('\n').unwrap_or((&text, ""));
    Problem::of_id(error.to_owned(), hint.to_owned())
}
