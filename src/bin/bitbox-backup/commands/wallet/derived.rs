//! What is derived from wallets: the public side of one, and whose something is.

use std::collections::BTreeMap;

use bitbox_backup::backup::wallet::{
    ACCOUNTS, Coin, GAP, Multisig, Root, Script, Target, account_path, find,
};
use bitbox_backup::text::escape;
use rayon::prelude::*;

use super::Args;
use super::card_wallets::{Card, Held, Roots};
use crate::answers::wallet::{Account, Address, Cosigner, Place, Sheet, Sought, Wanted};

/// The public side of a wallet. `None` for a wallet without a root: one in 2^127.
pub(super) fn sheet<'a>(held: &'a Held, roots: &Roots, args: &Args) -> Option<Sheet<'a>> {
    let root = roots.root(held)?;
    let number = args.account;
    let account = |script| account(root, script, number, args.addresses);
    let cosigner = |multisig| cosigner(root, multisig, number);
    Some(Sheet {
        offer: &held.offer,
        account: number,
        accounts: Script::BITCOIN.into_iter().filter_map(account).collect(),
        multisig: Multisig::ALL.into_iter().filter_map(cosigner).collect(),
        ethereum: ethereum(root, number),
    })
}

fn account(root: &Root, script: Script, number: u32, addresses: u32) -> Option<Account> {
    let coin = Coin::Bitcoin;
    let account = root.account(account_path(script.purpose(), coin, number))?;
    let receive = account.chain(0)?;
    let addresses = (0..addresses).filter_map(|index| {
        Some(Address {
            path: receive.path(index).to_string(),
            address: receive.address(script, coin, index)?,
        })
    });
    Some(Account {
        script,
        path: account.path().to_string(),
        xpub: account.xpub(),
        slip132: script.prefix().map(|prefix| account.with_prefix(prefix)),
        descriptor: account.descriptor(script)?,
        addresses: addresses.collect(),
    })
}

fn cosigner(root: &Root, multisig: Multisig, number: u32) -> Option<Cosigner> {
    let account = root.account(multisig.path(Coin::Bitcoin, number))?;
    Some(Cosigner {
        script: multisig.name(),
        path: account.path().to_string(),
        key: account.with_origin(),
        slip132: account.with_prefix(multisig.prefix()),
    })
}

/// The BitBox's accounts of Ethereum are the addresses of one chain: `m/44'/60'/0'/0/N`.
fn ethereum(root: &Root, number: u32) -> Option<Address> {
    let (script, coin) = (Script::Ethereum, Coin::Ethereum);
    let account = root.account(account_path(script.purpose(), coin, 0))?;
    let chain = account.chain(0)?;
    Some(Address {
        path: chain.path(number).to_string(),
        address: chain.address(script, coin, number)?,
    })
}

/// Whose an address, a key or a fingerprint is: looks in each wallet once, in parallel, on however many cards it is.
pub(super) fn sought<'a>(
    args: &Args,
    target: &Target,
    cards: &'a [Card],
    roots: &Roots,
) -> Sought<'a> {
    let found = roots
        .each()
        .filter_map(|(key, root)| Some((key, find(root, target)?)));
    let found: BTreeMap<_, _> = found.collect();
    let place = |card: &'a Card, held: &'a Held| {
        let found = found.get(&held.key())?;
        Some(Place {
            source: &card.source,
            offer: &held.offer,
            coin: found.coin.map(Coin::name),
            path: found.path.to_string(),
        })
    };
    let mut places = Vec::new();
    for card in cards {
        places.extend(card.wallets.iter().filter_map(|held| place(card, held)));
    }
    let (kind, coin, script) = match target {
        Target::Fingerprint(_) => ("fingerprint", None, None),
        Target::Extended(_) => ("xpub", None, None),
        Target::Address(wanted) => ("address", Some(wanted.coin), Some(wanted.script)),
    };
    Sought {
        wanted: Wanted {
            wanted: escape(args.find.as_deref().unwrap_or_default().trim()),
            kind,
            coin: coin.map(Coin::name),
            script: script.map(Script::name),
            accounts: ACCOUNTS,
            gap: GAP,
        },
        found: places,
    }
}
