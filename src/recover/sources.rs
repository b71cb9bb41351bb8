//! The sources that are looked through together.

use serde::{Deserialize, Serialize};

use crate::assess::CardState;
use crate::catalogue::Catalogue;
use crate::report::Source;

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
    /// The sources of a joined catalogue, by their reports in its order, and those that could not be read.
    pub fn all(read: &[&Source], failed: &[Source], catalogue: &Catalogue) -> Vec<Self> {
        let read = read.iter().enumerate().map(|(index, one)| {
            let card = catalogue.card_of(index);
            Self {
                source: one.source.clone(),
                state: one.state,
                reading_of: u32::try_from(card).ok().filter(|_| card != index),
                error: None,
            }
        });
        read.chain(failed.iter().map(Self::failed)).collect()
    }

    /// A source that could not be read.
    pub fn failed(report: &Source) -> Self {
        Self {
            source: report.source.clone(),
            state: report.state,
            reading_of: None,
            error: Some(report.error.clone().unwrap_or_default()),
        }
    }
}
