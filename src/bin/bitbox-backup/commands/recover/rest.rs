//! What is on a card beside what was recovered.

use bitbox_backup::assess::{Assessment, Backup, State};
use bitbox_backup::finding::Rest;
use bitbox_backup::recover::{PassedOver, RecoveryReport};

/// What is on the card beside what was recovered, or is said of in the report.
pub(super) fn rest(
    assessment: &Assessment,
    id: Option<&str>,
    report: &RecoveryReport,
) -> Vec<Rest> {
    let is_left = |one: &Backup| {
        let is_meant = |id: &str| one.id.is_some_and(|own| own.to_string().starts_with(id));
        !matches!(one.state, State::Erased | State::Lost) && id.is_some_and(|id| !is_meant(id))
    };
    let mut others = report.not_chosen.iter();
    let others = others.any(|one| one.why == PassedOver::OtherLength)
        || assessment.backups.iter().any(is_left);
    let rest = assessment.verdict.rest.iter().copied();
    let rest = rest.filter(|one| *one != Rest::Unproved);
    others
        .then_some(Rest::Backups)
        .into_iter()
        .chain(rest)
        .collect()
}
