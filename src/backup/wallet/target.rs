//! What a wallet is looked for by: an address, an extended public key or a fingerprint, as a person
//! has it.

use bech32::segwit;
use bip32::{ExtendedKey, PublicKey};
use k256::ecdsa::VerifyingKey;
use thiserror::Error;

use super::account::Fingerprint;
use super::address::{self, Script};
use super::path::Coin;

/// Most characters of anything that is looked for: no key or address is as long.
const LONGEST: usize = 300;
/// Letters and digits of an address or key of the older kinds, the shortest and the longest.
const BASE58: std::ops::RangeInclusive<usize> = 25..=112;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The wallet with this root fingerprint.
    Fingerprint(Fingerprint),
    /// The wallet one of whose addresses this is.
    Address(WantedAddress),
    /// The wallet whose root, account or chain this is.
    Extended(Extended),
}

/// An address that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedAddress {
    /// Its coin.
    pub coin: Coin,
    /// Its kind. That of `3…` may also be one of several keys together, which no single wallet tells.
    pub script: Script,
    /// What it stands for.
    pub(super) payload: Vec<u8>,
}

/// An extended public key that is looked for; its version says nothing reliable and is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    /// How many steps it is from the root.
    pub depth: u8,
    pub(super) chain_code: [u8; 32],
    pub(super) key: VerifyingKey,
}

/// Why a text is nothing to look for. It never holds the text, which may be a secret by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is of no kind that is known.
    #[error("this is no address, no extended public key and no fingerprint")]
    Unknown,
    /// It is of a known kind, but mistyped or cut off.
    #[error("the checksum of this address or key is wrong: a character is mistyped or missing")]
    Checksum,
    /// A character no address of this kind has.
    #[error("character {number} cannot stand in an address or key of this kind")]
    Character {
        /// Which one, counted from 1.
        number: usize,
    },
    /// It is a private key, or looks like recovery words.
    #[error("this is a secret: a private key or recovery words")]
    Secret,
    /// An address of several keys or of a script.
    #[error(
        "this is the address of several keys or of a script, which no single wallet can confirm"
    )]
    SeveralKeys,
    /// A kind of SegWit address nobody uses yet.
    #[error("no wallet makes SegWit addresses of version {version}")]
    Version {
        /// Its version.
        version: u8,
    },
    /// A key between those that wallets show.
    #[error("this key is {depth} steps from its root; wallets show those at 0, 3 and 4 steps")]
    Depth {
        /// How many steps.
        depth: u8,
    },
}

impl Target {
    /// Reads what a person pasted: also a payment link such as `bitcoin:bc1q…?amount=1`.
    ///
    /// # Errors
    /// [`TargetError`] for what cannot be looked for.
    pub fn read(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.split_whitespace().count() > 1 {
            return Err(TargetError::Secret);
        }
        let text = link(text);
        if text.len() > LONGEST || !text.is_ascii() {
            return Err(TargetError::Unknown);
        }
        if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return ethereum(digits);
        }
        if text.len() == 8
            && let Ok(bytes) = hex::decode(text)
            && let Ok(bytes) = bytes.try_into()
        {
            return Ok(Self::Fingerprint(Fingerprint(bytes)));
        }
        let lower = text.to_ascii_lowercase();
        let coin = [
            ("bc1", Coin::Bitcoin),
            ("tb1", Coin::Testnet),
            ("ltc1", Coin::Litecoin),
        ];
        match coin.into_iter().find(|(begin, _)| lower.starts_with(begin)) {
            Some((_, coin)) => of_segwit(text, coin),
            None => of_base58(text),
        }
    }
}

/// A payment link without what is not the address.
fn link(text: &str) -> &str {
    let schemes = ["bitcoin:", "litecoin:", "ethereum:"];
    let scheme = schemes.into_iter().find(|scheme| {
        let begin = text.get(..scheme.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    });
    match scheme.and_then(|scheme| text.get(scheme.len()..)) {
        Some(rest) => rest.split(['?', '@']).next().unwrap_or(rest),
        None => text,
    }
}

fn ethereum(digits: &str) -> Result<Target, TargetError> {
    let payload = hex::decode(digits).map_err(|_| TargetError::Unknown)?;
    if payload.len() == 32 {
        return Err(TargetError::Secret);
    }
    if payload.len() != 20 {
        return Err(TargetError::Checksum);
    }
    let upper = digits.bytes().any(|digit| digit.is_ascii_uppercase());
    let lower = digits.bytes().any(|digit| digit.is_ascii_lowercase());
    // Letters of one case only have no checksum.
    let cased = address::mixed_case(&payload);
    if upper && lower && cased.get(2..) != Some(digits) {
        return Err(TargetError::Checksum);
    }
    Ok(address(Coin::Ethereum, Script::Ethereum, payload))
}

fn address(coin: Coin, script: Script, payload: Vec<u8>) -> Target {
    Target::Address(WantedAddress {
        coin,
        script,
        payload,
    })
}

fn of_segwit(text: &str, coin: Coin) -> Result<Target, TargetError> {
    let (begin, version, payload) = segwit::decode(text).map_err(|_| TargetError::Checksum)?;
    // "bc1…" may yet be another network whose beginning has a 1 in it.
    if address::beginnings(coin).is_none_or(|(.., own)| own != begin) {
        return Err(TargetError::Unknown);
    }
    let script = match (version.to_u8(), payload.len()) {
        (0, 20) => Script::P2wpkh,
        (0, _) => return Err(TargetError::SeveralKeys),
        (1, 32) => Script::P2tr,
        (version, _) => return Err(TargetError::Version { version }),
    };
    Ok(address(coin, script, payload))
}

fn of_base58(text: &str) -> Result<Target, TargetError> {
    // A private key is one even if it is mistyped.
    if text.get(1..4) == Some("prv") {
        return Err(TargetError::Secret);
    }
    if !BASE58.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(TargetError::Unknown);
    }
    let bytes = bs58::decode(text).with_check(None).into_vec();
    let bytes = zeroize::Zeroizing::new(bytes.map_err(|error| match error {
        bs58::decode::Error::InvalidCharacter { index, .. } => TargetError::Character {
            number: index.saturating_add(1),
        },
        _ => TargetError::Checksum,
    })?);
    match (bytes.len(), bytes.first().copied()) {
        (21, Some(version)) => older(version, bytes.get(1..).unwrap_or_default()),
        // Private keys as wallets export them (WIF).
        (33 | 34, Some(0x80 | 0xef | 0xb0)) => Err(TargetError::Secret),
        (78, _) => extended(text, &bytes),
        _ => Err(TargetError::Unknown),
    }
}

/// An address of the older kinds.
fn older(version: u8, payload: &[u8]) -> Result<Target, TargetError> {
    for coin in Coin::ALL {
        let script = match address::beginnings(coin) {
            Some((key, ..)) if key == version => Script::P2pkh,
            Some((_, script, _)) if script == version => Script::P2shP2wpkh,
            _ => continue,
        };
        return Ok(address(coin, script, payload.to_vec()));
    }
    Err(TargetError::Unknown)
}

fn extended(text: &str, bytes: &[u8]) -> Result<Target, TargetError> {
    // A private key has a zero before it, a public one 2 or 3.
    if bytes.get(45) == Some(&0) {
        return Err(TargetError::Secret);
    }
    let key: ExtendedKey = text.parse().map_err(|_| TargetError::Unknown)?;
    let depth = key.attrs.depth;
    if !matches!(depth, 0 | 3 | 4) {
        return Err(TargetError::Depth { depth });
    }
    let point = PublicKey::from_bytes(key.key_bytes).map_err(|_| TargetError::Unknown)?;
    Ok(Target::Extended(Extended {
        depth,
        chain_code: key.attrs.chain_code,
        key: point,
    }))
}
