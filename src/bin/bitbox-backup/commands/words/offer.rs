//! Which wallets have words that could be shown.

use std::cmp::Reverse;

use bitbox_backup::backup::{Words, root_fingerprint};
use bitbox_backup::examine::Examination;
use bitbox_backup::recover::{NotRecoveredReport, Recovered, Recovery};
use bitbox_backup::text::{escape, made};

use crate::answers::words::Offer;

/// What there is to choose from: for each wallet its generations, the best one first.
///
/// All generations of one wallet have the same words. The best is the newest of those of which
/// everything is proved, as for [`bitbox_backup::recover::choose`].
pub(crate) fn wallets(recovery: &Recovery) -> Vec<Vec<usize>> {
    let mut wallets: Vec<(&Recovered, Vec<usize>)> = Vec::new();
    for (index, one) in recovery.recovered.iter().enumerate() {
        let same =
            |other: &Recovered| (other.id, other.seed.length()) == (one.id, one.seed.length());
        match wallets.iter_mut().find(|(first, _)| same(first)) {
            Some((_, all)) => all.push(index),
            None => wallets.push((one, vec![index])),
        }
    }
    let rank = |index: &usize| {
        let one = recovery.recovered.get(*index);
        let whole = one.is_some_and(|one| one.proof.seed.is_whole());
        Reverse((whole, one.and_then(|one| one.timestamp)))
    };
    let sorted = wallets.into_iter().map(|(_, mut all)| {
        all.sort_by_key(rank);
        all
    });
    sorted.collect()
}

/// Every backup without words that could be shown: not recovered, or of a seed that no words stand for.
pub(crate) fn missing(recovery: &Recovery, examined: &Examination) -> Vec<NotRecoveredReport> {
    let (assessment, catalogue) = (&examined.assessment, &examined.catalogue);
    let all = recovery.recovered.iter();
    let (with, without): (Vec<_>, Vec<_>) = all.partition(|one| one.seed.words().is_some());
    let ids: Vec<_> = with.iter().map(|one| one.id).collect();
    let missing = recovery.not_recovered.iter();
    let missing = missing.map(|one| NotRecoveredReport::of(one, &ids, assessment, catalogue));
    let without = without.into_iter();
    let without = without.map(|one| NotRecoveredReport::wordless(one, assessment, catalogue));
    missing.chain(without).collect()
}

/// Of a recovered wallet; `generations` are its backups, the best one first.
pub(super) fn offer(recovery: &Recovery, generations: &[usize]) -> Option<Offer> {
    let one = recovery.recovered.get(*generations.first()?)?;
    Some(Offer {
        fingerprint: fingerprint(one),
        ..without_fingerprint(recovery, generations)?
    })
}

/// The same for who derives the fingerprint together with more: it takes a while.
pub(crate) fn without_fingerprint(recovery: &Recovery, generations: &[usize]) -> Option<Offer> {
    let get = |index: &usize| recovery.recovered.get(*index);
    let one = get(generations.first()?)?;
    let timestamps = generations.iter().filter_map(get);
    Some(Offer {
        generations: timestamps.map(|one| one.timestamp).collect(),
        ..bare(one)?
    })
}

/// Of one backup alone.
pub(super) fn of_one(one: &Recovered) -> Option<Offer> {
    Some(Offer {
        fingerprint: fingerprint(one),
        ..bare(one)?
    })
}

fn bare(one: &Recovered) -> Option<Offer> {
    Some(Offer {
        id: one.id.to_string(),
        name: one.name.as_deref().map(escape),
        timestamp: one.timestamp,
        created: one.timestamp.and_then(made),
        words: one.seed.words()?,
        generations: vec![one.timestamp],
        method: one.method,
        proof: one.proof,
        fingerprint: None,
        fingerprint_with_passphrase: None,
    })
}

/// The root fingerprint without a passphrase.
fn fingerprint(one: &Recovered) -> Option<String> {
    let words = Words::of(&one.seed)?;
    root_fingerprint(&words, "").map(|print| print.to_string())
}
