//! What should be there: a register of wallets.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::wallet::Wallet;
use crate::text::escape;

/// Digits of an id.
const ID_DIGITS: usize = 64;
/// What stands for the rest of an id in a redacted report.
const LEFT_OUT: char = '…';

/// One row of a register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The id of a wallet, or as many of its first digits as no other wallet shares.
    pub id: String,
    /// What a person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// On how many cards it should be; 1 if nothing is said. Several rows of one wallet add up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<usize>,
    /// How many recovery words it has: needed only where two wallets share an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<u8>,
    /// A card it should be on: the path of an image, its file name with or without the extensions of
    /// an image and of a compressed file, or the label of a volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// Why a register cannot be used, by the lines its rows stand on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// An id that is none.
    #[error("line {line}: \"{id}\" is no ID, which is 1 to {ID_DIGITS} hex digits")]
    Id {
        /// Which line.
        line: usize,
        /// What it says, escaped.
        id: String,
    },
    /// An id of too many digits.
    #[error("line {line}: an ID has at most {ID_DIGITS} hex digits, and this one {digits}")]
    LongId {
        /// Which line.
        line: usize,
        /// How many it has.
        digits: usize,
    },
    /// One row's id begins another row's id.
    #[error(
        "line {line}: \"{id}\" is ambiguous, since the ID on line {other} begins with it as well"
    )]
    Ambiguous {
        /// The line with fewer digits.
        line: usize,
        /// The line with more.
        other: usize,
        /// The fewer digits.
        id: String,
    },
    /// A wallet on no card.
    #[error("line {line}: the wallet is expected on 0 cards, and 1 is the least")]
    NoCards {
        /// Which line.
        line: usize,
    },
    /// A number of words that no wallet has.
    #[error("line {line}: a wallet has 12, 18 or 24 words, not {words}")]
    Words {
        /// Which line.
        line: usize,
        /// What it says.
        words: u8,
    },
    /// Rows of one id, some with a number of words and some without.
    #[error("line {line}: \"{id}\" is on line {other} with its number of words, and here without")]
    SomeWords {
        /// The line without.
        line: usize,
        /// The line with.
        other: usize,
        /// The id.
        id: String,
    },
    /// A register of nothing.
    #[error("it expects no wallet at all")]
    Empty,
}

/// The wallets that should be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    pub(super) expected: Vec<Expected>,
}

/// How what was found compares with a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterCounts {
    /// Wallets the register expects.
    pub expected: usize,
    /// Those of them found, in whatever state.
    pub found: usize,
    /// Those found that the device would restore from fewer cards than expected, or not from a card
    /// the register names.
    pub short: usize,
    /// Those found nowhere.
    pub missing: usize,
    /// Those whose id fits several wallets found.
    pub ambiguous: usize,
    /// Wallets found that the register does not know.
    pub unknown: usize,
}

/// What all rows of one wallet expect together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// The id, or the beginning of it.
    pub(super) id: String,
    pub(super) words: Option<u8>,
    pub(super) label: Option<String>,
    pub(super) cards: usize,
    /// The cards it should be on, each once.
    pub(super) on: Vec<String>,
}

impl Register {
    /// Puts the rows together; each comes with the line it stands on.
    ///
    /// # Errors
    /// [`RegisterError`] for the first row that makes no sense.
    pub fn new(
        rows: impl IntoIterator<Item = (usize, Expectation)>,
    ) -> Result<Self, RegisterError> {
        let mut expected: Vec<(usize, Expected)> = Vec::new();
        let mut known: HashMap<(String, Option<u8>), usize> = HashMap::new();
        for (line, row) in rows {
            let row = Expected::of(line, &row)?;
            let key = (row.id.clone(), row.words);
            let place = *known.entry(key).or_insert(expected.len());
            match expected.get_mut(place) {
                Some((_, all)) => all.add(row),
                None => expected.push((line, row)),
            }
        }
        ambiguous(&expected)?;
        let expected: Vec<_> = expected.into_iter().map(|(_, expected)| expected).collect();
        if expected.is_empty() {
            return Err(RegisterError::Empty);
        }
        Ok(Self { expected })
    }

    /// The rows that make a register of the wallets that were found.
    pub fn of(wallets: &[Wallet]) -> Vec<Expectation> {
        // Damaged copies of one of two wallets that share an id do not tell which.
        let is_either = |wallet: &Wallet| {
            let same = |other: &&Wallet| other.id == wallet.id && other.words.is_some();
            wallet.words.is_none() && wallets.iter().any(|other| same(&other))
        };
        let found = wallets.iter();
        let found = found.filter(|wallet| wallet.is_live() && !is_either(wallet));
        let row = |wallet: &Wallet| Expectation {
            id: wallet.id.clone(),
            words: wallet.words_if_ambiguous(),
            label: wallet.label.as_ref().or(wallet.names.first()).cloned(),
            cards: Some(wallet.separate_cards.max(1)),
            card: None,
        };
        found.map(row).collect()
    }

    /// The wallets that were found and make no row, since a BitBox restores nothing of them: only what is deleted or lost
    /// can be read.
    pub fn left_out(wallets: &[Wallet]) -> impl Iterator<Item = &Wallet> {
        let is_found = |wallet: &&Wallet| wallet.origin.is_some() && !wallet.is_live();
        wallets.iter().filter(is_found)
    }

    /// The ids it knows whole.
    pub fn whole_ids(&self) -> impl Iterator<Item = &str> {
        let ids = self.expected.iter().map(|one| one.id.as_str());
        ids.filter(|id| id.len() == ID_DIGITS)
    }
}

/// Refuses an id that begins another one. In the order of their digits such two are neighbors.
fn ambiguous(expected: &[(usize, Expected)]) -> Result<(), RegisterError> {
    let mut sorted: Vec<_> = expected.iter().collect();
    sorted.sort_by(|(_, a), (_, b)| (&a.id, a.words).cmp(&(&b.id, b.words)));
    for pair in sorted.windows(2) {
        let [(line, short), (other, long)] = pair else {
            continue;
        };
        if long.id == short.id {
            // In this order what has no number of words comes first.
            if short.words.is_none() {
                return Err(RegisterError::SomeWords {
                    line: *line,
                    other: *other,
                    id: short.id.clone(),
                });
            }
        } else if long.id.starts_with(&short.id) {
            return Err(RegisterError::Ambiguous {
                line: *line,
                other: *other,
                id: short.id.clone(),
            });
        }
    }
    Ok(())
}

impl Expected {
    fn of(line: usize, row: &Expectation) -> Result<Self, RegisterError> {
        let id = row.id.trim().to_ascii_lowercase();
        // A redacted report shows ids with this at their end.
        let digits = id.strip_suffix(LEFT_OUT).unwrap_or(&id);
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            let id = escape(&row.id);
            return Err(RegisterError::Id { line, id });
        }
        if digits.len() > ID_DIGITS {
            let digits = digits.len();
            return Err(RegisterError::LongId { line, digits });
        }
        if let Some(words) = row.words.filter(|words| ![12, 18, 24].contains(words)) {
            return Err(RegisterError::Words { line, words });
        }
        let cards = row.cards.unwrap_or(1);
        if cards == 0 {
            return Err(RegisterError::NoCards { line });
        }
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(escape)
        };
        Ok(Self {
            id: digits.to_owned(),
            words: row.words,
            label: text(&row.label),
            cards,
            on: text(&row.card).into_iter().collect(),
        })
    }

    fn add(&mut self, row: Self) {
        self.cards = self.cards.saturating_add(row.cards);
        self.label = self.label.take().or(row.label);
        for card in row.on {
            if !self.on.contains(&card) {
                self.on.push(card);
            }
        }
    }

    /// Which of the ids found it means: those that begin with its digits, and those cut short by
    /// redaction that its own digits begin with.
    pub(super) fn meant<'a>(&self, ids: &BTreeSet<&'a str>) -> Vec<&'a str> {
        let from = ids.range::<str, _>((Bound::Included(self.id.as_str()), Bound::Unbounded));
        let mut meant: Vec<_> = from
            .copied()
            .take_while(|id| id.starts_with(&self.id))
            .collect();
        for length in 1..self.id.len() {
            let digits = self.id.get(..length).unwrap_or_default();
            let cut = format!("{digits}{LEFT_OUT}");
            if let Some(id) = ids.get(cut.as_str()) {
                meant.push(*id);
            }
        }
        meant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, label: &str, cards: usize, card: &str) -> Expectation {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Expectation {
            id: id.to_owned(),
            label: text(label),
            cards: Some(cards),
            words: None,
            card: text(card),
        }
    }

    fn of_words(id: &str, words: u8) -> Expectation {
        Expectation {
            words: Some(words),
            ..row(id, "", 1, "")
        }
    }

    fn register(rows: &[Expectation]) -> Result<Register, RegisterError> {
        Register::new((2..).zip(rows.iter().cloned()))
    }

    #[test]
    fn rows_of_one_wallet_add_up() {
        let rows = [
            row(" 57AB ", "", 1, "safe"),
            row("01", "Other", 2, ""),
            row("57ab…", "Savings", 2, "bank"),
            row("57ab", "ignored: the first label counts", 1, " safe"),
        ];
        let register = register(&rows).unwrap();
        let [first, second] = register.expected.as_slice() else {
            panic!("{register:?}")
        };
        assert_eq!(first.label.as_deref(), Some("Savings"));
        assert_eq!((first.id.as_str(), first.cards), ("57ab", 4));
        assert_eq!(first.on, ["safe", "bank"]);
        assert_eq!((second.id.as_str(), second.cards), ("01", 2));
    }

    #[test]
    fn what_makes_no_sense_is_said_with_its_line() {
        let long = "a".repeat(65);
        for (rows, message) in [
            (vec![], "it expects no wallet at all"),
            (
                vec![row("57", "", 1, ""), row("5g", "", 1, "")],
                "line 3: \"5g\" is no ID, which is 1 to 64 hex digits",
            ),
            (
                vec![row("", "", 1, "")],
                "line 2: \"\" is no ID, which is 1 to 64 hex digits",
            ),
            (
                vec![row("\x1b[31m", "", 1, "")],
                "line 2: \"\\x1b[31m\" is no ID, which is 1 to 64 hex digits",
            ),
            (
                vec![row(&long, "", 1, "")],
                "line 2: an ID has at most 64 hex digits, and this one 65",
            ),
            (
                vec![row("57", "", 0, "")],
                "line 2: the wallet is expected on 0 cards, and 1 is the least",
            ),
            (
                vec![
                    row("57ab", "", 1, ""),
                    row("58", "", 1, ""),
                    row("57", "", 1, ""),
                ],
                "line 4: \"57\" is ambiguous, since the ID on line 2 begins with it as well",
            ),
            (
                vec![of_words("57", 12), of_words("57", 24), row("57", "", 1, "")],
                "line 4: \"57\" is on line 2 with its number of words, and here without",
            ),
            (
                vec![of_words("57", 13)],
                "line 2: a wallet has 12, 18 or 24 words, not 13",
            ),
        ] {
            assert_eq!(register(&rows).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn an_id_means_whole_ones_and_redacted_ones() {
        let ids = BTreeSet::from(["577782fd…", "577782fdff", "5777", "58"]);
        let meant = |id: &str| {
            let register = register(&[row(id, "", 1, "")]).unwrap();
            register.expected[0].meant(&ids)
        };
        assert_eq!(meant("577782fd"), ["577782fdff", "577782fd…"]);
        assert_eq!(meant("577782fdfffb"), ["577782fd…"]);
        assert_eq!(meant("58"), ["58"]);
        assert!(meant("59").is_empty() && meant("577782fe").is_empty());
    }
}
