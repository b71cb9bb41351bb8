//! A file put together from two copies: from stretches, where each is foreign or overwritten at other places, or where each
//! lost a few bytes at one or two places.

use zeroize::Zeroizing;

use super::contents::{Contents, whole};

/// Most copies of which any two are put together.
pub(crate) const MOST_COPIES: usize = 8;
/// Most stretches in which two copies differ: 1,024 combinations.
const MOST_STRETCHES: usize = 10;
/// Stretches with at most so many equal bytes between them are one, if there are too many otherwise: a foreign byte may
/// be right by chance.
const NEAR: [usize; 3] = [0, 1, 3];

/// Most places at which a copy lost bytes.
const MOST_GAPS: usize = 2;
/// Most bytes lost at one place.
const MOST_LOST: usize = 12;
/// Behind a gap so many bytes are compared, of which two at least are equal: the next gap is not at once behind it.
const AHEAD: usize = 6;
/// Most steps with two copies: runs of zeros can be aligned in many ways.
const MOST_STEPS: usize = 20_000;

/// What any two of the copies give, put together in one way.
pub(super) fn of_any_two(
    copies: &[&[u8]],
    put_together: impl Fn(&[u8], &[u8]) -> Option<Contents>,
) -> Option<Contents> {
    let mut rest = copies.get(..MOST_COPIES).unwrap_or(copies).iter();
    while let Some(first) = rest.next() {
        let mut others = rest.clone();
        if let Some(found) = others.find_map(|second| put_together(first, second)) {
            return Some(found);
        }
    }
    None
}

/// The file that the checksum proves, if two copies give it: of each stretch in which they differ one of them is right.
pub(crate) fn splice_two(first: &[u8], second: &[u8]) -> Option<Contents> {
    if first.len() != second.len() {
        return None;
    }
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
        whole(&file)
    });
    // Stretches that touch: the beginning of one copy and the end of the other.
    combined.or_else(|| {
        (begin.saturating_add(1)..end).find_map(|at| {
            let both = |(head, tail): (&[u8], &[u8])| {
                whole(&Zeroizing::new([head.get(..at)?, tail.get(at..)?].concat()))
            };
            both((first, second)).or_else(|| both((second, first)))
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

/// The file that the checksum proves, if the two copies give it: what one of them lost the other one has.
pub(super) fn align_two(first: &[u8], second: &[u8]) -> Option<Contents> {
    let room = first.len().saturating_add(second.len());
    let mut aligner = Aligner {
        copies: [first, second],
        // No room is asked for twice, so that no bytes of it stay behind.
        file: Zeroizing::new(Vec::with_capacity(room)),
        steps: 0,
    };
    aligner.align([0, 0], [0, 0])
}

struct Aligner<'a> {
    copies: [&'a [u8]; 2],
    /// The file up to where it is.
    file: Zeroizing<Vec<u8>>,
    steps: usize,
}

impl Aligner<'_> {
    /// Goes on from these places of the copies, which had so many gaps.
    fn align(&mut self, mut at: [usize; 2], gaps: [usize; 2]) -> Option<Contents> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MOST_STEPS {
            return None;
        }
        let before = self.file.len();
        while let (Some(byte), Some(other)) = (self.byte(0, at[0]), self.byte(1, at[1]))
            && byte == other
        {
            self.file.push(byte);
            at = at.map(|at| at.saturating_add(1));
        }
        let is_end = self.byte(0, at[0]).is_none() && self.byte(1, at[1]).is_none();
        let found = if is_end {
            whole(&self.file)
        } else {
            (1..=MOST_LOST).find_map(|lost| {
                let first = self.fill([1, 0], lost, at, gaps);
                first.or_else(|| self.fill([0, 1], lost, at, gaps))
            })
        };
        self.file.truncate(before);
        found
    }

    /// The same if one copy has bytes here that the other one lost.
    fn fill(
        &mut self,
        [has, lost]: [usize; 2],
        bytes: usize,
        mut at: [usize; 2],
        mut gaps: [usize; 2],
    ) -> Option<Contents> {
        let copy = *self.copies.get(has)?;
        let (from, gap) = (at.get_mut(has)?, gaps.get_mut(lost)?);
        let end = from.saturating_add(bytes);
        let stretch = copy.get(*from..end)?;
        (*gap < MOST_GAPS).then_some(())?;
        *gap = gap.saturating_add(1);
        *from = end;
        if !self.is_equal_ahead(at) {
            return None;
        }
        let before = self.file.len();
        self.file.extend_from_slice(stretch);
        let found = self.align(at, gaps);
        self.file.truncate(before);
        found
    }

    fn byte(&self, copy: usize, at: usize) -> Option<u8> {
        self.copies.get(copy)?.get(at).copied()
    }

    fn is_equal_ahead(&self, at: [usize; 2]) -> bool {
        let [first, second] = self.copies;
        let first = first.get(at[0]..).unwrap_or_default();
        let second = second.get(at[1]..).unwrap_or_default();
        let pairs = first.iter().zip(second).take(AHEAD);
        let equal = pairs.filter(|(byte, other)| byte == other).count();
        equal >= first.len().min(second.len()).min(2)
    }
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

    #[test]
    fn what_one_copy_lost_the_other_one_has() {
        let known = hex::decode(KNOWN).unwrap();
        let cut = |places: [(usize, usize); 2]| {
            let mut copy = known.clone();
            for (at, lost) in places {
                copy.drain(at..at + lost);
            }
            copy
        };
        for (first, second) in [
            ([(75, 2), (64, 4)], [(85, 3), (71, 1)]),
            ([(90, 4), (40, 1)], [(70, 4), (20, 3)]),
            ([(107, 3), (66, 1)], [(77, 1), (0, 4)]),
        ] {
            let found = align_two(&cut(first), &cut(second)).expect("both together have all of it");
            assert_eq!(*found.encode(), known);
        }
        // What both lost is not there.
        assert!(align_two(&cut([(75, 2), (64, 4)]), &cut([(76, 2), (20, 1)])).is_none());
        let foreign: Vec<u8> = (0..110_u8).map(|at| at.wrapping_mul(77)).collect();
        assert!(align_two(&foreign, &known).is_none());
    }
}
