//! One generation after the other: by its valid copies, by vote and splice, by search.

use zeroize::Zeroizing;

use super::effort::Effort;
use super::event::{Hear, SearchEvent, SharedEffort};
use super::proof::{FieldProof, Proof};
use super::rebuilt::rebuilt;
use super::recovery::{Missing, NotRecovered, Recovered, Recovery};
use super::share::Shared;
use crate::assess::{self, Assessment, Backup, State};
use crate::backup::wallet::OwnerProof;
use crate::backup::{self, Contents, Id, Seed};
use crate::backup::{Method, Repaired};
use crate::catalogue::{Catalogue, CopyState, Role};
use crate::progress::Progress;
use crate::repair::{self, Attempt, Case, ProvedFields, SearchEstimate};

/// Most ids a damaged backup is tried against.
const MOST_IDS: usize = 256;
/// Most times of file names tried for a backup whose own is not known.
const MOST_TIMES: usize = 8;
/// Most damaged backups of one card searched for; a card of a person has one or two.
const MOST_SEARCHED: usize = 64;
/// Candidates tried for another generation of a wallet that is proved already.
const OLDER: u64 = 1 << 22;

/// Recovers every backup of a card that can be proved.
pub fn recover(catalogue: &Catalogue, assessment: &Assessment, effort: &Effort) -> Recovery {
    let progress = Progress::default();
    recover_watched(catalogue, assessment, effort, &progress, &|_| ())
}

/// The same, while somebody looks on: `hear` is called before each search begins, and before the first if
/// several share the effort.
pub fn recover_watched(
    catalogue: &Catalogue,
    assessment: &Assessment,
    effort: &Effort,
    progress: &Progress<'_>,
    hear: &Hear<'_>,
) -> Recovery {
    let mut work = Work {
        catalogue,
        assessment,
        effort,
        ids: known_ids(catalogue, effort),
        times: known_times(catalogue),
        open: 0,
    };
    let mut done: Vec<Option<Result<Recovered, Missing>>> = Vec::new();
    for index in 0..assessment.backups.len() {
        done.push(work.at_once(index));
    }
    work.open = done.iter().filter(|one| one.is_none()).count();
    work.search_all(&mut done, progress, hear);
    let mut recovery = Recovery::default();
    for (index, (outcome, backup)) in done.into_iter().zip(&assessment.backups).enumerate() {
        match outcome {
            Some(Ok(recovered)) => recovery.recovered.push(recovered),
            Some(Err(missing)) => recovery.not_recovered.push(NotRecovered {
                id: backup.id,
                timestamp: backup.timestamp,
                missing,
                backup: index,
            }),
            None => {}
        }
    }
    recovery
}

/// Every id there is to try against: from outside, and of every name on the card.
fn known_ids(catalogue: &Catalogue, effort: &Effort) -> Vec<Id> {
    let mut ids: Vec<Id> = Vec::new();
    let seen = catalogue.ids.iter().map(|seen| seen.id);
    let folders = catalogue.nodes.iter().filter_map(|node| match node.role {
        Role::Wallet(id) => id,
        _ => None,
    });
    for id in effort.ids.iter().copied().chain(folders).chain(seen) {
        if ids.len() >= MOST_IDS {
            break;
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The times in names of copies, each once.
fn known_times(catalogue: &Catalogue) -> Vec<u32> {
    let mut times: Vec<u32> = catalogue.times.iter().map(|seen| seen.timestamp).collect();
    // The newest: a backup that is lost was in use.
    times.sort_unstable_by(|a, b| b.cmp(a));
    times.dedup();
    times.truncate(MOST_TIMES);
    times
}

struct Work<'a> {
    catalogue: &'a Catalogue,
    assessment: &'a Assessment,
    effort: &'a Effort,
    ids: Vec<Id>,
    times: Vec<u32>,
    /// How many backups are not proved at once.
    open: usize,
}

/// What became of each backup so far.
type Outcomes = [Option<Result<Recovered, Missing>>];

/// A search that is to be made.
struct Planned {
    index: usize,
    estimate: Option<SearchEstimate>,
}

impl Planned {
    /// One without a chance takes nothing of what the others share.
    fn takes_part(&self) -> bool {
        self.estimate.is_none_or(|estimate| estimate.is_feasible)
    }

    /// The candidates that are nearly always enough; most of all where no number is.
    fn needs(&self) -> u64 {
        self.estimate
            .map_or(0, |estimate| estimate.needed_budget.unwrap_or(u64::MAX))
    }
}

impl<'a> Work<'a> {
    /// Searches for what is not proved yet. The effort is that of the whole card: the searches share it, and
    /// what one leaves the next ones get.
    fn search_all(&self, done: &mut Outcomes, progress: &Progress<'_>, hear: &Hear<'_>) {
        let wanted = self.effort.wanted.as_deref();
        let proved = |(index, outcome): (usize, &Option<_>)| {
            matches!(outcome, Some(Ok(_))) && self.has_id(index, wanted)
        };
        let mut is_proved = wanted.is_some() && done.iter().enumerate().any(proved);
        let planned = self.plan(done, wanted, is_proved);
        let parts = planned.iter().filter(|one| one.takes_part()).count();
        if let (2.., Some(first)) = (parts, planned.iter().find_map(|one| one.estimate)) {
            hear(SearchEvent::Shares(SharedEffort {
                searches: parts,
                candidates: self.effort.candidates,
                first,
            }));
        }
        let mut shared = Shared::new(self.effort.candidates, parts);
        for one in planned {
            let has_id = self.has_id(one.index, wanted);
            // One without an ID may be of the wallet that is wanted, as long as nothing of that is proved.
            if wanted.is_some() && !has_id && is_proved {
                continue;
            }
            let share = shared.share();
            let (outcome, tried) = self.search(one.index, done, (share, parts), progress, hear);
            shared.take(tried, one.takes_part());
            is_proved |= has_id && outcome.is_ok();
            if let Some(slot) = done.get_mut(one.index) {
                *slot = Some(outcome);
            }
        }
        for (index, slot) in done
            .iter_mut()
            .enumerate()
            .filter(|(_, slot)| slot.is_none())
        {
            *slot = Some(Err(self.unproved(index, 0, None)));
        }
    }

    /// The searches that are to be made, those of the wallet that is wanted first, and among them what takes
    /// least: what it leaves is the others'.
    fn plan(&self, done: &Outcomes, wanted: Option<&str>, is_proved: bool) -> Vec<Planned> {
        let is_open = |index: &usize| {
            let has_no_id = self.backup(*index).is_none_or(|backup| backup.id.is_none());
            done.get(*index).is_some_and(Option::is_none)
                && (wanted.is_none() || self.has_id(*index, wanted) || has_no_id && !is_proved)
        };
        let first = self.order(wanted).into_iter().filter(is_open);
        let mut planned: Vec<_> = first
            .take(MOST_SEARCHED)
            .map(|index| Planned {
                index,
                estimate: self.with_case(index, done, |case| {
                    repair::estimate_search(case, self.effort.candidates)
                }),
            })
            .collect();
        planned.sort_by_key(|one| {
            (
                wanted.is_some() && !self.has_id(one.index, wanted),
                one.needs(),
            )
        });
        planned
    }

    /// The order in which backups are searched: those of the wallet that is wanted first.
    fn order(&self, wanted: Option<&str>) -> Vec<usize> {
        let all = 0..self.assessment.backups.len();
        let (mut first, rest): (Vec<_>, Vec<_>) =
            all.partition(|index| wanted.is_none() || self.has_id(*index, wanted));
        first.extend(rest);
        first
    }

    /// Whether a backup has an ID that begins with these digits.
    fn has_id(&self, index: usize, wanted: Option<&str>) -> bool {
        let id = self.backup(index).and_then(|backup| backup.id);
        id.is_some_and(|id| wanted.is_none_or(|wanted| id.to_string().starts_with(wanted)))
    }

    fn backup(&self, index: usize) -> Option<&'a Backup> {
        self.assessment.backups.get(index)
    }

    fn copies(&self, backup: &Backup, state: CopyState) -> Vec<usize> {
        let is = |index: &&usize| {
            let copy = self.catalogue.copies.get(**index);
            copy.is_some_and(|copy| copy.state == state)
        };
        backup.copies.iter().filter(is).copied().collect()
    }

    fn bytes(&self, copies: &[usize]) -> Vec<&'a [u8]> {
        copies
            .iter()
            .map(|copy| self.catalogue.bytes(*copy))
            .collect()
    }

    /// The number of the place of each copy: readings of one copy have the same.
    fn places(&self, copies: &[usize]) -> Vec<usize> {
        let place = |copy: &usize| self.catalogue.place_of(*copy);
        let same = |copy: &usize| {
            let own = place(copy)?;
            copies.iter().position(|other| place(other) == Some(own))
        };
        let number = |(index, copy): (usize, &usize)| same(copy).unwrap_or(index);
        copies.iter().enumerate().map(number).collect()
    }

    /// What needs no search: a valid copy, the vote, the splice, or nothing to search in.
    fn at_once(&self, index: usize) -> Option<Result<Recovered, Missing>> {
        let backup = self.backup(index)?;
        let valid = self.copies(backup, CopyState::Valid);
        for copy in &valid {
            let bytes = self.catalogue.bytes(*copy);
            let Ok(contents) = backup::decode(bytes) else {
                continue;
            };
            if let Some(mut recovered) = self.whole(&contents, Method::Copy, index) {
                recovered.file = Zeroizing::new(bytes.to_vec());
                recovered.original = true;
                recovered.copies = valid;
                return Some(Ok(recovered));
            }
        }
        let damaged = self.copies(backup, CopyState::Damaged);
        if backup.state == State::Erased || backup.state == State::Lost || damaged.is_empty() {
            return Some(Err(Missing::Nothing));
        }
        let repaired = backup::vote_or_splice(&self.bytes(&damaged), None)?;
        let Repaired::Whole(method, contents) = repaired else {
            return None;
        };
        let mut recovered = self.whole(&contents, method, index)?;
        recovered.copies = damaged;
        Some(Ok(recovered))
    }

    /// What is searched in: the damaged copies of a backup, and all that is known of it.
    fn with_case<T>(
        &self,
        index: usize,
        done: &Outcomes,
        look: impl FnOnce(&Case<'_>) -> Option<T>,
    ) -> Option<T> {
        let backup = self.backup(index)?;
        let damaged = self.copies(backup, CopyState::Damaged);
        let same = |other: &&Recovered| Some(other.id) == backup.id;
        let proved = done.iter().flatten().flatten().find(same);
        let seed = proved.and_then(|other| Seed::new(&other.seed.padded(), 32));
        let others = self.others(index, backup);
        look(&Case {
            copies: self.bytes(&damaged),
            places: self.places(&damaged),
            other_places: others.iter().map(|copies| self.places(copies)).collect(),
            others: others.iter().map(|copies| self.bytes(copies)).collect(),
            ids: self.ids_of(backup),
            own_id: backup.id.is_some(),
            times: backup
                .timestamp
                .map_or(self.times.clone(), |time| vec![time]),
            seed: seed.as_ref(),
            owned: self.effort.owned.as_ref(),
            owned_candidates: self.effort.owned_candidates(self.open),
        })
    }

    /// Tries what the damaged copies may have been, likeliest first, with a share of the effort that so many
    /// searches have. Tells how many candidates were tried, too.
    fn search(
        &self,
        index: usize,
        done: &Outcomes,
        (share, parts): (u64, usize),
        progress: &Progress<'_>,
        hear: &Hear<'_>,
    ) -> (Result<Recovered, Missing>, u64) {
        let searched = self.with_case(index, done, |case| {
            let budget = match case.seed {
                Some(_) => share.min(OLDER),
                None => share,
            };
            let before = self.effort.tried_before.get(index);
            let skip = before.map_or(0, |tried| (*tried).min(budget));
            let mut estimate = repair::estimate_search(case, budget);
            if let Some(estimate) = &mut estimate {
                // Of a larger effort this one gets a share too.
                let all = |needed: u64| needed.saturating_mul(parts.max(1) as u64);
                estimate.needed_budget = estimate.needed_budget.map(all);
            }
            progress.set_total(budget);
            hear(SearchEvent::Begins {
                backup: index,
                estimate: estimate.as_ref(),
            });
            Some((repair::prove(case, budget, skip, progress), estimate))
        });
        match searched {
            Some((attempt, estimate)) => {
                let tried = attempt.tried;
                (self.proved(index, attempt, estimate), tried)
            }
            None => (Err(Missing::Nothing), 0),
        }
    }

    /// What a search has proved.
    fn proved(
        &self,
        index: usize,
        attempt: Attempt,
        estimate: Option<SearchEstimate>,
    ) -> Result<Recovered, Missing> {
        let tried = attempt.tried;
        if attempt.proved.is_none() && attempt.stopped {
            return Err(Missing::Stopped { tried });
        }
        let unproved = || self.unproved(index, tried, estimate);
        let proof = attempt.proved.ok_or_else(unproved)?;
        let by_search = (proof.method == Method::Search).then_some(proof.rank);
        let mut recovered = match proof.fields {
            ProvedFields::Whole(contents) => self.whole(&contents, proof.method, index),
            ProvedFields::Seed { seed, .. } => {
                let id = proof.id.ok_or(Missing::Nothing)?;
                match proof.owner {
                    Some(owner) => self.seed_of_owner(&seed, owner, index, proof.method),
                    None => self.seed_alone(&seed, id, index, proof.method)?,
                }
            }
        }
        .ok_or_else(unproved)?;
        recovered.changed = proof.changed;
        recovered.rank = by_search;
        let backup = self.backup(index).ok_or(Missing::Nothing)?;
        recovered.copies = self.copies(backup, CopyState::Damaged);
        Ok(recovered)
    }

    /// A backup of which the id proves the seed and nothing proves the rest; an error where nothing
    /// says how long the seed is.
    fn seed_alone(
        &self,
        seed: &Seed,
        id: Id,
        index: usize,
        method: Method,
    ) -> Result<Option<Recovered>, Missing> {
        let backup = self.backup(index).ok_or(Missing::Nothing)?;
        let bytes = seed.padded();
        let proved = assess::seed_length(self.catalogue, &backup.copies, id, seed);
        let fitting = backup::fitting_lengths(&bytes);
        let said = self.effort.length.filter(|length| fitting.contains(length));
        let Some(length) = said.or(proved) else {
            return Err(Missing::Length(fitting));
        };
        let by = if Some(length) == proved {
            FieldProof::Id
        } else {
            FieldProof::Absent
        };
        // A device without a clock writes 0.
        let time = backup.timestamp.filter(|time| *time > 0);
        Ok(rebuilt(&bytes, (length, by), time, id, index, method))
    }

    /// A backup of which what the owner knows proves the seed and its length, and nothing the rest.
    fn seed_of_owner(
        &self,
        seed: &Seed,
        (by, length): (OwnerProof, u32),
        index: usize,
        method: Method,
    ) -> Option<Recovered> {
        let time = self.backup(index)?.timestamp.filter(|time| *time > 0);
        let length = (length, FieldProof::Owner);
        let mut recovered = rebuilt(&seed.padded(), length, time, seed.id(), index, method)?;
        recovered.proof.seed = by.into();
        Some(recovered)
    }

    /// Damaged copies of the same wallet from other times.
    fn others(&self, index: usize, backup: &Backup) -> Vec<Vec<usize>> {
        let others = self.assessment.backups.iter().enumerate();
        others
            .filter(|(other, of)| *other != index && of.id.is_some() && of.id == backup.id)
            .map(|(_, of)| self.copies(of, CopyState::Damaged))
            .filter(|copies| !copies.is_empty())
            .collect()
    }

    /// The ids a backup may have, its folder's first.
    fn ids_of(&self, backup: &Backup) -> Vec<Id> {
        let others = self.ids.iter().filter(|id| Some(**id) != backup.id);
        backup.id.iter().chain(others).copied().collect()
    }

    fn unproved(&self, index: usize, tried: u64, estimate: Option<SearchEstimate>) -> Missing {
        let id_known = self
            .backup(index)
            .is_some_and(|backup| !self.ids_of(backup).is_empty());
        Missing::Proof {
            tried,
            id_known,
            estimate,
        }
    }

    /// A backup all of whose fields the checksum proves.
    fn whole(&self, contents: &Contents, method: Method, backup: usize) -> Option<Recovered> {
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
