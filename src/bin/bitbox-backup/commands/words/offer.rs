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
pub(crate) fn wallets(recovery: &Recovery) -> Vec<Vec<&Recovered>> {
    let wallet = |one: &Recovered| (one.id, one.seed.length());
    let mut wallets: Vec<Vec<&Recovered>> = Vec::new();
    for one in &recovery.recovered {
        let is_same = |other: &&Recovered| wallet(other) == wallet(one);
        match wallets.iter_mut().find(|all| all.iter().any(is_same)) {
            Some(all) => all.push(one),
            None => wallets.push(vec![one]),
        }
    }
    for all in &mut wallets {
        all.sort_by_key(|one| Reverse((one.proof.seed.is_whole(), one.timestamp)));
    }
    wallets
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
pub(crate) fn offer(generations: &[&Recovered]) -> Option<Offer> {
    let one = generations.first()?;
    Some(Offer {
        id: one.id.to_string(),
        name: one.name.as_deref().map(escape),
        timestamp: one.timestamp,
        created: one.timestamp.and_then(made),
        words: one.seed.words()?,
        generations: generations.iter().map(|one| one.timestamp).collect(),
        method: one.method,
        proof: one.proof,
        fingerprint: None,
        fingerprint_with_passphrase: None,
    })
}

/// The same with the root fingerprint, which takes a while to derive.
pub(super) fn with_fingerprint(generations: &[&Recovered]) -> Option<Offer> {
    let words = Words::of(&generations.first()?.seed)?;
    Some(Offer {
        fingerprint: root_fingerprint(&words, "").map(|print| print.to_string()),
        ..offer(generations)?
    })
}
