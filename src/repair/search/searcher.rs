//! Candidates in order of likelihood: what a message may have been, the likeliest first, until one
//! has the id or the checksum.
//!
//! A [`Space`] is one hypothesis: a message and how unsure each of its bits is. Candidates with the
//! same numbers of flips in each level cost the same and form a *class*; classes come cheapest
//! first out of one queue over all spaces, and the candidates of a class are numbered, so that
//! every candidate has one rank whatever the number of threads and the kernel.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use zeroize::Zeroizing;

use super::super::kernel::{ChecksumTest, IdTest, Kernel, Test};
use super::batch::{self as round, Round};
use super::enumerator::Batch;
use super::prepared_space::{self as space, Prepared};
use super::ranking::Order;
use crate::backup::Id;

/// Bytes of a message whose id is looked for: the `seed` field.
pub const ID_MESSAGE: usize = 32;
/// Bytes of a message whose checksum is looked for: all that the checksum hashes.
pub const CHECKSUM_MESSAGE: usize = 133;

/// Most candidates one thread takes at a time.
pub(super) const PIECE: u64 = 1 << 15;
/// Candidates of the first round; each next one has four times as many, up to [`LARGEST_ROUND`].
const FIRST_ROUND: u64 = 1 << 12;
/// Most candidates of a round.
const LARGEST_ROUND: u64 = PIECE << 7;
/// Rounds smaller than this are not worth waking threads.
const WORTH_THREADS: u64 = 1 << 13;

/// One hypothesis about the message: its bytes as most likely, and how unsure each bit is.
///
/// No `Debug`: the bytes are secret. Bits named twice count once, in their cheapest level; bits
/// outside the message or in an unknown byte are left out, and so are levels whose cost is not
/// finite.
#[derive(Clone)]
pub struct Space {
    /// [`ID_MESSAGE`] bytes for [`Target::Id`], [`CHECKSUM_MESSAGE`] for [`Target::Checksum`]; a
    /// space of another length holds no candidates.
    pub base: Zeroizing<Vec<u8>>,
    /// What the hypothesis itself costs, in nats; a space whose cost is not finite holds no
    /// candidates.
    pub cost: f64,
    /// Bits that may be flipped, in groups of equal cost. At most 24 different costs are told
    /// apart: what is dearer than the 24th is tried as if it cost as much.
    pub levels: Vec<Level>,
    /// Bytes of which nothing is known, by their index: every value is tried, and each costs the
    /// same.
    pub unknown: Vec<u16>,
}

/// Bits that cost the same to flip.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Nats for each flip; negative counts as 0.
    pub cost: f64,
    /// The bits: byte × 8 + bit, bit 0 the least significant.
    pub bits: Vec<u16>,
}

/// What a candidate must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One of these ids (docs/format.md 2); meant for few.
    Id(Vec<Id>),
    /// The checksum, or nearly so where the stored one is damaged too.
    Checksum {
        /// The 32 bytes as stored.
        sum: [u8; 32],
        /// Which of its bits are known.
        mask: [u8; 32],
        /// Accepted if at most this many of the known bits differ.
        distance: u32,
    },
}

/// Watches a search and ends it.
pub trait Control: Sync {
    /// Takes the number of candidates tried so far, skipped ones included: never less than the time before.
    fn tried(&self, tried: u64);
    /// True if the search should end; asked about every millisecond by every thread.
    fn is_stopped(&self) -> bool;
}

/// A control that watches nothing and never ends a search.
impl Control for () {
    fn tried(&self, _: u64) {}

    fn is_stopped(&self) -> bool {
        false
    }
}

/// What became of a search. No `Debug`: the hit is secret.
pub struct Outcome {
    /// The first candidate that has the target.
    pub hit: Option<Hit>,
    /// Candidates tried, skipped ones included: where a later search goes on (its `skip`). With a
    /// hit, its rank.
    pub tried: u64,
    /// Every candidate of every space was tried.
    pub exhausted: bool,
    /// The control ended the search; a hit may stand beside it.
    pub stopped: bool,
}

/// A candidate that has the target. No `Debug`: its bytes are secret.
pub struct Hit {
    /// Index of its space.
    pub space: usize,
    /// The message.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Bits in which it differs from the base of its space, ascending, those of unknown bytes included.
    pub changed: Vec<u16>,
    /// Candidates up to and including it.
    pub rank: u64,
    /// Which of the ids it has; 0 for a checksum.
    pub target: usize,
}

/// Tries candidates of all spaces in order of rising cost until one has the target.
///
/// At most `budget` candidates are tried, counting the first `skip`, which an earlier search over
/// the same spaces tried and this one jumps over. Candidates of equal cost come in a fixed order
/// (by space, then by how many bits of each level are flipped), so the outcome is the same for
/// every number of threads. Runs on the rayon pool it is called in.
pub fn search(
    spaces: &[Space],
    target: &Target,
    budget: u64,
    skip: u64,
    control: &dyn Control,
) -> Outcome {
    search_with(Kernel::best(), spaces, target, budget, skip, control)
}

/// As [`search`], with a kernel of one's choice; one this machine lacks is replaced.
pub fn search_with(
    kernel: Kernel,
    spaces: &[Space],
    target: &Target,
    budget: u64,
    skip: u64,
    control: &dyn Control,
) -> Outcome {
    let kernel = kernel.or_present();
    match target {
        Target::Id(ids) => {
            let prepared = prepare::<8>(spaces, ID_MESSAGE);
            let tests = vec![IdTest::new(ids)];
            let wanted = if ids.is_empty() { 0 } else { budget };
            Search::new(kernel, spaces, prepared, tests, control).run(wanted, skip)
        }
        Target::Checksum {
            sum,
            mask,
            distance,
        } => {
            let sum = &(*sum, *mask);
            let words = spaces.iter().map(|space| space::changing(space).len());
            match words.max().unwrap_or(0) {
                0..=8 => checksum::<8>(kernel, spaces, sum, *distance, control).run(budget, skip),
                9..=16 => checksum::<16>(kernel, spaces, sum, *distance, control).run(budget, skip),
                _ => checksum::<40>(kernel, spaces, sum, *distance, control).run(budget, skip),
            }
        }
    }
}

pub(super) fn prepare<const W: usize>(spaces: &[Space], length: usize) -> Vec<Prepared<W>> {
    let each = spaces.iter().enumerate();
    let fitting = each.filter(|(_, space)| space.base.len() == length && space.cost.is_finite());
    fitting
        .map(|(index, space)| Prepared::new(index, space))
        .collect()
}

fn checksum<'a, const W: usize>(
    kernel: Kernel,
    spaces: &'a [Space],
    sum: &([u8; 32], [u8; 32]),
    distance: u32,
    control: &'a dyn Control,
) -> Search<'a, ChecksumTest, W> {
    let prepared = prepare::<W>(spaces, CHECKSUM_MESSAGE);
    let tests = prepared.iter();
    let tests = tests
        .map(|space| ChecksumTest::new(space.words(), space.columns(), sum, distance))
        .collect();
    Search::new(kernel, spaces, prepared, tests, control)
}

/// A search under way.
struct Search<'a, T, const W: usize> {
    kernel: Kernel,
    given: &'a [Space],
    spaces: Vec<Prepared<W>>,
    /// One for all spaces, or one for each.
    tests: Vec<T>,
    control: &'a dyn Control,
    /// Candidates tried by all threads.
    tried: AtomicU64,
    /// Held while the control is told.
    telling: Mutex<()>,
    stopped: AtomicBool,
    /// Rank of the first hit so far.
    best: AtomicU64,
    hit: Mutex<Option<Hit>>,
}

impl<'a, T: Test<W>, const W: usize> Search<'a, T, W> {
    fn new(
        kernel: Kernel,
        given: &'a [Space],
        spaces: Vec<Prepared<W>>,
        tests: Vec<T>,
        control: &'a dyn Control,
    ) -> Self {
        Self {
            kernel,
            given,
            spaces,
            tests,
            control,
            tried: AtomicU64::new(0),
            telling: Mutex::new(()),
            stopped: AtomicBool::new(false),
            best: AtomicU64::new(u64::MAX),
            hit: Mutex::new(None),
        }
    }

    fn run(self, budget: u64, skip: u64) -> Outcome {
        let mut order = Order::new(&self.spaces, budget);
        let mut tried = order.skip(skip.min(budget));
        self.tried.store(tried, Ordering::Relaxed);
        let mut size = FIRST_ROUND;
        let mut round = order.round(size);
        while !round.is_empty() && !self.is_stopped() {
            size = size.saturating_mul(4).min(LARGEST_ROUND);
            let (done, next) = if round.total() < WORTH_THREADS {
                (self.pieces(&round), order.round(size))
            } else {
                rayon::join(|| self.pieces(&round), || order.round(size))
            };
            tried += done;
            if self.best.load(Ordering::Relaxed) != u64::MAX || done < round.total() {
                break;
            }
            round = next;
        }
        let stopped = self.stopped.load(Ordering::Relaxed);
        let hit = self
            .hit
            .into_inner()
            .unwrap_or_else(|broken| broken.into_inner());
        Outcome {
            tried: hit.as_ref().map_or(tried, |hit| hit.rank),
            exhausted: hit.is_none() && !stopped && order.is_exhausted(),
            stopped,
            hit,
        }
    }

    /// Tries a round; returns how many candidates from its start were tried without a gap.
    fn pieces(&self, round: &Round) -> u64 {
        use rayon::prelude::*;

        let done: Vec<bool> = if round.total() < WORTH_THREADS {
            round.pieces().map(|piece| self.piece(piece)).collect()
        } else {
            let pieces: Vec<_> = round.pieces().collect();
            pieces
                .into_par_iter()
                .with_max_len(1)
                .map(|piece| self.piece(piece))
                .collect()
        };
        let whole = round.pieces().zip(done).take_while(|(_, done)| *done);
        whole
            .flat_map(|(piece, _)| piece)
            .map(|segment| segment.count)
            .sum()
    }

    /// Tries one piece; false if it was stopped before its end.
    fn piece(&self, segments: &[round::Segment]) -> bool {
        let Some(first) = segments.first() else {
            return true;
        };
        if first.rank >= self.best.load(Ordering::Relaxed) {
            return true;
        }
        let mut batch = Batch::<W>::new();
        let mut by_test: Vec<_> = segments.iter().collect();
        if self.tests.len() > 1 {
            by_test.sort_by_key(|segment| segment.space); // stable: ranks rise within a space
        }
        let mut at = None;
        for segment in by_test {
            let Some(space) = self.spaces.get(segment.space as usize) else {
                continue;
            };
            let test = if self.tests.len() > 1 {
                segment.space as usize
            } else {
                0
            };
            if at.is_some_and(|at| at != test) && !self.flush(&mut batch, at) {
                return false;
            }
            at = Some(test);
            batch.begin(space, segment);
            while batch.fill(space) {
                if !self.flush(&mut batch, at) {
                    return false;
                }
            }
        }
        if !self.flush(&mut batch, at) {
            return false;
        }
        self.tell(segments.iter().map(|segment| segment.count).sum());
        true
    }

    /// Tests what is in the batch and empties it; false if the search was stopped.
    fn flush(&self, batch: &mut Batch<W>, test: Option<usize>) -> bool {
        let test = test.and_then(|test| self.tests.get(test));
        let found = test.and_then(|test| test.first(self.kernel, batch.rows()));
        if let Some((row, target)) = found {
            self.take(batch, row, target);
        }
        batch.clear();
        !self.is_stopped()
    }

    /// Keeps a hit if it is the first so far.
    fn take(&self, batch: &Batch<W>, row: usize, target: usize) {
        let Some((space, rank)) = batch.origin(row) else {
            return;
        };
        let mut kept = self.hit.lock().unwrap_or_else(|broken| broken.into_inner());
        if kept.as_ref().is_some_and(|kept| kept.rank <= rank) {
            return;
        }
        let space = self.spaces.get(space as usize);
        let given = space.and_then(|space| self.given.get(space.index));
        if let (Some(space), Some(given), Some(words)) = (space, given, batch.rows().get(row)) {
            let bytes = space.message(words, given.base.len());
            let changed = space::difference(&given.base, &bytes);
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
        if self.control.is_stopped() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.stopped.load(Ordering::Relaxed)
    }

    fn tell(&self, more: u64) {
        self.tried.fetch_add(more, Ordering::Relaxed);
        if let Ok(_held) = self.telling.try_lock() {
            self.control.tried(self.tried.load(Ordering::Relaxed));
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
pub(crate) mod tests;
