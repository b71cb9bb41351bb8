//! Whether a wallet has an address or a key.

use bip32::{DerivationPath, XPub};

use super::account::{Account, Multisig};
use super::address::Script;
use super::path::{Coin, account_path};
use super::root::Root;
use super::target::{Extended, Target, WantedAddress};

/// How many accounts of each kind are looked at.
pub const ACCOUNTS: u32 = 10;
/// How many addresses of each chain are.
pub const GAP: u32 = 100;
/// To receive, and for change.
const CHAINS: [u32; 2] = [0, 1];
/// The kinds whose accounts are looked at for a key.
pub(super) const KINDS: [Script; 4] = [
    Script::P2wpkh,
    Script::P2tr,
    Script::P2shP2wpkh,
    Script::P2pkh,
];

/// Where in a wallet something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundInWallet {
    /// Where.
    pub path: DerivationPath,
    /// Of which coin; `None` of the root, which all have in common.
    pub coin: Option<Coin>,
}

/// Looks for it in a wallet: in [`ACCOUNTS`] accounts, and in each for [`GAP`] addresses to receive and
/// as many for change.
pub fn find(root: &Root, target: &Target) -> Option<FoundInWallet> {
    match target {
        Target::Fingerprint(print) => in_root(root.fingerprint() == *print),
        Target::Address(wanted) => address(root, wanted),
        Target::Extended(wanted) if wanted.depth == 0 => {
            in_root(same(&root.account(DerivationPath::default())?.key, wanted))
        }
        Target::Extended(wanted) => Coin::ALL.into_iter().find_map(|coin| {
            let path = (0..ACCOUNTS).find_map(|number| key(root, wanted, coin, number))?;
            let coin = Some(coin);
            Some(FoundInWallet { path, coin })
        }),
    }
}

fn in_root(is_there: bool) -> Option<FoundInWallet> {
    is_there.then(|| FoundInWallet {
        path: DerivationPath::default(),
        coin: None,
    })
}

fn address(root: &Root, wanted: &WantedAddress) -> Option<FoundInWallet> {
    let (coin, script) = (wanted.coin, wanted.script);
    (0..ACCOUNTS).find_map(|account| {
        let account = root.account(account_path(script.purpose(), coin, account))?;
        CHAINS.into_iter().find_map(|chain| {
            let chain = account.chain(chain)?;
            let same = |index: &u32| {
                let payload = chain.payload(script, *index);
                payload.as_ref() == Some(&wanted.payload)
            };
            let index = (0..GAP).find(same)?;
            Some(FoundInWallet {
                path: chain.path(index),
                coin: Some(coin),
            })
        })
    })
}

/// Where a key is among the accounts of a coin with this number: an account itself, or one step further a shared one or a
/// chain.
fn key(root: &Root, wanted: &Extended, coin: Coin, number: u32) -> Option<DerivationPath> {
    let is_it = |account: &Account| same(&account.key, wanted);
    let paths = KINDS
        .iter()
        .map(|script| account_path(script.purpose(), coin, number));
    let mut accounts = paths.filter_map(|path| root.account(path));
    if wanted.depth == 3 {
        return accounts.find(is_it).map(|account| account.path);
    }
    let paths = Multisig::ALL
        .iter()
        .map(|multisig| multisig.path(coin, number));
    let mut shared = paths.filter_map(|path| root.account(path));
    let found = shared.find(is_it).map(|account| account.path);
    found.or_else(|| accounts.find_map(|account| chain(&account, wanted)))
}

/// The chain of this account that the key is.
fn chain(account: &Account, wanted: &Extended) -> Option<DerivationPath> {
    CHAINS.into_iter().find_map(|number| {
        let chain = account.chain(number)?;
        same(&chain.key, wanted).then_some(chain.path)
    })
}

fn same(key: &XPub, wanted: &Extended) -> bool {
    *key.public_key() == wanted.key && key.attrs().chain_code == wanted.chain_code
}
