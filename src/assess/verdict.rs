//! The one verdict on a source: what state its card is in, and what to do about it.
//!
//! Every command renders this value and none forms its own. It follows from what was found *and*
//! from how far was looked: nothing found is not the same as nothing there.

use super::assessment::{Assessment, CardState, Seen};
use super::backup::{Backup, State};
use super::rest::{at_the_end, is_bitbox01_deleted};
use super::unread::{is_ours, is_way_unread, look_into, refused};
use crate::catalogue::{Catalogue, Looked, Problem};
use crate::finding::{Advice, Finding, Rule, Severity};
use crate::firmware::List;
use crate::image::Fault;

/// The state of the card.
pub(super) fn state(assessment: &Assessment) -> CardState {
    let backups = &assessment.backups;
    let has = |state: State| backups.iter().any(|backup| backup.state == state);
    let answer = assessment.answer.as_ref().map(|answer| &answer.list);
    let accepts = !matches!(answer, Some(List::Error(_) | List::Crash(_)));
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    if has(State::Hidden) {
        return CardState::Hidden;
    }
    if backups.iter().any(Backup::is_listed) {
        let mut counted = backups.iter().filter(|backup| !backup.state.is_trace());
        let all_healthy = counted.all(|backup| backup.state == State::Healthy);
        return match all_healthy && !assessment.all_findings().any(is_error) {
            true => CardState::Healthy,
            false => CardState::Attention,
        };
    }
    match () {
        () if has(State::Damaged) => CardState::Damaged,
        () if backups.iter().any(Backup::is_recoverable) => CardState::Recoverable,
        () if !backups.is_empty() => CardState::Traces,
        () if !assessment.verdict.complete => CardState::Unsearched,
        () if accepts => CardState::Empty,
        () => CardState::Unusable,
    }
}

/// What to do, in the order in which to do it, in the state that the verdict has. Where it is a verdict on some of the
/// backups only, `card` is the one on all of them: nothing may be done that costs another one.
pub(super) fn next(
    assessment: &Assessment,
    card: &Assessment,
    catalogue: &Catalogue,
) -> Vec<Advice> {
    let mut next = by_state(assessment, card, catalogue);
    if assessment.is_cut_short() {
        let is_searched = assessment.looked == Looked::Surface;
        next.retain(|one| match one {
            Advice::Image | Advice::OtherReader => false,
            Advice::Search => !is_searched,
            _ => true,
        });
        next.insert(0, Advice::WholeImage);
    }
    let is_unreadable = |one: &Backup| one.state == State::Damaged && one.is_unread(catalogue);
    let is_way_bad = assessment.verdict.state != CardState::Healthy
        && !next.contains(&Advice::OtherReader)
        && is_way_unread(catalogue);
    let is_bad = is_way_bad || assessment.backups.iter().any(is_unreadable);
    if is_bad && unread(assessment, catalogue).is_none() {
        next.insert(0, Advice::OtherReader);
    }
    finish_first(&mut next, assessment, catalogue);
    if assessment.seen != Seen::Card {
        // What has no volume is no card: nothing can be imaged, formatted or made on it.
        next.retain(|one| {
            !matches!(
                one,
                Advice::Image
                    | Advice::WholeImage
                    | Advice::FinishImage
                    | Advice::Format
                    | Advice::CreateHere
                    | Advice::OtherReader
                    | Advice::Repair
            )
        });
    }
    let refused = refused(catalogue).filter(|_| assessment.seen == Seen::AssumedCard);
    match refused {
        Some(true) => next.insert(0, Advice::Permit),
        Some(false) => next.insert(0, Advice::OtherReader),
        None => {}
    }
    if is_not_copied(catalogue) || is_way_unread(catalogue) && !is_cut(catalogue) {
        // What is missing may be what leads to it: nothing is deleted, as far as is known.
        next.retain(|one| !matches!(one, Advice::Destroy | Advice::KeepSafe(_)));
    }
    next.dedup();
    next
}

/// The same by the state alone.
fn by_state(assessment: &Assessment, card: &Assessment, catalogue: &Catalogue) -> Vec<Advice> {
    match assessment.verdict.state {
        CardState::Failed => Vec::new(),
        CardState::Healthy if is_table_damaged(catalogue) => {
            vec![Advice::Recover, Advice::CreateFresh]
        }
        CardState::Healthy => Vec::new(),
        CardState::Attention => attention(assessment, card),
        CardState::Hidden => hidden(assessment, card),
        CardState::Damaged => vec![
            Advice::Image,
            Advice::Recover,
            Advice::OtherCard,
            Advice::CreateFresh,
        ],
        CardState::Recoverable => vec![
            Advice::Image,
            Advice::Recover,
            Advice::CreateFresh,
            at_the_end(assessment, card),
        ],
        CardState::Traces => traces(assessment, catalogue),
        CardState::Empty | CardState::Unusable => match is_bitbox01_deleted(assessment) {
            Some(is_deleted) => vec![Advice::KeepBitBox01 { is_deleted }],
            None if assessment.verdict.state == CardState::Empty => {
                vec![Advice::OtherCard, Advice::CreateHere]
            }
            None => vec![Advice::OtherCard, Advice::Format, Advice::CreateHere],
        },
        CardState::Unsearched => unsearched(assessment, catalogue),
    }
}

/// Puts the copy first that is not finished. Another reader helps only where the card failed.
fn finish_first(next: &mut Vec<Advice>, assessment: &Assessment, catalogue: &Catalogue) {
    if !is_unfinished(assessment, catalogue) {
        return;
    }
    let is_bad = faults(catalogue).any(|fault| fault != Fault::NotCopied);
    next.retain(|one| match one {
        Advice::Image | Advice::WholeImage => false,
        Advice::OtherReader => is_bad,
        _ => true,
    });
    next.insert(0, Advice::FinishImage);
}

/// What refused where the card could not be read.
fn faults(catalogue: &Catalogue) -> impl Iterator<Item = Fault> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::Unreadable { fault, .. } => *fault,
        _ => None,
    })
}

/// Whether the image is a copy that was not finished, and something was wanted that is not in it yet.
pub(super) fn is_unfinished(assessment: &Assessment, catalogue: &Catalogue) -> bool {
    let answer = assessment.answer.as_ref();
    is_not_copied(catalogue) || answer.is_some_and(|answer| answer.not_copied)
}

fn is_not_copied(catalogue: &Catalogue) -> bool {
    faults(catalogue).any(|fault| fault == Fault::NotCopied)
}

/// Whether a part of the card is missing that may lead to what is on it, by what was found on it.
pub(super) fn is_partial(catalogue: &Catalogue) -> bool {
    is_cut(catalogue) || is_not_copied(catalogue) || is_way_unread(catalogue)
}

/// Why files were not read that nobody tried to read.
pub(super) fn unread(assessment: &Assessment, catalogue: &Catalogue) -> Option<&'static str> {
    if is_unfinished(assessment, catalogue) {
        return Some("the copy of the card in this image is not finished");
    }
    let is_cut = assessment.is_cut_short();
    is_cut.then_some("this image ends before its files")
}

/// Whether a part of the card could not be read.
pub(super) fn is_unread(assessment: &Assessment) -> bool {
    let mut findings = assessment.findings.iter();
    findings.any(|finding| matches!(finding.rule, Rule::Unreadable | Rule::CardUnreadable))
}

/// Whether the image ends before the card does, by what was found on it.
pub(super) fn is_cut(catalogue: &Catalogue) -> bool {
    let mut problems = catalogue.problems.iter();
    problems.any(|problem| {
        matches!(
            problem,
            Problem::VolumePastEnd { .. } | Problem::PartitionCut { .. }
        )
    })
}

fn attention(assessment: &Assessment, card: &Assessment) -> Vec<Advice> {
    let backups = &assessment.backups;
    let lost = |backup: &Backup| backup.state == State::Damaged;
    let mut next = Vec::new();
    if is_at_risk(assessment) {
        next.extend([Advice::Image, Advice::Recover]);
    }
    let is_lost = |one: &Backup| one.state == State::Lost;
    if backups.iter().any(|one| lost(one) || is_lost(one)) {
        next.push(Advice::OtherCard);
    }
    next.push(Advice::CreateFresh);
    let is_degraded = |one: &Backup| one.state == State::Degraded;
    if backups.iter().any(is_degraded) && !next.contains(&Advice::Recover) {
        // For who has no BitBox that holds the wallet.
        next.push(Advice::Recover);
    }
    if assessment.has(Rule::OnlyDeleted) {
        next.push(at_the_end(assessment, card));
    }
    next
}

/// Whether the card holds backups that writing to it could cost.
pub(super) fn is_at_risk(card: &Assessment) -> bool {
    let damaged = |backup: &Backup| backup.state == State::Damaged;
    card.has(Rule::OnlyDeleted)
        || card.has(Rule::DeletedRemains)
        || card.backups.iter().any(damaged)
}

/// Whether all that is whole lies as loose files in a folder that is no copy of a card.
pub(super) fn is_loose(assessment: &Assessment) -> bool {
    let backups = assessment.backups.iter();
    let mut hidden = backups.filter(|backup| backup.state == State::Hidden);
    let is_loose = |backup: &Backup| {
        let outside = |finding: &Finding| finding.rule == Rule::OutsideFolder;
        backup.fix.is_none() && backup.findings.iter().any(outside)
    };
    let shows_some = assessment.backups.iter().any(Backup::is_listed);
    assessment.seen == Seen::AssumedCard && !shows_some && hidden.all(is_loose)
}

fn hidden(assessment: &Assessment, card: &Assessment) -> Vec<Advice> {
    let hidden = || {
        let backups = assessment.backups.iter();
        backups.filter(|backup| backup.state == State::Hidden)
    };
    // What no whole copy gains by is no fix.
    let whole = hidden().filter(|backup| backup.generator.is_some() && backup.repaired.is_none());
    let fixes = whole.clone().filter_map(|backup| backup.fix.as_ref());
    let of_card = assessment.fixes.iter();
    let of_card = of_card.take(if whole.count() > 0 { usize::MAX } else { 0 });
    // Nothing is written to the card before what it holds is safe, but for what a person put there.
    let at_risk = is_at_risk(card);
    let (first, later): (Vec<&Advice>, Vec<&Advice>) = of_card
        .chain(fixes)
        .partition(|fix| !at_risk && fix.spares_copies());
    let mut next: Vec<Advice> = Vec::new();
    let mut add = |one: &Advice| {
        if !next.contains(one) {
            next.push(one.clone());
        }
    };
    first.into_iter().for_each(&mut add);
    let recover = match is_loose(assessment) {
        true => Advice::RecoverLoose,
        false => Advice::Recover,
    };
    [Advice::Image, recover].iter().for_each(&mut add);
    later.into_iter().for_each(&mut add);
    add(&Advice::CreateFresh);
    next
}

fn traces(assessment: &Assessment, catalogue: &Catalogue) -> Vec<Advice> {
    let backups = &assessment.backups;
    let remains = |backup: &Backup| matches!(backup.state, State::Deleted | State::Damaged);
    let mut next = Vec::new();
    if backups.iter().any(remains) {
        next.extend([Advice::Image, Advice::Recover]);
    }
    if !assessment.verdict.complete {
        next.extend(unsearched(assessment, catalogue));
    }
    next.extend([Advice::OtherCard, Advice::CreateFresh]);
    next
}

/// Nothing found, and not everything searched: what would make the answer complete.
fn unsearched(assessment: &Assessment, catalogue: &Catalogue) -> Vec<Advice> {
    let mut next = Vec::new();
    let bitbox01 = is_bitbox01_deleted(assessment);
    next.extend(bitbox01.map(|is_deleted| Advice::KeepBitBox01 { is_deleted }));
    if is_unread(assessment) {
        next.extend([Advice::OtherReader, Advice::Image]);
    }
    look_into(&mut next, catalogue);
    if assessment.looked != Looked::Surface || next.is_empty() {
        next.push(Advice::Search);
    }
    next.push(Advice::OtherCard);
    next
}

/// Most bytes of an SDHC card. A larger one is SDXC, by the SD specification, and the maker does not support it.
pub(crate) const MOST_SDHC: u64 = 32 << 30;

/// The same steps for a card on which no new backup should be made, as it is too large.
pub(super) fn not_here(mut next: Vec<Advice>) -> Vec<Advice> {
    for one in &mut next {
        if matches!(one, Advice::Format | Advice::CreateHere) {
            *one = Advice::SmallerCard;
        }
    }
    next.dedup();
    next
}

/// Whether the FAT is damaged where the backups lie: what is written to the card can then land on them.
pub(super) fn is_table_damaged(catalogue: &Catalogue) -> bool {
    catalogue.problems.iter().any(|problem| match problem {
        Problem::Chain { path, .. }
        | Problem::FreeCluster { path, .. }
        | Problem::CrossLink { path, .. } => is_ours(path),
        _ => false,
    })
}
