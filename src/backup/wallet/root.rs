//! The root key of a wallet, out of which only public keys come.

use bip32::{DerivationPath, XPrv};

use super::account::{Account, Fingerprint};
use crate::backup::words::Words;

/// The key from which all keys of a wallet are derived (BIP-32): a secret.
///
/// No `Clone`, no `Serialize`, a `Debug` that tells nothing, no way to the key itself: only public
/// keys come out of it. The key is wiped on drop.
pub struct Root {
    key: XPrv,
}

impl Root {
    /// The root of these words with this passphrase; an empty one is none.
    ///
    /// `None` for one in 2^127 wallets, which BIP-32 gives no root key.
    pub fn of(words: &Words, passphrase: &str) -> Option<Self> {
        Self::new(&words.stretched(passphrase))
    }

    /// The root of what words and a passphrase were stretched into.
    pub(super) fn new(stretched: &[u8; 64]) -> Option<Self> {
        let key = XPrv::new(stretched).ok()?;
        Some(Self { key })
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.key.public_key().fingerprint())
    }

    /// The public key at the end of a path, from which more can be derived.
    ///
    /// `None` where BIP-32 gives no key: one path in 2^127.
    pub fn account(&self, path: DerivationPath) -> Option<Account> {
        let mut key = self.key.clone();
        for step in path.iter() {
            key = key.derive_child(step).ok()?;
        }
        Some(Account {
            fingerprint: self.fingerprint(),
            path,
            key: key.public_key(),
        })
    }
}

silent_debug!(Root);

/// The root fingerprint of these words with this passphrase; an empty one is none.
///
/// `None` for one in 2^127 wallets, which BIP-32 gives no root key.
pub fn root_fingerprint(words: &Words, passphrase: &str) -> Option<Fingerprint> {
    Some(Root::of(words, passphrase)?.fingerprint())
}
