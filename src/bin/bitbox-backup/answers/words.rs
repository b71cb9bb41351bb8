//! What `words` answers: which wallets have words that could be shown, without a word of them.

use bitbox_backup::backup::Method;
use bitbox_backup::recover::{NotRecoveredReport, Proof, SourceRun};
use bitbox_backup::text::short_id;
use serde::Serialize;

use super::head::Rules;

#[derive(Debug, Serialize)]
pub(crate) struct Offers<'a> {
    #[serde(flatten)]
    pub(crate) rules: Rules,
    pub(crate) source: String,
    pub(crate) sources: &'a [SourceRun],
    pub(crate) wallets: &'a [Offer],
    pub(crate) not_recovered: &'a [NotRecoveredReport],
}

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

impl Offer {
    /// Its name as people say it: the first digits of its id, and what the device called itself.
    pub(crate) fn title(&self) -> String {
        let id = short_id(&self.id);
        match &self.name {
            Some(name) if !name.is_empty() => format!("{id} \"{name}\""),
            _ => id,
        }
    }
}
