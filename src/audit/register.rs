//! What should be there: a register of wallets.

use serde::{Deserialize, Serialize};

use super::wallet::Wallet;

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
    /// A card it should be on: the path of an image, its name with or without extensions, or the
    /// label of a volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// Why a register cannot be used. Rows are numbered from 1, without a head line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// An id that is none.
    #[error("row {row}: \"{id}\" is no id: it takes 1 to {ID_DIGITS} hex digits")]
    Id {
        /// Which row.
        row: usize,
        /// What it says, escaped.
        id: String,
    },
    /// One row's id begins another row's id.
    #[error(
        "rows {row} and {other}: \"{id}\" is the beginning of the other id, so it is ambiguous"
    )]
    Ambiguous {
        /// The row with fewer digits.
        row: usize,
        /// The row with more.
        other: usize,
        /// The fewer digits.
        id: String,
    },
    /// A wallet on no card.
    #[error("row {row}: a wallet is expected on 1 card at least, not 0")]
    NoCards {
        /// Which row.
        row: usize,
    },
    /// A register of nothing.
    #[error("it expects no wallet at all")]
    Empty,
}

/// The wallets that should be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    expected: Vec<Expected>,
}

/// What all rows of one wallet expect together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// The id, or the beginning of it.
    pub(super) id: String,
    pub(super) label: Option<String>,
    pub(super) cards: usize,
    /// The cards it should be on.
    pub(super) on: Vec<String>,
}

impl Register {
    /// A register of these rows.
    ///
    /// # Errors
    /// [`RegisterError`] for the first row that makes no sense.
    pub fn new(rows: &[Expectation]) -> Result<Self, RegisterError> {
        let mut expected: Vec<(usize, Expected)> = Vec::new();
        for (number, row) in (1..).zip(rows) {
            let id = row.id.trim().to_ascii_lowercase();
            let digits = id.trim_end_matches(LEFT_OUT);
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            if !is_hex || digits.is_empty() || digits.len() > ID_DIGITS {
                let id = crate::report::escape(&row.id);
                return Err(RegisterError::Id { row: number, id });
            }
            let cards = row.cards.unwrap_or(1);
            if cards == 0 {
                return Err(RegisterError::NoCards { row: number });
            }
            let text = |text: &Option<String>| {
                let text = text
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty());
                text.map(crate::report::escape)
            };
            match expected.iter_mut().find(|(_, known)| known.id == digits) {
                Some((_, known)) => {
                    known.cards = known.cards.saturating_add(cards);
                    known.label = known.label.take().or(text(&row.label));
                    known.on.extend(text(&row.card));
                }
                None => expected.push((
                    number,
                    Expected {
                        id: digits.to_owned(),
                        label: text(&row.label),
                        cards,
                        on: text(&row.card).into_iter().collect(),
                    },
                )),
            }
        }
        ambiguous(&expected)?;
        let expected: Vec<_> = expected.into_iter().map(|(_, expected)| expected).collect();
        if expected.is_empty() {
            return Err(RegisterError::Empty);
        }
        Ok(Self { expected })
    }

    /// The rows that make a register of these wallets.
    pub fn of(wallets: &[Wallet]) -> Vec<Expectation> {
        let found = wallets.iter().filter(|wallet| !wallet.cards.is_empty());
        let row = |wallet: &Wallet| Expectation {
            id: wallet.id.clone(),
            label: wallet
                .label
                .clone()
                .or_else(|| wallet.names.first().cloned()),
            cards: Some(wallet.separate_cards.max(1)),
            card: None,
        };
        found.map(row).collect()
    }

    pub(super) fn expected(&self) -> &[Expected] {
        &self.expected
    }
}

/// Refuses an id that begins another one. In the order of their digits such two are neighbours.
fn ambiguous(expected: &[(usize, Expected)]) -> Result<(), RegisterError> {
    let mut sorted: Vec<_> = expected.iter().collect();
    sorted.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    for pair in sorted.windows(2) {
        if let [(row, short), (other, long)] = pair
            && long.id.starts_with(&short.id)
        {
            return Err(RegisterError::Ambiguous {
                row: *row,
                other: *other,
                id: short.id.clone(),
            });
        }
    }
    Ok(())
}

impl Expected {
    /// Whether it means a wallet of this id.
    pub(super) fn means(&self, id: &str) -> bool {
        id.starts_with(&self.id)
            || id
                .strip_suffix(LEFT_OUT)
                .is_some_and(|known| self.id.starts_with(known))
    }
}
