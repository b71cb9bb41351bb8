//! Where in a wallet a key is: the path from its root (BIP-32, BIP-44).

use std::fmt;

/// What makes a step one that only the private key can go.
const HARDENED: u32 = 1 << 31;

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

/// The steps from the root of a wallet to a key of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DerivationPath {
    steps: Vec<u32>,
}

impl DerivationPath {
    /// The root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// `m/purpose'/coin'/account'` (BIP-44).
    pub fn account(purpose: u32, coin: Coin, account: u32) -> Self {
        Self::root()
            .hardened(purpose)
            .hardened(coin.number())
            .hardened(account)
    }

    /// One step further that only the private key can go.
    #[must_use]
    pub fn hardened(self, number: u32) -> Self {
        self.with(number | HARDENED)
    }

    /// One step further that the public key can go too.
    #[must_use]
    pub fn plain(self, number: u32) -> Self {
        self.with(number & !HARDENED)
    }

    /// The steps as BIP-32 counts them.
    pub(super) fn steps(&self) -> impl Iterator<Item = u32> + '_ {
        self.steps.iter().copied()
    }

    /// The path without its root, as descriptors have it: `/84h/0h/0h`.
    pub(super) fn in_descriptor(&self) -> String {
        self.steps().map(|step| text(step, "h")).collect()
    }

    fn with(mut self, step: u32) -> Self {
        self.steps.push(step);
        self
    }
}

fn text(step: u32, mark: &str) -> String {
    let mark = if step & HARDENED == 0 { "" } else { mark };
    format!("/{}{mark}", step & !HARDENED)
}

impl fmt::Display for DerivationPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("m")?;
        self.steps()
            .try_for_each(|step| f.write_str(&text(step, "'")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_people_and_as_descriptors_write_them() {
        let path = DerivationPath::account(84, Coin::Testnet, 7)
            .plain(1)
            .plain(20);
        assert_eq!(path.to_string(), "m/84'/1'/7'/1/20");
        assert_eq!(path.in_descriptor(), "/84h/1h/7h/1/20");
        assert_eq!(DerivationPath::root().to_string(), "m");
    }
}
