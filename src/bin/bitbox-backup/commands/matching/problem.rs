//! What keeps a match from being certain: devices that could not be asked, and ids that fit several wallets
//! or none.

use std::collections::{BTreeMap, BTreeSet};

use bitbox_backup::text::short_id;

use super::{Against, Found};
use crate::answers::matching::{Matched, Problem};
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

    /// What is known of a backup.
    pub(super) fn found<'b>(&self, backup: &Matched<'b>) -> Found<'b> {
        Found {
            id: backup.id,
            fingerprint: backup.fingerprint,
            ambiguous: backup.id.is_some_and(|id| self.0.contains_key(id)),
        }
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

/// That a device has the ID of a backup and not its fingerprint.
pub(super) fn of_contradictions(
    matches: &[Matched<'_>],
    against: &[Against],
    ambiguous: &Ambiguous<'_>,
) -> Vec<Problem> {
    let problem = |(index, one): (usize, &Against)| {
        let mut own = matches.iter().filter(|each| each.device == Some(index));
        let contradicts = own.any(|each| one.known.contradicts(&ambiguous.found(each)));
        let report = one.report.as_ref().filter(|_| contradicts)?;
        Some(Problem::of_contradiction(index, &report.address))
    };
    against.iter().enumerate().filter_map(problem).collect()
}

/// That no wallet has the ID that was asked for.
pub(super) fn of_nothing(error: &anyhow::Error) -> Problem {
    let text = error.to_string();
    let (error, hint) = text.split_once('\n').unwrap_or((&text, ""));
    Problem::of_id(error.to_owned(), hint.to_owned())
}
