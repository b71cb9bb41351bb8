//! The secret itself and the id that names it.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::length::LENGTHS;

/// The name of a wallet on a card: HMAC-SHA256 of its seed (docs/format.md 2), 32 bytes.
///
/// It proves a seed only up to trailing zero bytes: a 16-byte seed and the same bytes followed by
/// zeros have one id and are different wallets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 32]);

impl Id {
    /// Reads the name of an id directory as a device compares it: 64 *lower-case* hex digits.
    pub fn from_directory(name: &str) -> Option<Self> {
        let lower = name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if lower { name.parse().ok() } else { None }
    }
}

impl FromStr for Id {
    type Err = hex::FromHexError;

    /// Reads 64 hex digits of either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut id = [0; 32];
        hex::decode_to_slice(text, &mut id)?;
        Ok(Self(id))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

/// A wallet's seed: 32 bytes as the file holds them, of which the first `length` count.
///
/// No `Clone`, no `Serialize`, a `Debug` that tells nothing; wiped on drop.
pub struct Seed {
    /// In a block of their own: where a seed is moved, nothing of it stays behind.
    bytes: Box<Zeroizing<[u8; 32]>>,
    length: u32,
}

impl Seed {
    /// Takes the 32 bytes of the `seed` field and its `seed_length`, or `None` if `length` is over 32.
    pub fn new(bytes: &[u8; 32], length: u32) -> Option<Self> {
        (length <= 32).then(|| Self {
            bytes: Box::new(Zeroizing::new(*bytes)),
            length,
        })
    }

    /// How many of the bytes are the seed: 16, 24 or 32 in every backup a device wrote.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// The secret: exactly `length` bytes. The only way to them.
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.length as usize).unwrap_or_default()
    }

    /// The secret as its field holds it: zeros behind the bytes that count.
    pub(crate) fn padded(&self) -> Zeroizing<[u8; 32]> {
        padded(self.expose())
    }

    /// How many recovery words it makes (12, 18, 24), or `None` for a length no wallet has.
    pub fn words(&self) -> Option<u8> {
        words_of(self.length)
    }

    /// The id under which a device keeps this seed.
    pub fn id(&self) -> Id {
        // A key of any length is accepted: `new_from_slice` cannot fail for HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(b"backup") else {
            return Id([0; 32]);
        };
        mac.update(self.padded().as_ref());
        Id(mac.finalize().into_bytes().into())
    }
}

silent_debug!(Seed);

/// Bytes of a seed, with zeros behind them.
pub(super) fn padded(bytes: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut padded = Zeroizing::new([0; 32]);
    padded
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    padded
}

/// The first 32 bytes, padded with zeros, that are a seed whose ID is known, of at most `places` that are looked
/// at; those are taken off.
pub(crate) fn find_intact_seed<'a>(
    copies: impl IntoIterator<Item = &'a [u8]>,
    is_known: impl Fn(&Id) -> bool,
    places: &mut usize,
) -> Option<(Zeroizing<[u8; 32]>, Id)> {
    let windows = copies.into_iter().flat_map(|copy| {
        let lengths = LENGTHS.into_iter();
        lengths.flat_map(|length| copy.windows(length as usize))
    });
    for window in windows.filter(|window| window.iter().any(|byte| *byte != 0)) {
        *places = places.checked_sub(1)?;
        let bytes = padded(window);
        let id = Seed::new(&bytes, 32)?.id();
        if is_known(&id) {
            return Some((bytes, id));
        }
    }
    None
}

/// How many recovery words a seed of `seed_length` bytes makes, or `None` if no wallet has that length.
pub fn words_of(seed_length: u32) -> Option<u8> {
    match seed_length {
        16 => Some(12),
        24 => Some(18),
        32 => Some(24),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_docs_format_8() {
        let id = |byte: u8, length: usize| {
            let mut bytes = [0; 32];
            bytes[..length].fill(byte);
            Seed::new(&bytes, length as u32).unwrap().id().to_string()
        };
        assert_eq!(
            id(1, 16),
            "2ca3c18f988437806217db3bbee04913cbfaaa7152d4a9c00c80cf3802d0ef6f"
        );
        assert_eq!(
            id(2, 24),
            "57c24fa271ba9c6f4d5f2519c26f52dae8f491423daffb87d1c1002ca8a2b172"
        );
        assert_eq!(
            id(3, 32),
            "89910bac6d7f82e4e97ea2b6449e201dfd793adb75b342a90314d178866c89eb"
        );
    }

    #[test]
    fn trailing_zeros_share_an_id() {
        let mut bytes = [0; 32];
        bytes[..16].fill(7);
        let ids = [16, 24, 32].map(|length| Seed::new(&bytes, length).unwrap().id());
        assert_eq!(ids[0], ids[1]);
        assert_eq!(ids[0], ids[2]);
    }

    #[test]
    fn an_upper_case_directory_is_not_an_id_to_the_device() {
        let name = "2CA3C18F988437806217DB3BBEE04913CBFAAA7152D4A9C00C80CF3802D0EF6F";
        assert!(Id::from_directory(name).is_none());
        assert!(name.parse::<Id>().is_ok());
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", Seed::new(&[9; 32], 32)), "Some(Seed(..))");
        assert!(Seed::new(&[9; 32], 33).is_none());
    }

    #[test]
    fn a_seed_is_found_with_nothing_intact_around_it() {
        let copy = hex::decode(crate::backup::tests::KNOWN).unwrap();
        let seed = super::super::decode(&copy).unwrap().seed().unwrap();
        let at = copy
            .windows(16)
            .position(|window| window == &seed.expose()[..16])
            .unwrap();
        let mut damaged = vec![0x55; copy.len()];
        damaged[at..at + 16].copy_from_slice(&copy[at..at + 16]);
        let is_known = |id: &Id| *id == seed.id();
        let found = |copy: &[u8], mut places: usize| {
            find_intact_seed([copy], is_known, &mut places).map(|(bytes, _)| bytes)
        };
        assert_eq!(found(&damaged, 1000).unwrap(), seed.padded());
        assert!(found(&damaged, at).is_none(), "only so many places");
        damaged[at] ^= 1;
        assert!(found(&damaged, 1000).is_none());
        assert!(found(&[0; 300], 0).is_none());
    }
}
