//! The answer for one source.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::backup::BackupReport;
use super::card::Card;
use super::detail::{NodeReport, fields};
use super::device_view::DeviceView;
use super::finding::FindingReport;
use super::form::Text;
use super::preflight::PreflightReport;
use crate::assess::{Assessment, CardState};
use crate::catalogue::{Catalogue, Looked};
use crate::finding::{Advice, Finding, Rest, Rule, Severity};
use crate::image::{
    DigestError, EvidencePart, EvidenceReport, Identity, Lies, OpenError, PathStatus, ReadError,
    SourceKind, archive_around, belongings, free_name,
};
use crate::reader::CardFate;
use crate::text::{escape, exact, path_text, stem};

/// Whether a source could be examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was.
    #[default]
    Examined,
    /// It could not be opened.
    Failed,
}

/// One step of what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextReport {
    /// The word of the contract for it.
    pub action: Text,
    /// The step in a sentence or two, escaped.
    pub text: String,
    /// A command line that does it as it stands, where one does.
    pub command: Option<String>,
}

/// The part of an image that was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartReport {
    /// The byte it begins at; every other offset is counted from there.
    pub offset: Option<u64>,
    /// The number of the partition, where one was asked for.
    pub partition: Option<u32>,
}

/// A file that is read with an image: a map, further readings, a further part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BesideReport {
    /// Where it lies, escaped.
    pub file: String,
    /// Bytes of it.
    pub size: u64,
    /// When it was last changed, if the system knows.
    pub modified: Option<String>,
}

impl BesideReport {
    /// Those of an image, in the order of their names. The archive that it lies in is none: its size is that of the source.
    pub fn of(path: &Path) -> Vec<Self> {
        let archive = archive_around(path);
        let mut files = belongings(path);
        files.retain(|file| Some(&**file) != archive);
        files.sort();
        let files = files.iter();
        let found = files.filter_map(|file| Some((file, PathStatus::of(file)?)));
        let found = found.filter(|(_, status)| status.lies == Lies::File);
        let report = found.map(|(file, status)| Self {
            file: path_text(file),
            size: status.size,
            modified: status.modified.map(exact),
        });
        report.collect()
    }
}

/// The answer for one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// As it was given, escaped.
    pub source: String,
    /// `examined` or `failed`.
    pub status: Status,
    /// Bytes of the file as it is stored, or of the device; `None` for a folder.
    pub size: Option<u64>,
    /// When the file was last changed, in RFC 3339 with nanoseconds; `None` for a device.
    pub modified: Option<String>,
    /// The file's number in its file system, where there is such.
    pub inode: Option<u64>,
    /// SHA-256 of the whole file or device, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What an E01 image says of itself beside the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e01: Option<Box<EvidenceReport>>,
    /// Other paths given that lead to the same file or device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The part that was examined, where not the whole image was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<PartReport>,
    /// What, where and why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The state of the card.
    #[serde(default)]
    pub state: CardState,
    /// How far was looked; `None` if it could not be opened.
    #[serde(default)]
    pub looked: Option<Looked>,
    /// All in a sentence or two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What to do, in this order: [`Source::advice`] in the words of whoever reports.
    #[serde(default)]
    pub next: Vec<NextReport>,
    /// What to do, in this order.
    #[serde(skip)]
    pub advice: Vec<Advice>,
    /// What is on it beside the backups that can be proved.
    #[serde(skip)]
    pub rest: Vec<Rest>,
    /// Why it could not be opened.
    #[serde(skip)]
    pub refusal: Option<Box<OpenError>>,
    /// The size, in MiB, to which it was allowed to unpack, where that is more than by default.
    #[serde(skip)]
    pub max_unpacked: Option<u64>,
    /// How the ID of the wallet begins on whose backups the verdict is, where one was asked for.
    #[serde(skip)]
    pub only: Option<String>,
    /// The files that were read with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<BesideReport>,
    /// What the device answers.
    pub device_view: Option<DeviceView>,
    /// Every backup, the newest first.
    pub backups: Vec<BackupReport>,
    /// What is wrong with the card.
    pub findings: Vec<FindingReport>,
    /// The card from the outside in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// Whether the device would take it for a new backup, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preflight: Option<PreflightReport>,
    /// The names of what lies on it, which are no part of the answer: what is to be redacted of its sentences.
    #[serde(skip)]
    pub inside: Vec<String>,
}

impl Source {
    /// A source that could not be opened.
    pub fn failed(source: &str, error: &str, hint: &str) -> Self {
        Self {
            source: escape(source),
            status: Status::Failed,
            error: Some(escape(error)),
            hint: Some(escape(hint)),
            state: CardState::Failed,
            next: vec![NextReport {
                action: "none".into(),
                text: escape(hint),
                command: None,
            }],
            ..Self::default()
        }
    }

    /// A source that could not be opened.
    pub fn not_opened(path: &Path, error: &OpenError) -> Self {
        let source = path_text(path);
        let new = free_name(&stem(&source), |stem| error.new_name(stem), |_| false);
        let mut failed = Self::failed(&source, &error.to_string(), "");
        failed.refusal = Some(Box::new(error.clone()));
        failed.unpack_to(&new);
        failed
    }

    /// Says what to do with a source that could not be opened, where a new file of this name is written for it.
    pub fn unpack_to(&mut self, new: &str) {
        let (Some(refusal), Some(next)) = (&self.refusal, self.next.first_mut()) else {
            return;
        };
        let hint = escape(&refusal.hint_with(&self.source, new));
        if refusal.command().is_some() {
            next.action = "unpack".into();
            next.command = refusal.command_with(&self.source, new);
        }
        next.text.clone_from(&hint);
        self.hint = Some(hint);
    }

    /// A source that was examined.
    pub fn examined(
        source: &str,
        assessment: &Assessment,
        catalogue: &Catalogue,
        card: Card,
    ) -> Self {
        let backups = assessment.backups.iter();
        Self {
            source: escape(source),
            state: assessment.verdict.state,
            looked: Some(assessment.looked),
            verdict: Some(escape(&assessment.verdict.sentence)),
            advice: assessment.verdict.next.clone(),
            rest: assessment.verdict.rest.clone(),
            device_view: DeviceView::of(assessment),
            backups: backups
                .map(|backup| BackupReport::of(backup, catalogue))
                .collect(),
            findings: assessment.findings.iter().map(FindingReport::of).collect(),
            card: Some(card),
            inside: inside(catalogue),
            ..Self::default()
        }
    }

    /// Notes what it is beside its contents.
    pub fn identify(&mut self, identity: &Identity) {
        let is_folder = identity.kind == SourceKind::Folder;
        self.size = (!is_folder).then_some(identity.size);
        self.modified = identity.modified.filter(|_| !is_folder).map(exact);
        self.inode = identity.node.map(|node| node.inode);
    }

    /// Adds what was found beside the bytes: of the reader, or of the system.
    pub fn note(&mut self, finding: &Finding) {
        self.findings.push(FindingReport::of(finding));
    }

    /// Notes its hash, or why it has none.
    pub fn hash(&mut self, hash: Result<String, DigestError>) {
        match hash {
            Ok(hash) => self.sha256 = Some(hash),
            Err(error) => {
                let message = format!("its hash is missing: {error}");
                let offset = match error {
                    DigestError::Unreadable(ReadError::Unreadable { offset, .. }) => Some(offset),
                    _ => None,
                };
                let severity = match error {
                    DigestError::Folder => Severity::Info,
                    _ => Rule::NotHashed.severity(),
                };
                self.note(&Finding::new(Rule::NotHashed, message, offset).at(severity));
            }
        }
    }

    /// Notes what an E01 image says of itself, and what of it does not hold. In one file its hash is that of the
    /// file.
    pub fn tell_evidence(&mut self, evidence: EvidenceReport) {
        if let [only] = evidence.segments.as_slice() {
            self.sha256.clone_from(&only.sha256);
        }
        for hash in evidence.mismatches() {
            let text = |hash: &Option<String>| hash.clone().unwrap_or_default();
            let message = format!(
                "the {} stored in the E01 image is {}, and that of its contents is {}",
                hash.algorithm.name(),
                text(&hash.stored),
                text(&hash.computed)
            );
            self.note(&Finding::new(Rule::StoredHashDiffers, message, None));
        }
        for part in &evidence.damaged {
            let message = match part {
                EvidencePart::Case => "the case data in the E01 image cannot be read",
                EvidencePart::Hash => {
                    "a hash stored in the E01 image is damaged, so nothing is compared with it"
                }
            };
            self.note(&Finding::new(Rule::EvidenceDamaged, message, None));
        }
        self.e01 = Some(Box::new(evidence));
    }

    /// Says what became of the card while it was read, where it did not stay.
    pub fn tell_fate(&mut self, fate: CardFate) {
        let (verdict, message) = match fate {
            CardFate::There => return,
            CardFate::Gone => (
                "The card was taken out while it was read; what follows covers the part read before.",
                "the card was taken out while it was read, or its reader was unplugged",
            ),
            CardFate::Another => (
                "The card was swapped while it was read; what follows may cover two cards.",
                "the card was taken out while it was read, and it or another one was put in",
            ),
        };
        match self.state {
            // What was not read any more is not empty.
            CardState::Empty | CardState::Unusable => {
                self.state = CardState::Unsearched;
                self.advice.clear();
            }
            CardState::Healthy => self.state = CardState::Attention,
            _ => {}
        }
        self.advice.insert(0, Advice::ReadAgain);
        let old = self.verdict.take().unwrap_or_default();
        self.verdict = Some(format!("{verdict} {old}").trim_end().to_owned());
        let finding = Finding::new(Rule::CardChanged, message, None);
        self.findings.insert(0, FindingReport::of(&finding));
    }

    /// What is said of a card that did not stay while it was read, and what to do about it.
    pub fn left(&self) -> Option<(&str, &str)> {
        let name = Rule::CardChanged.name();
        let finding = self.findings.iter().find(|finding| finding.rule == name)?;
        Some((&finding.message, &finding.advice))
    }

    /// Whether its verdict says that it may be destroyed: nothing else is on it than backups that can be recovered.
    pub fn may_be_destroyed(&self) -> bool {
        let action = Advice::Destroy.action();
        let mut next = self.next.iter();
        self.advice.contains(&Advice::Destroy) || next.any(|step| step.action == *action)
    }

    /// How much the worst finding matters; a source that failed is an error.
    pub fn worst(&self) -> Option<Severity> {
        let worst = self.all_findings().map(|finding| finding.severity).min();
        match self.status {
            Status::Examined => worst,
            Status::Failed => Some(Severity::Error),
        }
    }

    /// How much it needs attention, if it does: by its worst finding, or by its state where no finding says it.
    pub fn attention(&self) -> Option<Severity> {
        let worst = self.worst().filter(|worst| *worst < Severity::Info);
        let bitbox01 = Rule::BitBox01.name();
        let is_kept = self.findings.iter().any(|one| one.rule == bitbox01);
        let is_fine = match self.state {
            // A card that looks empty may be the only one of a BitBox01.
            CardState::Empty | CardState::Unusable if is_kept => false,
            CardState::Healthy | CardState::Empty => true,
            CardState::Unsearched => false,
            // The backups that were not asked for are left out of the answer.
            _ => self.backups.is_empty(),
        };
        worst.or((!is_fine).then_some(Severity::Warning))
    }

    /// Every finding shown: the card's, then each backup's.
    pub fn all_findings(&self) -> impl Iterator<Item = &FindingReport> {
        self.findings
            .iter()
            .chain(self.backups.iter().flat_map(|backup| &backup.findings))
    }
}

/// The paths on a card, escaped, and names that a path does not tell: sentences may hold them all.
fn inside(catalogue: &Catalogue) -> Vec<String> {
    let nodes = catalogue.nodes.iter();
    let names = nodes.flat_map(|node| {
        let short = node.entry.as_ref().map(|entry| &entry.short_name);
        [Some(&node.path), short, Some(&node.name)]
    });
    let mut names: Vec<_> = names.flatten().map(|name| escape(name)).collect();
    names.dedup();
    names
}

/// Adds what `inspect` shows beyond `list`: the whole tree and the fields of each copy.
pub fn inspect(source: &mut Source, assessment: &Assessment, catalogue: &Catalogue) {
    if let Some(card) = &mut source.card {
        card.tree = Some(catalogue.nodes.iter().map(NodeReport::of).collect());
    }
    for (backup, report) in assessment.backups.iter().zip(&mut source.backups) {
        for (index, copy) in backup.copies.iter().zip(&mut report.copies) {
            if let Some(found) = catalogue.copies.get(*index)
                && found.form.is_none()
            {
                copy.fields = fields(found, catalogue.bytes(*index));
            }
        }
    }
}
