//! Tests the seed field against IDs.

use super::sha256::{INNER, OUTER, PADDING, compress_halves, read_words};
use crate::backup::Id;

/// Tests whether a row, all eight words of a seed field, has one of some IDs.
pub(in crate::repair) struct IdTest {
    ids: Vec<[u32; 8]>,
    /// The last words of the IDs.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code))]
    pub(super) last_words: Vec<u32>,
}

impl IdTest {
    pub(in crate::repair) fn new(ids: &[Id]) -> Self {
        let ids: Vec<_> = ids.iter().map(|id| read_words(&id.0)).collect();
        Self {
            last_words: ids.iter().map(|id| id[7]).collect(),
            ids,
        }
    }

    /// Which of the IDs this row has.
    #[inline]
    pub(super) fn check_row(&self, row: &[u32; 8]) -> Option<usize> {
        let own = compute_id(row);
        self.ids.iter().position(|id| *id == own)
    }
}

/// The ID of a seed field, as words.
#[inline]
pub(super) fn compute_id(row: &[u32; 8]) -> [u32; 8] {
    let mut state = INNER;
    compress_halves(&mut state, row, &PADDING);
    let inner = state;
    state = OUTER;
    compress_halves(&mut state, &inner, &PADDING);
    state
}
