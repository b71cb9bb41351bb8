//! What a command answers, ready to be serialized: the words of the contract, and no secret.
//!
//! Everything here is made from an [`Assessment`] and the public facts of a [`Catalogue`]. Of a copy
//! that is not whole only the places of its fields are told, never their values: in a damaged file
//! any field may hold bytes of the seed.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::assess::{Assessment, Backup, State, Writer};
use crate::backup::words_of;
use crate::catalogue::{Catalogue, CopyState, Origin};
use crate::finding::{Finding, Severity};
use crate::firmware::{Basis, List, Version};
use crate::image::Extent;

mod card;
mod escape;
mod time;

pub use card::{Card, FieldReport, NodeReport, VolumeReport, WhatWasRead, inspect};
pub use escape::escape;
pub use time::rfc3339;

/// The version of the JSON's form.
pub const SCHEMA: &str = "bitbox-backup/1";

/// How the rules of a firmware are known, in the contract's word.
pub fn basis(version: Version) -> &'static str {
    match version.basis() {
        Basis::Observed => "observed",
        Basis::Source => "source",
    }
}

/// The answer for one source.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// As it was given, escaped.
    pub source: String,
    /// `examined` or `failed`.
    pub status: &'static str,
    /// What, where and why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// All in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What the device answers.
    pub device_view: Option<DeviceView>,
    /// Every backup, the newest first.
    pub backups: Vec<BackupReport>,
    /// What is wrong with the card.
    pub findings: Vec<FindingReport>,
    /// The card from the outside in, for `inspect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

impl Source {
    /// A source that could not be opened.
    pub fn failed(source: &str, error: &str, hint: &str) -> Self {
        Self {
            source: escape(source),
            status: "failed",
            error: Some(escape(error)),
            hint: Some(escape(hint)),
            verdict: None,
            device_view: None,
            backups: Vec::new(),
            findings: Vec::new(),
            card: None,
        }
    }

    /// A source that was examined. Traces of deleted and erased backups are left out unless asked for.
    pub fn examined(
        source: &str,
        assessment: &Assessment,
        catalogue: &Catalogue,
        traces: bool,
    ) -> Self {
        let shown = assessment
            .backups
            .iter()
            .filter(|backup| traces || !backup.state.is_trace());
        Self {
            source: escape(source),
            status: "examined",
            error: None,
            hint: None,
            verdict: Some(escape(&assessment.verdict)),
            device_view: DeviceView::of(assessment),
            backups: shown
                .map(|backup| BackupReport::of(backup, catalogue))
                .collect(),
            findings: assessment.findings.iter().map(FindingReport::of).collect(),
            card: None,
        }
    }

    /// Every finding shown: the card's, then each backup's.
    pub fn all_findings(&self) -> impl Iterator<Item = &FindingReport> {
        self.findings
            .iter()
            .chain(self.backups.iter().flat_map(|backup| &backup.findings))
    }
}

/// What `list_backups` of the chosen firmware answers.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceView {
    /// `ok`, `error` (103) or `crash`.
    pub list: &'static str,
    /// The rule, when not `ok`.
    pub reason: Option<&'static str>,
    /// The backups, in the device's order.
    pub backups: Vec<ListedReport>,
}

/// One backup as the device lists it.
#[derive(Clone, Debug, Serialize)]
pub struct ListedReport {
    /// The name of its folder.
    pub id: String,
    /// Seconds since 1970 UTC.
    pub timestamp: u32,
    /// The device's name, escaped.
    pub name: String,
}

impl DeviceView {
    fn of(assessment: &Assessment) -> Option<Self> {
        let answer = assessment.answer.as_ref()?;
        let (list, backups) = match &answer.list {
            List::Ok(backups) => ("ok", backups.as_slice()),
            List::Error(_) => ("error", &[][..]),
            List::Crash(_) => ("crash", &[][..]),
        };
        let backups = backups.iter().map(|listed| ListedReport {
            id: escape(&listed.id),
            timestamp: listed.timestamp,
            name: escape(&listed.name),
        });
        Some(Self {
            list,
            reason: assessment.reason.map(|rule| rule.name()),
            backups: backups.collect(),
        })
    }
}

/// One generation of a backup.
#[derive(Clone, Debug, Serialize)]
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
    pub state: &'static str,
    /// `device`, `computer`, or unknown.
    pub written_by: Option<&'static str>,
    /// What tells who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written_by_reasons: Vec<String>,
    /// How it was proved where no copy is whole: `vote`, `splice` or `seed-by-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repaired_by: Option<&'static str>,
    /// In short why the device does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Its copies, in directory order.
    pub copies: Vec<CopyReport>,
    /// What is wrong with it.
    pub findings: Vec<FindingReport>,
}

/// A state in the contract's word.
pub fn state_name(state: State) -> &'static str {
    match state {
        State::Healthy => "healthy",
        State::Degraded => "degraded",
        State::Hidden => "hidden",
        State::Damaged => "damaged",
        State::Deleted => "deleted",
        State::Erased => "erased",
        State::Lost => "lost",
    }
}

impl BackupReport {
    fn of(backup: &Backup, catalogue: &Catalogue) -> Self {
        let copies = backup
            .copies
            .iter()
            .filter_map(|index| CopyReport::of(*index, catalogue));
        Self {
            id: backup.id.map(|id| id.to_string()),
            name: backup.name.as_deref().map(escape),
            timestamp: backup.timestamp,
            created: backup.timestamp.map(rfc3339),
            words: backup.seed_length.and_then(words_of),
            birthdate: backup.birthdate,
            generator: backup.generator.as_deref().map(escape),
            state: state_name(backup.state),
            written_by: backup.written_by.map(|writer| match writer {
                Writer::Device => "device",
                Writer::Computer => "computer",
            }),
            written_by_reasons: backup.reasons.iter().map(|reason| escape(reason)).collect(),
            repaired_by: backup.repaired.map(|method| match method {
                crate::repair::Method::Vote => "vote",
                crate::repair::Method::Splice => "splice",
                crate::repair::Method::SeedById => "seed-by-id",
            }),
            cause: backup.cause.as_deref().map(escape),
            copies: copies.collect(),
            findings: backup.findings.iter().map(FindingReport::of).collect(),
        }
    }
}

/// One copy.
#[derive(Clone, Debug, Serialize)]
pub struct CopyReport {
    /// Its path, escaped.
    pub path: String,
    /// `live`, `deleted` or `carved`.
    pub origin: &'static str,
    /// Which volume.
    pub volume: Option<usize>,
    /// Its first byte from the start of the card.
    pub offset: Option<u64>,
    /// Where its bytes lie.
    pub extents: Vec<Run>,
    /// Bytes.
    pub size: u64,
    /// What it is worth.
    pub state: &'static str,
    /// Where its directory entry lies: bytes from the start of the card.
    pub entry_offset: Option<u64>,
    /// Its fields: places always, values of whole copies only, the seed never.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldReport>,
}

/// A run of bytes, serialized as `[offset, length]`.
#[derive(Clone, Copy, Debug)]
pub struct Run(pub Extent);

impl Serialize for Run {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_seq(Some(2))?;
        pair.serialize_element(&self.0.offset)?;
        pair.serialize_element(&self.0.length)?;
        pair.end()
    }
}

fn copy_state(state: CopyState) -> &'static str {
    match state {
        CopyState::Valid => "valid",
        CopyState::Damaged => "damaged",
        CopyState::Unreadable => "unreadable",
        CopyState::Erased => "erased",
        CopyState::Foreign => "foreign",
    }
}

impl CopyReport {
    fn of(index: usize, catalogue: &Catalogue) -> Option<Self> {
        let copy = catalogue.copies.get(index)?;
        let node = catalogue.nodes.get(copy.node)?;
        Some(Self {
            path: escape(&node.path),
            origin: match copy.origin {
                Origin::Live => "live",
                Origin::Deleted => "deleted",
                Origin::Carved => "carved",
            },
            volume: node.volume,
            offset: copy.extents.first().map(|extent| extent.offset),
            extents: copy.extents.iter().copied().map(Run).collect(),
            size: copy.size,
            state: copy_state(copy.state),
            entry_offset: node.offset(),
            fields: Vec::new(),
        })
    }
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingReport {
    /// The rule's stable name.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, escaped.
    pub message: String,
    /// Where: bytes from the start of the card.
    pub offset: Option<u64>,
    /// What a person sees on the device or in the app.
    pub shows: &'static str,
    /// What to do, escaped.
    pub advice: String,
}

impl FindingReport {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.name(),
            severity: finding.severity,
            message: escape(&finding.message),
            offset: finding.offset,
            shows: finding.rule.shows(),
            advice: escape(finding.advice()),
        }
    }
}

/// The counts at the end of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many sources were given.
    pub sources: usize,
    /// How many of them were examined.
    pub examined: usize,
    /// How many of them failed.
    pub failed: usize,
    /// How many backups there are, deleted and erased ones left out.
    pub backups: usize,
    /// How many of these are healthy.
    pub healthy: usize,
    /// How many findings there are.
    pub findings: Counts,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Infos.
    pub info: usize,
}

impl Summary {
    /// Counts one more source.
    pub fn add(&mut self, source: &Source) {
        self.sources += 1;
        match source.status {
            "examined" => self.examined += 1,
            _ => self.failed += 1,
        }
        let counted = source
            .backups
            .iter()
            .filter(|backup| !matches!(backup.state, "deleted" | "erased"));
        self.backups += counted.clone().count();
        self.healthy += counted.filter(|backup| backup.state == "healthy").count();
        for finding in source.all_findings() {
            match finding.severity {
                Severity::Error => self.findings.error += 1,
                Severity::Warning => self.findings.warning += 1,
                Severity::Info => self.findings.info += 1,
            }
        }
    }
}
