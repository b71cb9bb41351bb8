//! What damaged copies can be read as, and what proves one reading.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "no parser: its indices come from layouts of a few hundred bytes it made itself"
)]

use zeroize::Zeroizing;

use super::alignment::{self as align, Candidate, Sample};
use super::budget::Effort;
use super::likelihood::{self as belief, Belief};
use super::prove::{Case, Changed, FIRST, Proved, What};
use super::search::{Hit, Space, Target};
use super::space_builder::{self as question, Fields};
use crate::backup::Method;
use crate::backup::length::{self, LENGTHS};
use crate::backup::wire::Field;
use crate::backup::{Contents, Id, MAX_FILE_SIZE, Parts, Seed};

/// Most layouts of a file considered.
const LAYOUTS: usize = 12;
/// Most readings tried.
const BELIEFS: usize = 160;
/// Readings less likely than the best by more than this are left out, in nats.
const FAR: f64 = 45.0;
/// Most copies of one backup held against each other.
const COPIES: usize = 9;
/// Candidates tried for the rest of the fields once the seed is proved.
const REST: u64 = 1 << 26;

fn samples<'a>(copies: &[&'a [u8]]) -> Vec<Sample<'a>> {
    let most = |copy: &&'a [u8]| Sample::new(&copy[..copy.len().min(MAX_FILE_SIZE as usize)]);
    copies
        .iter()
        .filter(|copy| !copy.is_empty())
        .take(COPIES)
        .map(most)
        .collect()
}

/// The likeliest readings of copies, best first, their costs relative to the best.
fn believe(samples: &[Sample<'_>], candidates: &[Candidate]) -> Vec<Belief> {
    let mut outlines: Vec<(f64, &Candidate, u32)> = candidates
        .iter()
        .flat_map(|candidate| LENGTHS.map(|length| (candidate, length)))
        .map(|(candidate, length)| {
            let beliefs = belief::beliefs(samples, candidate, length, 0);
            let cost = beliefs.first().map_or(f64::MAX, |belief| belief.cost);
            (cost, candidate, length)
        })
        .collect();
    outlines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let best = outlines.first().map_or(0.0, |(cost, ..)| *cost);
    outlines.retain(|(cost, ..)| *cost < best + FAR);
    // The likeliest are doubted most.
    let mut beliefs: Vec<Belief> = outlines
        .into_iter()
        .zip([6, 4, 4, 3, 3].into_iter().chain(std::iter::repeat(1)))
        .flat_map(|((_, candidate, length), open)| {
            belief::beliefs(samples, candidate, length, open)
        })
        .collect();
    beliefs.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let best = beliefs.first().map_or(0.0, |belief| belief.cost);
    beliefs.iter_mut().for_each(|belief| belief.cost -= best);
    beliefs.retain(|belief| belief.cost < FAR);
    beliefs.truncate(BELIEFS);
    beliefs
}

/// Everything the copies of one backup can be read as.
pub(super) struct Question<'a> {
    case: &'a Case<'a>,
    samples: Vec<Sample<'a>>,
    /// The likeliest layouts first.
    candidates: Vec<Candidate>,
    /// The likeliest first.
    beliefs: Vec<Belief>,
}

impl<'a> Question<'a> {
    /// What can be asked of these copies; `None` if there are no bytes.
    pub(super) fn of(case: &'a Case<'a>) -> Option<Self> {
        let samples = samples(&case.copies);
        if samples.is_empty() {
            return None;
        }
        let candidates = align::layouts(&samples, LAYOUTS);
        let beliefs = believe(&samples, &candidates);
        Some(Self {
            case,
            samples,
            candidates,
            beliefs,
        })
    }
}

impl Question<'_> {
    /// What can be tried against ids: each different reading of the seed once.
    pub(super) fn seeds(&self) -> Vec<Space> {
        let mut spaces: Vec<Space> = Vec::new();
        let own = self
            .beliefs
            .iter()
            .map(|belief| question::seed(belief, belief.cost));
        for space in own.chain(self.pooled()) {
            if !spaces.iter().any(|other| same(other, &space)) {
                spaces.push(space);
            }
        }
        spaces
    }

    /// What can be tried against checksums.
    pub(super) fn checksums(&self) -> Vec<Space> {
        let beliefs = self.beliefs.iter();
        let beliefs = beliefs.filter(|belief| question::checksum(belief).is_some());
        beliefs
            .flat_map(|belief| question::whole(belief, None, &self.case.times, belief.cost))
            .collect()
    }

    /// How many candidates at most are tried against checksums before ids are tried at length.
    pub(super) fn first_checksums(&self) -> u64 {
        let mut targets: Vec<Target> = Vec::new();
        for target in self.beliefs.iter().filter_map(question::checksum) {
            if !targets.iter().any(|other| same_target(other, &target)) {
                targets.push(target);
            }
        }
        (targets.len() as u64 + 1).saturating_mul(FIRST / 2)
    }

    /// A seed that lies whole somewhere in a copy, whatever became of all around it.
    pub(super) fn anywhere(&self) -> Option<(Zeroizing<[u8; 32]>, Id)> {
        let windows = self.samples.iter().flat_map(|sample| {
            LENGTHS
                .into_iter()
                .flat_map(|length| sample.bytes.windows(length as usize))
        });
        windows
            .filter(|window| window.iter().any(|byte| *byte != 0))
            .find_map(|window| {
                let mut bytes = Zeroizing::new([0; 32]);
                bytes[..window.len()].copy_from_slice(window);
                let id = Seed::new(&bytes, 32)?.id();
                self.case.ids.contains(&id).then_some((bytes, id))
            })
    }

    /// Readings of the seed from this generation and others together.
    fn pooled(&self) -> Vec<Space> {
        let Some(best) = self.beliefs.first() else {
            return Vec::new();
        };
        let mut pooled: Vec<Vec<[f64; 8]>> = vec![seed_ratios(best)];
        for copies in &self.case.others {
            let samples = samples(copies);
            if samples.is_empty() {
                continue;
            }
            let candidates = align::layouts(&samples, 1);
            let other = believe(&samples, &candidates)
                .into_iter()
                .find(|other| other.seed_length == best.seed_length);
            pooled.extend(other.as_ref().map(seed_ratios));
        }
        if pooled.len() < 2 {
            return Vec::new();
        }
        let places: Vec<usize> = best.places(Field::Seed).collect();
        let mut ratios = best.ratios.clone();
        for (index, place) in places.iter().enumerate() {
            for bit in 0..8 {
                ratios[*place][bit] = pooled.iter().map(|of| of[index][bit]).sum();
            }
        }
        let belief = Belief {
            layout: best.layout,
            roles: best.roles.clone(),
            seed_length: best.seed_length,
            cost: 1.0,
            ratios,
        };
        vec![question::seed(&belief, belief.cost)]
    }

    /// A seed the id proves: with the rest of the fields if the checksum proves them.
    pub(super) fn seed(&self, hit: &Hit, effort: &mut Effort<'_>) -> Option<Proved> {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(hit.bytes.as_slice().try_into().ok()?);
        let id = *self.case.ids.get(hit.target)?;
        // The gate: by the plain way of computing an id, not by the one that searched.
        (Seed::new(&bytes, 32)?.id() == id).then_some(())?;
        let changed = changed(Field::Seed, &hit.changed);
        self.rest(&bytes, id, Some((changed, effort.tried)), effort)
    }

    /// The rest of the fields of a seed that is proved.
    pub(super) fn rest(
        &self,
        bytes: &[u8; 32],
        id: Id,
        found: Option<(Vec<Changed>, u64)>,
        effort: &mut Effort<'_>,
    ) -> Option<Proved> {
        let is_found = found.is_some();
        let (changed, rank) = found.unwrap_or_default();
        let seed = Seed::new(bytes, 32)?;
        if let Some(mut proved) = self.checked(Some(bytes), REST, effort) {
            proved.id = Some(id);
            proved.changed.splice(..0, changed);
            proved.method = self.method(proved.changed.len());
            return Some(proved);
        }
        is_found.then_some(())?;
        let method = if changed.is_empty() && !self.has_gaps() {
            Method::SeedById
        } else {
            self.method(changed.len())
        };
        let copies = [&self.case.copies].into_iter().chain(&self.case.others);
        let length = length::seed_length(bytes, &copies.flatten().copied().collect::<Vec<_>>());
        Some(Proved {
            what: What::Seed { seed, length },
            method,
            id: Some(id),
            changed,
            rank,
        })
    }

    /// All fields with the seed unproved, by the checksum.
    pub(super) fn whole(&self, most: u64, effort: &mut Effort<'_>) -> Option<Proved> {
        self.checked(None, most, effort)
    }

    fn checked(
        &self,
        seed: Option<&[u8; 32]>,
        most: u64,
        effort: &mut Effort<'_>,
    ) -> Option<Proved> {
        let fits = |belief: &&Belief| {
            seed.is_none_or(|seed| {
                seed.iter()
                    .skip(belief.seed_length as usize)
                    .all(|byte| *byte == 0)
            })
        };
        // Readings with one checksum are tried together, in the order of likelihood.
        let mut groups: Vec<(Target, Vec<&Belief>)> = Vec::new();
        for belief in self.beliefs.iter().filter(fits) {
            let Some(target) = question::checksum(belief) else {
                continue;
            };
            match groups
                .iter_mut()
                .find(|(other, _)| same_target(other, &target))
            {
                Some((_, beliefs)) => beliefs.push(belief),
                None => groups.push((target, vec![belief])),
            }
        }
        let count = groups.len() as u64;
        for (index, (target, beliefs)) in groups.into_iter().enumerate() {
            // The likeliest gets half of what is left, and so on; the last all.
            let share = if index as u64 + 1 == count {
                most
            } else {
                most / 2
            };
            let mut of = Vec::new();
            let mut spaces = Vec::new();
            for (belief, own) in beliefs.iter().enumerate() {
                let made = question::whole(own, seed, &self.case.times, own.cost);
                of.extend(made.iter().map(|_| belief));
                spaces.extend(made);
            }
            let Some(hit) = effort.search(&spaces, &target, share, 0) else {
                continue;
            };
            let Some(belief) = of.get(hit.space).and_then(|belief| beliefs.get(*belief)) else {
                continue;
            };
            if let Some(proved) = self.contents(belief, &hit, effort.tried) {
                return Some(proved);
            }
        }
        None
    }

    /// What a hit on the checksum makes, if it is a backup.
    fn contents(&self, belief: &Belief, hit: &Hit, rank: u64) -> Option<Proved> {
        let fields = Fields(&hit.bytes);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok().map(Zeroizing::new);
        let name = text(fields.name(belief.layout.name))?;
        let generator = text(fields.generator(belief.layout.generator))?;
        let seed = Zeroizing::new(fields.seed());
        let contents = Contents::new(&Parts {
            timestamp: fields.timestamp(),
            name: &name,
            seed_length: belief.seed_length,
            seed: &seed,
            birthdate: fields.birthdate(),
            generator: &generator,
            with_length: belief.layout.length > 0,
        })
        .ok()?;
        contents.check().ok()?;
        // Zero bytes within a text would end it before its end: no device writes them.
        if name.contains('\0') || generator.contains('\0') {
            return None;
        }
        let changed = question::changed(&hit.changed);
        Some(Proved {
            id: contents.id(),
            what: What::Whole(contents),
            method: self.method(changed.len()),
            changed,
            rank,
        })
    }

    /// Whether bytes were lost or inserted.
    fn has_gaps(&self) -> bool {
        let best = self.candidates.first();
        best.is_some_and(|best| best.fits.iter().any(|fit| fit.extra != 0))
    }

    fn method(&self, changed: usize) -> Method {
        match (changed, self.has_gaps()) {
            (0, false) => Method::Vote,
            (0, true) => Method::Align,
            _ => Method::Search,
        }
    }
}

/// Bits of one field.
fn changed(field: Field, bits: &[u16]) -> Vec<Changed> {
    let place = |bit: &u16| Changed {
        field,
        byte: bit / 8,
        bit: (bit % 8) as u8,
    };
    bits.iter().map(place).collect()
}

fn seed_ratios(belief: &Belief) -> Vec<[f64; 8]> {
    belief
        .places(Field::Seed)
        .map(|place| belief.ratios[place])
        .collect()
}

fn same(a: &Space, b: &Space) -> bool {
    let levels = |space: &Space| -> Vec<(u64, Vec<u16>)> {
        space
            .levels
            .iter()
            .map(|level| ((level.cost * 64.0) as u64, level.bits.clone()))
            .collect()
    };
    a.base == b.base && a.unknown == b.unknown && levels(a) == levels(b)
}

fn same_target(a: &Target, b: &Target) -> bool {
    match (a, b) {
        (
            Target::Checksum { sum, mask, .. },
            Target::Checksum {
                sum: other,
                mask: also,
                ..
            },
        ) => sum == other && mask == also,
        _ => false,
    }
}
