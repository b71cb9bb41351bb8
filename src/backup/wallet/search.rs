//! Whether a wallet has an address or a key.

use bip32::XPub;

use super::account::{Account, Multisig};
use super::address::Script;
use super::path::{Coin, DerivationPath};
use super::root::Root;
use super::target::{Extended, Target, WantedAddress};

/// How many accounts of each kind are looked at.
pub const ACCOUNTS: u32 = 10;
/// How many addresses of each chain are.
pub const GAP: u32 = 100;
/// To receive, and for change.
const CHAINS: [u32; 2] = [0, 1];
/// The kinds whose accounts are looked at for a key.
const KINDS: [Script; 4] = [
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
        Target::Fingerprint(print) => {
            let same = root.fingerprint() == *print;
            same.then(|| FoundInWallet {
                path: DerivationPath::root(),
                coin: None,
            })
        }
        Target::Address(wanted) => address(root, wanted),
        Target::Extended(wanted) => key(root, wanted),
    }
}

fn address(root: &Root, wanted: &WantedAddress) -> Option<FoundInWallet> {
    let (coin, script) = (wanted.coin, wanted.script);
    (0..ACCOUNTS).find_map(|account| {
        let account = root.account(DerivationPath::account(script.purpose(), coin, account))?;
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

fn key(root: &Root, wanted: &Extended) -> Option<FoundInWallet> {
    if wanted.depth == 0 {
        let account = root.account(DerivationPath::root())?;
        return same(account.key(), wanted).then(|| FoundInWallet {
            path: DerivationPath::root(),
            coin: None,
        });
    }
    let coins = Coin::ALL.into_iter();
    let all = coins.flat_map(|coin| (0..ACCOUNTS).map(move |account| (coin, account)));
    for (coin, number) in all {
        let kinds = KINDS.into_iter();
        let accounts = kinds.map(|script| DerivationPath::account(script.purpose(), coin, number));
        let shared = Multisig::ALL.into_iter();
        let shared = shared.map(|multisig| multisig.path(coin, number));
        let path = match wanted.depth {
            3 => {
                let mut accounts = accounts.filter_map(|path| root.account(path));
                accounts.find(|account| same(account.key(), wanted))
            }
            .map(|account| account.path().clone()),
            _ => {
                let mut shared = shared.filter_map(|path| root.account(path));
                let found = shared.find(|account| same(account.key(), wanted));
                let found = found.map(|account| account.path().clone());
                found.or_else(|| {
                    let mut accounts = accounts.filter_map(|path| root.account(path));
                    accounts.find_map(|account| chain(&account, wanted))
                })
            }
        };
        if let Some(path) = path {
            return Some(FoundInWallet {
                path,
                coin: Some(coin),
            });
        }
    }
    None
}

/// The chain of this account that the key is.
fn chain(account: &Account, wanted: &Extended) -> Option<DerivationPath> {
    CHAINS.into_iter().find_map(|number| {
        let chain = account.chain(number)?;
        same(chain.key(), wanted).then(|| account.path().clone().plain(number))
    })
}

fn same(key: &XPub, wanted: &Extended) -> bool {
    *key.public_key() == wanted.key && key.attrs().chain_code == wanted.chain_code
}
