//! The verdict on some of the backups of a card.

use super::assessment::Assessment;
use super::backup::{Backup, State};
use super::{sentence, verdict};
use crate::backup::Id;
use crate::catalogue::Catalogue;
use crate::finding::Advice;

/// Makes the verdict one on the backups of the wallets that are meant, where there are others too. What is wrong with the
/// card itself counts for them as well. Says whether it is enough to recover these: what is written to the card could cost
/// others.
pub fn narrow(
    assessment: &mut Assessment,
    catalogue: &Catalogue,
    is_meant: impl Fn(&Id) -> bool,
) -> bool {
    let is_kept = |backup: &Backup| backup.id.as_ref().is_some_and(&is_meant);
    if !assessment.backups.iter().any(is_kept) {
        // Where nothing was found at all, that is to be said.
        let is_unknown = assessment.backups.iter().any(|backup| backup.id.is_none());
        let sentence = match assessment.backups.len() {
            0 => return false,
            // It may be the one.
            _ if is_unknown => "No backup that is known to have this ID was found here.",
            1 => "No backup with this ID was found here. Another one was found.",
            _ => "No backup with this ID was found here. Others were found.",
        };
        assessment.verdict.sentence = sentence.to_owned();
        return false;
    }
    let mut part = assessment.clone();
    part.backups.retain(is_kept);
    if part.backups.len() == assessment.backups.len() {
        return true;
    }
    let others = assessment.backups.iter().filter(|one| !is_kept(one));
    let others = others.filter(|one| !matches!(one.state, State::Erased | State::Lost));
    part.others = others.count();
    part.verdict.state = verdict::state(&part);
    part.verdict.next = verdict::next(&part, assessment, catalogue);
    part.verdict.sentence = sentence::sentence(&part, catalogue);
    let writes = part.verdict.next.iter().any(Advice::writes);
    let is_enough = !writes || !verdict::is_at_risk(assessment);
    assessment.verdict = part.verdict;
    is_enough
}
