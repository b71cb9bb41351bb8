//! What `letter` answers: what a letter beside a card says of one wallet. Nothing in it opens the wallet.

use bitbox_backup::finding::Rest;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Letters<'a> {
    pub(crate) letters: &'a [Letter],
    /// Wallets on cards on which a BitBox does not list them.
    pub(crate) not_listed: &'a [NotListed],
    pub(crate) failed: Vec<FailedSource<'a>>,
}

/// A source without a letter.
#[derive(Debug, Serialize)]
pub(crate) struct FailedSource<'a> {
    pub(crate) source: &'a str,
    pub(crate) error: &'a str,
    pub(crate) hint: &'a str,
}

/// A wallet without a letter for this card.
#[derive(Debug, Serialize)]
pub(crate) struct NotListed {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) words: u8,
    pub(crate) error: String,
    pub(crate) hint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Letter {
    pub(crate) id: String,
    /// As many first digits of the ID as differ from those of the other letters.
    #[serde(skip)]
    pub(crate) prefix: String,
    /// What its device was called; `None` if nothing tells.
    pub(crate) name: Option<String>,
    /// When the newest backup was made, in RFC 3339; `None` if nothing tells.
    pub(crate) created: Option<String>,
    pub(crate) words: u8,
    /// The root fingerprint without a passphrase.
    pub(crate) fingerprint: Option<String>,
    pub(crate) cards: usize,
    /// Whether on none of them all copies are intact.
    #[serde(skip)]
    pub(crate) is_degraded: bool,
    /// What else is on these cards.
    #[serde(skip)]
    pub(crate) others: Vec<String>,
    /// What is on them beside wallets.
    #[serde(skip)]
    pub(crate) rest: Vec<Rest>,
    /// The files written; empty if it was printed.
    pub(crate) files: Vec<String>,
}
