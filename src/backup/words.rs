//! A seed as people write it down: the English words of BIP-39 (docs/format.md 9).

use bip39::{Error, Language, Mnemonic};
use thiserror::Error;
use zeroize::Zeroizing;

use super::seed::{Seed, padded};

/// The 12, 18 or 24 recovery words of a wallet.
///
/// No `Clone`, no `Serialize`, a `Debug` that tells nothing; wiped on drop.
pub struct Words {
    /// In its own place, so that moving it leaves no copy.
    words: Box<Mnemonic>,
}

/// Why a text is not the recovery words of a wallet. It never holds a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WordsError {
    /// A wallet has 12, 18 or 24.
    #[error("there are {found} words instead of 12, 18 or 24")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A word is none of the 2048.
    #[error("word {number} is not in the English list of BIP-39")]
    Unknown {
        /// Which one, counted from 1.
        number: usize,
    },
    /// Each is a word, but together they are not a wallet's: the last holds a checksum.
    #[error("the words do not belong together: their checksum is wrong")]
    Checksum,
}

impl Words {
    fn new(words: Mnemonic) -> Self {
        let words = Box::new(words);
        Self { words }
    }

    /// The words of a seed, or `None` for a length no wallet has.
    pub fn of(seed: &Seed) -> Option<Self> {
        seed.words()?;
        let words = Mnemonic::from_entropy_in(Language::English, seed.expose()).ok();
        words.map(Self::new)
    }

    /// Reads words written with white space between them.
    ///
    /// # Errors
    /// [`WordsError`] for a text that is not the words of a wallet.
    pub fn read(text: &str) -> Result<Self, WordsError> {
        let found = text.split_whitespace().count();
        if !matches!(found, 12 | 18 | 24) {
            return Err(WordsError::Count { found });
        }
        match Mnemonic::parse_in_normalized(Language::English, text) {
            Ok(words) => Ok(Self::new(words)),
            Err(Error::UnknownWord(index)) => Err(WordsError::Unknown {
                number: index.saturating_add(1),
            }),
            Err(_) => Err(WordsError::Checksum),
        }
    }

    /// How many: 12, 18 or 24.
    pub fn count(&self) -> usize {
        self.words.word_count()
    }

    /// The secret: the words in their order. The only way to them.
    pub fn expose(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.words.words()
    }

    /// The seed these words stand for.
    pub fn seed(&self) -> Option<Seed> {
        let (entropy, length) = self.words.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        Seed::new(&padded(entropy.get(..length)?), u32::try_from(length).ok()?)
    }

    /// Puts them away while a person looks at what was shown of them; `None` where the system gives no
    /// random bytes.
    pub fn put_away(self) -> Option<PutAway> {
        let seed = self.seed()?;
        let mut key = Box::new(Zeroizing::new([0; 32]));
        getrandom::fill(&mut key[..]).ok()?;
        let mut masked = Box::new(Zeroizing::new([0; 32]));
        mask(&mut masked, seed.expose(), &key);
        Some(PutAway {
            key,
            masked,
            length: seed.length(),
        })
    }

    /// The words and a passphrase, stretched into that from which a wallet's keys are made.
    pub(crate) fn stretched(&self, passphrase: &str) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.words.to_seed(passphrase))
    }
}

/// The words of a wallet under a mask of random bytes, so that neither they nor their seed stand in memory.
/// Whoever has all of the memory can take the mask off; who looks for words or for what a seed looks like
/// finds neither.
pub struct PutAway {
    key: Box<Zeroizing<[u8; 32]>>,
    masked: Box<Zeroizing<[u8; 32]>>,
    length: u32,
}

impl PutAway {
    /// Takes the mask off for as long as `look` looks.
    pub fn with<T>(&self, look: impl FnOnce(&Words) -> T) -> Option<T> {
        let shown = {
            let mut bytes = Zeroizing::new([0; 32]);
            mask(&mut bytes, &self.masked[..], &self.key);
            let seed = Seed::new(&bytes, self.length)?;
            look(&Words::of(&seed)?)
        };
        wipe_stack();
        Some(shown)
    }
}

silent_debug!(PutAway, Words);

fn mask(to: &mut [u8; 32], from: &[u8], key: &[u8; 32]) {
    for ((to, from), key) in to.iter_mut().zip(from).zip(key) {
        *to = from ^ key;
    }
}

/// Writes over what calls that have returned left on the stack: values are copied when they are moved, and
/// nobody wipes the copies.
#[inline(never)]
pub fn wipe_stack() {
    let mut left = [0_u8; 128 << 10];
    zeroize::Zeroize::zeroize(&mut left[..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wallets of docs/format.md 8: words and id.
    const KNOWN: [(&str, &str); 5] = [
        (
            "memory raven era cave phone system dice come mechanic split moon repeat",
            "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2",
        ),
        (
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
            "63eb0d691ae7d4e8fe7bb3f1ac0b8c40b98e03a0fc9c31f6837987fc52ee5ab2",
        ),
        (
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal will",
            "accf31cb2bd74a1f7eeaac8cbea94227578a139378535de6bb3e701f0ffaea8a",
        ),
        (
            "purity concert above invest pigeon category peace tuition hazard vivid latin since legal speak nation session onion library travel spell region blast estate stay",
            "41233dfbad010723dbbb93514b7b81016b73f8aa35c5148e1b478f60d5750dce",
        ),
        (
            "goddess item rack improve shaft occur actress rib emerge salad rich blame model glare lounge stable electric height scrub scrub oyster now dinner oven",
            "4c7005846ffc09f31850201a6fdfff084191164eb318db2c6fe5a39df4a97ba0",
        ),
    ];

    #[test]
    fn put_away_they_come_back() {
        for (text, _) in KNOWN {
            let away = Words::read(text).unwrap().put_away().unwrap();
            for _ in 0..2 {
                let shown = away.with(|words| words.expose().collect::<Vec<_>>().join(" "));
                assert_eq!(shown.as_deref(), Some(text));
            }
            let seed = Words::read(text).unwrap().seed().unwrap();
            let start = |bytes: &[u8]| bytes[..16] == seed.expose()[..16];
            assert!(!start(&away.masked[..]) && !start(&away.key[..]));
            assert_eq!(format!("{away:?}"), "PutAway(..)");
        }
    }

    #[test]
    fn wallets_of_docs_format_8() {
        for (text, id) in KNOWN {
            let seed = Words::read(text).unwrap().seed().unwrap();
            assert_eq!(seed.id().to_string(), id);
            let words = Words::of(&seed).unwrap();
            assert_eq!(words.expose().collect::<Vec<_>>().join(" "), text);
            assert_eq!(words.count(), usize::from(seed.words().unwrap()));
        }
        let memory = Words::read(KNOWN[0].0).unwrap().seed().unwrap();
        assert_eq!(
            hex::encode(memory.expose()),
            "8af64d31126a39b98f59708a3a463e5b"
        );
    }

    #[test]
    fn only_lengths_a_wallet_has() {
        for length in [0, 15, 16, 20, 24, 28, 32] {
            let seed = Seed::new(&[7; 32], length).unwrap();
            assert_eq!(
                Words::of(&seed).is_some(),
                matches!(length, 16 | 24 | 32),
                "{length}"
            );
        }
    }

    #[test]
    fn an_error_says_where_and_shows_no_word() {
        let read = |text: &str| Words::read(text).unwrap_err();
        assert_eq!(
            read("memory raven era"),
            WordsError::Count { found: 3 },
            "too few"
        );
        let fifteen = "abandon ".repeat(14) + "address";
        assert_eq!(read(&fifteen), WordsError::Count { found: 15 });
        let typo = KNOWN[0].0.replace("cave", "cavve");
        assert_eq!(read(&typo), WordsError::Unknown { number: 4 });
        let swapped = KNOWN[0].0.replace("memory raven", "raven memory");
        assert_eq!(read(&swapped), WordsError::Checksum);
        let words = Words::read(KNOWN[0].0).unwrap();
        assert_eq!(
            format!("{words:?} {}", read(&typo)).matches("cav").count(),
            0
        );
    }
}
