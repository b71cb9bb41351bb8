//! What could be shown: one entry a wallet, without a word of it.

use bitbox_backup::backup::{Words, root_fingerprint};
use bitbox_backup::recover::{Missing, Proof, Recovered, Recovery};
use bitbox_backup::repair::Method;
use bitbox_backup::report::{escape, rfc3339};
use serde::Serialize;

use super::choice;

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

/// A backup whose words cannot be shown.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    pub(crate) id: Option<String>,
    pub(crate) timestamp: Option<u32>,
    /// What is missing, in a word.
    pub(crate) missing: &'static str,
    /// The lengths of the seed that its id allows, or the one it has.
    pub(crate) lengths: Vec<u32>,
    /// How many candidates were tried.
    pub(crate) tried: u64,
}

impl Offer {
    /// Of a wallet brought back; `generations` are its backups, the best one first.
    pub(super) fn of(recovery: &Recovery, generations: &[usize]) -> Option<Self> {
        let get = |index: &usize| recovery.recovered.get(*index);
        let one = get(generations.first()?)?;
        let timestamps = generations.iter().filter_map(get);
        Some(Self {
            generations: timestamps.map(|one| one.timestamp).collect(),
            ..Self::one(one)?
        })
    }

    /// Of one backup alone.
    pub(super) fn one(one: &Recovered) -> Option<Self> {
        let words = Words::of(&one.seed)?;
        Some(Self {
            id: one.id.to_string(),
            name: one.name.as_deref().map(escape),
            timestamp: one.timestamp,
            created: one.timestamp.map(rfc3339),
            words: one.seed.words()?,
            generations: vec![one.timestamp],
            method: one.method,
            proof: one.proof,
            fingerprint: root_fingerprint(&words, "").map(|print| print.to_string()),
            fingerprint_with_passphrase: None,
        })
    }

    /// Its name as people say it: the first digits of its id, and what the device called itself.
    pub(crate) fn title(&self) -> String {
        let id = choice::short(&self.id);
        match &self.name {
            Some(name) if !name.is_empty() => format!("{id} \"{name}\""),
            _ => id,
        }
    }
}

impl Refusal {
    /// Of every backup that was not brought back, and of every seed no words stand for.
    pub(super) fn all(recovery: &Recovery) -> Vec<Self> {
        let of = |one: &bitbox_backup::recover::NotRecovered| {
            let (missing, lengths, tried) = match &one.missing {
                Missing::Nothing => ("nothing-left", Vec::new(), 0),
                Missing::Length(lengths) => ("length", lengths.clone(), 0),
                Missing::Proof { tried, .. } => ("proof", Vec::new(), *tried),
                Missing::Stopped { tried } => ("stopped", Vec::new(), *tried),
            };
            Self {
                id: one.id.map(|id| id.to_string()),
                timestamp: one.timestamp,
                missing,
                lengths,
                tried,
            }
        };
        let odd = recovery
            .recovered
            .iter()
            .filter(|one| one.seed.words().is_none());
        let odd = odd.map(|one| Self {
            id: Some(one.id.to_string()),
            timestamp: one.timestamp,
            missing: "words",
            lengths: vec![one.seed.length()],
            tried: 0,
        });
        recovery.not_recovered.iter().map(of).chain(odd).collect()
    }
}
