//! Whose an address, a key or a fingerprint is.

use std::collections::BTreeMap;

use bitbox_backup::backup::wallet::{ACCOUNTS, Coin, FoundInWallet, GAP, Script, Target, find};
use bitbox_backup::text::escape;
use rayon::prelude::*;

use super::Args;
use super::card_wallets::{Card, Roots};
use crate::answers::wallet::{Place, Sought, Wanted};

/// Looks in each wallet once, in parallel, on however many cards it is.
pub(crate) fn sought<'a>(
    args: &Args,
    target: &Target,
    cards: &'a [Card],
    roots: &Roots,
) -> Sought<'a> {
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
    Sought {
        wanted: wanted(args.find.as_deref().unwrap_or_default(), target),
        found: places.collect(),
    }
}

fn wanted(text: &str, target: &Target) -> Wanted {
    let (kind, coin, script) = match target {
        Target::Fingerprint(_) => ("fingerprint", None, None),
        Target::Extended(_) => ("xpub", None, None),
        Target::Address(wanted) => ("address", Some(wanted.coin), Some(wanted.script)),
    };
    Wanted {
        wanted: escape(text.trim()),
        kind,
        coin: coin.map(Coin::name),
        script: script.map(Script::name),
        accounts: ACCOUNTS,
        gap: GAP,
    }
}
