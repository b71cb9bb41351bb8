//! Copies that one name holds together and that are of several wallets.

use super::recovery::Recovered;
use super::search_context::{Outcomes, Work};
use crate::assess::{is_kin, split_kin};
use crate::catalogue::CopyState;
use crate::progress::Progress;
use crate::repair;

/// Most parts that are tried: each copy alone is one.
const MOST_PARTS: usize = 12;
/// Most candidates of all parts.
const MOST_CANDIDATES: u64 = 1 << 22;
/// The share of the effort that is kept for them, if the copies look like several backups: one in so many.
const SHARE: u64 = 8;

/// The copies of one backup, divided by what they are like.
pub(super) struct Parted {
    parts: Vec<Vec<usize>>,
    /// What is left of the effort for all copies together, which are tried first.
    pub(super) share_of_all: u64,
    share_of_parts: u64,
}

impl Parted {
    /// Divides the damaged copies of a backup that has a share of the effort.
    pub(super) fn new(work: &Work<'_>, index: usize, share: u64) -> Self {
        let backup = work.backup(index);
        let damaged = backup.map_or(Vec::new(), |backup| work.copies(backup, CopyState::Damaged));
        let valid = backup.map_or(Vec::new(), |backup| work.copies(backup, CopyState::Valid));
        let mut parts = if damaged.is_empty() {
            Vec::new()
        } else {
            split_kin(work.catalogue, &[valid.as_slice(), &damaged].concat())
        };
        if parts.len() < 2 {
            parts.clear();
        }
        // What an intact copy is of is proved already.
        parts.retain(|copies| copies.iter().all(|copy| !valid.contains(copy)));
        parts.truncate(MOST_PARTS);
        let share_of_parts = match parts.len() {
            0 => 0,
            _ => (share / SHARE).min(MOST_CANDIDATES),
        };
        Self {
            parts,
            share_of_all: share.saturating_sub(share_of_parts),
            share_of_parts,
        }
    }

    /// Searches each part alone, but for what was proved by all together. `so_far` is that, and how many candidates
    /// were tried, to which those of the parts are added.
    pub(super) fn search(
        &self,
        work: &Work<'_>,
        index: usize,
        done: &Outcomes,
        (all, tried): (Option<&Recovered>, &mut u64),
        progress: &Progress<'_>,
    ) -> Vec<Recovered> {
        let mut found: Vec<Recovered> = Vec::new();
        let is_proved = |part: &&Vec<usize>| {
            let mut copies = part.iter();
            all.is_some_and(|all| copies.any(|copy| is_kin(&all.file, work.catalogue.bytes(*copy))))
        };
        let parts: Vec<_> = self.parts.iter().filter(|part| !is_proved(part)).collect();
        let each = self.share_of_parts.checked_div(parts.len() as u64);
        for part in parts {
            if progress.is_stopped() {
                break;
            }
            let attempt = work.with_case_of(index, part, done, |case| {
                let mut case = case.clone();
                // The folder is likely that of another part.
                case.own_id = false;
                case.ids.retain(|id| all.is_none_or(|all| all.id != *id));
                Some(repair::prove(&case, each.unwrap_or(0), 0, progress))
            });
            let Some(attempt) = attempt else { continue };
            *tried = tried.saturating_add(attempt.tried);
            let Ok(one) = work.proved(index, part, attempt, None) else {
                continue;
            };
            let known = all.into_iter().chain(&found);
            // One ID stands for wallets of several lengths.
            let wallet = |one: &Recovered| (one.id, one.seed.length());
            let is_known = known.into_iter().any(|known| wallet(known) == wallet(&one));
            if !is_known {
                found.push(one);
            }
        }
        found
    }
}
