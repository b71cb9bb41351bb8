//! The public side of one wallet.

use bitbox_backup::backup::wallet::{Coin, Multisig, Root, Script, account_path};

use super::Args;
use super::card_wallets::{Held, Roots};
use crate::answers::wallet::{Account, Address, Cosigner, Sheet};

/// Derives it. `None` for a wallet without a root: one in 2^127.
pub(crate) fn sheet<'a>(held: &'a Held, roots: &Roots, args: &Args) -> Option<Sheet<'a>> {
    let root = roots.root(held)?;
    let number = args.account;
    let kinds = Script::BITCOIN.into_iter();
    let several = Multisig::ALL.into_iter();
    Some(Sheet {
        offer: &held.offer,
        account: number,
        accounts: kinds
            .filter_map(|script| account(root, script, number, args.addresses))
            .collect(),
        multisig: several
            .filter_map(|multisig| cosigner(root, multisig, number))
            .collect(),
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
