//! The verdict on some of the backups of a card.

use super::assessment::Assessment;
use super::backup::Backup;
use super::{sentence, verdict};
use crate::backup::Id;
use crate::catalogue::Catalogue;

/// Makes the verdict one on the backups of the wallets that are meant, where there are others too, and says whether it
/// did. What is wrong with the card itself counts for them as well.
pub fn narrow(
    assessment: &mut Assessment,
    catalogue: &Catalogue,
    is_meant: impl Fn(&Id) -> bool,
) -> bool {
    let is_kept = |backup: &Backup| backup.id.as_ref().is_some_and(&is_meant);
    if !assessment.backups.iter().any(is_kept) {
        return false;
    }
    let mut part = assessment.clone();
    part.backups.retain(is_kept);
    if part.backups.len() < assessment.backups.len() {
        part.verdict.state = verdict::state(&part);
        part.verdict.next = verdict::next(&part, catalogue);
        part.verdict.sentence = sentence::sentence(&part, catalogue);
        assessment.verdict = part.verdict;
    }
    true
}
