//! The wallet that grows from recovery words and an optional passphrase (docs/format.md 9).

use std::fmt;

use bip32::XPrv;

use super::Words;

/// The first 4 bytes of the hash of a wallet's root key (BIP-32): what a BitBox02, its app and other
/// wallets call the *root fingerprint*. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 4]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The root fingerprint of these words with this passphrase; an empty one is none.
///
/// `None` for one in 2^127 wallets, which BIP-32 gives no root key.
pub fn root_fingerprint(words: &Words, passphrase: &str) -> Option<Fingerprint> {
    let root = XPrv::new(&*words.stretched(passphrase)).ok()?;
    Some(Fingerprint(root.public_key().fingerprint()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fingerprints of the wallets of docs/format.md 8 as bip_utils 2.12 (Python) computes them. That of
    /// "abandon … about" is also in BIP-84's vectors, and its other one uses BIP-39's own passphrase.
    #[test]
    fn known_fingerprints() {
        let abandon = "abandon ".repeat(11) + "about";
        let legal = "legal winner thank year wave sausage worth useful ".repeat(2) + "legal will";
        for (text, [none, trezor, cafe]) in [
            (
                "memory raven era cave phone system dice come mechanic split moon repeat",
                ["5862f623", "7412dfe8", "50d99b5c"],
            ),
            (&abandon, ["73c5da0a", "b4e3f5ed", "75902abe"]),
            (&legal, ["70f21633", "15e8639c", "778c8e4c"]),
            (
                "purity concert above invest pigeon category peace tuition hazard vivid latin since legal speak nation session onion library travel spell region blast estate stay",
                ["0240e92a", "9baf0893", "f2d7ec8c"],
            ),
            (
                "goddess item rack improve shaft occur actress rib emerge salad rich blame model glare lounge stable electric height scrub scrub oyster now dinner oven",
                ["b140ba62", "3a7e8925", "bbd4d43a"],
            ),
        ] {
            let words = Words::read(text).unwrap();
            for (passphrase, expected) in [("", none), ("TREZOR", trezor), ("caf\u{e9}", cafe)] {
                let found = root_fingerprint(&words, passphrase).unwrap();
                assert_eq!(found.to_string(), expected, "{passphrase:?}");
            }
        }
    }

    #[test]
    fn a_passphrase_is_the_same_however_its_letters_are_composed() {
        let words = Words::read(&("abandon ".repeat(11) + "about")).unwrap();
        let of = |passphrase| root_fingerprint(&words, passphrase).unwrap();
        assert_eq!(of("caf\u{e9}"), of("cafe\u{301}"));
        assert_ne!(of("cafe"), of("caf\u{e9}"));
    }
}
