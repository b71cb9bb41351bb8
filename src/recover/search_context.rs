//! What is searched in, and what becomes of what is proved.

use super::effort::Effort;
use super::proof::{FieldProof, Proof, SeedProof};
use super::recovery::{Missing, Recovered};
use super::seed_only::rebuilt;
use crate::assess::{self, Assessment, Backup};
use crate::backup::wallet::{Owned, OwnerProof};
use crate::backup::{self, Contents, Id, IdDistance, Method, Seed};
use crate::catalogue::{Catalogue, CopyState};
use crate::repair::{Attempt, Case, ProvedFields, SearchEstimate, estimate_search};

/// Most times of file names tried for a backup whose own is not known.
const MOST_TIMES: usize = 8;

/// The times in names of copies, each once.
pub(super) fn known_times(catalogue: &Catalogue) -> Vec<u32> {
    let mut times: Vec<u32> = catalogue.times.iter().map(|seen| seen.timestamp).collect();
    // The newest: a backup that is lost was in use.
    times.sort_unstable_by(|a, b| b.cmp(a));
    times.dedup();
    times.truncate(MOST_TIMES);
    times
}

/// The time in the names of a backup, unless its folder is another wallet's. A device without a clock writes 0.
fn time_of(backup: &Backup, id: Id) -> Option<u32> {
    let is_own = |own: Id| own.is_near(&id);
    let time = backup.timestamp.filter(|time| *time > 0);
    time.filter(|_| backup.id.is_none_or(is_own))
}

/// What is searched in, and what is known of it.
pub(super) struct Work<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) assessment: &'a Assessment,
    /// Its backups, and those that are split off from them.
    pub(super) backups: Vec<Backup>,
    /// For each backup, which one of the assessment its copies lie with.
    pub(super) of: Vec<usize>,
    pub(super) effort: &'a Effort,
    pub(super) ids: Vec<Id>,
    pub(super) times: Vec<u32>,
    /// How many backups are not proved at once.
    pub(super) open: usize,
}

/// What became of a backup.
pub(super) type Attempted = Result<Recovered, Missing>;

/// What became of each backup so far.
pub(super) type Outcomes = [Option<Attempted>];

impl<'a> Work<'a> {
    /// Whether a backup has an ID that begins with these digits.
    pub(super) fn has_id(&self, index: usize, wanted: Option<&str>) -> bool {
        let id = self.backup(index).and_then(|backup| backup.id);
        id.is_some_and(|id| wanted.is_none_or(|wanted| id.to_string().starts_with(wanted)))
    }

    pub(super) fn backup(&self, index: usize) -> Option<&Backup> {
        self.backups.get(index)
    }

    pub(super) fn copies(&self, backup: &Backup, state: CopyState) -> Vec<usize> {
        let is = |index: &&usize| {
            let copy = self.catalogue.copies.get(**index);
            copy.is_some_and(|copy| copy.state == state)
        };
        backup.copies.iter().filter(is).copied().collect()
    }

    pub(super) fn bytes(&self, copies: &[usize]) -> Vec<&'a [u8]> {
        copies
            .iter()
            .map(|copy| self.catalogue.bytes(*copy))
            .collect()
    }

    /// With one copy alone, if all have the same bytes and that covers more: damaged once and then copied, they are no
    /// evidence for each other.
    fn without_duplicates<'c>(&self, all: Case<'c>) -> Case<'c> {
        let first = all.copies.first();
        if all.copies.len() < 2 || all.copies.iter().any(|copy| Some(copy) != first) {
            return all;
        }
        let mut one = all.clone();
        one.copies.truncate(1);
        one.places.truncate(1);
        let covered = |case: &Case<'_>| {
            let estimate = estimate_search(case, self.effort.candidates);
            estimate.and_then(|estimate| estimate.covered_ppm)
        };
        match (covered(&all), covered(&one)) {
            (Some(of_all), Some(of_one)) if of_one > of_all => one,
            _ => all,
        }
    }

    /// The number of the place of each copy: readings of one copy have the same.
    pub(super) fn places(&self, copies: &[usize]) -> Vec<usize> {
        let place = |copy: &usize| self.catalogue.place_of(*copy);
        let same = |copy: &usize| {
            let own = place(copy)?;
            copies.iter().position(|other| place(other) == Some(own))
        };
        let number = |(index, copy): (usize, &usize)| same(copy).unwrap_or(index);
        copies.iter().enumerate().map(number).collect()
    }

    /// What is searched in: the damaged copies of a backup, and all that is known of it.
    pub(super) fn with_case<T>(
        &self,
        index: usize,
        done: &Outcomes,
        look: impl FnOnce(&Case<'_>) -> Option<T>,
    ) -> Option<T> {
        let damaged = self.copies(self.backup(index)?, CopyState::Damaged);
        self.with_case_of(index, &damaged, done, look)
    }

    /// The same with only some of its copies.
    pub(super) fn with_case_of<T>(
        &self,
        index: usize,
        damaged: &[usize],
        done: &Outcomes,
        look: impl FnOnce(&Case<'_>) -> Option<T>,
    ) -> Option<T> {
        let backup = self.backup(index)?;
        let same = |other: &&Recovered| Some(other.id) == backup.id;
        let known = done.iter().flatten().flatten().find(same);
        let proved = known.filter(|one| !self.is_of_another(damaged, &[*one]));
        let seed = proved.and_then(|other| Seed::new(&other.seed.padded(), 32));
        let others = self.others(index, backup);
        let case = self.without_duplicates(Case {
            copies: self.bytes(damaged),
            places: self.places(damaged),
            other_places: others.iter().map(|copies| self.places(copies)).collect(),
            others: others.iter().map(|copies| self.bytes(copies)).collect(),
            // What a proved seed does not explain may be of another wallet.
            ids: match known {
                Some(_) => self
                    .ids
                    .iter()
                    .filter(|id| Some(**id) != backup.id)
                    .copied()
                    .collect(),
                None => self.ids_of(backup),
            },
            damaged_ids: self.catalogue.damaged_ids.clone(),
            own_id: self.named_id(backup).is_some() && known.is_none(),
            times: backup
                .timestamp
                .map_or(self.times.clone(), |time| vec![time]),
            seed: seed.as_ref(),
            words: self.effort.words.as_ref(),
            owned: self.effort.owned(self.open),
        });
        look(&case)
    }

    /// What a search in these copies has proved.
    pub(super) fn proved(
        &self,
        index: usize,
        copies: &[usize],
        attempt: Attempt,
        estimate: Option<SearchEstimate>,
    ) -> Result<Recovered, Missing> {
        let tried = attempt.tried;
        if attempt.proved.is_none() && attempt.stopped {
            return Err(Missing::Stopped { tried });
        }
        let by_owner = attempt.tried_by_owner;
        let estimate = estimate.map(SearchEstimate::in_vain);
        let unproved = || self.unproved(index, (tried, by_owner), estimate);
        let proof = attempt.proved.ok_or_else(unproved)?;
        let by_search = (proof.method == Method::Search).then_some(proof.rank);
        let mut recovered = match proof.fields {
            ProvedFields::Whole(contents) => self.whole(&contents, proof.method, index),
            ProvedFields::Seed { seed, .. } => {
                let id = proof.id.ok_or(Missing::Nothing)?;
                let owner = proof.owner.map(|(by, _)| by);
                self.seed_alone(&seed, (id, owner), index, proof.method)?
            }
        }
        .ok_or_else(unproved)?;
        if recovered.proof.seed == SeedProof::Id {
            let damaged = |distance: &IdDistance| *distance != IdDistance::NONE;
            recovered.proof.damaged_id = proof.id_distance.filter(damaged);
        }
        recovered.changed = proof.changed;
        recovered.rank = by_search;
        recovered.copies = copies.to_vec();
        Ok(recovered)
    }

    /// A backup of which the id, or what the owner knows, proves the seed and nothing proves the rest; an error where
    /// nothing says how long the seed is.
    fn seed_alone(
        &self,
        seed: &Seed,
        (id, owner): (Id, Option<OwnerProof>),
        index: usize,
        method: Method,
    ) -> Result<Option<Recovered>, Missing> {
        let backup = self.backup(index).ok_or(Missing::Nothing)?;
        let bytes = seed.padded();
        let (length, by) = self.length_of(seed, (id, owner), &backup.copies)?;
        let time = time_of(backup, id);
        let mut recovered = rebuilt(&bytes, (length, by), time, id, index, method);
        if let (Some(owner), Some(recovered)) = (owner, &mut recovered) {
            recovered.proof.seed = owner.into();
        }
        Ok(recovered)
    }

    /// How long a seed is that is proved up to its zeros, and what proves that; an error where nothing says it. The
    /// ID fits every longer seed, too: nobody's word makes one of what is proved, but what the owner knows does.
    fn length_of(
        &self,
        seed: &Seed,
        (id, owner): (Id, Option<OwnerProof>),
        copies: &[usize],
    ) -> Result<(u32, FieldProof), Missing> {
        let bytes = seed.padded();
        let fitting = backup::fitting_lengths(&bytes);
        let is_owned = |length: &u32| {
            let seed = Seed::new(&bytes, *length);
            let mut owned = self.effort.owned.iter();
            seed.is_some_and(|seed| owned.any(|owned| owned.proves(&seed)))
        };
        let mut owned = fitting.clone();
        // Of one length that the ID proves nobody has to know more.
        let is_asked = owner.is_some() || fitting.len() > 1;
        owned.retain(|length| is_asked && is_owned(length));
        let words = self.effort.words.as_ref();
        let said = || self.effort.length.or_else(|| words?.length_of(&bytes));
        let said = |of: &[u32]| said().filter(|length| of.contains(length));
        match owned.as_slice() {
            [only] => return Ok((*only, FieldProof::Owner)),
            // The owner has several wallets of this ID.
            [_, ..] => {
                let said = said(&owned).map(|length| (length, FieldProof::Owner));
                return said.ok_or(Missing::Length(owned));
            }
            [] => {}
        }
        let proved = assess::seed_length(self.catalogue, copies, id, seed);
        let proved = proved.map(|length| (length, FieldProof::Id));
        let said = || said(&fitting).map(|length| (length, FieldProof::Absent));
        proved.or_else(said).ok_or(Missing::Length(fitting))
    }

    /// Damaged copies of the same wallet from other times.
    fn others(&self, index: usize, backup: &Backup) -> Vec<Vec<usize>> {
        let others = self.backups.iter().enumerate();
        others
            .filter(|(other, of)| *other != index && of.id.is_some() && of.id == backup.id)
            .map(|(_, of)| self.copies(of, CopyState::Damaged))
            .filter(|copies| !copies.is_empty())
            .collect()
    }

    /// The ID of a backup, unless that is the seed's that a damaged name has proved: it does not prove itself.
    fn named_id(&self, backup: &Backup) -> Option<Id> {
        let is_seeds =
            |id: &Id| backup.repaired == Some(Method::SeedById) && !self.ids.contains(id);
        backup.id.filter(|id| !is_seeds(id))
    }

    /// The ids a backup may have, its folder's first.
    fn ids_of(&self, backup: &Backup) -> Vec<Id> {
        let own = self.named_id(backup);
        let others = self.ids.iter().copied().filter(|id| Some(*id) != own);
        own.into_iter().chain(others).collect()
    }

    pub(super) fn unproved(
        &self,
        index: usize,
        (tried, tried_by_owner): (u64, u64),
        estimate: Option<SearchEstimate>,
    ) -> Missing {
        let id_known = self
            .backup(index)
            .is_some_and(|backup| !self.ids_of(backup).is_empty())
            || !self.catalogue.damaged_ids.is_empty();
        Missing::Proof {
            tried,
            id_known,
            estimate,
            owner: self
                .effort
                .owned
                .first()
                .map(|owned| (owned.kind(), tried_by_owner)),
            passphrase: self.effort.owned.iter().any(Owned::has_passphrase),
            words: self.effort.words.is_some(),
            shared: false,
        }
    }

    /// A backup all of whose fields the checksum proves.
    pub(super) fn whole(
        &self,
        contents: &Contents,
        method: Method,
        backup: usize,
    ) -> Option<Recovered> {
        contents.check().ok()?;
        let seed = contents.seed()?;
        let metadata = contents.metadata()?;
        let id = seed.id();
        Some(Recovered {
            id,
            file: contents.encode(),
            original: false,
            timestamp: Some(metadata.timestamp),
            name: Some(metadata.name.clone()),
            birthdate: contents.birthdate(),
            generator: contents.generator().to_owned(),
            method,
            proof: Proof::whole(self.ids.contains(&id)),
            changed: Vec::new(),
            rank: None,
            backup,
            copies: Vec::new(),
            seed,
        })
    }
}
