//! Chain codes of accounts without a public key: hardened steps need hashes and additions only (BIP-32). A search
//! compares them; what it finds is derived again in the ordinary way.

use hmac::{Hmac, KeyInit, Mac};
use k256::Scalar;
use k256::elliptic_curve::PrimeField;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::path::{Coin, hardened};
use super::search::{ACCOUNTS, KINDS};

/// A private key, wiped on drop, and the HMAC that its chain code is the key of.
struct Key {
    key: Zeroizing<[u8; 32]>,
    mac: Hmac<Sha512>,
}

impl Key {
    /// The root of what words and a passphrase were stretched into.
    fn root(stretched: &[u8; 64]) -> Option<Self> {
        let mut mac = Hmac::new_from_slice(b"Bitcoin seed").ok()?;
        mac.update(stretched);
        Self::new(&Halves::of(mac), None)
    }

    fn new(halves: &Halves, parent: Option<&Self>) -> Option<Self> {
        let mut key = Zeroizing::new(*halves.key());
        if let Some(parent) = parent {
            let scalar = |key: &[u8; 32]| Option::<Scalar>::from(Scalar::from_repr((*key).into()));
            let sum = scalar(&key)?.add(&scalar(&parent.key)?);
            key.copy_from_slice(&sum.to_repr());
        }
        let mac = Hmac::new_from_slice(halves.chain_code()).ok()?;
        Some(Self { key, mac })
    }

    /// The key at the end of a hardened step.
    fn step(&self, number: u32) -> Option<Self> {
        Self::new(&self.halves(number), Some(self))
    }

    /// What a hardened step adds to the key, and the chain code at its end.
    fn halves(&self, number: u32) -> Halves {
        let mut mac = self.mac.clone();
        for part in [&[0], &self.key[..], &hardened(number).to_bytes()] {
            mac.update(part);
        }
        Halves::of(mac)
    }
}

/// The halves of an HMAC: a key, or what is added to one, and a chain code.
struct Halves(Zeroizing<[u8; 64]>);

impl Halves {
    fn of(mac: Hmac<Sha512>) -> Self {
        Self(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    fn key(&self) -> &[u8; 32] {
        self.0.first_chunk().unwrap_or(&[0; 32])
    }

    fn chain_code(&self) -> &[u8; 32] {
        self.0.last_chunk().unwrap_or(&[0; 32])
    }
}

/// Whether an account at three hardened steps from the root has this chain code, among the accounts that
/// [`super::find`] looks at.
pub(super) fn has_account(stretched: &[u8; 64], chain_code: &[u8; 32]) -> bool {
    let root = Key::root(stretched);
    let mut purposes = KINDS
        .iter()
        .filter_map(|kind| root.as_ref()?.step(kind.purpose()));
    purposes.any(|purpose| {
        let mut coins = Coin::ALL
            .iter()
            .filter_map(|coin| purpose.step(coin.number()));
        coins.any(|coin| {
            (0..ACCOUNTS).any(|account| coin.halves(account).chain_code() == chain_code)
        })
    })
}
