//! What could be shown: one entry a wallet, without a word of it.

use std::cmp::Reverse;

use bitbox_backup::backup::Method;
use bitbox_backup::backup::{Words, root_fingerprint};
use bitbox_backup::recover::{Proof, Recovered, Recovery, SeedProof};
use bitbox_backup::text::{escape, rfc3339};
use serde::Serialize;

use bitbox_backup::text::short_id;

/// A wallet whose words could be shown.
#[derive(Debug, Serialize)]
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) timestamp: Option<u32>,
    pub(crate) created: Option<String>,
    pub(crate) words: u8,
    /// When its backups were made, this one's first.
    pub(crate) generations: Vec<Option<u32>>,
    pub(crate) method: Method,
    pub(crate) proof: Proof,
    /// The root fingerprint without a passphrase.
    pub(crate) fingerprint: Option<String>,
    /// The same with the one that was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint_with_passphrase: Option<String>,
}

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
        let whole = one.is_some_and(|one| one.proof.seed != SeedProof::Id);
        Reverse((whole, one.and_then(|one| one.timestamp)))
    };
    let sorted = wallets.into_iter().map(|(_, mut all)| {
        all.sort_by_key(rank);
        all
    });
    sorted.collect()
}

impl Offer {
    /// Of a wallet brought back; `generations` are its backups, the best one first.
    pub(super) fn of(recovery: &Recovery, generations: &[usize]) -> Option<Self> {
        let one = recovery.recovered.get(*generations.first()?)?;
        Some(Self {
            fingerprint: fingerprint(one),
            ..Self::without_fingerprint(recovery, generations)?
        })
    }

    /// The same for who derives the fingerprint together with more: it takes a while.
    pub(crate) fn without_fingerprint(recovery: &Recovery, generations: &[usize]) -> Option<Self> {
        let get = |index: &usize| recovery.recovered.get(*index);
        let one = get(generations.first()?)?;
        let timestamps = generations.iter().filter_map(get);
        Some(Self {
            generations: timestamps.map(|one| one.timestamp).collect(),
            ..Self::bare(one)?
        })
    }

    /// Of one backup alone.
    pub(super) fn one(one: &Recovered) -> Option<Self> {
        Some(Self {
            fingerprint: fingerprint(one),
            ..Self::bare(one)?
        })
    }

    fn bare(one: &Recovered) -> Option<Self> {
        Some(Self {
            id: one.id.to_string(),
            name: one.name.as_deref().map(escape),
            timestamp: one.timestamp,
            created: one.timestamp.map(rfc3339),
            words: one.seed.words()?,
            generations: vec![one.timestamp],
            method: one.method,
            proof: one.proof,
            fingerprint: None,
            fingerprint_with_passphrase: None,
        })
    }

    /// Its name as people say it: the first digits of its id, and what the device called itself.
    pub(crate) fn title(&self) -> String {
        let id = short_id(&self.id);
        match &self.name {
            Some(name) if !name.is_empty() => format!("{id} \"{name}\""),
            _ => id,
        }
    }
}

/// The root fingerprint without a passphrase.
fn fingerprint(one: &Recovered) -> Option<String> {
    let words = Words::of(&one.seed)?;
    root_fingerprint(&words, "").map(|print| print.to_string())
}
