//! Stretches the recovery words of as many candidates at a time as there are lanes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::block_api::compress512;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::lanes::States;
use crate::backup::Words;

/// The state of SHA-512 before the first block (FIPS 180-4, 5.3.5).
#[rustfmt::skip]
const INITIAL: [u64; 8] = [
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
];

/// Repeats the HMAC of `N` candidates, from the states after the inner and the outer pad and the first HMAC; `None`
/// where the processor cannot.
type Repeat<const N: usize> = fn([&States<N>; 2], &States<N>) -> Option<States<N>>;

pub(super) fn stretch_in_lanes<const N: usize>(
    words: &[Words],
    passphrase: &str,
    repeat: Repeat<N>,
) -> Vec<Zeroizing<[u8; 64]>> {
    let groups = words.chunks(N);
    let of_group = |group: &[Words]| {
        // All lanes take as long as about three alone, or two. Of a passphrase with other letters only the library of
        // the words knows the form that is hashed.
        let is_worth = group.len() > N / 4 && passphrase.is_ascii();
        let stretched = is_worth.then(|| in_lanes(group, passphrase, repeat));
        let one_by_one = || {
            group
                .iter()
                .map(|words| words.stretched(passphrase))
                .collect()
        };
        stretched.flatten().unwrap_or_else(one_by_one)
    };
    groups.flat_map(of_group).collect()
}

/// Stretches the words of at most `N` candidates.
fn in_lanes<const N: usize>(
    all: &[Words],
    passphrase: &str,
    repeat: Repeat<N>,
) -> Option<Vec<Zeroizing<[u8; 64]>>> {
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
