//! Public keys of a wallet, and what is derived from them without a private one; with the checksum of an output descriptor
//! (BIP-380).

use std::fmt;

use bip32::{ChildNumber, DerivationPath, Prefix, XPub};

use super::address::{self, Script};
use super::path::{Coin, account_path, below, hardened};

/// The first 4 bytes of the hash of a wallet's root key (BIP-32): what a BitBox02, its app and other
/// wallets call the *root fingerprint*. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 4]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// How the keys of several wallets guard coins together: the last step of `m/48'/coin'/account'/…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Multisig {
    /// SegWit: `2'`.
    P2wsh,
    /// SegWit wrapped in an older address: `1'`.
    P2shP2wsh,
}

impl Multisig {
    /// Both.
    pub const ALL: [Self; 2] = [Self::P2wsh, Self::P2shP2wsh];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::P2wsh => "p2wsh",
            Self::P2shP2wsh => "p2sh-p2wsh",
        }
    }

    /// Where a wallet's key for it is.
    pub fn path(self, coin: Coin, account: u32) -> DerivationPath {
        let last = match self {
            Self::P2wsh => 2,
            Self::P2shP2wsh => 1,
        };
        below(&account_path(48, coin, account), hardened(last))
    }

    /// The version of SLIP-132 on Bitcoin: `Zpub` or `Ypub`.
    pub fn prefix(self) -> Prefix {
        match self {
            Self::P2wsh => Prefix::from_parts_unchecked("Zpub", 0x02aa_7ed3),
            Self::P2shP2wsh => Prefix::from_parts_unchecked("Ypub", 0x0295_b43f),
        }
    }
}

/// An extended public key of a wallet and how it was derived. It spends nothing, and shows every
/// address behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub(super) fingerprint: Fingerprint,
    pub(super) path: DerivationPath,
    pub(super) key: XPub,
}

impl Account {
    /// Where in the wallet it is.
    pub fn path(&self) -> &DerivationPath {
        &self.path
    }

    /// The key with the version everybody reads: `xpub…`.
    pub fn xpub(&self) -> String {
        self.with_prefix(Prefix::XPUB)
    }

    /// The key with another version (SLIP-132), such as `zpub…`.
    pub fn with_prefix(&self, prefix: Prefix) -> String {
        self.key.to_string(prefix)
    }

    /// The key expression of a descriptor: `[73c5da0a/84h/0h/0h]xpub…` (BIP-380).
    pub fn with_origin(&self) -> String {
        let path = self.path.to_string().replace('\'', "h");
        let steps = path.trim_start_matches('m');
        format!("[{}{steps}]{}", self.fingerprint, self.xpub())
    }

    /// The descriptor of all addresses of this account, to receive and for change (BIP-389), with its
    /// checksum. `None` for scripts there is no descriptor of.
    pub fn descriptor(&self, script: Script) -> Option<String> {
        let key = format!("{}/<0;1>/*", self.with_origin());
        let text = match script {
            Script::P2pkh => format!("pkh({key})"),
            Script::P2shP2wpkh => format!("sh(wpkh({key}))"),
            Script::P2wpkh => format!("wpkh({key})"),
            Script::P2tr => format!("tr({key})"),
            Script::Ethereum => return None,
        };
        let checksum = checksum(&text)?;
        Some(format!("{text}#{checksum}"))
    }

    /// Its addresses: `0` those to receive at, `1` those for change.
    pub fn chain(&self, number: u32) -> Option<AddressChain> {
        let step = ChildNumber(number);
        let (path, key) = (below(&self.path, step), self.key.derive_child(step).ok()?);
        Some(AddressChain { path, key })
    }
}

/// The key behind the receiving or the change addresses of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressChain {
    pub(super) path: DerivationPath,
    pub(super) key: XPub,
}

impl AddressChain {
    /// Where in the wallet one of its addresses is.
    pub fn path(&self, index: u32) -> DerivationPath {
        below(&self.path, ChildNumber(index))
    }

    /// One of its addresses, as people see it. `None` where BIP-32 gives no key, and for a script
    /// the coin does not have.
    pub fn address(&self, script: Script, coin: Coin, index: u32) -> Option<String> {
        address::text(script, coin, &self.payload(script, index)?)
    }

    /// What such an address stands for: the hash of the key or the key itself.
    pub(super) fn payload(&self, script: Script, index: u32) -> Option<Vec<u8>> {
        let key = self.key.derive_child(ChildNumber(index)).ok()?;
        address::payload(script, key.public_key())
    }
}

/// What a descriptor may hold; a character's place is its value.
const INPUT: &[u8] = b"0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
/// What a checksum is written in.
const OUTPUT: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u64; 5] = [
    0xf5_dee5_1989,
    0xa9_fdca_3312,
    0x1b_ab10_e32d,
    0x37_06b1_677a,
    0x64_4d62_6ffd,
];

/// The 8 characters that stand behind `#`, or `None` if the text has one no descriptor has.
fn checksum(descriptor: &str) -> Option<String> {
    let mut sum = 1;
    // The high parts of three characters are one more symbol.
    let (mut group, mut in_group) = (0_u64, 0_u8);
    for character in descriptor.bytes() {
        let place = INPUT.iter().position(|known| *known == character)?;
        let place = u64::try_from(place).ok()?;
        sum = step(sum, place & 31);
        group = group.wrapping_mul(3).wrapping_add(place >> 5);
        in_group = in_group.wrapping_add(1);
        if in_group == 3 {
            sum = step(sum, group);
            (group, in_group) = (0, 0);
        }
    }
    if in_group > 0 {
        sum = step(sum, group);
    }
    for _ in 0..8 {
        sum = step(sum, 0);
    }
    sum ^= 1;
    let digits = (0..8_u32).map(|place| {
        let shift = 35_u32.wrapping_sub(place.wrapping_mul(5));
        let value = usize::try_from(sum >> shift & 31).ok()?;
        OUTPUT.get(value).copied().map(char::from)
    });
    digits.collect()
}

fn step(sum: u64, value: u64) -> u64 {
    let top = sum >> 35;
    let mut sum = (sum & 0x7_ffff_ffff) << 5 ^ value;
    for (bit, generator) in GENERATOR.iter().enumerate() {
        if top >> bit & 1 == 1 {
            sum ^= generator;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of BIP-380: one right, the others each wrong in one way.
    #[test]
    fn vectors_of_bip_380() {
        assert_eq!(checksum("raw(deadbeef)").unwrap(), "89f8spxm");
        for (text, wrong) in [
            ("raw(deadbeef)", "89f8spx"),
            ("raw(deedbeef)", "89f8spxm"),
            ("raw(deadbeef)", "##9f8spxm"),
        ] {
            assert_ne!(checksum(text).unwrap(), wrong);
        }
        assert_eq!(checksum("raw(\u{dc}00)"), None);
    }
}
