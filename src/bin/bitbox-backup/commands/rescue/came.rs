//! What the steps of a rescue came to so far.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bitbox_backup::assess::CardState;
use bitbox_backup::finding::{Advice, Rest};
use bitbox_backup::recover::RecoveryReport;
use bitbox_backup::report::Source;

use super::plan::{Done, Plan};
use crate::exit::Exit;
use crate::output_paths;

#[derive(Default)]
pub(super) struct Came {
    worst: Exit,
    pub(super) skipped: bool,
    pub(super) lacks_some: bool,
    pub(super) has_none: bool,
    pub(super) is_fine: bool,
    /// Whether some of what was seen lies on no card: in no reader, mounted folder, or image.
    pub(super) is_off_card: bool,
    /// Whether anything was seen of it in this run.
    pub(super) has_looked: bool,
    is_cut: bool,
    is_unfinished: bool,
    /// Steps that no further command of this program replaces: what to unpack, and that the card is to be kept.
    pub(super) by_hand: Vec<String>,
    /// What is on the card beside the backups that can be proved.
    rest: BTreeSet<Rest>,
    /// The files that hold copies; `None` if one is not found again by its name.
    pub(super) files: Option<BTreeSet<PathBuf>>,
    pub(super) report: Option<RecoveryReport>,
}

impl Came {
    pub(super) fn left(&self, plan: &Plan) -> Vec<String> {
        let mut left = match self.is_fine && !self.is_off_card {
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
        self.lacks_some || self.is_cut || self.is_unfinished || !self.by_hand.is_empty()
    }

    /// What is on the card beside what was recovered, or is said not to be.
    pub(super) fn rest(&self) -> Vec<Rest> {
        let rest = self.rest.iter().copied();
        rest.filter(|one| *one != Rest::Unproved).collect()
    }

    pub(super) fn add(&mut self, done: Done) {
        let Done { exit, seen, report } = done;
        if exit != Exit::Done {
            self.worst = exit;
        }
        if report.is_some() {
            self.report = report;
        } else {
            let all = |is: fn(CardState) -> bool| {
                !self.lacks_some && !seen.is_empty() && seen.iter().all(|seen| is(seen.state))
            };
            // What was seen holds for the steps behind.
            self.is_fine |= all(|state| state == CardState::Healthy);
            // Of a card of which all was searched.
            self.has_none |= all(|state| matches!(state, CardState::Empty | CardState::Unusable));
        }
        if !seen.is_empty() {
            self.has_looked = true;
            let files: Option<Vec<_>> = seen.iter().map(files).collect();
            self.files = files.map(|files| files.into_iter().flatten().collect());
        }
        for source in seen {
            self.is_off_card |= !output_paths::is_card(&source);
            self.is_cut |= source.advice.contains(&Advice::WholeImage);
            self.is_unfinished |= source.advice.contains(&Advice::FinishImage);
            let steps = source.advice.iter().zip(source.next);
            let by_hand = steps.filter(|(step, _)| is_by_hand(step));
            self.by_hand.extend(by_hand.map(|(_, words)| words.text));
            self.rest.extend(source.rest);
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

fn is_by_hand(step: &Advice) -> bool {
    matches!(
        step,
        Advice::Unpack { .. }
            | Advice::UnpackAt { .. }
            | Advice::Unlock { .. }
            | Advice::FollowLinks
            | Advice::Download
            | Advice::KeepBitBox01 { .. }
    )
}

/// The files that hold copies: the source itself, or those in a folder, archives among them.
fn files(source: &Source) -> Option<BTreeSet<PathBuf>> {
    let root = Path::new(&source.source);
    let file = |path: &str| {
        let place = root.join(path.trim_start_matches('/'));
        let mut around = place
            .ancestors()
            .take_while(|place| place.starts_with(root));
        around.find(|place| place.is_file()).map(Path::to_owned)
    };
    let copies = source.backups.iter().flat_map(|backup| &backup.copies);
    copies.map(|copy| file(&copy.path)).collect()
}
