//! Runs a search: takes batches of candidates, and tests them on all threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::super::kernel::{ChecksumTest, IdTest, Kernel, NearIdTest, OwnerTest, RowTest};
use super::batch::{Batch, CHUNK};
use super::enumerator::Enumerator;
use super::outcome::{Hit, Outcome};
use super::prepared_space::{PreparedSpace, prepare_spaces};
use super::ranking::Ranking;
use super::segment::Segment;
use super::space::Space;
use super::target::{CHECKSUM_MESSAGE, ID_MESSAGE, SearchTarget};
use crate::backup::wallet::Owned;
use crate::progress::Progress;

/// Candidates of the first batch; each next one has four times as many, up to [`LARGEST_BATCH`].
const FIRST_BATCH: u64 = 1 << 12;
/// Most candidates of a batch.
pub(super) const LARGEST_BATCH: u64 = CHUNK << 7;
/// Batches with fewer candidates than this are not worth waking threads.
const WORTH_THREADS: u64 = 1 << 13;

/// Tries candidates of all spaces by rising cost until one has the target.
///
/// At most `budget` candidates are tried. The first `skip` of them, which an earlier search of the
/// same spaces tried, are skipped but counted. Candidates of equal cost have a fixed order (by
/// space, then by how many bits of each level are flipped), so the outcome is the same for any
/// number of threads. The search runs on the rayon pool it is called in. What is tried is added to what
/// `progress` says is done.
pub fn search(
    spaces: &[Space],
    target: &SearchTarget,
    budget: u64,
    skip: u64,
    progress: &Progress<'_>,
) -> Outcome {
    search_with_kernel(Kernel::best(), spaces, target, budget, skip, progress)
}

/// Searches like [`search`], with the given kernel; the portable one replaces a kernel that this
/// machine cannot run.
pub fn search_with_kernel(
    kernel: Kernel,
    spaces: &[Space],
    target: &SearchTarget,
    budget: u64,
    skip: u64,
    progress: &Progress<'_>,
) -> Outcome {
    let kernel = kernel.or_present();
    match target {
        SearchTarget::Id(ids) => {
            let prepared = prepare_spaces::<8>(spaces, ID_MESSAGE);
            let tests = vec![IdTest::new(ids)];
            let wanted = if ids.is_empty() { 0 } else { budget };
            Searcher::new(kernel, spaces, prepared, tests, progress).run(wanted, skip)
        }
        SearchTarget::NearId(ids) => {
            let prepared = prepare_spaces::<8>(spaces, ID_MESSAGE);
            let tests = vec![NearIdTest::new(ids)];
            let wanted = if ids.is_empty() { 0 } else { budget };
            Searcher::new(kernel, spaces, prepared, tests, progress).run(wanted, skip)
        }
        SearchTarget::Checksum {
            sum,
            mask,
            distance,
        } => {
            let sum = &(*sum, *mask);
            let words = spaces.iter().map(|space| space.changing_words().len());
            // The fewer words change, the shorter the rows.
            match words.max().unwrap_or(0) {
                0..=8 => make_checksum_searcher::<8>(kernel, spaces, sum, *distance, progress)
                    .run(budget, skip),
                9..=16 => make_checksum_searcher::<16>(kernel, spaces, sum, *distance, progress)
                    .run(budget, skip),
                _ => make_checksum_searcher::<40>(kernel, spaces, sum, *distance, progress)
                    .run(budget, skip),
            }
        }
    }
}

/// Tries candidates of the seed field in the same order until one is what the owner of the wallet knows something
/// of: one to three thousand a second on each thread.
pub fn search_owned(
    spaces: &[Space],
    (owned, longer): (&Owned, &[u32]),
    budget: u64,
    skip: u64,
    progress: &Progress<'_>,
) -> Outcome {
    let prepared = prepare_spaces::<8>(spaces, ID_MESSAGE);
    let tests = vec![OwnerTest {
        owned,
        longer,
        progress,
    }];
    Searcher::new(Kernel::Portable, spaces, prepared, tests, progress).run(budget, skip)
}

fn make_checksum_searcher<'a, const W: usize>(
    kernel: Kernel,
    spaces: &'a [Space],
    sum: &([u8; 32], [u8; 32]),
    distance: u32,
    progress: &'a Progress<'a>,
) -> Searcher<'a, ChecksumTest, W> {
    let prepared = prepare_spaces::<W>(spaces, CHECKSUM_MESSAGE);
    let tests = prepared.iter();
    let tests = tests
        .map(|space| ChecksumTest::new(space.words(), space.columns(), sum, distance))
        .collect();
    Searcher::new(kernel, spaces, prepared, tests, progress)
}

/// A search in progress.
pub(super) struct Searcher<'a, T, const W: usize> {
    kernel: Kernel,
    original: &'a [Space],
    spaces: Vec<PreparedSpace<W>>,
    /// One for all spaces, or one for each space.
    tests: Vec<T>,
    progress: &'a Progress<'a>,
    stopped: AtomicBool,
    /// The rank of the first hit so far.
    best: AtomicU64,
    hit: Mutex<Option<Hit>>,
}

impl<'a, T: RowTest<W>, const W: usize> Searcher<'a, T, W> {
    pub(super) fn new(
        kernel: Kernel,
        original: &'a [Space],
        spaces: Vec<PreparedSpace<W>>,
        tests: Vec<T>,
        progress: &'a Progress<'a>,
    ) -> Self {
        Self {
            kernel,
            original,
            spaces,
            tests,
            progress,
            stopped: AtomicBool::new(false),
            best: AtomicU64::new(u64::MAX),
            hit: Mutex::new(None),
        }
    }

    pub(super) fn run(self, budget: u64, skip: u64) -> Outcome {
        let mut ranking = Ranking::new(&self.spaces, budget);
        let mut tried = ranking.skip(skip.min(budget));
        let mut size = FIRST_BATCH;
        let mut batch = ranking.next_batch(size);
        while !batch.is_empty() && !self.is_stopped() {
            size = size.saturating_mul(4).min(LARGEST_BATCH);
            let (done, next) = if batch.total() < WORTH_THREADS {
                (self.try_batch(&batch), ranking.next_batch(size))
            } else {
                rayon::join(|| self.try_batch(&batch), || ranking.next_batch(size))
            };
            tried += done;
            if self.best.load(Ordering::Relaxed) != u64::MAX || done < batch.total() {
                break;
            }
            batch = next;
        }
        let stopped = self.stopped.load(Ordering::Relaxed);
        let hit = self
            .hit
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Outcome {
            tried: hit.as_ref().map_or(tried, |hit| hit.rank),
            exhausted: hit.is_none() && !stopped && ranking.is_exhausted(),
            stopped,
            hit,
        }
    }

    /// Tries a batch; returns how many candidates from its start were tried without a gap.
    fn try_batch(&self, batch: &Batch) -> u64 {
        use rayon::prelude::*;

        let done: Vec<bool> = if batch.total() < WORTH_THREADS {
            batch.chunks().map(|chunk| self.try_chunk(chunk)).collect()
        } else {
            let chunks: Vec<_> = batch.chunks().collect();
            chunks
                .into_par_iter()
                .with_max_len(1)
                .map(|chunk| self.try_chunk(chunk))
                .collect()
        };
        let whole = batch.chunks().zip(done).take_while(|(_, done)| *done);
        whole
            .flat_map(|(chunk, _)| chunk)
            .map(|segment| segment.count)
            .sum()
    }

    /// Tries one chunk; returns false if it was stopped before its end.
    fn try_chunk(&self, segments: &[Segment]) -> bool {
        let Some(first) = segments.first() else {
            return true;
        };
        if first.before >= self.best.load(Ordering::Relaxed) {
            return true;
        }
        let mut enumerator = Enumerator::<W>::new();
        let mut by_test: Vec<_> = segments.iter().collect();
        if self.tests.len() > 1 {
            by_test.sort_by_key(|segment| segment.space); // stable: ranks rise within a space
        }
        let mut current = None;
        for segment in by_test {
            let Some(space) = self.spaces.get(segment.space as usize) else {
                continue;
            };
            let test = if self.tests.len() > 1 {
                segment.space as usize
            } else {
                0
            };
            let is_other = current.is_some_and(|current| current != test);
            if is_other && !self.test_rows(&mut enumerator, current) {
                return false;
            }
            current = Some(test);
            enumerator.start_segment(space, segment);
            while enumerator.fill_rows(space) {
                if !self.test_rows(&mut enumerator, current) {
                    return false;
                }
            }
        }
        if !self.test_rows(&mut enumerator, current) {
            return false;
        }
        self.progress
            .add_done(segments.iter().map(|segment| segment.count).sum());
        true
    }

    /// Tests the rows of the enumerator and clears them; returns false if the search was stopped.
    fn test_rows(&self, enumerator: &mut Enumerator<W>, test: Option<usize>) -> bool {
        let test = test.and_then(|test| self.tests.get(test));
        let found = test.and_then(|test| test.find_first(self.kernel, enumerator.rows()));
        if let Some((row, target)) = found {
            self.keep_hit(enumerator, row, target);
        }
        enumerator.clear();
        !self.is_stopped()
    }

    /// Keeps a hit if it is the first so far.
    fn keep_hit(&self, enumerator: &Enumerator<W>, row: usize, target: usize) {
        let Some((space, rank)) = enumerator.origin(row) else {
            return;
        };
        let mut kept = self
            .hit
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if kept.as_ref().is_some_and(|kept| kept.rank <= rank) {
            return;
        }
        let space = self.spaces.get(space as usize);
        let original = space.and_then(|space| self.original.get(space.index));
        let words = enumerator.rows().get(row);
        if let (Some(space), Some(original), Some(words)) = (space, original, words) {
            let bytes = space.message(words, original.base.len());
            let changed = original.changed_bits(&bytes);
            *kept = Some(Hit {
                space: space.index,
                bytes,
                changed,
                rank,
                target,
            });
            self.best.fetch_min(rank, Ordering::Relaxed);
        }
    }

    fn is_stopped(&self) -> bool {
        if self.progress.is_stopped() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.stopped.load(Ordering::Relaxed)
    }
}
