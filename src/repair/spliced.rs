//! Seeds put together from stretches of copies: each copy is whole in one, and what is foreign or overwritten in one
//! touches what is in the next.

use zeroize::Zeroizing;

use super::search::Space;

/// Most different seeds of copies that are put together.
const MOST_SEEDS: usize = 8;
/// Most of them of which three stretches are put together.
const MOST_OF_THREE: usize = 3;
/// Three stretches, after all of two, in nats.
const THREE: f64 = 1.0;

/// A seed as one copy has it.
pub(super) type SeedOfCopy = Zeroizing<[u8; 32]>;

/// Builds a space for each seed of this length that has its beginning from one copy and its end from another, or
/// three stretches from two or three copies. `base` is the message around it, `at` where the seed is in that.
pub(super) fn build_spliced_spaces(
    seeds: &[SeedOfCopy],
    length: usize,
    base: &[u8],
    at: usize,
) -> Vec<Space> {
    let seeds = different(seeds, length);
    let mut spaces = Vec::new();
    for first in &seeds {
        for second in seeds.iter().filter(|seed| *seed != first) {
            for end in 1..length {
                let two = [(*first, end), (*second, length)];
                spaces.extend(spliced(base, at, &two, 0.0));
                if seeds.len() > MOST_OF_THREE {
                    continue;
                }
                for third in seeds.iter().filter(|seed| *seed != second) {
                    for next in end.saturating_add(1)..length {
                        let three = [(*first, end), (*second, next), (*third, length)];
                        spaces.extend(spliced(base, at, &three, THREE));
                    }
                }
            }
        }
    }
    spaces
}

/// The seeds of this length, each once.
fn different(seeds: &[SeedOfCopy], length: usize) -> Vec<&[u8]> {
    let mut each: Vec<&[u8]> = Vec::new();
    for seed in seeds.iter().filter_map(|seed| seed.get(..length)) {
        if each.len() < MOST_SEEDS && !each.contains(&seed) {
            each.push(seed);
        }
    }
    each
}

/// The message with a seed of stretches, each of which goes on to a byte; `None` if the message has no room for it.
fn spliced(base: &[u8], at: usize, stretches: &[(&[u8], usize)], cost: f64) -> Option<Space> {
    let mut message = Zeroizing::new(base.to_vec());
    let room = message.get_mut(at..at.checked_add(32)?)?;
    room.fill(0);
    let mut begin = 0;
    for (seed, end) in stretches {
        let stretch = begin..*end;
        room.get_mut(stretch.clone())?
            .copy_from_slice(seed.get(stretch)?);
        begin = *end;
    }
    Some(Space {
        base: message,
        cost,
        levels: Vec::new(),
        unknown: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_of_two_or_three_stretches_is_built_once() {
        let seeds = [[1; 32], [2; 32], [1; 32]].map(Zeroizing::new);
        let spaces = build_spliced_spaces(&seeds, 16, &[0; 32], 0);
        // Two orders of two seeds; 15 breaks, and 105 pairs of them.
        assert_eq!(spaces.len(), 2 * (15 + 105));
        let mut wanted = [0; 32];
        wanted[..5].fill(2);
        wanted[5..16].fill(1);
        let of_two = |space: &&Space| space.base.as_slice() == wanted && space.cost == 0.0;
        assert_eq!(spaces.iter().filter(of_two).count(), 1);
        wanted[9..16].fill(2);
        let of_three = |space: &&Space| space.base.as_slice() == wanted && space.cost == THREE;
        assert_eq!(spaces.iter().filter(of_three).count(), 1);
        assert!(build_spliced_spaces(&seeds[..1], 16, &[0; 32], 0).is_empty());
        assert!(build_spliced_spaces(&seeds, 16, &[0; 40], 20).is_empty());
    }
}
