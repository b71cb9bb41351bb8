//! The sources that are looked through together.

use serde::{Deserialize, Serialize};

use crate::assess::CardState;
use crate::catalogue::Catalogue;

/// One of the sources of a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceRun {
    /// As it was given, escaped.
    pub source: String,
    /// The state of the card.
    pub state: CardState,
    /// The first of the sources that is a reading of the same card: its number in the list, from 0 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_of: Option<u32>,
    /// Why it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl SourceRun {
    /// A source that was read; `index` is its number in the catalogue.
    pub fn examined(source: &str, state: CardState, index: usize, catalogue: &Catalogue) -> Self {
        let card = catalogue.card_of(index);
        let reading_of = u32::try_from(card).ok().filter(|_| card != index);
        Self {
            source: source.to_owned(),
            state,
            reading_of,
            error: None,
        }
    }

    /// A source that could not be read.
    pub fn failed(source: &str, error: &str) -> Self {
        Self {
            source: source.to_owned(),
            state: CardState::Failed,
            reading_of: None,
            error: Some(error.to_owned()),
        }
    }
}
