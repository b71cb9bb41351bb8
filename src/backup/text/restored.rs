//! A copy that a tool took for a text: it changed the ends of lines, or took out every zero byte.

use zeroize::Zeroizing;

use super::if_whole;

/// Most line ends each of which may or may not have been changed.
const MOST_ENDS: usize = 10;
/// What the length of the seed field begins with, and that length.
const SEED: [u8; 2] = [0x12, 32];
/// The lengths of a seed, and the zeros that fill its field.
const PADDING: [(usize, usize); 3] = [(16, 16), (24, 8), (32, 0)];
/// Most zeros beside those: of the seed itself, or the checksum.
const MOST_OTHERS: usize = 2;

/// The bytes with their zeros, if so many are missing as the copy's own length says, and some places give a whole copy.
pub(super) fn with_zeros(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let missing = whole_length(bytes)?.checked_sub(bytes.len())?;
    if missing == 0 || bytes.contains(&0) {
        return None;
    }
    PADDING.into_iter().find_map(|(length, padding)| {
        let others = missing.checked_sub(padding)?;
        if others > MOST_OTHERS {
            return None;
        }
        places(others, bytes.len()).find_map(|at| {
            let room = bytes.len().saturating_add(MOST_OTHERS);
            let mut copy = Zeroizing::new(Vec::with_capacity(room));
            copy.extend_from_slice(bytes);
            for place in at.iter().take(others) {
                copy.insert(*place, 0);
            }
            let padded = |(begin, tag): (usize, &[u8])| {
                let end = begin.checked_add(SEED.len())?.checked_add(length)?;
                let (before, after) = (tag == SEED).then(|| copy.split_at_checked(end))??;
                if_whole([before, &vec![0; padding], after].concat().into())
            };
            copy.windows(SEED.len()).enumerate().find_map(padded)
        })
    })
}

/// The length of a file by its outermost field.
fn whole_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x0A, length @ ..0x80, ..] => usize::from(*length).checked_add(2),
        [0x0A, low, high @ 1..0x80, ..] => {
            let low = usize::from(low & 0x7F);
            low.checked_add(usize::from(*high).checked_mul(128)?)?
                .checked_add(3)
        }
        _ => None,
    }
}

/// Every two places in bytes, the later one first, of which so many count.
fn places(others: usize, length: usize) -> impl Iterator<Item = [usize; 2]> {
    let last = |depth: usize| if others > depth { length } else { 0 };
    let (first, second) = (last(0), last(1));
    (0..=first).flat_map(move |one| (0..=second.min(one)).map(move |two| [one, two]))
}

/// The bytes before LF was turned into CR LF or CR LF into LF, if some choice of ends gives a whole copy.
pub(super) fn with_other_ends(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let is_end = |at: &usize| bytes.get(*at) == Some(&b'\n');
    let before = |at: usize| bytes.get(at.checked_sub(1)?);
    let is_pair = |at: &usize| before(*at) == Some(&b'\r');
    let ends = (0..bytes.len()).filter(is_end);
    let (pairs, alone): (Vec<usize>, Vec<usize>) = ends.partition(is_pair);
    let fewer = choices(&pairs).find_map(|gone| {
        let kept = |(at, _): &(usize, &u8)| !gone.contains(&at.saturating_add(1));
        let kept = bytes.iter().enumerate().filter(kept);
        let text: Vec<u8> = kept.map(|(_, byte)| *byte).collect();
        if_whole(Zeroizing::new(text))
    });
    let more = |added: Vec<usize>| {
        let room = bytes.len().saturating_add(added.len());
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        for (at, byte) in bytes.iter().enumerate() {
            text.extend(added.contains(&at).then_some(b'\r'));
            text.push(*byte);
        }
        if_whole(text)
    };
    fewer.or_else(|| choices(&alone).find_map(more))
}

/// Every choice of the ends, the one of all first; of too many only that one. None of no ends.
fn choices(ends: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let are_few = ends.len() <= MOST_ENDS;
    let all = if are_few { 1_u64 << ends.len() } else { 2 };
    (1..all).rev().map(move |chosen| {
        let ends = ends.iter().enumerate();
        let chosen = ends.filter(|(bit, _)| !are_few || chosen >> bit & 1 == 1);
        chosen.map(|(_, end)| *end).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{Contents, Parts};

    fn copy(seed: &[u8; 32], seed_length: u32) -> Zeroizing<Vec<u8>> {
        let parts = Parts {
            timestamp: 1_601_281_809,
            name: "My BitBox",
            seed_length,
            seed,
            birthdate: 1_601_281_809,
            generator: "v9.2.1",
            with_length: false,
        };
        Contents::new(&parts).unwrap().encode()
    }

    #[test]
    fn zeros_that_were_taken_out_are_put_back() {
        let mut seed = [0; 32];
        seed[..16].fill(0x5A);
        let twelve = copy(&seed, 16);
        seed[3] = 0;
        let with_zero = copy(&seed, 16);
        seed.fill(0xA5);
        seed[24..].fill(0);
        let eighteen = copy(&seed, 24);
        for whole in [twelve, with_zero, eighteen] {
            let kept: Vec<u8> = whole.iter().copied().filter(|byte| *byte != 0).collect();
            assert!(kept.len() + 8 <= whole.len());
            assert_eq!(with_zeros(&kept).as_ref(), Some(&whole));
            // Nothing is put into what has all its zeros, or lost something else.
            assert_eq!(with_zeros(&whole), None);
            assert_eq!(with_zeros(&kept[..kept.len() - 1]), None);
        }
    }
}
