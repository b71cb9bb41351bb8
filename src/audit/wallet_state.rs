//! How well a wallet is backed up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;

/// How well a wallet is backed up, over all cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WalletState {
    /// A register expects it and it is nowhere.
    Missing,
    /// No card restores it as it is, or a register is contradicted.
    Danger,
    /// It can be restored, and something needs attention.
    Attention,
    /// It can be restored, from as many cards as wanted.
    Safe,
}

impl fmt::Display for WalletState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl WalletState {
    /// How much it matters; `None` if all is well.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Safe => None,
            Self::Attention => Some(Severity::Warning),
            Self::Missing | Self::Danger => Some(Severity::Error),
        }
    }
}
