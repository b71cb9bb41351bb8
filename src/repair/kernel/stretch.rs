//! Stretches recovery words into that from which a wallet's keys are made (BIP-39): PBKDF2 with 2048 rounds of
//! HMAC-SHA-512, of several candidates at a time where the processor can.

use hmac::{Hmac, KeyInit, Mac};
use sha2::block_api::compress512;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::lanes::States;
#[cfg(target_arch = "x86_64")]
use super::{avx2_stretch, avx512, avx512_stretch};
use crate::backup::Words;

/// The state of SHA-512 before the first block (FIPS 180-4, 5.3.5).
#[rustfmt::skip]
const INITIAL: [u64; 8] = [
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
];

/// Words and a passphrase, stretched.
pub(super) type Stretched = Zeroizing<[u8; 64]>;

/// How many are stretched at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// With AVX-512.
    Eight,
    /// With AVX2.
    Four,
    /// On every machine.
    One,
}

impl Width {
    /// The widest of this machine.
    pub(super) fn best() -> Self {
        let mut all = [Self::Eight, Self::Four].into_iter();
        all.find(|width| width.is_present()).unwrap_or(Self::One)
    }

    /// Whether the processor and the operating system support it.
    pub(super) fn is_present(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Eight => avx512::is_present(),
            #[cfg(target_arch = "x86_64")]
            Self::Four => avx2_stretch::is_present(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Eight | Self::Four => false,
            Self::One => true,
        }
    }
}

/// Stretches the words of candidates with one passphrase.
pub(super) fn stretch(width: Width, words: &[Words], passphrase: &str) -> Vec<Stretched> {
    #[cfg(target_arch = "x86_64")]
    match width {
        Width::Eight => return in_groups(words, passphrase, avx512_stretch::repeat),
        Width::Four => return in_groups(words, passphrase, avx2_stretch::repeat),
        Width::One => {}
    }
    let _ = width;
    words.iter().map(|one| one.stretched(passphrase)).collect()
}

/// Repeats the HMAC of `N` candidates, from the states after the inner and the outer pad and the first HMAC; `None`
/// where the processor cannot.
type Repeat<const N: usize> = fn([&States<N>; 2], &States<N>) -> Option<States<N>>;

fn in_groups<const N: usize>(
    words: &[Words],
    passphrase: &str,
    repeat: Repeat<N>,
) -> Vec<Stretched> {
    let groups = words.chunks(N);
    let of_group = |group: &[Words]| {
        // All lanes take as long as about three alone, or two. Of a passphrase with other letters only the library of
        // the words knows the form that is hashed.
        let is_worth = group.len() > N / 4 && passphrase.is_ascii();
        let stretched = is_worth.then(|| in_lanes(group, passphrase, repeat));
        let one_by_one = || stretch(Width::One, group, passphrase);
        stretched.flatten().unwrap_or_else(one_by_one)
    };
    groups.flat_map(of_group).collect()
}

/// Stretches the words of at most `N` candidates.
fn in_lanes<const N: usize>(
    all: &[Words],
    passphrase: &str,
    repeat: Repeat<N>,
) -> Option<Vec<Stretched>> {
    let new = || Zeroizing::new([[0; N]; 8]);
    let (mut inner, mut outer, mut first) = (new(), new(), new());
    for (lane, words) in all.iter().enumerate() {
        let key = key_of(words);
        for (states, pad) in [(&mut inner, 0x36), (&mut outer, 0x5c)] {
            let block = Zeroizing::new(key.map(|byte| byte ^ pad));
            let mut state = Zeroizing::new(INITIAL);
            compress512(&mut state, std::slice::from_ref(&*block));
            put(states, lane, &state);
        }
        let mut mac = Hmac::<Sha512>::new_from_slice(&*key).ok()?;
        for part in [b"mnemonic", passphrase.as_bytes(), &1_u32.to_be_bytes()] {
            mac.update(part);
        }
        let made = Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()));
        let (words, _) = made.as_chunks::<8>();
        let mut state = Zeroizing::new([0; 8]);
        for (to, word) in state.iter_mut().zip(words) {
            *to = u64::from_be_bytes(*word);
        }
        put(&mut first, lane, &state);
    }
    let made = repeat([&inner, &outer], &first)?;
    let of_lane = |lane: usize| {
        let mut bytes = Zeroizing::new([0; 64]);
        for (to, word) in bytes.chunks_exact_mut(8).zip(made.iter()) {
            to.copy_from_slice(&word[lane].to_be_bytes());
        }
        bytes
    };
    Some((0..all.len()).map(of_lane).collect())
}

fn put<const N: usize>(states: &mut States<N>, lane: usize, state: &[u64; 8]) {
    for (to, word) in states.iter_mut().zip(state) {
        to[lane] = *word;
    }
}

/// The key of the HMAC: the words with spaces between them, or their hash if they are longer than a block, and zeros.
fn key_of(words: &Words) -> Zeroizing<[u8; 128]> {
    // The longest are 24 words of eight letters.
    let mut text = Zeroizing::new(Vec::with_capacity(24 * 9));
    for word in words.expose() {
        text.extend_from_slice(word.as_bytes());
        text.push(b' ');
    }
    text.pop();
    let mut key = Zeroizing::new([0; 128]);
    match key.get_mut(..text.len()) {
        Some(to) => to.copy_from_slice(&text),
        None => key[..64].copy_from_slice(&Sha512::digest(&*text)),
    }
    key
}
