//! Errors of whoever types a backup by hand, or of one place of all copies: the same in every copy, so that no
//! other copy shows them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use std::ops::Range;

use super::search::{Level, Space};

/// Most candidates of all these spaces, for a seed of 32 bytes: 2^21.4.
pub(super) const MOST_TYPED: u64 = 1 << 22;
/// A pair swapped and a digit wrong, after all neighbors that are swapped, in nats.
const MIXED: f64 = 5.0;
/// Two wrong digits, after these, in nats.
const DIGITS: f64 = 10.0;
/// Two wrong bytes side by side, after these. What nothing is known of costs another 11 nats.
const BYTES: f64 = 20.0;

/// Builds the spaces of seeds with such errors, if nothing looks damaged: one or two pairs of neighboring digits or
/// bytes swapped, one pair swapped and a digit wrong, two digits wrong, two bytes side by side wrong. `seed` is where it is in the message.
pub(super) fn build_typed_spaces(base: &Space, seed: Range<usize>) -> Vec<Space> {
    if !base.looks_whole() || base.base.len() < seed.end {
        return Vec::new();
    }
    let whole = Space {
        levels: Vec::new(),
        cost: 0.0,
        ..base.clone()
    };
    let mut spaces = swap_neighbors(&whole, &seed);
    spaces.extend(change_digits(&whole, &seed));
    spaces.extend(change_bytes(&whole, &seed));
    spaces
}

/// The digits of a stretch of bytes that are swapped with the next one: first those of one byte, then those of two.
fn swap_digits(bytes: &mut [u8], at: usize) {
    if at.is_multiple_of(2) {
        bytes[at / 2] = bytes[at / 2].rotate_left(4);
        return;
    }
    let (first, second) = (bytes[at / 2], bytes[at / 2 + 1]);
    bytes[at / 2] = first & 0xF0 | second >> 4;
    bytes[at / 2 + 1] = second & 0x0F | first << 4;
}

fn swap_neighbors(whole: &Space, seed: &Range<usize>) -> Vec<Space> {
    let digits = 2 * seed.len() - 1;
    let swaps = digits + seed.len() - 1;
    let swap = |space: &mut Space, index: usize| {
        let bytes = &mut space.base[seed.clone()];
        match index.checked_sub(digits) {
            None => swap_digits(bytes, index),
            Some(at) => bytes.swap(at, at + 1),
        }
    };
    let mut spaces = Vec::new();
    for first in 0..swaps {
        let mut one = whole.clone();
        swap(&mut one, first);
        for second in first + 1..swaps {
            let mut two = one.clone();
            swap(&mut two, second);
            two.cost = 1.0;
            spaces.push(two);
        }
        spaces.extend(change_digit(&one, seed));
        spaces.push(one);
    }
    spaces
}

fn change_digit(swapped: &Space, seed: &Range<usize>) -> Vec<Space> {
    let digits = 0..2 * seed.len();
    let spaces = digits.map(|digit| Space {
        cost: MIXED,
        levels: vec![Level {
            cost: 0.0,
            bits: digit_bits(seed, digit).collect(),
        }],
        ..swapped.clone()
    });
    spaces.collect()
}

/// The bits of a digit of the seed.
fn digit_bits(seed: &Range<usize>, digit: usize) -> impl Iterator<Item = u16> + use<> {
    let byte = seed.start + digit / 2;
    let low = if digit.is_multiple_of(2) { 4 } else { 0 };
    (0..4).map(move |bit| (byte * 8 + low + bit) as u16)
}

fn change_digits(whole: &Space, seed: &Range<usize>) -> Vec<Space> {
    let bits = |digit: usize| digit_bits(seed, digit);
    let digits = 0..2 * seed.len();
    let pairs = digits
        .clone()
        .flat_map(|first| (first + 1..digits.end).map(move |second| (first, second)));
    let spaces = pairs.map(|(first, second)| Space {
        cost: DIGITS,
        levels: vec![Level {
            cost: 0.0,
            bits: bits(first).chain(bits(second)).collect(),
        }],
        ..whole.clone()
    });
    spaces.collect()
}

fn change_bytes(whole: &Space, seed: &Range<usize>) -> Vec<Space> {
    let pairs = seed.clone().zip(seed.start + 1..seed.end);
    let spaces = pairs.map(|(first, second)| Space {
        cost: BYTES,
        unknown: vec![first as u16, second as u16],
        ..whole.clone()
    });
    spaces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Seed;
    use crate::backup::tests::KNOWN;
    use crate::progress::Progress;
    use crate::repair::{Case, ProvedFields, prove};

    /// Whether the known backup is proved when all copies have the same damage.
    fn is_proved(with_id: bool, hurt: impl Fn(&mut [u8])) -> bool {
        let mut copy = hex::decode(KNOWN).unwrap();
        let seed = hex::decode("8af64d31126a39b98f59708a3a463e5b").unwrap();
        let at = copy.windows(16).position(|bytes| bytes == seed).unwrap();
        hurt(&mut copy[at..at + 16]);
        let mut padded = [0; 32];
        padded[..16].copy_from_slice(&seed);
        let ids = Vec::from_iter(with_id.then(|| Seed::new(&padded, 16).unwrap().id()));
        if with_id {
            copy[6..38].fill(0);
        }
        let case = Case {
            copies: vec![&copy, &copy, &copy],
            own_id: with_id,
            ids,
            ..Case::default()
        };
        let Some(proved) = prove(&case, 1 << 23, 0, &Progress::default()).proved else {
            return false;
        };
        let found = match proved.fields {
            ProvedFields::Whole(contents) => contents.seed().unwrap(),
            ProvedFields::Seed { seed, .. } => seed,
        };
        assert_eq!(found.padded()[..16], seed);
        assert!(!proved.changed.is_empty());
        true
    }

    #[test]
    fn errors_that_all_copies_have_are_found() {
        for with_id in [true, false] {
            assert!(is_proved(with_id, |seed| {
                seed[2] ^= 0xB0;
                seed[11] ^= 0x0D;
            }));
            assert!(is_proved(with_id, |seed| {
                seed[5] ^= 0xC7;
                seed[6] ^= 0x7E;
            }));
            assert!(is_proved(with_id, |seed| {
                swap_digits(seed, 7);
                swap_digits(seed, 20);
            }));
            assert!(is_proved(with_id, |seed| seed.swap(3, 4)));
            assert!(is_proved(with_id, |seed| {
                swap_digits(seed, 9);
                seed[13] ^= 0x50;
            }));
        }
        assert!(!is_proved(true, |seed| seed[..7].fill(0x31)));
    }

    #[test]
    fn digits_are_swapped_with_the_next_one() {
        let mut bytes = [0x12, 0x34];
        swap_digits(&mut bytes, 0);
        assert_eq!(bytes, [0x21, 0x34]);
        swap_digits(&mut bytes, 1);
        assert_eq!(bytes, [0x23, 0x14]);
        swap_digits(&mut bytes, 2);
        assert_eq!(bytes, [0x23, 0x41]);
    }
}
