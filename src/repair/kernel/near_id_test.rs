//! Tests the seed field against IDs of which digits are lost or wrong.

use super::id_test::compute_id;
use super::sha256::read_words;
use crate::backup::DamagedId;

/// A damaged ID: its words, which of their bits are known, and how many of these may differ.
pub(super) struct NearId {
    pub(super) words: [u32; 8],
    pub(super) mask: [u32; 8],
    pub(super) distance: u32,
}

/// Tests whether the ID of a row, all eight words of a seed field, is near enough to one of some damaged IDs.
pub(in crate::repair) struct NearIdTest {
    pub(super) ids: Vec<NearId>,
}

impl NearIdTest {
    pub(in crate::repair) fn new(ids: &[DamagedId]) -> Self {
        let targets = ids.iter().map(DamagedId::target);
        let near = targets.map(|(bytes, mask, distance)| NearId {
            words: read_words(&bytes),
            mask: read_words(&mask),
            distance,
        });
        Self {
            ids: near.collect(),
        }
    }

    /// Which of the IDs this row has nearly.
    #[inline]
    pub(super) fn check_row(&self, row: &[u32; 8]) -> Option<usize> {
        let own = compute_id(row);
        self.ids.iter().position(|id| {
            let words = own.iter().zip(&id.words).zip(&id.mask);
            let differ = words.map(|((own, of), mask)| ((own ^ of) & mask).count_ones());
            differ.sum::<u32>() <= id.distance
        })
    }
}
