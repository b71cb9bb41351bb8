//! A backup and its copies, in the words of the contract.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::detail::FieldReport;
use super::fat_time::FatTimes;
use super::finding::FindingReport;
use crate::assess::{Backup, State, Writer};
use crate::backup::Method;
use crate::backup::words_of;
use crate::catalogue::{Catalogue, CopyState, Origin};
use crate::finding::Rule;
use crate::image::Extent;
use crate::text::{escape, made};

/// One generation of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackupReport {
    /// The wallet's id.
    pub id: Option<String>,
    /// The device's name, escaped.
    pub name: Option<String>,
    /// Seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The same in RFC 3339.
    pub created: Option<String>,
    /// How many recovery words.
    pub words: Option<u8>,
    /// Seconds since 1970 UTC.
    pub birthdate: Option<u32>,
    /// The firmware that wrote it.
    pub generator: Option<String>,
    /// What it is worth.
    pub state: State,
    /// `device`, `computer`, or unknown.
    pub written_by: Option<Writer>,
    /// What tells who wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_by_reasons: Vec<String>,
    /// How it was proved where no copy is whole: `vote`, `splice` or `seed-by-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repaired_by: Option<Method>,
    /// In short why the device does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Its copies, in directory order.
    pub copies: Vec<CopyReport>,
    /// What is wrong with it.
    pub findings: Vec<FindingReport>,
}

impl BackupReport {
    pub(super) fn of(backup: &Backup, catalogue: &Catalogue) -> Self {
        let copies = backup.copies.iter();
        let copies = copies.filter_map(|index| CopyReport::of(*index, catalogue));
        Self {
            id: backup.id.map(|id| id.to_string()),
            name: backup.name.as_deref().map(escape),
            timestamp: backup.timestamp,
            created: backup.timestamp.and_then(made),
            words: backup.seed_length.and_then(words_of),
            birthdate: backup.birthdate,
            generator: backup.generator.as_deref().map(escape),
            state: backup.state,
            written_by: backup.written_by,
            written_by_reasons: backup.reasons.iter().map(|reason| escape(reason)).collect(),
            repaired_by: backup.repaired,
            cause: backup.cause.as_deref().map(escape),
            copies: copies.collect(),
            findings: backup.findings.iter().map(FindingReport::of).collect(),
        }
    }

    /// Whether the device would restore the wallet from it.
    pub fn restores(&self) -> bool {
        let unusual = Rule::UnusualSeed.name();
        let is_listed = matches!(self.state, State::Healthy | State::Degraded);
        is_listed && self.findings.iter().all(|one| one.rule != unusual)
    }
}

/// One copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CopyReport {
    /// Its path, escaped.
    pub path: String,
    /// `live`, `deleted` or `carved`.
    pub origin: Origin,
    /// In which source it is, if several were looked through together: its number among them, from 0 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_index: Option<usize>,
    /// Which volume.
    pub volume: Option<usize>,
    /// Its first byte from the start of the card.
    pub offset: Option<u64>,
    /// Where its bytes lie.
    pub extents: Vec<Extent>,
    /// Bytes.
    pub size: u64,
    /// Bytes of its file as the directory entry has it, where that is another number: a device reads the file so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_size: Option<u64>,
    /// What it is worth.
    pub state: CopyState,
    /// SHA-256 of its bytes. Of a valid copy only: of a damaged one it would help to guess the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where its directory entry lies: bytes from the start of the card.
    pub entry_offset: Option<u64>,
    /// The times in its directory entry, as written; `None` without an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<FatTimes>,
    /// Its fields: places always, values of whole copies only, the seed never.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldReport>,
}

impl CopyReport {
    /// Whether it is a live file that is intact as a device reads it.
    pub fn is_intact_file(&self) -> bool {
        self.origin == Origin::Live && self.state == CopyState::Valid && self.entry_size.is_none()
    }

    pub(crate) fn of(index: usize, catalogue: &Catalogue) -> Option<Self> {
        let copy = catalogue.copies.get(index)?;
        let node = catalogue.nodes.get(copy.node)?;
        Some(Self {
            path: escape(&node.path),
            origin: copy.origin,
            source_index: (catalogue.sources() > 1).then(|| catalogue.source_of(index)),
            volume: node.volume,
            offset: copy.extents.first().map(|extent| extent.offset),
            extents: copy.extents.clone(),
            size: copy.size,
            entry_size: catalogue.other_size(copy),
            state: copy.state,
            sha256: (copy.state == CopyState::Valid)
                .then(|| hex::encode(Sha256::digest(catalogue.bytes(index)))),
            entry_offset: node.offset(),
            times: node.entry.as_ref().map(|entry| FatTimes::of(&entry.raw)),
            fields: Vec::new(),
        })
    }
}
