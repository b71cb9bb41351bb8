//! What was found unreadable, with the cause, in little memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::image::{Extent, SystemError};

/// Unreadable runs of bytes. Adjacent runs of one cause are one.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    /// By offset: the offset just behind, and the cause. The runs do not overlap.
    runs: BTreeMap<u64, (u64, SystemError)>,
}

impl Gaps {
    /// Adds a run; parts already known keep the cause they had.
    pub(crate) fn insert(&mut self, extent: Extent, cause: SystemError) {
        let mut at = extent.offset;
        while at < extent.end() {
            let rest = Extent::between(at, extent.end());
            let known = self.first_in(rest).map(|(known, _)| known);
            self.insert_new(at, known.map_or(rest.end(), |known| known.offset), cause);
            at = known.map_or(rest.end(), |known| known.end());
        }
    }

    fn insert_new(&mut self, mut start: u64, mut end: u64, cause: SystemError) {
        if start >= end {
            return;
        }
        if let Some((&before, &(before_end, same))) = self.runs.range(..start).next_back()
            && before_end == start
            && same == cause
        {
            start = before;
        }
        if let Some(&(after_end, same)) = self.runs.get(&end)
            && same == cause
        {
            self.runs.remove(&end);
            end = after_end;
        }
        self.runs.insert(start, (end, cause));
    }

    /// The first known part inside `extent`, clipped to it, and its cause.
    pub(crate) fn first_in(&self, extent: Extent) -> Option<(Extent, SystemError)> {
        let clip = |start: u64, end: u64| {
            Extent::between(start.max(extent.offset), end.min(extent.end())).some()
        };
        let before = self.runs.range(..=extent.offset).next_back();
        let behind = (Bound::Excluded(extent.offset), Bound::Unbounded);
        let mut both = before.into_iter().chain(self.runs.range(behind).next());
        both.find_map(|(&start, &(end, cause))| Some((clip(start, end)?, cause)))
    }

    /// All of them, ascending, adjacent ones joined whatever their causes.
    pub(crate) fn extents(&self) -> Vec<Extent> {
        join(
            self.runs
                .iter()
                .map(|(&offset, &(end, _))| Extent::between(offset, end)),
        )
    }
}

/// Joins ascending extents that touch or overlap.
pub(crate) fn join(ascending: impl IntoIterator<Item = Extent>) -> Vec<Extent> {
    let mut joined: Vec<Extent> = Vec::new();
    for extent in ascending {
        match joined.last_mut() {
            Some(last) if extent.offset <= last.end() => {
                let end = last.end().max(extent.end());
                last.length = end.saturating_sub(last.offset);
            }
            _ => joined.push(extent),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    fn extent(offset: u64, length: u64) -> Extent {
        Extent { offset, length }
    }

    fn cause(os_error: i32) -> SystemError {
        SystemError {
            kind: ErrorKind::Other,
            os_error: Some(os_error),
        }
    }

    #[test]
    fn runs_join_and_the_first_cause_stays() {
        let mut gaps = Gaps::default();
        gaps.insert(extent(1024, 512), cause(5));
        gaps.insert(extent(512, 512), cause(5));
        gaps.insert(extent(2048, 512), cause(5));
        assert_eq!(gaps.extents(), [extent(512, 1024), extent(2048, 512)]);
        gaps.insert(extent(0, 4096), cause(61));
        assert_eq!(gaps.extents(), [extent(0, 4096)]);
        assert_eq!(
            gaps.first_in(extent(600, 8)),
            Some((extent(600, 8), cause(5)))
        );
        assert_eq!(
            gaps.first_in(extent(1600, 8)),
            Some((extent(1600, 8), cause(61)))
        );
        assert_eq!(gaps.runs.len(), 5);
    }

    #[test]
    fn nothing_is_found_beside_a_run() {
        let mut gaps = Gaps::default();
        gaps.insert(extent(512, 512), cause(5));
        gaps.insert(extent(7, 0), cause(5));
        assert_eq!(gaps.first_in(extent(0, 512)), None);
        assert_eq!(gaps.first_in(extent(1024, 512)), None);
        assert_eq!(
            gaps.first_in(extent(0, 513)),
            Some((extent(512, 1), cause(5)))
        );
        assert_eq!(gaps.extents(), [extent(512, 512)]);
    }

    #[test]
    fn agrees_with_a_plain_array() {
        let mut gaps = Gaps::default();
        let mut plain = [None; 64];
        let mut state = 1_u64;
        for _ in 0..400 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let start = (state >> 33) % 60;
            let length = (state >> 41) % 5;
            let why = cause(((state >> 50) % 2) as i32);
            gaps.insert(extent(start, length), why);
            for slot in &mut plain[start as usize..(start + length).min(64) as usize] {
                slot.get_or_insert(why);
            }
            for at in 0..64_u64 {
                let found = gaps.first_in(extent(at, 1)).map(|(_, why)| why);
                assert_eq!(found, plain[at as usize]);
            }
            if state.is_multiple_of(64) {
                gaps = Gaps::default();
                plain = [None; 64];
            }
        }
    }
}
