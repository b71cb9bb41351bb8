//! All hypotheses about the damaged copies of one backup, the most likely first.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use zeroize::Zeroizing;

use super::alignment::{Alignment, align_copies};
use super::budget::FIRST_STAGE;
use super::case::Case;
use super::checksum_target::{build_checksum_target, list_checksum_targets};
use super::gap_fit::CopyFit;
use super::hypothesis::{Hypothesis, list_hypotheses};
use super::likelihood::Ratios;
use super::remembered::remember;
use super::sample::{Sample, sample_copies};
use super::search::{SearchTarget, Space};
use super::space_builder::{build_checksum_spaces, build_seed_space};
use super::spliced::{SeedOfCopy, build_spliced_spaces};
use crate::backup::layout::layout;
use crate::backup::length::LENGTHS;
use crate::backup::wire::Field;
use crate::backup::{DamagedId, Id, IdDistance, find_intact_seed, fitting_lengths};

/// Most layouts of a file considered.
const MOST_LAYOUTS: usize = 12;
/// Most hypotheses tried.
const MOST_HYPOTHESES: usize = 160;
/// Layouts taken with lengths that a seed has only if somebody chose it.
const MOST_OF_OTHER_LENGTHS: usize = 3;
/// Layouts of which a gap is taken at other places.
const MOST_OF_OTHER_GAPS: usize = 3;
/// Candidates that are tried there: of seeds against IDs, and of all fields against the checksum with a gap in it.
const OF_GAPS: u64 = 1 << 22;
/// Most places of all these gaps.
const MOST_MOVED: usize = 200;
/// Hypotheses less likely than the best one by more than this are left out, in nats.
const FAR: f64 = 45.0;
/// Most other times whose copies give stretches of a seed.
const MOST_OTHERS: usize = 3;
/// How many uncertain runs are taken both ways, for the most likely layouts and lengths first.
const OPEN_RUNS: [usize; 5] = [6, 4, 4, 3, 3];
/// The same for all others.
const OTHER_OPEN_RUNS: usize = 1;
/// Most IDs with which every candidate is compared for nearness: each takes a few percent of its time.
const MOST_NEAR: usize = 16;
/// Fewest bits that tell whether copies are of another seed.
const FEWEST_BITS: usize = 48;
/// The cost of the hypothesis to which copies from other times add, in nats.
const POOLED: f64 = 1.0;

/// The most likely hypotheses, the best one first; costs are relative to the best one.
fn rank_hypotheses(samples: &[Sample<'_>], alignments: &[Alignment]) -> Vec<Hypothesis> {
    keep_likely(list_likely(samples, alignments))
}

/// The likely hypotheses, with the cost of all that the copies show.
fn list_likely(samples: &[Sample<'_>], alignments: &[Alignment]) -> Vec<Hypothesis> {
    let mut outlines: Vec<(f64, &Alignment, u32)> = alignments
        .iter()
        .flat_map(|alignment| LENGTHS.map(|length| (alignment, length)))
        .map(|(alignment, length)| {
            let hypotheses = list_hypotheses(samples, alignment, length, 0);
            let cost = hypotheses
                .first()
                .map_or(f64::MAX, |hypothesis| hypothesis.cost);
            (cost, alignment, length)
        })
        .collect();
    outlines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let best = outlines.first().map_or(0.0, |(cost, ..)| *cost);
    outlines.retain(|(cost, ..)| *cost < best + FAR);
    let open = OPEN_RUNS
        .into_iter()
        .chain(std::iter::repeat(OTHER_OPEN_RUNS));
    let hypotheses = outlines
        .into_iter()
        .zip(open)
        .flat_map(|((_, alignment, length), open)| {
            list_hypotheses(samples, alignment, length, open)
        });
    hypotheses.collect()
}

/// The hypotheses about the copies that look like a backup, if others do not: these may be foreign from end to end.
fn list_without_foreign(samples: &[Sample<'_>]) -> Vec<Hypothesis> {
    let is_backup = |sample: &&Sample<'_>| layout(&sample.bytes).is_some();
    let (known, foreign): (Vec<_>, Vec<_>) = samples.iter().partition(is_backup);
    if known.is_empty() || foreign.is_empty() {
        return Vec::new();
    }
    let known: Vec<_> = known.iter().map(|sample| sample.again()).collect();
    let mut hypotheses = list_likely(&known, &align_copies(&known, MOST_LAYOUTS));
    for hypothesis in &mut hypotheses {
        let length = hypothesis.roles.len();
        let costs = foreign.iter().map(|sample| sample.foreign_cost(length));
        hypothesis.cost += costs.sum::<f64>();
    }
    hypotheses
}

/// Leaves the most likely ones, the best one first; costs are relative to the best one.
fn keep_likely(mut hypotheses: Vec<Hypothesis>) -> Vec<Hypothesis> {
    hypotheses.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let best = hypotheses.first().map_or(0.0, |hypothesis| hypothesis.cost);
    hypotheses
        .iter_mut()
        .for_each(|hypothesis| hypothesis.cost -= best);
    hypotheses.retain(|hypothesis| hypothesis.cost < FAR);
    hypotheses.truncate(MOST_HYPOTHESES);
    hypotheses
}

/// All hypotheses about the copies of one backup.
pub(super) struct Hypotheses<'a> {
    pub(super) case: &'a Case<'a>,
    samples: Vec<Sample<'a>>,
    /// The most likely first.
    alignments: Vec<Alignment>,
    /// The most likely first.
    pub(super) ranked: Vec<Hypothesis>,
}

impl<'a> Hypotheses<'a> {
    /// Makes the hypotheses of a case; `None` if its copies have no bytes.
    pub(super) fn from_case(case: &'a Case<'a>) -> Option<Self> {
        let samples = sample_copies(&case.copies, &case.places);
        if samples.is_empty() {
            return None;
        }
        let alignments = align_copies(&samples, MOST_LAYOUTS);
        let mut likely = list_likely(&samples, &alignments);
        likely.extend(list_without_foreign(&samples));
        let mut ranked = keep_likely(likely);
        if let Some(words) = case.words {
            ranked = remember(ranked, words);
        }
        Some(Self {
            case,
            samples,
            alignments,
            ranked,
        })
    }
}

/// What seeds are tried against.
pub(super) struct IdTargets {
    /// First, with few candidates: of the first one a later search continues.
    pub(super) first: Vec<SearchTarget>,
    /// Then with all there are.
    pub(super) at_length: SearchTarget,
}

impl Hypotheses<'_> {
    /// The spaces to be tried against IDs; hypotheses that agree about the seed share one.
    pub(super) fn seed_spaces(&self) -> Vec<Space> {
        let mut spaces: Vec<Space> = Vec::new();
        let own = self.ranked.iter().map(build_seed_space);
        for space in own.chain(self.pooled_space()) {
            if !spaces.iter().any(|other| is_same_space(other, &space)) {
                spaces.push(space);
            }
        }
        spaces
    }

    /// The spaces to be tried against checksums.
    pub(super) fn checksum_spaces(&self) -> Vec<Space> {
        let hypotheses = self.ranked.iter();
        let hypotheses =
            hypotheses.filter(|hypothesis| build_checksum_target(hypothesis).is_some());
        hypotheses
            .flat_map(|hypothesis| build_checksum_spaces(hypothesis, None, &self.case.times))
            .collect()
    }

    /// The checksums that the copies may have, each once.
    pub(super) fn checksums(&self) -> Vec<SearchTarget> {
        list_checksum_targets(&self.ranked)
    }

    /// The most candidates that are tried against checksums, and of seeds put together, before IDs are searched at length.
    pub(super) fn first_checksum_candidates(&self) -> u64 {
        let checksums = self.checksums().len() as u64;
        let spliced = self.spliced_seeds().len() as u64 * (1 + checksums.min(1));
        let moved = if self.has_gaps() { OF_GAPS } else { 0 };
        (checksums + 1).saturating_mul(FIRST_STAGE / 2) + spliced + moved
    }

    /// Finds a seed that is intact somewhere in a copy, even if nothing around it is.
    pub(super) fn find_intact_seed(&self) -> Option<(Zeroizing<[u8; 32]>, Id)> {
        let near = self.near_ids();
        let samples = self.samples.iter().map(|sample| &*sample.bytes);
        let is_known = |id: &Id| {
            let is_near = |damaged: &DamagedId| damaged.proves(id).is_some();
            self.case.ids.contains(id) || near.iter().any(is_near)
        };
        let mut places = usize::MAX;
        find_intact_seed(samples, is_known, &mut places)
    }

    /// Whether the copies may be of this seed: of another one half of the bits that are known differ.
    pub(super) fn may_have_seed(&self, seed: &[u8; 32]) -> bool {
        let Some(best) = self.ranked.first() else {
            return true;
        };
        let length = best.seed_length as usize;
        self.may_have(Field::Seed, seed.get(..length).unwrap_or(seed))
    }

    /// Whether the copies may have these bytes in a field, or too little of it is left to tell.
    pub(super) fn may_have(&self, field: Field, expected: &[u8]) -> bool {
        let Some(best) = self.ranked.first() else {
            return true;
        };
        let bytes = best.positions(field).zip(expected);
        let bits = bytes.flat_map(|(at, byte)| {
            let bits = best.ratios[at].iter().enumerate();
            bits.map(move |(bit, ratio)| (*ratio, byte >> bit & 1 == 1))
        });
        let known = bits.filter(|(ratio, _)| *ratio != 0.0);
        let (all, wrong) = known.fold((0, 0), |(all, wrong), (ratio, is_one)| {
            (all + 1, wrong + usize::from((ratio > 0.0) != is_one))
        });
        all < FEWEST_BITS || wrong * 3 <= all
    }

    /// The hypotheses of a proved seed about other lengths that its zeros allow than the most likely one: so many zeros
    /// are unlikely, but they are proved.
    pub(super) fn of_other_lengths(&self, seed: &[u8; 32]) -> Vec<Hypothesis> {
        let best = self.ranked.first().map(|best| best.seed_length);
        let lengths = fitting_lengths(seed).into_iter();
        let lengths: Vec<_> = lengths.filter(|length| best != Some(*length)).collect();
        let alignments = self.alignments.iter().take(MOST_OF_OTHER_LENGTHS);
        let mut all: Vec<Hypothesis> = alignments
            .flat_map(|alignment| lengths.iter().map(move |length| (alignment, *length)))
            .flat_map(|(alignment, length)| list_hypotheses(&self.samples, alignment, length, 0))
            .collect();
        let best = all.iter().map(|one| one.cost).fold(f64::MAX, f64::min);
        all.iter_mut().for_each(|one| one.cost -= best);
        all
    }

    /// The hypotheses about copies that lost or gained bytes within a field, whose layout does not show where: one for each
    /// place.
    pub(super) fn of_other_gaps(&self) -> Vec<Hypothesis> {
        let has_gap = |one: &&Alignment| one.fits.iter().any(CopyFit::has_gap);
        let alignments = self.alignments.iter().filter(has_gap);
        let moved = alignments
            .take(MOST_OF_OTHER_GAPS)
            .flat_map(|alignment| alignment.with_other_gaps(&self.samples))
            .take(MOST_MOVED);
        let lengths = self.seed_lengths();
        let all = moved.flat_map(|alignment| {
            let of = |length: &u32| list_hypotheses(&self.samples, &alignment, *length, 0);
            lengths.iter().flat_map(of).collect::<Vec<_>>()
        });
        let likely = keep_likely(all.collect());
        match self.case.words {
            Some(words) => remember(likely, words),
            None => likely,
        }
    }

    /// The copies of the backup, and those from other times.
    pub(super) fn all_copies(&self) -> Vec<&[u8]> {
        let copies = [&self.case.copies].into_iter().chain(&self.case.others);
        copies.flatten().copied().collect()
    }

    /// How far the ID of a seed is from the one that proves it; `None` if none does.
    pub(super) fn measure_id(&self, id: &Id) -> Option<IdDistance> {
        if self.case.ids.contains(id) {
            return Some(IdDistance::NONE);
        }
        let near = self.near_ids().into_iter();
        near.filter_map(|damaged| damaged.proves(id))
            .max_by_key(|distance| distance.known_bits - distance.wrong_bits)
    }

    /// Every ID as one of which digits may be wrong, those that surely are damaged first.
    fn near_ids(&self) -> Vec<DamagedId> {
        let damaged = self.case.damaged_ids.iter().copied();
        damaged
            .chain(self.case.ids.iter().copied().map(DamagedId::from))
            .collect()
    }

    /// What seeds are tried against.
    pub(super) fn id_targets(&self) -> IdTargets {
        let exact = SearchTarget::Id(self.case.ids.clone());
        let mut near = self.near_ids();
        if near.len() <= MOST_NEAR {
            let is_damaged = !self.case.damaged_ids.is_empty();
            let near = SearchTarget::NearId(near);
            return IdTargets {
                at_length: if is_damaged { near.clone() } else { exact },
                first: vec![near],
            };
        }
        near.truncate(MOST_NEAR);
        IdTargets {
            first: vec![exact.clone(), SearchTarget::NearId(near)],
            at_length: exact,
        }
    }

    /// The space of the seed when copies from other times add what they have of it.
    fn pooled_space(&self) -> Option<Space> {
        let best = self.ranked.first()?;
        let mut pooled = vec![seed_ratios(best)];
        for (index, copies) in self.case.others.iter().enumerate() {
            let places = self.case.other_places.get(index);
            let samples = sample_copies(copies, places.map_or(&[], Vec::as_slice));
            if samples.is_empty() {
                continue;
            }
            let alignments = align_copies(&samples, 1);
            let other = rank_hypotheses(&samples, &alignments)
                .into_iter()
                .find(|other| other.seed_length == best.seed_length);
            pooled.extend(other.as_ref().map(seed_ratios));
        }
        if pooled.len() < 2 {
            return None;
        }
        let mut ratios = best.ratios.clone();
        for (index, at) in best.positions(Field::Seed).enumerate() {
            for bit in 0..8 {
                ratios[at][bit] = pooled.iter().map(|seed| seed[index][bit]).sum();
            }
        }
        Some(build_seed_space(&Hypothesis {
            layout: best.layout,
            roles: best.roles.clone(),
            seed_length: best.seed_length,
            cost: POOLED,
            ratios,
        }))
    }

    /// The seeds of stretches of the copies, of every length that the seed may have.
    pub(super) fn spliced_seeds(&self) -> Vec<Space> {
        let seeds = self.seeds_of_copies();
        let lengths = self.seed_lengths().into_iter();
        lengths
            .flat_map(|length| build_spliced_spaces(&seeds, length as usize, &[0; 32], 0))
            .collect()
    }

    /// The lengths that the seed may have.
    fn seed_lengths(&self) -> Vec<u32> {
        let may_have = |length: &u32| self.ranked.iter().any(|one| one.seed_length == *length);
        LENGTHS.into_iter().filter(may_have).collect()
    }

    /// The seed as each copy has it, those from other times too; 0 for a byte that a copy does not have.
    pub(super) fn seeds_of_copies(&self) -> Vec<SeedOfCopy> {
        let own = self.alignments.first();
        let mut seeds = own.map_or(Vec::new(), |own| own.seeds(&self.samples));
        for (index, copies) in self.case.others.iter().enumerate().take(MOST_OTHERS) {
            let places = self.case.other_places.get(index);
            let samples = sample_copies(copies, places.map_or(&[], Vec::as_slice));
            let alignments = align_copies(&samples, 1);
            seeds.extend(alignments.iter().flat_map(|of| of.seeds(&samples)));
        }
        seeds
    }

    /// Whether bytes were lost or inserted.
    pub(super) fn has_gaps(&self) -> bool {
        let best = self.alignments.first();
        best.is_some_and(|best| best.fits.iter().any(CopyFit::has_gap))
    }
}

fn seed_ratios(hypothesis: &Hypothesis) -> Ratios {
    // No room is asked for twice, so that no bits of it stay behind.
    let mut ratios = Zeroizing::new(Vec::with_capacity(hypothesis.ratios.len()));
    let positions = hypothesis.positions(Field::Seed);
    ratios.extend(positions.map(|at| hypothesis.ratios[at]));
    ratios
}

/// Whether two spaces have nearly the same candidates in nearly the same order.
fn is_same_space(a: &Space, b: &Space) -> bool {
    let levels = |space: &Space| -> Vec<(u64, Vec<u16>)> {
        space
            .levels
            .iter()
            .map(|level| ((level.cost * 64.0) as u64, level.bits.clone()))
            .collect()
    };
    a.base == b.base && a.unknown == b.unknown && levels(a) == levels(b)
}
