//! What the steps of a rescue came to so far.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bitbox_backup::assess::CardState;
use bitbox_backup::finding::Rest;
use bitbox_backup::recover::RecoveryReport;

use super::plan::{Done, Plan};
use crate::exit::Exit;

/// What the steps came to so far.
pub(super) struct Came {
    pub(super) worst: Exit,
    pub(super) skipped: bool,
    pub(super) is_whole: bool,
    pub(super) has_none: bool,
    pub(super) is_fine: bool,
    /// Whether what is fine lies on a card.
    pub(super) is_on_card: bool,
    /// Whether anything was seen of it in this run.
    pub(super) has_looked: bool,
    is_cut: bool,
    is_unfinished: bool,
    pub(super) by_hand: Vec<String>,
    /// What is on the card beside the backups that can be proved.
    rest: BTreeSet<Rest>,
    /// The files that hold copies; `None` if they are not known.
    pub(super) files: Option<BTreeSet<PathBuf>>,
    /// What was recovered, if that was tried in this run.
    pub(super) report: Option<RecoveryReport>,
}

impl Came {
    pub(super) fn new() -> Self {
        Self {
            worst: Exit::Done,
            skipped: false,
            is_whole: true,
            has_none: false,
            is_fine: false,
            is_on_card: true,
            has_looked: false,
            is_cut: false,
            is_unfinished: false,
            by_hand: Vec::new(),
            rest: BTreeSet::new(),
            files: None,
            report: None,
        }
    }

    /// What has to be done by hand afterwards.
    pub(super) fn left(&self, plan: &Plan) -> Vec<String> {
        let mut left = match self.is_fine && self.is_on_card {
            true => plan.left_of_healthy(),
            false => plan.left(self),
        };
        left.splice(..0, self.by_hand.iter().cloned());
        if self.is_unfinished {
            left.insert(0, plan.to_finish_copy());
        } else if self.is_cut {
            left.insert(0, plan.to_copy_again());
        }
        left
    }

    /// Whether something was not read, or has to be looked into by hand.
    pub(super) fn may_hold_more(&self) -> bool {
        !self.is_whole || self.is_cut || self.is_unfinished || !self.by_hand.is_empty()
    }

    /// What is on the card beside what was recovered, or is said not to be.
    pub(super) fn rest(&self) -> Vec<Rest> {
        let rest = self.rest.iter().copied();
        rest.filter(|one| *one != Rest::Unproved).collect()
    }

    /// Notes what a step came to, and what it saw.
    pub(super) fn add(&mut self, done: Done) {
        let Done { exit, seen, report } = done;
        if exit != Exit::Done {
            self.worst = exit;
        }
        if report.is_some() {
            self.report = report;
        } else {
            let all = |is: fn(CardState) -> bool| {
                self.is_whole && !seen.is_empty() && seen.iter().all(|seen| is(seen.state))
            };
            // What was seen holds for the steps behind.
            self.is_fine |= all(|state| state == CardState::Healthy);
            self.has_none |= all(has_no_backup);
        }
        self.is_on_card &= seen.iter().all(|seen| seen.is_card);
        self.is_cut |= seen.iter().any(|seen| seen.is_cut);
        self.is_unfinished |= seen.iter().any(|seen| seen.is_unfinished);
        let by_hand = seen.iter().flat_map(|seen| &seen.by_hand);
        self.by_hand.extend(by_hand.cloned());
        self.rest.extend(seen.iter().flat_map(|seen| &seen.rest));
        self.has_looked |= !seen.is_empty();
        if !seen.is_empty() {
            let files: Option<Vec<_>> = seen.into_iter().map(|seen| seen.files).collect();
            self.files = files.map(|files| files.into_iter().flatten().collect());
        }
    }

    /// What is skipped is not done.
    pub(super) fn exit(&self) -> Exit {
        match self.worst {
            Exit::Done if self.skipped => Exit::Attention,
            worst => worst,
        }
    }
}

/// Whether nothing is on a card, of which all was searched.
fn has_no_backup(state: CardState) -> bool {
    matches!(state, CardState::Empty | CardState::Unusable)
}
