//! The recovery words that somebody remembers, at their places.

use bip39::Language;
use thiserror::Error;
use zeroize::Zeroizing;

/// Bits of a word.
const BITS: usize = 11;
/// Fewest letters that stand for a word: no two words of the list begin with the same four.
const FEWEST_LETTERS: usize = 4;

/// Some of the 12, 18 or 24 words of a wallet, each at its place. Wiped on drop; a `Debug` that tells nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownWords {
    /// The numbers of the words in the list, and nothing for those that nobody remembers.
    words: Zeroizing<Vec<Option<u16>>>,
}

/// Why a text is not remembered words. It never holds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KnownWordsError {
    /// A wallet has 12, 18 or 24.
    #[error("there are {found} words and question marks instead of 12, 18 or 24")]
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
    /// All of them are forgotten.
    #[error("there is no word, only question marks")]
    None,
}

impl KnownWords {
    /// Reads words in their order, with `?` for each that nobody remembers. The first four letters are enough.
    ///
    /// # Errors
    /// [`KnownWordsError`] if there are not 12, 18 or 24, or if one is no word.
    pub fn read(text: &str) -> Result<Self, KnownWordsError> {
        let found = text.split_whitespace().count();
        if !matches!(found, 12 | 18 | 24) {
            return Err(KnownWordsError::Count { found });
        }
        let mut words = Zeroizing::new(Vec::with_capacity(found));
        for (number, text) in (1..).zip(text.split_whitespace()) {
            words.push(match text {
                "?" => None,
                text => Some(find_word(text).ok_or(KnownWordsError::Unknown { number })?),
            });
        }
        if words.iter().all(Option::is_none) {
            return Err(KnownWordsError::None);
        }
        Ok(Self { words })
    }

    /// Bytes of the seed.
    pub(crate) fn seed_length(&self) -> u32 {
        // 32 bits of every 33 are the seed, the others a checksum.
        let third = u32::try_from(self.words.len() / 3);
        third.unwrap_or(0).saturating_mul(4)
    }

    /// The length that the number of words gives a seed, in bytes, if they are its words: more than half of them fit.
    pub(crate) fn length_of(&self, seed: &[u8; 32]) -> Option<u32> {
        let has = |(byte, bit, value): &(usize, usize, bool)| {
            seed.get(*byte)
                .is_some_and(|byte| (byte >> bit & 1 == 1) == *value)
        };
        let words = self.bits();
        let fitting = words.iter().filter(|word| word.iter().all(has)).count();
        (fitting.saturating_mul(2) > words.len()).then(|| self.seed_length())
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.words.iter().flatten().count()
    }

    /// The bits of the seed that each word determines: byte, bit from the lowest, and value. The last word also
    /// holds a checksum, which is left out.
    pub(crate) fn bits(&self) -> Vec<Zeroizing<Vec<(usize, usize, bool)>>> {
        let all = 8_usize.saturating_mul(self.seed_length() as usize);
        let words = self.words.iter().enumerate();
        let known = words.filter_map(|(place, word)| Some((place, (*word)?)));
        let bits = known.map(|(place, word)| {
            let first = place.saturating_mul(BITS);
            let bit = |index: usize| {
                let at = first.saturating_add(index);
                let value = word >> (BITS - 1).saturating_sub(index) & 1 == 1;
                (at < all).then_some((at / 8, 7_usize.saturating_sub(at % 8), value))
            };
            Zeroizing::new((0..BITS).filter_map(bit).collect())
        });
        bits.collect()
    }
}

/// The number of a word in the list, or of the only one that begins so.
fn find_word(text: &str) -> Option<u16> {
    let text = Zeroizing::new(text.to_lowercase());
    if let Some(index) = Language::English.find_word(&text) {
        return Some(index);
    }
    if text.len() < FEWEST_LETTERS {
        return None;
    }
    let mut beginning = Language::English.words_by_prefix_iter(&text);
    match (beginning.next(), beginning.next()) {
        (Some(only), None) => Language::English.find_word(only),
        _ => None,
    }
}

silent_debug!(KnownWords);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Words;

    const KNOWN: &str = "memory raven era cave phone system dice come mechanic split moon repeat";

    #[test]
    fn the_bits_of_every_word_are_those_of_the_seed() {
        for text in [
            KNOWN,
            "purity concert above invest pigeon category peace tuition hazard vivid latin since legal speak nation session onion library travel spell region blast estate stay",
        ] {
            let seed = Words::read(text).unwrap().seed().unwrap();
            let known = KnownWords::read(text).unwrap();
            assert_eq!(known.seed_length(), seed.length());
            let mut count = 0;
            for (byte, bit, value) in known.bits().iter().flat_map(|word| word.iter()) {
                assert_eq!(seed.expose()[*byte] >> bit & 1 == 1, *value);
                count += 1;
            }
            assert_eq!(count, 8 * seed.length());
        }
    }

    #[test]
    fn words_may_be_forgotten_and_shortened() {
        let known = KnownWords::read("memory ? era ? phon ? ? COME ? ? ? ?").unwrap();
        assert_eq!((known.count(), known.seed_length()), (4, 16));
        assert_eq!(known.bits().len(), 4);
        assert_eq!(format!("{known:?}"), "KnownWords(..)");
    }

    #[test]
    fn an_error_says_where_and_shows_no_word() {
        let read = |text: &str| KnownWords::read(text).unwrap_err();
        assert_eq!(read("memory ?"), KnownWordsError::Count { found: 2 });
        assert_eq!(read(&"? ".repeat(12)), KnownWordsError::None);
        let wrong = KNOWN.replace("cave", "cavx");
        assert_eq!(read(&wrong), KnownWordsError::Unknown { number: 4 });
        // Three letters may begin several words.
        let short = KNOWN.replace("cave", "cav");
        assert_eq!(read(&short), KnownWordsError::Unknown { number: 4 });
    }
}
