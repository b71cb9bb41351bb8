//! Tests the seed field against what the owner of the wallet knows: slow, as each candidate is stretched.

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::kernel::Kernel;
use super::row_test::RowTest;
use crate::backup::wallet::Owned;
use crate::backup::{Seed, fitting_lengths};
use crate::progress::Progress;

/// Tests whether a row, all eight words of a seed field, is the seed that the owner knows something of, with the
/// shortest length that its trailing zeros allow and with others.
pub(in crate::repair) struct OwnerTest<'a> {
    pub(in crate::repair) owned: &'a Owned,
    /// The lengths that are tried beside the shortest, where zeros allow them.
    pub(in crate::repair) longer: &'a [u32],
    /// What stops the search: a single chunk of candidates takes seconds.
    pub(in crate::repair) progress: &'a Progress<'a>,
}

impl RowTest<8> for OwnerTest<'_> {
    fn find_first(&self, _: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        let proves = |row: &[u32; 8]| {
            let mut bytes = Zeroizing::new([0; 32]);
            for (to, word) in bytes.chunks_exact_mut(4).zip(row) {
                to.copy_from_slice(&word.to_be_bytes());
            }
            let fitting = fitting_lengths(&bytes);
            let shortest = fitting.first().copied();
            let tried = |length: &&u32| Some(**length) == shortest || self.longer.contains(*length);
            let mut tried = fitting.iter().filter(tried);
            let proves = |length: &u32| {
                let seed = Seed::new(&bytes, *length).filter(|_| !self.progress.is_stopped());
                seed.is_some_and(|seed| self.owned.proves(&seed))
            };
            tried.any(proves).then_some(())
        };
        let found = rows.par_iter().enumerate().with_max_len(1);
        found.find_map_first(|(index, row)| proves(row).map(|()| (index, 0)))
    }
}
