//! Where in a wallet a key is: the path from its root (BIP-32, BIP-44).

use bip32::{ChildNumber, DerivationPath};

/// Whose addresses they are: a coin's number in paths (SLIP-44).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coin {
    /// Bitcoin.
    Bitcoin,
    /// Bitcoin's test network; its coins are worth nothing.
    Testnet,
    /// Litecoin.
    Litecoin,
    /// Ethereum, and whatever lives on its addresses.
    Ethereum,
}

impl Coin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bitcoin, Self::Testnet, Self::Litecoin, Self::Ethereum];

    /// Its number in paths.
    pub fn number(self) -> u32 {
        match self {
            Self::Bitcoin => 0,
            Self::Testnet => 1,
            Self::Litecoin => 2,
            Self::Ethereum => 60,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bitcoin => "bitcoin",
            Self::Testnet => "testnet",
            Self::Litecoin => "litecoin",
            Self::Ethereum => "ethereum",
        }
    }
}

/// `m/purpose'/coin'/account'` (BIP-44).
pub fn account_path(purpose: u32, coin: Coin, account: u32) -> DerivationPath {
    let mut path = DerivationPath::default();
    path.extend([purpose, coin.number(), account].map(hardened));
    path
}

/// A step that only the private key can go.
pub(super) fn hardened(number: u32) -> ChildNumber {
    ChildNumber(number | ChildNumber::HARDENED_FLAG)
}

/// The path that goes one step further.
pub(super) fn below(path: &DerivationPath, step: ChildNumber) -> DerivationPath {
    let mut path = path.clone();
    path.push(step);
    path
}
