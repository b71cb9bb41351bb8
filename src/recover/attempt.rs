//! One generation after the other: by its valid copies, by vote and splice, by search.

use zeroize::Zeroizing;

use super::effort::Effort;
use super::event::{Hear, SearchEvent, SharedEffort};
use super::mixed_folder::Parted;
use super::recovery::{Missing, NotRecovered, Recovered, Recovery};
use super::search_context::{Attempted, Outcomes, Work, known_times};
use super::share::Shared;
use crate::assess::{Assessment, State};
use crate::backup::{self, Method, Repaired};
use crate::catalogue::{Catalogue, CopyState};
use crate::progress::Progress;
use crate::repair::{self, SearchEstimate};

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
        backups: assessment.backups.clone(),
        of: (0..assessment.backups.len()).collect(),
        effort,
        ids: catalogue.known_ids(&effort.ids),
        times: known_times(catalogue),
        open: 0,
    };
    let mut done: Vec<Option<Attempted>> = Vec::new();
    for index in 0..assessment.backups.len() {
        done.push(work.at_once(index));
    }
    work.split_off(&mut done, &[]);
    let joined = work.splice_across(&mut done);
    work.open = done.iter().filter(|one| one.is_none()).count();
    let at_once = done
        .iter()
        .map(|one| matches!(one, Some(Ok(_))))
        .collect::<Vec<_>>();
    let (mut more, left) = work.search_all(&mut done, effort.candidates, progress, hear);
    more.extend(work.search_rest(&done, &at_once, left, progress));
    // What was proved by a search may be of one of two wallets in a folder.
    work.split_off(&mut done, &more);
    if done.iter().any(Option::is_none) {
        let least = left.max(effort.candidates.min(Effort::QUICK));
        more.extend(work.search_all(&mut done, least, progress, hear).0);
    }
    let mut recovery = Recovery::default();
    for (index, (outcome, backup)) in done.into_iter().zip(&work.backups).enumerate() {
        match outcome.filter(|_| !joined.contains(&index)) {
            Some(Ok(mut recovered)) => {
                recovered.backup = work.generation(index);
                recovery.recovered.push(recovered);
            }
            Some(Err(missing)) => recovery.not_recovered.push(NotRecovered {
                id: backup.id,
                timestamp: backup.timestamp,
                missing,
                backup: work.generation(index),
                copies: backup.copies.clone(),
            }),
            None => {}
        }
    }
    recovery.recovered.extend(more);
    work.search_named_folders(&mut recovery, progress);
    recovery.recovered.sort_by_key(|one| one.backup);
    recovery
}

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

impl Work<'_> {
    /// Searches for what is not proved yet, with so many candidates of the effort. That is of the whole card: the
    /// searches share it, and what one leaves the next ones get. Tells what is left, too.
    fn search_all(
        &self,
        done: &mut Outcomes,
        candidates: u64,
        progress: &Progress<'_>,
        hear: &Hear<'_>,
    ) -> (Vec<Recovered>, u64) {
        let wanted = self.effort.wanted.as_deref();
        let proved = |(index, outcome): (usize, &Option<_>)| {
            matches!(outcome, Some(Ok(_))) && self.has_id(index, wanted)
        };
        let mut is_proved = wanted.is_some() && done.iter().enumerate().any(proved);
        let planned = self.plan(done, candidates, wanted, is_proved);
        let parts = planned.iter().filter(|one| one.takes_part()).count();
        if let (2.., Some(first)) = (parts, planned.iter().find_map(|one| one.estimate)) {
            hear(SearchEvent::Shares(SharedEffort {
                searches: parts,
                candidates,
                first,
            }));
        }
        let beside_others = self.beside_others(&planned);
        let mut shared = Shared::new(candidates, parts);
        let mut more = Vec::new();
        for one in planned {
            let has_id = self.has_id(one.index, wanted);
            // One without an ID may be of the wallet that is wanted, as long as nothing of that is proved.
            if wanted.is_some() && !has_id && is_proved {
                continue;
            }
            let parted = Parted::new(self, one.index, shared.share());
            let share = (parted.share_of_all, parts);
            let (mut outcome, mut tried) = self.search(one.index, done, share, progress, hear);
            let so_far = (outcome.as_ref().ok(), &mut tried);
            for other in parted.search(self, one.index, done, so_far, progress) {
                match &outcome {
                    Ok(_) => more.push(other),
                    Err(_) => outcome = Ok(other),
                }
            }
            if let Err(Missing::Proof { shared, .. }) = &mut outcome {
                *shared = wanted.is_none() && beside_others.contains(&one.index);
            }
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
            *slot = Some(Err(self.unproved(index, (0, 0), None)));
        }
        (more, shared.left())
    }

    /// The searches that share the effort with one for another wallet: an ID sets them apart.
    fn beside_others(&self, planned: &[Planned]) -> Vec<usize> {
        let id_of = |index: usize| self.backup(index).and_then(|backup| backup.id);
        let parts = || planned.iter().filter(|one| one.takes_part());
        let is_beside = |index: &usize| parts().any(|other| id_of(other.index) != id_of(*index));
        parts().map(|one| one.index).filter(is_beside).collect()
    }

    /// Searches what else is in the groups that were proved at once, with a part of what is left.
    fn search_rest(
        &self,
        done: &Outcomes,
        at_once: &[bool],
        left: u64,
        progress: &Progress<'_>,
    ) -> Vec<Recovered> {
        let mut more = Vec::new();
        for ((index, outcome), at_once) in done.iter().enumerate().zip(at_once) {
            if let Some(Ok(one)) = outcome
                && *at_once
                && self.effort.wanted.is_none()
            {
                let parted = Parted::new(self, index, left);
                more.extend(parted.search(self, index, done, (Some(one), &mut 0), progress));
            }
        }
        more
    }

    /// The searches that are to be made, those of the wallet that is wanted first, and among them what takes
    /// least: what it leaves is the others'.
    fn plan(
        &self,
        done: &Outcomes,
        candidates: u64,
        wanted: Option<&str>,
        is_proved: bool,
    ) -> Vec<Planned> {
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
                    repair::estimate_search(case, candidates)
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
        let all = 0..self.backups.len();
        let (mut first, rest): (Vec<_>, Vec<_>) =
            all.partition(|index| wanted.is_none() || self.has_id(*index, wanted));
        first.extend(rest);
        first
    }

    /// What needs no search: a valid copy, the vote, the splice, or nothing to search in.
    pub(super) fn at_once(&self, index: usize) -> Option<Result<Recovered, Missing>> {
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
        let backup = self.backup(index);
        let damaged = backup.map_or(Vec::new(), |backup| self.copies(backup, CopyState::Damaged));
        let searched = self.with_case_of(index, &damaged, done, |case| {
            let budget = match case.seed {
                Some(_) => share.min(OLDER),
                None => share,
            };
            let mut estimate = repair::estimate_search(case, budget);
            let is_vain = case.owned.is_empty()
                && estimate
                    .and_then(|one| one.covered_ppm)
                    .is_some_and(|covered| covered < self.effort.least_ppm);
            let budget = if is_vain {
                budget.min(Effort::QUICK)
            } else {
                budget
            };
            if is_vain {
                estimate = repair::estimate_search(case, budget);
            }
            let before = self.effort.tried_before.get(index);
            let skip = before.map_or(0, |tried| (*tried).min(budget));
            estimate = estimate.map(SearchEstimate::claimed);
            if let Some(estimate) = &mut estimate {
                // Of a larger effort this one gets a share too.
                let all = |needed: u64| needed.saturating_mul(parts.max(1) as u64);
                estimate.needed_budget = estimate.needed_budget.map(all);
            }
            progress.set_total(budget);
            let begins = || {
                hear(SearchEvent::Begins {
                    backup: index,
                    estimate: estimate.as_ref(),
                });
            };
            // What is put together in a moment may be found where a search has no chance: nobody is told that before.
            let is_moment =
                case.owned.is_empty() && estimate.is_some_and(|estimate| !estimate.is_feasible);
            if !is_moment {
                begins();
            }
            let mut attempt = repair::prove(case, budget, skip, progress);
            if attempt.proved.is_none() {
                // More than this effort allows, if an earlier run had a larger one.
                attempt.tried = attempt.tried.max(before.copied().unwrap_or(0));
            }
            if is_moment && attempt.proved.is_none() {
                begins();
            }
            Some((attempt, estimate))
        });
        match searched {
            Some((attempt, estimate)) => {
                let tried = attempt.tried.min(share);
                (self.proved(index, &damaged, attempt, estimate), tried)
            }
            None => (Err(Missing::Nothing), 0),
        }
    }
}
