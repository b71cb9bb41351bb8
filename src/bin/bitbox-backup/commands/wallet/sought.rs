//! Whose an address, a key or a fingerprint is.

use std::collections::BTreeMap;

use bitbox_backup::backup::wallet::{ACCOUNTS, Coin, FoundInWallet, GAP, Script, Target, find};
use bitbox_backup::text::escape;
use rayon::prelude::*;
use serde::Serialize;

use super::held::{Card, Roots};
use crate::args;
use crate::commands::words::offer::Offer;

/// What was looked for, and where it is.
#[derive(Debug, Serialize)]
pub(crate) struct Sought<'a> {
    #[serde(rename = "find")]
    pub(crate) wanted: Wanted,
    /// In the order of the sources.
    pub(crate) found: Vec<Place<'a>>,
}

/// What was looked for, and how far.
#[derive(Debug, Serialize)]
pub(crate) struct Wanted {
    pub(crate) wanted: String,
    pub(crate) kind: &'static str,
    pub(crate) coin: Option<&'static str>,
    pub(crate) script: Option<&'static str>,
    pub(crate) accounts: u32,
    pub(crate) gap: u32,
}

/// A backup on a card it belongs to.
#[derive(Debug, Serialize)]
pub(crate) struct Place<'a> {
    pub(crate) source: &'a str,
    #[serde(flatten)]
    pub(crate) offer: &'a Offer,
    pub(crate) coin: Option<&'static str>,
    pub(crate) path: String,
}

impl<'a> Sought<'a> {
    /// Looks in each wallet once, in parallel, on however many cards it is.
    pub(crate) fn of(
        args: &args::Wallet,
        target: &Target,
        cards: &'a [Card],
        roots: &Roots,
    ) -> Self {
        let found = roots.each().filter_map(|(key, root)| {
            let found = find(root, target)?;
            Some((key, found))
        });
        let found: BTreeMap<_, FoundInWallet> = found.collect();
        let all = cards
            .iter()
            .flat_map(|card| card.wallets.iter().map(move |held| (card, held)));
        let places = all.filter_map(|(card, held)| {
            let found = found.get(&held.key())?;
            Some(Place {
                source: &card.source,
                offer: &held.offer,
                coin: found.coin.map(Coin::name),
                path: found.path.to_string(),
            })
        });
        Self {
            wanted: Wanted::of(args.find.as_deref().unwrap_or_default(), target),
            found: places.collect(),
        }
    }
}

impl Wanted {
    fn of(text: &str, target: &Target) -> Self {
        let (kind, coin, script) = match target {
            Target::Fingerprint(_) => ("fingerprint", None, None),
            Target::Extended(_) => ("xpub", None, None),
            Target::Address(wanted) => ("address", Some(wanted.coin), Some(wanted.script)),
        };
        Self {
            wanted: escape(text.trim()),
            kind,
            coin: coin.map(Coin::name),
            script: script.map(Script::name),
            accounts: ACCOUNTS,
            gap: GAP,
        }
    }

    /// What it is, in words.
    pub(crate) fn what(&self) -> String {
        match (self.kind, self.coin, self.script) {
            ("fingerprint", ..) => "a root fingerprint".to_owned(),
            ("xpub", ..) => "an extended public key".to_owned(),
            (_, Some("ethereum"), _) => "an address of Ethereum".to_owned(),
            (_, Some("litecoin"), _) => "an address of Litecoin".to_owned(),
            (_, Some("testnet"), _) => {
                "an address of Bitcoin's test network, whose coins are worth nothing".to_owned()
            }
            _ => "an address of Bitcoin".to_owned(),
        }
    }
}
