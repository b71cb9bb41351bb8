//! How many bytes of a seed count, where only its id is proved.

use super::layout;
use super::wire::{self, Field};

/// The lengths a wallet's seed has.
pub(crate) const LENGTHS: [u32; 3] = [16, 24, 32];

/// As many zero bytes at the end of a random seed come by chance once in 2^64 seeds.
const BY_CHANCE: usize = 8;

/// The lengths a seed can have by its id alone: 32 bytes, padded with zeros.
pub fn fitting_lengths(seed: &[u8; 32]) -> Vec<u32> {
    let used = used(seed);
    let fits = |length: &u32| *length as usize >= used;
    LENGTHS.into_iter().filter(fits).collect()
}

/// The length of a seed that nothing but its id proves; `None` if that is a question.
///
/// The id is the same however many zeros follow, so it is the shortest length that holds every
/// byte that is not zero. It is a question if one of the copies says a longer one: a flipped bit
/// can say that, and so can a person's own choice of seed. It is a question too if even the
/// shortest ends in eight zeros or more: no random number does that, so its length is anyone's
/// choice. A value that is no length of a seed says nothing.
pub fn seed_length(seed: &[u8; 32], copies: &[&[u8]]) -> Option<u32> {
    match fitting_lengths(seed).as_slice() {
        [only] => Some(*only),
        [shortest, ..] => {
            let longest = || said_lengths(copies).pop();
            let is_sure =
                is_random(seed, *shortest) && longest().is_none_or(|one| one <= *shortest);
            is_sure.then_some(*shortest)
        }
        [] => None,
    }
}

/// The length that is likeliest of a seed of which nothing proves one: the shortest if that is a random seed, or else the
/// one that all copies say that say any.
#[cfg(feature = "recover")]
pub(crate) fn likeliest_length(seed: &[u8; 32], copies: &[&[u8]]) -> Option<u32> {
    let fitting = fitting_lengths(seed);
    let shortest = *fitting.first()?;
    match said_lengths(copies).as_slice() {
        _ if is_random(seed, shortest) => Some(shortest),
        [only] if fitting.contains(only) => Some(*only),
        _ => None,
    }
}

/// Whether a seed of this length ends as a random one does.
fn is_random(seed: &[u8; 32], length: u32) -> bool {
    used(seed).saturating_add(BY_CHANCE) > length as usize
}

/// How many bytes there are up to the last that is not zero.
fn used(seed: &[u8; 32]) -> usize {
    let last = seed.iter().rposition(|byte| *byte != 0);
    last.map_or(0, |last| last.saturating_add(1))
}

/// The lengths that any of these copies says, in ascending order.
pub(crate) fn said_lengths(copies: &[&[u8]]) -> Vec<u32> {
    let is_said = |length: &u32| copies.iter().any(|copy| says(copy, u64::from(*length)));
    LENGTHS.into_iter().filter(is_said).collect()
}

/// Whether a copy says anywhere that this is the length of a seed.
fn says(copy: &[u8], length: u64) -> bool {
    let says =
        |found: &wire::FoundField| found.field == Field::SeedLength && found.number == Some(length);
    wire::fields(copy).iter().any(says)
        || (0..copy.len()).any(|at| is_marked(copy, at) && byte(copy, at) == length)
}

fn byte(copy: &[u8], at: usize) -> u64 {
    copy.get(at).copied().map_or(0, u64::from)
}

/// Whether two at least of the four marks around a seed's length stand around a byte, as in
/// `22 LL 08 <length> 12 20`: so it is found where no field before it can be read.
fn is_marked(copy: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| byte(copy, at));
    let behind = |on: usize| byte(copy, at.saturating_add(on));
    let marks = [
        before(3) == Some(0x22),
        before(1) == Some(0x08),
        behind(1) == 0x12,
        behind(2) == 0x20,
    ];
    layout::count(&marks) >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(used: usize) -> [u8; 32] {
        std::array::from_fn(|at| u8::from(at < used))
    }

    fn copy(length: u8) -> Vec<u8> {
        let mut copy = hex::decode(crate::backup::tests::KNOWN).unwrap();
        let at = copy
            .windows(4)
            .position(|at| at == [8, 16, 18, 32])
            .unwrap();
        copy[at + 1] = length;
        copy
    }

    #[test]
    fn the_shortest_that_holds_the_seed() {
        for (used, length) in [(9, 16), (16, 16), (17, 24), (24, 24), (25, 32), (32, 32)] {
            assert_eq!(seed_length(&seed(used), &[]), Some(length), "{used}");
        }
    }

    #[test]
    fn a_copy_that_says_longer_makes_it_a_question() {
        let copies = [16, 24, 32].map(copy);
        let [own, more, most] = copies.each_ref().map(Vec::as_slice);
        assert_eq!(seed_length(&seed(16), &[own, own]), Some(16));
        assert_eq!(seed_length(&seed(16), &[own, more]), None);
        assert_eq!(seed_length(&seed(16), &[most, own]), None);
        assert_eq!(seed_length(&seed(24), &[own, more]), Some(24));
        assert_eq!(seed_length(&seed(24), &[more, most]), None);
        assert_eq!(
            seed_length(&seed(32), &[own, more]),
            Some(32),
            "only one fits"
        );
    }

    #[test]
    fn the_likeliest_is_the_shortest_random_one_or_what_all_copies_say() {
        let copies = [16, 24, 32].map(copy);
        let [own, more, most] = copies.each_ref().map(Vec::as_slice);
        assert_eq!(likeliest_length(&seed(16), &[more, more]), Some(16));
        assert_eq!(likeliest_length(&seed(24), &[most]), Some(24));
        assert_eq!(likeliest_length(&seed(8), &[more, more]), Some(24));
        assert_eq!(likeliest_length(&seed(8), &[own, more]), None);
        assert_eq!(likeliest_length(&seed(8), &[]), None);
    }

    #[test]
    fn a_value_that_is_no_length_says_nothing() {
        for value in (0..=255).filter(|value| !matches!(value, 24 | 32)) {
            assert_eq!(seed_length(&seed(16), &[&copy(value)]), Some(16), "{value}");
        }
    }

    #[test]
    fn a_length_is_seen_where_what_stands_before_it_is_lost() {
        let longer = copy(24);
        let at = longer
            .windows(4)
            .position(|at| at == [8, 24, 18, 32])
            .unwrap();
        for cut in 0..at {
            let mut lost = longer[cut..].to_vec();
            assert_eq!(
                seed_length(&seed(16), &[&lost]),
                None,
                "without {cut} bytes"
            );
            // Any two of the four marks do.
            lost[at - cut + 2] ^= 1;
            assert_eq!(
                seed_length(&seed(16), &[&lost]),
                None,
                "without {cut} bytes"
            );
        }
    }

    #[test]
    fn a_seed_that_ends_in_eight_zeros_anyway_has_any_length() {
        for used in 0..=8 {
            assert_eq!(seed_length(&seed(used), &[&copy(16)]), None, "{used}");
            assert_eq!(fitting_lengths(&seed(used)), [16, 24, 32]);
        }
    }
}
