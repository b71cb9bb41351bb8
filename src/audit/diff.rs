//! What changed between two audits.
//!
//! Cards are known by their own numbers, their names, their volumes' serial numbers and their contents;
//! one that has another name was moved, unless all in its folder are in another one. Wallets are known by id and length. Only what a device would restore worse than before is
//! worse; warnings come and go without harm.

mod card;
mod follow;
mod pair;
mod wallet;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::across::Audit;
use crate::report::{Source, Text};

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Less can be restored, or from fewer cards or copies.
    Worse,
    /// More can.
    Better,
    /// Neither.
    Neutral,
}

impl Effect {
    /// Of something there is more or less of.
    fn of_count(before: usize, now: usize) -> Self {
        match now.cmp(&before) {
            std::cmp::Ordering::Less => Self::Worse,
            std::cmp::Ordering::Greater => Self::Better,
            std::cmp::Ordering::Equal => Self::Neutral,
        }
    }
}

/// What became of a card or a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It was not there before.
    Added,
    /// It is there no more.
    Gone,
    /// It has another name, and may have changed too.
    Moved,
    /// It is not as it was.
    Changed,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A whole card or wallet came, with what is on it.
    Added,
    /// A whole card or wallet went.
    Gone,
    /// A card's name.
    Moved,
    /// Whether a card can be read.
    Status,
    /// What the device answers when asked for its backups.
    DeviceView,
    /// A backup that was not there before.
    BackupAdded,
    /// A backup that is there no more.
    BackupGone,
    /// A backup in the place of an older one.
    BackupRenewed,
    /// What a backup or a wallet is worth.
    State,
    /// The number of valid copies of a backup or a wallet.
    ValidCopies,
    /// The name of a backup.
    Name,
    /// A finding that was not there before.
    FindingAdded,
    /// A finding that is there no more.
    FindingGone,
    /// The serial number of a volume.
    Serial,
    /// The hash of a whole source.
    Hash,
    /// What was read of a card, where nothing else tells the difference.
    Contents,
    /// The cards a wallet is on.
    Cards,
    /// From how many cards a wallet would be restored.
    SeparateCards,
    /// The time of a wallet's newest backup.
    Newest,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is about.
    pub what: What,
    /// Which way it goes.
    pub effect: Effect,
    /// All in plain words.
    pub text: String,
    /// The id of the backup it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The rule of the finding it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Text>,
}

impl Change {
    fn new(what: What, effect: Effect, text: impl Into<String>) -> Self {
        Self {
            what,
            effect,
            text: text.into(),
            id: None,
            rule: None,
        }
    }
}

/// A card that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardChange {
    /// Its name; of a card that is gone the one it had.
    pub source: String,
    /// The name it had, where it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The worst of its changes.
    pub effect: Effect,
    /// What changed, the worst first.
    pub changes: Vec<Change>,
}

/// A wallet that is not backed up as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletChange {
    /// Its id.
    pub id: String,
    /// How many recovery words.
    pub words: Option<u8>,
    /// The name of its newest backup.
    pub name: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The worst of its changes.
    pub effect: Effect,
    /// What changed, the worst first.
    pub changes: Vec<Change>,
}

/// How many there were and are, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fates {
    /// How many there were.
    pub before: usize,
    /// How many there are.
    pub now: usize,
    /// Came.
    pub added: usize,
    /// Went.
    pub gone: usize,
    /// Have another name.
    pub moved: usize,
    /// Are not as they were.
    pub changed: usize,
    /// Are as they were.
    pub unchanged: usize,
}

/// The counts of a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceSummary {
    /// The cards.
    pub cards: Fates,
    /// The wallets.
    pub wallets: Fates,
    /// Changes for the worse.
    pub worse: usize,
    /// Changes for the better.
    pub better: usize,
    /// Other changes.
    pub neutral: usize,
}

/// What changed between two audits, the worst first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The cards that changed.
    pub cards: Vec<CardChange>,
    /// The wallets that changed.
    pub wallets: Vec<WalletChange>,
    /// The counts.
    pub summary: DifferenceSummary,
}

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

fn fates(before: usize, now: usize, fates: impl Iterator<Item = Fate>) -> Fates {
    let mut counts = Fates {
        before,
        now,
        ..Fates::default()
    };
    for fate in fates {
        match fate {
            Fate::Added => counts.added += 1,
            Fate::Gone => counts.gone += 1,
            Fate::Moved => counts.moved += 1,
            Fate::Changed => counts.changed += 1,
        }
    }
    let known = counts.added + counts.moved + counts.changed;
    counts.unchanged = now.saturating_sub(known);
    counts
}

/// The worst of some changes, which are put in order.
fn worst_first(changes: &mut [Change]) -> Effect {
    changes.sort_by_key(|change| change.effect);
    changes
        .first()
        .map_or(Effect::Neutral, |change| change.effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A card whose backups have an id, a time, a state and a valid copy of a hash.
    fn card(name: &str, backups: &[(&str, u32, &str, &str)]) -> Source {
        let backups = backups.iter().map(|(id, time, state, hash)| {
            let copies = (!hash.is_empty()).then(|| {
                json!({
                    "path": "/x", "origin": "live", "volume": 0, "offset": null, "extents": [],
                    "size": 1, "state": "valid", "sha256": hash, "entry_offset": null
                })
            });
            json!({
                "id": id, "words": (*state != "damaged").then_some(12), "state": state,
                "name": null, "timestamp": time, "created": null, "birthdate": null,
                "generator": null, "written_by": null,
                "copies": copies.into_iter().collect::<Vec<_>>(), "findings": []
            })
        });
        let backups: Vec<_> = backups.collect();
        serde_json::from_value(json!({
            "source": name, "status": "examined", "size": null, "modified": null, "inode": null,
            "device_view": null, "backups": backups, "findings": []
        }))
        .unwrap()
    }

    type Told<'a> = (&'a str, Fate, Vec<(What, Effect)>);

    fn whats(difference: &Difference) -> Vec<Told<'_>> {
        let cards = difference.cards.iter().map(|card| {
            let changes = card.changes.iter().map(|one| (one.what, one.effect));
            (card.source.as_str(), card.fate, changes.collect())
        });
        cards.collect()
    }

    #[test]
    fn cards_of_one_name_are_told_apart_by_contents_then_by_order() {
        let [a, b] = [("57", 1, "healthy", "a"), ("58", 1, "healthy", "b")];
        let old = [card("sdb", &[a]), card("sdb", &[b]), card("x", &[])];
        let new = [card("sdb", &[b]), card("sdb", &[a]), card("x", &[])];
        let swapped = diff(&old, &new, 1);
        assert!(swapped.cards.is_empty() && swapped.wallets.is_empty());
        assert_eq!(swapped.summary.cards.unchanged, 3);
    }

    #[test]
    fn moved_is_neither_gone_nor_added() {
        let one = [("57", 1, "healthy", "a")];
        let moved = diff(&[card("a", &one)], &[card("b", &one)], 1);
        let expected = ("b", Fate::Moved, vec![(What::Moved, Effect::Neutral)]);
        assert_eq!(whats(&moved), [expected]);
        assert_eq!(moved.cards[0].before.as_deref(), Some("a"));
        assert!(moved.wallets.is_empty(), "{:?}", moved.wallets);
        // Nothing tells an empty card from another.
        let empty = diff(&[card("a", &[])], &[card("b", &[])], 1);
        let fates: Vec<_> = empty.cards.iter().map(|card| card.fate).collect();
        assert_eq!(fates, [Fate::Added, Fate::Gone]);
        assert_eq!(empty.summary.worse, 0);
    }

    #[test]
    fn what_is_damaged_is_the_same_backup_still() {
        let old = [card("a", &[("57", 1, "healthy", "a")])];
        let new = [card("a", &[("57", 1, "damaged", "")])];
        let worse = diff(&old, &new, 1);
        let changes = vec![
            (What::State, Effect::Worse),
            (What::ValidCopies, Effect::Worse),
        ];
        assert_eq!(whats(&worse), [("a", Fate::Changed, changes)]);
        assert_eq!(worse.wallets.len(), 1);
        assert_eq!(worse.wallets[0].fate, Fate::Changed);
        assert_eq!(worse.wallets[0].effect, Effect::Worse);
        assert_eq!(worse.wallets[0].words, Some(12));
        assert_eq!(diff(&new, &old, 1).summary.worse, 0);
    }

    #[test]
    fn renewed_erased_and_deleted_backups() {
        let old = [card("a", &[("57", 1, "healthy", "a")])];
        let erased = ("57", 1, "erased", "");
        let renewed = [card("a", &[("57", 2, "healthy", "b"), erased])];
        let change = diff(&old, &renewed, 1);
        let changes = vec![(What::BackupRenewed, Effect::Neutral)];
        assert_eq!(whats(&change), [("a", Fate::Changed, changes)]);
        assert_eq!(change.summary.worse, 0);
        let gone = diff(&old, &[card("a", &[erased])], 1);
        let changes = vec![(What::BackupGone, Effect::Worse)];
        assert_eq!(whats(&gone), [("a", Fate::Changed, changes)]);
        assert_eq!(gone.wallets[0].fate, Fate::Gone);
    }

    #[test]
    fn a_difference_can_be_read_back() {
        let old = [card("a", &[("57", 1, "healthy", "a")])];
        let difference = diff(&old, &[], 2);
        let text = serde_json::to_string(&difference).unwrap();
        let back: Difference = serde_json::from_str(&text).unwrap();
        assert_eq!(back, difference);
    }
}
