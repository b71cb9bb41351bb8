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
    if cards > 0 {
        if cards < expected.cards {
            let message = format!(
                "it can be restored from {}, and the register expects it on {}",
                plural(cards, "card", "cards"),
                expected.cards
            );
            find_first(lengths, message);
            // It says the same, and less of it.
            let few = Rule::FewCards.name();
            for wallet in lengths.iter_mut() {
                wallet.findings.retain(|finding| finding.rule != few);
            }
        }
        if !absent.is_empty() {
            let message = format!(
                "the register expects it on the {} {}, and it cannot be restored from there",
                if absent.len() == 1 { "card" } else { "cards" },
                absent.join(" and ")
            );
            find_first(lengths, message);
        }
    }
    cards < expected.cards || !absent.is_empty()
}

/// Says of the first of the wallets of one id what is said of all.
fn find_first(lengths: &mut [Wallet], message: String) {
    if let Some(first) = lengths.first_mut() {
        first.find(Rule::ExpectedCardsMissing, message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Across, Audit, Expectation};
    use super::*;
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

    fn across(cards: &[Source], rows: &[(&str, usize)]) -> Across {
        let rows = rows.iter().map(|(id, cards)| Expectation {
            id: (*id).to_owned(),
            cards: Some(*cards),
            ..Expectation::default()
        });
        let register = Register::new((2..).zip(rows)).unwrap();
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
    fn an_id_of_two_lengths_is_one_for_the_register() {
        let cards = [
            card("a", &[("57", 12, "healthy")]),
            card("b", &[("57", 18, "healthy")]),
        ];
        let enough = across(&cards, &[("57", 1), ("57", 1)]);
        assert!(errors(&enough).is_empty());
        assert_eq!(counts(&enough), [1, 1, 0, 0, 0, 0]);
        let short = across(&cards, &[("57", 3)]);
        let message = "it can be restored from 2 cards, and the register expects it on 3";
        assert_eq!(errors(&short), [message]);
        assert_eq!(counts(&short), [1, 1, 1, 0, 0, 0]);
    }

    #[test]
    fn damaged_only_is_found_and_short() {
        let cards = [card("a", &[("57ab", 0, "damaged"), ("58", 12, "deleted")])];
        let found = across(&cards, &[("57", 1), ("58", 1)]);
        assert_eq!(counts(&found), [2, 1, 1, 1, 0, 0], "a trace is not found");
        assert_eq!(
            errors(&found),
            [
                "the only card it is on does not restore it as it is",
                "the register expects it on 1 card, and it was found on none",
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
}
