//! A file put together from stretches of two copies, each of which is foreign or overwritten at other places.

use zeroize::Zeroizing;

use super::contents::{Contents, decode};

/// Most copies of which any two are put together.
pub(crate) const MOST_COPIES: usize = 8;
/// Most stretches in which two copies differ: 1,024 combinations.
const MOST_STRETCHES: usize = 10;
/// Stretches with at most so many equal bytes between them are one, if there are too many otherwise: a foreign byte may
/// be right by chance.
const NEAR: [usize; 3] = [0, 1, 3];

/// What any two of the copies give, put together in one way.
pub(super) fn of_any_two(
    copies: &[&[u8]],
    put_together: impl Fn(&[u8], &[u8]) -> Option<Contents>,
) -> Option<Contents> {
    let copies = copies.get(..MOST_COPIES).unwrap_or(copies);
    let mut rest = copies;
    while let Some((first, others)) = rest.split_first() {
        let found = others.iter().find_map(|second| put_together(first, second));
        if found.is_some() {
            return found;
        }
        rest = others;
    }
    None
}

/// The file that the checksum proves, if two copies give it: of each stretch in which they differ one of them is right.
pub(crate) fn splice_two(first: &[u8], second: &[u8]) -> Option<Contents> {
    if first.len() != second.len() {
        return None;
    }
    let proved = |file: &[u8]| {
        decode(file)
            .ok()
            .filter(|contents| contents.check().is_ok())
    };
    let stretches = NEAR
        .iter()
        .map(|near| stretches(first, second, *near))
        .find(|stretches| stretches.len() <= MOST_STRETCHES)?;
    let (begin, end) = (stretches.first()?.start, stretches.last()?.end);
    // Each stretch as either copy has it, without the copies themselves.
    let all = 1_usize.checked_shl(u32::try_from(stretches.len()).ok()?)?;
    let combined = (1..all.saturating_sub(1)).find_map(|choice| {
        let mut file = Zeroizing::new(first.to_vec());
        let chosen = stretches.iter().enumerate();
        for (_, stretch) in chosen.filter(|(index, _)| choice >> index & 1 == 1) {
            let room = file.get_mut(stretch.clone())?;
            room.copy_from_slice(second.get(stretch.clone())?);
        }
        proved(&file)
    });
    // Stretches that touch: the beginning of one copy and the end of the other.
    combined.or_else(|| {
        (begin.saturating_add(1)..end).find_map(|at| {
            let mut both = [(first, second), (second, first)].into_iter();
            both.find_map(|(head, tail)| {
                proved(&Zeroizing::new([head.get(..at)?, tail.get(at..)?].concat()))
            })
        })
    })
}

/// Where two copies differ.
fn stretches(first: &[u8], second: &[u8], near: usize) -> Vec<std::ops::Range<usize>> {
    let mut stretches: Vec<std::ops::Range<usize>> = Vec::new();
    let bytes = first.iter().zip(second).enumerate();
    for (at, _) in bytes.filter(|(_, (first, second))| first != second) {
        let end = at.saturating_add(1);
        match stretches.last_mut() {
            Some(last) if at.saturating_sub(last.end) <= near => last.end = end,
            _ => stretches.push(at..end),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::tests::KNOWN;

    #[test]
    fn two_copies_that_are_foreign_at_different_places_are_put_together() {
        let known = hex::decode(KNOWN).unwrap();
        let (mut first, mut second) = (known.clone(), known.clone());
        // The first one's seed; a tag, a length, and the name of the second.
        (60..80).for_each(|at| first[at] ^= at as u8 | 1);
        (38..50).for_each(|at| second[at] ^= at as u8 | 0x80);
        let foreign: Vec<u8> = (0..110_u8).map(|at| at.wrapping_mul(77)).collect();
        let found = of_any_two(&[&foreign, &first, &second], splice_two).unwrap();
        assert_eq!(*found.encode(), known);
        // The same where they touch, or three right bytes lie between.
        for next in [50, 53] {
            let mut touching = known.clone();
            (next..next + 12).for_each(|at| touching[at] ^= at as u8 | 0x40);
            let found = splice_two(&touching, &second).unwrap();
            assert_eq!(*found.encode(), known, "{next}");
        }
        // What both lost is not there.
        second[70] ^= 1;
        assert!(of_any_two(&[&foreign, &first, &second], splice_two).is_none());
        assert!(splice_two(&known[..100], &known).is_none());
    }
}
