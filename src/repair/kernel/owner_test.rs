//! Tests the seed field against what the owner of the wallet knows: slow, as each candidate is stretched.

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::kernel::Kernel;
use super::row_test::RowTest;
use super::stretch::{Stretched, Width, stretch};
use crate::backup::wallet::Owned;
use crate::backup::{Seed, Words, fitting_lengths};
use crate::progress::Progress;

/// How many rows one thread takes at a time.
const GROUP: usize = 8;

/// Tests whether a row, all eight words of a seed field, is the seed that the owner knows something of, with the
/// shortest length that its trailing zeros allow and with others.
pub(in crate::repair) struct OwnerTest<'a> {
    pub(in crate::repair) owned: &'a Owned,
    /// The lengths that are tried beside the shortest, where zeros allow them.
    pub(in crate::repair) longer: &'a [u32],
    /// What stops the search: a single chunk of candidates takes seconds.
    pub(in crate::repair) progress: &'a Progress<'a>,
}

impl OwnerTest<'_> {
    /// The seeds that a row may be, one for each length that is tried.
    fn seeds_of(&self, row: &[u32; 8]) -> Vec<Seed> {
        let mut bytes = Zeroizing::new([0; 32]);
        for (to, word) in bytes.chunks_exact_mut(4).zip(row) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        let fitting = fitting_lengths(&bytes);
        let shortest = fitting.first().copied();
        let tried = |length: &&u32| Some(**length) == shortest || self.longer.contains(*length);
        let tried = fitting.iter().filter(tried);
        tried
            .filter_map(|length| Seed::new(&bytes, *length))
            .collect()
    }

    /// The first of these rows that is the seed of one of the wallets.
    fn find_in_group(&self, rows: &[[u32; 8]]) -> Option<usize> {
        let rows = rows.iter().enumerate();
        let words = rows.flat_map(|(row, words)| {
            let words = self.seeds_of(words).into_iter();
            words.filter_map(move |seed| Some((row, Words::of(&seed)?)))
        });
        let (rows, words): (Vec<_>, Vec<_>) = words.unzip();
        let mut groups = rows.chunks(GROUP).zip(words.chunks(GROUP));
        groups.find_map(|(rows, words)| {
            if self.progress.is_stopped() {
                return None;
            }
            let stretched = stretch(Width::best(), words, self.owned.passphrase());
            let fits =
                |stretched: &Stretched| !self.progress.is_stopped() && self.owned.fits(stretched);
            rows.get(stretched.iter().position(fits)?).copied()
        })
    }
}

impl RowTest<8> for OwnerTest<'_> {
    fn find_first(&self, _: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        let groups = rows.par_chunks(GROUP).enumerate().with_max_len(1);
        groups.find_map_first(|(index, rows)| {
            let found = self.find_in_group(rows)?;
            Some((GROUP * index + found, 0))
        })
    }
}
