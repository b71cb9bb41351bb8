//! Proves one backup in stages: searches the hypotheses, and checks every hit independently.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use zeroize::Zeroizing;

use super::budget::{Budget, FIRST_OWNED, FIRST_STAGE, GAPS, OTHER_FIELDS};
use super::changed_bit::ChangedBit;
use super::checksum_target::{build_checksum_target, is_same_checksum};
use super::hashed_fields::{HashedFields, SEED, locate_bits};
use super::hypotheses::Hypotheses;
use super::hypothesis::Hypothesis;
use super::proved_backup::{ProvedBackup, ProvedFields};
use super::search::{Hit, SearchTarget, Space};
use super::space_builder::{build_checksum_spaces, build_seed_space};
use super::spliced::build_spliced_spaces;
use super::typing_errors::{MOST_TYPED, build_typed_spaces};
use crate::backup::length::{LENGTHS, said_lengths};
use crate::backup::wallet::{Owned, OwnerProof};
use crate::backup::wire::Field;
use crate::backup::{Contents, Id, Method, Parts, Seed, fitting_lengths, length};

/// Proves one backup within a budget.
pub(super) struct Prover<'a, 'b> {
    hypotheses: &'a Hypotheses<'a>,
    budget: &'a mut Budget<'b>,
    /// How many candidates were tried against each that the owner knows.
    owned_done: Vec<u64>,
}

impl<'a, 'b> Prover<'a, 'b> {
    pub(super) fn new(hypotheses: &'a Hypotheses<'a>, budget: &'a mut Budget<'b>) -> Self {
        Self {
            hypotheses,
            budget,
            owned_done: vec![0; hypotheses.case.owned.len()],
        }
    }

    /// How many candidates were tried against the strongest that the owner knows.
    pub(super) fn tried_by_owner(&self) -> u64 {
        self.owned_done.first().copied().unwrap_or(0)
    }

    /// Tries a little of everything first, and then at length what has the best chance.
    pub(super) fn prove(&mut self) -> Option<ProvedBackup> {
        let case = self.hypotheses.case;
        if let Some(seed) = case.seed {
            let bytes: &[u8; 32] = seed.expose().try_into().ok()?;
            if self.hypotheses.may_have_seed(bytes)
                && let Some(proved) = self.prove_other_fields(bytes, seed.id(), None)
            {
                return Some(proved);
            }
            // The copies may be of another wallet. That the known one has its seed is nothing new.
            let is_new = |proved: &ProvedBackup| proved.id != Some(seed.id());
            return self.prove_unknown().filter(is_new);
        }
        self.prove_unknown()
    }

    /// The same where nothing proves the seed already.
    fn prove_unknown(&mut self) -> Option<ProvedBackup> {
        let case = self.hypotheses.case;
        if let Some((bytes, id)) = self.hypotheses.find_intact_seed() {
            return self.prove_other_fields(&bytes, id, Some((Vec::new(), 0)));
        }
        let spaces = self.hypotheses.seed_spaces();
        if let Some(proved) = self.prove_by_owner(&spaces, FIRST_OWNED) {
            return Some(proved);
        }
        let targets = self.hypotheses.id_targets();
        let mut done = None;
        for target in &targets.first {
            let before = self.budget.tried;
            if let Some(hit) = self.search_seed(&spaces, target, FIRST_STAGE, 0) {
                return self.prove_seed(&hit);
            }
            done.get_or_insert(self.budget.tried - before);
        }
        let done = done.unwrap_or(0);
        if let Some(proved) = self.prove_by_checksum(None, FIRST_STAGE) {
            return Some(proved);
        }
        if let Some(proved) = self.prove_other_gaps(&targets.at_length) {
            return Some(proved);
        }
        if let Some(proved) = self.prove_spliced(&targets.at_length) {
            return Some(proved);
        }
        if let Some(proved) = self.prove_typed(&spaces, &targets.at_length) {
            return Some(proved);
        }
        if let Some(proved) = self.prove_by_owner(&spaces, u64::MAX) {
            return Some(proved);
        }
        let most = if case.own_id {
            self.budget.remaining()
        } else {
            self.budget.remaining() / 2
        };
        if done >= FIRST_STAGE
            && let Some(hit) = self.search_seed(&spaces, &targets.at_length, most, done)
        {
            return self.prove_seed(&hit);
        }
        self.prove_by_checksum(None, self.budget.remaining())
    }

    /// Proves the seed by what its owner knows, with at most `most` candidates in all for each that is known. The
    /// first are tried with every length that their zeros allow, as a person may have chosen such a seed; the others
    /// only with those that a copy says.
    fn prove_by_owner(&mut self, spaces: &[Space], most: u64) -> Option<ProvedBackup> {
        let case = self.hypotheses.case;
        let is_first = most <= FIRST_OWNED;
        let said = said_lengths(&self.hypotheses.all_copies());
        for (index, (owned, all)) in case.owned.iter().enumerate() {
            let done = self.owned_done[index];
            let before = self.budget.tried;
            let every = LENGTHS.len() as u64;
            // Each length counts where so many tries and no more prove anything.
            let (longer, all) = match (owned.kind(), is_first) {
                (OwnerProof::Fingerprint, true) => (&LENGTHS[..], *all / every),
                (OwnerProof::Fingerprint, false) => (&[][..], *all - done * (every - 1)),
                (_, true) => (&LENGTHS[..], *all),
                (_, false) => (&said[..], *all),
            };
            let most = most.min(all).saturating_sub(done);
            let hit = self
                .budget
                .search_owned(spaces, (owned, longer), most, done);
            self.owned_done[index] += self.budget.tried - before;
            if let Some(proved) = hit.and_then(|hit| self.check_owned(owned, &hit)) {
                return Some(proved);
            }
        }
        None
    }

    /// Takes a seed of which the owner knows something.
    fn check_owned(&mut self, owned: &Owned, hit: &Hit) -> Option<ProvedBackup> {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(hit.bytes.as_slice().try_into().ok()?);
        let seeds = fitting_lengths(&bytes).into_iter();
        let mut seeds = seeds.filter_map(|length| Seed::new(&bytes, length));
        let seed = seeds.find(|seed| owned.proves(seed))?;
        let changed = ChangedBit::list_in_field(Field::Seed, &hit.changed);
        let found = Some((changed, self.budget.tried));
        let mut proved = self.prove_other_fields(&bytes, seed.id(), found)?;
        proved.owner = Some((owned.kind(), seed.length()));
        Some(proved)
    }

    /// Proves copies that lost or gained bytes somewhere within a field.
    fn prove_other_gaps(&mut self, target: &SearchTarget) -> Option<ProvedBackup> {
        let moved = self.hypotheses.of_other_gaps();
        let spaces: Vec<_> = moved.iter().map(build_seed_space).collect();
        if let Some(hit) = self.search_seed(&spaces, target, GAPS[0], 0) {
            return self.prove_seed(&hit);
        }
        self.prove_hypotheses(&moved, None, GAPS[1])
    }

    /// Proves a seed of stretches, each of which one of the copies has.
    fn prove_spliced(&mut self, target: &SearchTarget) -> Option<ProvedBackup> {
        let spaces = self.hypotheses.spliced_seeds();
        if let Some(mut hit) = self.search_seed(&spaces, target, u64::MAX, 0) {
            let likeliest = self.hypotheses.seed_spaces().into_iter().next()?;
            hit.changed = likeliest.changed_bits(&hit.bytes);
            return self.prove_seed(&hit);
        }
        let best = self.hypotheses.ranked.first()?;
        let target = build_checksum_target(best)?;
        let fields = build_checksum_spaces(best, None, &self.hypotheses.case.times);
        let likeliest = fields.iter().min_by(|a, b| a.cost.total_cmp(&b.cost))?;
        let seeds = self.hypotheses.seeds_of_copies();
        let spaces = build_spliced_spaces(&seeds, best.seed_length as usize, &likeliest.base, SEED);
        let mut hit = self.budget.search(&spaces, &target, u64::MAX, 0)?;
        hit.changed = likeliest.changed_bits(&hit.bytes);
        self.check_hit(best, &hit)
    }

    /// Proves a seed of which every copy has the same few wrong digits or bytes.
    fn prove_typed(&mut self, spaces: &[Space], target: &SearchTarget) -> Option<ProvedBackup> {
        let best = self.hypotheses.ranked.first()?;
        let length = best.seed_length as usize;
        if let Some(space) = spaces.first()
            && self.hypotheses.case.has_id()
        {
            let typed = build_typed_spaces(space, 0..length);
            if let Some(mut hit) = self.budget.search(&typed, target, MOST_TYPED, 0) {
                hit.changed = space.changed_bits(&hit.bytes);
                return self.prove_seed(&hit);
            }
        }
        let target = build_checksum_target(best)?;
        let fields = build_checksum_spaces(best, None, &self.hypotheses.case.times);
        let likeliest = fields.iter().min_by(|a, b| a.cost.total_cmp(&b.cost))?;
        let typed = build_typed_spaces(likeliest, SEED..SEED + length);
        let mut hit = self.budget.search(&typed, &target, MOST_TYPED, 0)?;
        hit.changed = likeliest.changed_bits(&hit.bytes);
        self.check_hit(best, &hit)
    }

    /// Searches the seed if any ID is known.
    fn search_seed(
        &mut self,
        spaces: &[Space],
        target: &SearchTarget,
        most: u64,
        done: u64,
    ) -> Option<Hit> {
        if !self.hypotheses.case.has_id() {
            return None;
        }
        self.budget.search(spaces, target, most, done)
    }

    /// Proves a seed by its ID, and the other fields if the checksum proves them.
    fn prove_seed(&mut self, hit: &Hit) -> Option<ProvedBackup> {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(hit.bytes.as_slice().try_into().ok()?);
        // The proof: the ID is computed in the ordinary way, not by the kernel that searched.
        let id = Seed::new(&bytes, 32)?.id();
        self.hypotheses.measure_id(&id)?;
        let changed = ChangedBit::list_in_field(Field::Seed, &hit.changed);
        self.prove_other_fields(&bytes, id, Some((changed, self.budget.tried)))
    }

    /// Proves the other fields of a seed that is proved.
    ///
    /// `found` has the changed bits and the rank of a seed that was found here. Such a seed is
    /// worth returning even if the other fields are not proved.
    fn prove_other_fields(
        &mut self,
        bytes: &[u8; 32],
        id: Id,
        found: Option<(Vec<ChangedBit>, u64)>,
    ) -> Option<ProvedBackup> {
        let is_found = found.is_some();
        let (changed, rank) = found.unwrap_or_default();
        let seed = Seed::new(bytes, 32)?;
        let longer = self.hypotheses.of_other_lengths(bytes);
        let has_gaps = self.hypotheses.has_gaps();
        // Lengths that only a chosen seed has, and gaps at other places: one in eight of what is left is kept for them.
        let kept = match longer.is_empty() && !has_gaps {
            true => 0,
            false => self.budget.remaining() / 8,
        };
        self.budget.keep(kept);
        let own = self.prove_by_checksum(Some(bytes), OTHER_FIELDS);
        self.budget.release(kept);
        let mut proved = own;
        if proved.is_none() && has_gaps {
            let moved = self.hypotheses.of_other_gaps();
            proved = self.prove_hypotheses(&moved, Some(bytes), GAPS[2]);
        }
        let proved = proved.or_else(|| self.prove_hypotheses(&longer, Some(bytes), OTHER_FIELDS));
        if let Some(mut proved) = proved {
            proved.id = Some(id);
            proved.changed.splice(..0, changed);
            proved.method = self.method(proved.changed.len());
            return Some(proved);
        }
        is_found.then_some(())?;
        let method = if changed.is_empty() && !self.hypotheses.has_gaps() {
            Method::SeedById
        } else {
            self.method(changed.len())
        };
        let length = length::seed_length(bytes, &self.hypotheses.all_copies());
        Some(ProvedBackup {
            fields: ProvedFields::Seed { seed, length },
            method,
            id: Some(id),
            id_distance: self.hypotheses.measure_id(&id),
            owner: None,
            changed,
            rank,
        })
    }

    /// Proves all fields by the checksum, with at most `most` candidates; `seed` is one that is
    /// proved.
    fn prove_by_checksum(&mut self, seed: Option<&[u8; 32]>, most: u64) -> Option<ProvedBackup> {
        let hypotheses = self.hypotheses;
        self.prove_hypotheses(&hypotheses.ranked, seed, most)
    }

    /// The same with these hypotheses.
    fn prove_hypotheses(
        &mut self,
        hypotheses: &[Hypothesis],
        seed: Option<&[u8; 32]>,
        most: u64,
    ) -> Option<ProvedBackup> {
        let groups = group_by_checksum(hypotheses, seed);
        let count = groups.len();
        for (index, (target, hypotheses)) in groups.into_iter().enumerate() {
            // The most likely group gets half of the candidates, as does each further one; the last
            // gets all.
            let share = if index + 1 == count { most } else { most / 2 };
            let mut sources = Vec::new();
            let mut spaces = Vec::new();
            for hypothesis in hypotheses {
                let built = build_checksum_spaces(hypothesis, seed, &self.hypotheses.case.times);
                sources.extend(built.iter().map(|_| hypothesis));
                spaces.extend(built);
            }
            let Some(hit) = self.budget.search(&spaces, &target, share, 0) else {
                continue;
            };
            let Some(hypothesis) = sources.get(hit.space) else {
                continue;
            };
            if let Some(proved) = self.check_hit(hypothesis, &hit) {
                return Some(proved);
            }
        }
        None
    }

    /// Makes a backup of a hit on the checksum, if it is one.
    fn check_hit(&self, hypothesis: &Hypothesis, hit: &Hit) -> Option<ProvedBackup> {
        let fields = HashedFields(&hit.bytes);
        let text = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).ok()?;
            Some(Zeroizing::new(text.to_owned()))
        };
        let name = text(fields.name(hypothesis.layout.name))?;
        let generator = text(fields.generator(hypothesis.layout.generator))?;
        let seed = Zeroizing::new(fields.seed());
        let contents = Contents::new(&Parts {
            timestamp: fields.timestamp(),
            name: &name,
            seed_length: hypothesis.seed_length,
            seed: &seed,
            birthdate: fields.birthdate(),
            generator: &generator,
            with_length: hypothesis.layout.length > 0,
        })
        .ok()?;
        contents.check().ok()?;
        // A zero byte would end a text before its length: no device writes one.
        if name.contains('\0') || generator.contains('\0') {
            return None;
        }
        let changed = locate_bits(&hit.changed);
        Some(ProvedBackup {
            id: contents.id(),
            id_distance: None,
            owner: None,
            fields: ProvedFields::Whole(contents),
            method: self.method(changed.len()),
            changed,
            rank: self.budget.tried,
        })
    }

    fn method(&self, changed_bits: usize) -> Method {
        match (changed_bits, self.hypotheses.has_gaps()) {
            (0, false) => Method::Likeliest,
            (0, true) => Method::Align,
            _ => Method::Search,
        }
    }
}

/// Groups hypotheses with the same checksum, which are searched together in the order of
/// likelihood.
fn group_by_checksum<'h>(
    hypotheses: &'h [Hypothesis],
    seed: Option<&[u8; 32]>,
) -> Vec<(SearchTarget, Vec<&'h Hypothesis>)> {
    let has_length = |hypothesis: &&Hypothesis| {
        seed.is_none_or(|seed| {
            let mut after = seed.iter().skip(hypothesis.seed_length as usize);
            after.all(|byte| *byte == 0)
        })
    };
    let mut groups: Vec<(SearchTarget, Vec<&Hypothesis>)> = Vec::new();
    for hypothesis in hypotheses.iter().filter(has_length) {
        let Some(target) = build_checksum_target(hypothesis) else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|(other, _)| is_same_checksum(other, &target))
        {
            Some((_, hypotheses)) => hypotheses.push(hypothesis),
            None => groups.push((target, vec![hypothesis])),
        }
    }
    groups
}
