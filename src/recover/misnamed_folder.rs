//! Whole copies in a folder that is named for another wallet: their checksum proves only that their fields fit together.

use super::effort::Effort;
use super::recovery::{Missing, NotRecovered, Recovered, Recovery};
use super::search_context::Work;
use crate::backup::Id;
use crate::progress::Progress;
use crate::repair::{self, Case};

/// Most such folders of one card that are searched.
const MOST_FOLDERS: usize = 16;

impl Work<'_> {
    /// Looks for the wallets that folders with whole copies of others are named for: somebody may have changed the seed,
    /// and the checksum with it.
    pub(super) fn search_named_folders(&self, recovery: &mut Recovery, progress: &Progress<'_>) {
        let known: Vec<Id> = recovery.recovered.iter().map(|one| one.id).collect();
        let mut found: Vec<Recovered> = Vec::new();
        let mut searched = 0_usize;
        for one in &mut recovery.recovered {
            let Some(named) = self.other_name(one) else {
                continue;
            };
            one.proof.folder_id = Some(named);
            let lost = recovery.not_recovered.iter().filter_map(|other| other.id);
            let found_here = found.iter().map(|other| other.id);
            let mut done = lost.chain(found_here).chain(known.iter().copied());
            let wanted = self.effort.wanted.as_deref();
            let is_wanted = wanted.is_none_or(|wanted| named.to_string().starts_with(wanted));
            if done.any(|id| id == named) || !is_wanted || searched >= MOST_FOLDERS {
                continue;
            }
            searched = searched.saturating_add(1);
            match self.search_near(one, named, progress) {
                Ok(near) => found.push(near),
                Err(missing) => recovery.not_recovered.push(NotRecovered {
                    id: Some(named),
                    timestamp: None,
                    missing,
                    backup: one.backup,
                    copies: one.copies.clone(),
                }),
            }
        }
        recovery.recovered.append(&mut found);
    }

    /// The ID that the folder of all its copies is named by, if that is another wallet's.
    fn other_name(&self, one: &Recovered) -> Option<Id> {
        let copies = one.copies.iter().filter(|_| one.proof.seed.is_whole());
        let copies = copies.filter_map(|copy| self.catalogue.copies.get(*copy));
        let mut named = copies.map(|copy| self.catalogue.wallet_of(copy.node)?.1);
        let first = named.next()??;
        let is_other = !first.is_near(&one.id) && named.all(|id| id == Some(first));
        is_other.then_some(first)
    }

    /// Searches the seeds near that of a whole backup for one with this ID.
    fn search_near(
        &self,
        one: &Recovered,
        named: Id,
        progress: &Progress<'_>,
    ) -> Result<Recovered, Missing> {
        let budget = self.effort.candidates.min(Effort::QUICK);
        let attempt = self.with_case_of(one.backup, &one.copies, &[], |case| {
            let case = Case {
                ids: vec![named],
                damaged_ids: Vec::new(),
                own_id: true,
                owned: Vec::new(),
                words: None,
                ..case.clone()
            };
            Some(repair::prove(&case, budget, 0, progress))
        });
        let attempt = attempt.ok_or(Missing::Nothing)?;
        let tried = attempt.tried;
        match self.proved(one.backup, &one.copies, attempt, None) {
            Ok(near) if near.id == named => Ok(near),
            Err(missing @ (Missing::Stopped { .. } | Missing::Length(_))) => Err(missing),
            _ => Err(Missing::OtherInFolder {
                tried,
                found: one.id,
            }),
        }
    }
}
