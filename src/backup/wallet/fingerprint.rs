//! The root fingerprint of a wallet.

use std::fmt;

/// The first 4 bytes of the hash of a wallet's root key (BIP-32): what a BitBox02, its app and other
/// wallets call the *root fingerprint*. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 4]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
