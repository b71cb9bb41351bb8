//! Chain codes of accounts without a public key: hardened steps need hashes and additions only (BIP-32). A search
//! compares them; what it finds is derived again in the ordinary way.

use hmac::{Hmac, KeyInit, Mac};
use k256::Scalar;
use k256::elliptic_curve::PrimeField;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::path::{Coin, hardened};
use super::search::{ACCOUNTS, KINDS};

/// A private key and its chain code; wiped on drop.
struct Key {
    key: Zeroizing<[u8; 32]>,
    chain_code: [u8; 32],
}

impl Key {
    /// The key at the end of a hardened step.
    fn step(&self, number: u32) -> Option<Self> {
        let number = hardened(number).to_bytes();
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
    let root = Key::split(b"Bitcoin seed", &[stretched]);
    let mut purposes = KINDS
        .iter()
        .filter_map(|kind| root.as_ref()?.step(kind.purpose()));
    purposes.any(|purpose| {
        let mut coins = Coin::ALL
            .iter()
            .filter_map(|coin| purpose.step(coin.number()));
        coins.any(|coin| {
            let mut accounts = (0..ACCOUNTS).filter_map(|account| coin.step(account));
            accounts.any(|account| account.chain_code == *chain_code)
        })
    })
}
