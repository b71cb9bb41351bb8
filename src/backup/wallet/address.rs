//! Addresses: what they stand for and how they are written.

use bech32::{Hrp, hrp, segwit};
use bip32::{Prefix, PublicKey};
use k256::ecdsa::VerifyingKey;
use k256::elliptic_curve::sec1::ToSec1Point;
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::path::Coin;

/// What kind of address a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Script {
    /// The first kind, `1…`; a BitBox02 makes none of them.
    P2pkh,
    /// SegWit wrapped in an older address, `3…` (BIP-49).
    P2shP2wpkh,
    /// SegWit, `bc1q…` (BIP-84).
    P2wpkh,
    /// Taproot, `bc1p…` (BIP-86).
    P2tr,
    /// An account of Ethereum, `0x…`.
    Ethereum,
}

impl Script {
    /// The kinds a BitBox02 has on Bitcoin, the usual first.
    pub const BITCOIN: [Self; 3] = [Self::P2wpkh, Self::P2tr, Self::P2shP2wpkh];

    /// The first step of its paths.
    pub fn purpose(self) -> u32 {
        match self {
            Self::P2pkh | Self::Ethereum => 44,
            Self::P2shP2wpkh => 49,
            Self::P2wpkh => 84,
            Self::P2tr => 86,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::P2pkh => "p2pkh",
            Self::P2shP2wpkh => "p2sh-p2wpkh",
            Self::P2wpkh => "p2wpkh",
            Self::P2tr => "p2tr",
            Self::Ethereum => "ethereum",
        }
    }

    /// The version SLIP-132 gives its extended public keys on Bitcoin; `None` where that is `xpub`.
    pub fn prefix(self) -> Option<Prefix> {
        match self {
            Self::P2shP2wpkh => Some(Prefix::YPUB),
            Self::P2wpkh => Some(Prefix::ZPUB),
            Self::P2pkh | Self::P2tr | Self::Ethereum => None,
        }
    }
}

/// What an address of this kind stands for: 20 bytes of a hash, or 32 of a key.
pub(super) fn payload(script: Script, key: &VerifyingKey) -> Option<Vec<u8>> {
    match script {
        Script::P2pkh | Script::P2wpkh => Some(hash160(&PublicKey::to_bytes(key))),
        Script::P2shP2wpkh => {
            let program = [vec![0, 20], hash160(&PublicKey::to_bytes(key))].concat();
            Some(hash160(&program))
        }
        Script::P2tr => taproot(key),
        Script::Ethereum => {
            let point = k256::PublicKey::from(key).to_sec1_point(false);
            let hash = Keccak256::digest(point.as_bytes().get(1..)?);
            Some(hash.get(12..)?.to_vec())
        }
    }
}

/// The address in its usual form.
pub(super) fn text(script: Script, coin: Coin, payload: &[u8]) -> Option<String> {
    if script == Script::Ethereum {
        return Some(mixed_case(payload));
    }
    let (of_key, of_script, segwit) = beginnings(coin)?;
    let older = |version: u8| {
        let bytes = [&[version], payload].concat();
        Some(bs58::encode(bytes).with_check().into_string())
    };
    match script {
        Script::P2pkh => older(of_key),
        Script::P2shP2wpkh => older(of_script),
        Script::P2wpkh => segwit::encode_v0(segwit, payload).ok(),
        Script::P2tr => segwit::encode_v1(segwit, payload).ok(),
        Script::Ethereum => None,
    }
}

/// The first bytes of older addresses, of a key and of a script, and how SegWit addresses begin.
pub(super) fn beginnings(coin: Coin) -> Option<(u8, u8, Hrp)> {
    match coin {
        Coin::Bitcoin => Some((0x00, 0x05, hrp::BC)),
        Coin::Testnet => Some((0x6f, 0xc4, hrp::TB)),
        Coin::Litecoin => Some((0x30, 0x32, Hrp::parse("ltc").ok()?)),
        Coin::Ethereum => None,
    }
}

fn hash160(bytes: &[u8]) -> Vec<u8> {
    Ripemd160::digest(Sha256::digest(bytes)).to_vec()
}

/// The key of a Taproot output that can be spent by this key alone (BIP-86): the key with an even y,
/// plus the generator times the hash of its x (BIP-341).
fn taproot(key: &VerifyingKey) -> Option<Vec<u8>> {
    let mut even = PublicKey::to_bytes(key);
    *even.first_mut()? = 2;
    let x = even.get(1..)?;
    let tag = Sha256::digest(b"TapTweak");
    let tweak = Sha256::new()
        .chain_update(tag)
        .chain_update(tag)
        .chain_update(x)
        .finalize();
    let key = k256::PublicKey::from_sec1_bytes(&even).ok()?;
    let output = PublicKey::derive_child(&key, tweak.into()).ok()?;
    Some(PublicKey::to_bytes(&output).get(1..)?.to_vec())
}

/// An address of Ethereum with the letters that are its checksum (EIP-55).
pub(super) fn mixed_case(payload: &[u8]) -> String {
    let digits = hex::encode(payload);
    let hash = hex::encode(Keccak256::digest(digits.as_bytes()));
    let digits = digits.chars().zip(hash.bytes());
    let cased = digits.map(|(digit, hash)| match hash {
        b'8'.. => digit.to_ascii_uppercase(),
        _ => digit,
    });
    "0x".chars().chain(cased).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of EIP-55.
    #[test]
    fn letters_of_eip_55() {
        for address in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
        ] {
            let payload = hex::decode(&address[2..]).unwrap();
            assert_eq!(mixed_case(&payload), address);
        }
    }
}
