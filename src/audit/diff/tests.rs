//! What changed between two audits.

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
