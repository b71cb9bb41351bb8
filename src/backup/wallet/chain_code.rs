//! Chain codes of accounts without a public key: hardened steps need hashes and additions only (BIP-32). A search
//! compares them; what it finds is derived again in the ordinary way.

use hmac::{Hmac, KeyInit, Mac};
use k256::Scalar;
use k256::elliptic_curve::PrimeField;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::address::Script;
use super::path::Coin;
use super::search::ACCOUNTS;

/// What makes a step a hardened one.
const HARDENED: u32 = 1 << 31;

/// A private key and its chain code; wiped on drop.
struct Key {
    key: Zeroizing<[u8; 32]>,
    chain_code: [u8; 32],
}

impl Key {
    /// The root of what words and a passphrase were stretched into.
    fn root(stretched: &[u8; 64]) -> Option<Self> {
        Self::split(b"Bitcoin seed", &[stretched])
    }

    /// The key at the end of a hardened step.
    fn step(&self, number: u32) -> Option<Self> {
        let number = (number | HARDENED).to_be_bytes();
        let mut child = Self::split(&self.chain_code, &[&[0], &*self.key, &number])?;
        let scalar = |key: &[u8; 32]| Option::<Scalar>::from(Scalar::from_repr((*key).into()));
        let sum = scalar(&child.key)?.add(&scalar(&self.key)?);
        child.key.copy_from_slice(&sum.to_repr());
        Some(child)
    }

    fn split(key: &[u8], message: &[&[u8]]) -> Option<Self> {
        let mut mac = Hmac::<Sha512>::new_from_slice(key).ok()?;
        message.iter().for_each(|part| mac.update(part));
        let both = Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()));
        let (key, chain_code) = both.split_at_checked(32)?;
        Some(Self {
            key: Zeroizing::new(key.try_into().ok()?),
            chain_code: chain_code.try_into().ok()?,
        })
    }
}

/// Whether an account at three hardened steps from the root has this chain code, among the accounts that
/// [`super::find`] looks at.
pub(super) fn has_account(stretched: &[u8; 64], chain_code: &[u8; 32]) -> bool {
    let kinds = [
        Script::P2wpkh,
        Script::P2tr,
        Script::P2shP2wpkh,
        Script::P2pkh,
    ];
    let root = Key::root(stretched);
    let purposes = kinds
        .into_iter()
        .filter_map(|kind| root.as_ref()?.step(kind.purpose()));
    purposes.into_iter().any(|purpose| {
        let mut coins = Coin::ALL
            .into_iter()
            .filter_map(|coin| purpose.step(coin.number()));
        coins.any(|coin| {
            let mut accounts = (0..ACCOUNTS).filter_map(|account| coin.step(account));
            accounts.any(|account| account.chain_code == *chain_code)
        })
    })
}
