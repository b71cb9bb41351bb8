//! What a register says of the wallets found.

use super::*;
use crate::audit::{Across, Audit, Expectation};
use crate::report::Source;
use serde_json::json;

/// A card with backups of these ids, words and states.
fn card(name: &str, backups: &[(&str, u8, &str)]) -> Source {
    let backups = backups.iter().map(|(id, words, state)| {
        json!({
            "id": id, "words": (*words > 0).then_some(words), "state": state, "name": null,
            "timestamp": null, "created": null, "birthdate": null, "generator": null,
            "written_by": null, "copies": [], "findings": []
        })
    });
    let backups: Vec<_> = backups.collect();
    serde_json::from_value(json!({
        "source": name, "status": "examined", "size": null, "modified": null, "inode": null,
        "device_view": null, "backups": backups, "findings": []
    }))
    .unwrap()
}

fn row(id: &str, words: Option<u8>, cards: usize, card: &str) -> Expectation {
    Expectation {
        id: id.to_owned(),
        words,
        cards: Some(cards),
        card: (!card.is_empty()).then(|| card.to_owned()),
        label: None,
    }
}

fn across(cards: &[Source], rows: &[(&str, usize)]) -> Across {
    let rows = rows.iter().map(|(id, cards)| row(id, None, *cards, ""));
    across_rows(cards, &rows.collect::<Vec<_>>())
}

fn across_rows(cards: &[Source], rows: &[Expectation]) -> Across {
    let register = Register::new((2..).zip(rows.iter().cloned())).unwrap();
    let mut audit = Audit::new(1, Some(register));
    cards.iter().for_each(|card| audit.add(card));
    audit.across()
}

fn errors(across: &Across) -> Vec<&str> {
    let findings = across.wallets.iter().flat_map(|wallet| &wallet.findings);
    findings
        .filter(|finding| finding.severity == crate::finding::Severity::Error)
        .map(|finding| finding.message.as_str())
        .collect()
}

fn counts(across: &Across) -> [usize; 6] {
    let counts = across.register.unwrap();
    [
        counts.expected,
        counts.found,
        counts.short,
        counts.missing,
        counts.ambiguous,
        counts.unknown,
    ]
}

#[test]
fn an_id_of_two_lengths_is_two_wallets_for_the_register() {
    let cards = [
        card("a", &[("57", 12, "healthy")]),
        card("b", &[("57", 18, "healthy")]),
    ];
    let neither = across(&cards, &[("57", 1), ("57", 1)]);
    let message = "\"57\" in the register fits 2 of the wallets found";
    assert_eq!(errors(&neither), [message, message]);
    assert_eq!(counts(&neither), [1, 0, 0, 0, 1, 0]);
    let advice = &neither.wallets[0].findings[0].advice;
    assert!(advice.contains("how many words"), "{advice}");
    let one = across_rows(&cards, &[row("57", Some(18), 1, "")]);
    assert!(errors(&one).is_empty());
    assert_eq!(counts(&one), [1, 1, 0, 0, 0, 1]);
    let known: Vec<_> = one.wallets.iter().map(|one| one.expected).collect();
    assert_eq!(known, [Some(false), Some(true)]);
    let short = [row("57", Some(12), 2, ""), row("57", Some(18), 1, "")];
    let short = across_rows(&cards, &short);
    let message = "it can be restored from 1 card, and the register expects it on 2";
    assert_eq!(errors(&short), [message]);
    assert_eq!(counts(&short), [2, 2, 1, 0, 0, 0]);
    let absent = across_rows(&cards, &[row("57", Some(24), 1, "")]);
    assert_eq!(counts(&absent), [1, 0, 0, 1, 0, 2]);
    let message = "the register expects it with 24 words, and it was found with 12 words (a)";
    assert_eq!(errors(&absent), [message]);
    let said = |wallet: &Wallet| {
        wallet
            .findings
            .iter()
            .any(|one| one.message == "it is in the register with 24 words only")
    };
    assert_eq!(absent.wallets.iter().filter(|one| said(one)).count(), 2);
    let missing = absent.wallets.iter().find(|one| one.expected == Some(true));
    assert_eq!(missing.unwrap().findings[0].advice, OTHER_WORDS);
    // A register made of what was found tells them apart again.
    let rows = Register::of(&short.wallets);
    let words: Vec<_> = rows.iter().map(|row| row.words).collect();
    assert_eq!(words, [Some(12), Some(18)]);
    assert_eq!(counts(&across_rows(&cards, &rows)), [2, 2, 0, 0, 0, 0]);
}

/// A card that is there is never missed: what is said is what is on it.
#[test]
fn a_card_that_is_there_is_not_missing() {
    let failed = Source::failed("f.img", "it is gone", "try again");
    let said = |state: &str, on: &str| {
        let other = card("b.2024.img", &[("57", 12, state)]);
        let cards = [
            card("a.img", &[("57", 12, "healthy")]),
            other,
            failed.clone(),
        ];
        let found = across_rows(&cards, &[row("57", None, 1, on)]);
        let wallet = &found.wallets[0];
        let of_register = wallet
            .findings
            .iter()
            .filter(|one| one.rule.contains("expected"));
        let all: Vec<_> = of_register
            .map(|one| {
                assert!(
                    one.rule != "expected-card-not-restoring" || !one.advice.contains("moving"),
                    "{}",
                    one.advice
                );
                format!("{}: {}", one.rule, one.message)
            })
            .collect();
        all.join("|")
    };
    let there = |state: &str| {
        format!(
            "expected-card-not-restoring: the card \"b.2024\" is there, and {state}; the register \
             expects to restore it from there"
        )
    };
    assert_eq!(said("healthy", "b.2024"), "");
    for (state, words) in [
        ("hidden", "its backup there is hidden"),
        ("damaged", "its backup there is damaged"),
        ("deleted", "its backup there is deleted"),
        ("erased", "its backup there was erased by a device"),
    ] {
        assert_eq!(said(state, "b.2024"), there(words), "{state}");
    }
    let message = there("it could not be read").replace("b.2024", "f");
    assert_eq!(said("hidden", "f"), message);
    assert_eq!(
        said("hidden", "b"),
        "expected-cards-missing: the register expects it on the card \"b\", and no such card is \
         among those examined; it may be one of those that could not be read"
    );
}

#[test]
fn too_few_cards_say_what_is_on_the_others() {
    let cards = [
        card("a", &[("57", 12, "healthy")]),
        card("b", &[("57", 12, "hidden")]),
        card("c", &[("57", 12, "deleted")]),
    ];
    let message = "it can be restored from 1 card, and the register expects it on 3; on b its \
                   backup there is hidden; on c its backup there is deleted";
    let all_there = across(&cards, &[("57", 3)]);
    assert_eq!(errors(&all_there), [message]);
    assert_eq!(
        all_there.wallets[0].findings[0].rule,
        "expected-card-not-restoring"
    );
    let missed = across(&cards, &[("57", 4)]);
    assert_eq!(missed.wallets[0].findings[0].rule, "expected-cards-missing");
    assert_eq!(counts(&missed), [1, 1, 1, 0, 0, 0]);
}

#[test]
fn a_wallet_that_is_nowhere_says_what_the_named_cards_are() {
    let cards = [
        card("a", &[("58", 12, "healthy")]),
        card("b", &[("57", 0, "erased")]),
    ];
    let rows = [
        row("57", None, 1, "a"),
        row("57", None, 1, "b"),
        row("57", None, 1, "c"),
    ];
    let found = across_rows(&cards, &rows);
    assert_eq!(
        errors(&found),
        [
            "the register expects it on 3 cards (\"a\", \"b\", \"c\"), and it was found on none; \
          the card \"a\" is there, and this wallet is not on it; the card \"b\" is there, and its \
          backup there was erased by a device"
        ]
    );
    assert_eq!(found.wallets[0].origin, None);
}

#[test]
fn damaged_only_is_found_and_short() {
    let cards = [card("a", &[("57ab", 0, "damaged"), ("58", 12, "deleted")])];
    let found = across(&cards, &[("57", 1), ("58", 1)]);
    assert_eq!(
        counts(&found),
        [2, 2, 2, 0, 0, 0],
        "what is deleted is not missing"
    );
    assert_eq!(
        errors(&found),
        [
            "the only card it is on (a) does not restore it as it is",
            "no card restores it: its only backup is deleted, on a",
        ]
    );
}

#[test]
fn redacted_and_short_ids_may_fit_several() {
    let cards = [card("a", &[("577782fd…", 12, "healthy")])];
    let one = across(&cards, &[("577782fdff", 1)]);
    assert_eq!(counts(&one), [1, 1, 0, 0, 0, 0]);
    let two = across(&cards, &[("577782fdff", 1), ("577782fd00", 1)]);
    assert_eq!(counts(&two), [2, 0, 0, 0, 2, 0]);
    let message = "its shortened id fits 2 wallets of the register";
    assert_eq!(errors(&two), [message]);
    let both = [("577782fdff", 12, "healthy"), ("577782fdee", 12, "healthy")];
    let cards = [card("a", &both)];
    let many = across(&cards, &[("577782fd", 1)]);
    let message = "\"577782fd\" in the register fits 2 of the wallets found";
    assert_eq!(errors(&many), [message, message]);
    assert_eq!(counts(&many), [1, 0, 0, 0, 1, 0]);
    assert!(many.wallets.iter().all(|wallet| wallet.expected.is_none()));
}

#[test]
fn a_wallet_no_row_knows() {
    let cards = [card("a", &[("57", 12, "healthy"), ("58", 12, "healthy")])];
    let unknown = across(&cards, &[("58", 1)]);
    assert_eq!(counts(&unknown), [1, 1, 0, 0, 0, 1]);
    let expected: Vec<_> = unknown.wallets.iter().map(|one| one.expected).collect();
    assert_eq!(expected, [Some(false), Some(true)]);
}
