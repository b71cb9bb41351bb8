//! The judge between the two eyes: what a device shows of a card, what is really on it, and every
//! difference as a finding with its remedy.
//!
//! Pure: it reads nothing but the [`Catalogue`] and the device's [`Answer`], and holds no secret.

mod card;
mod generation;
mod group;
mod hidden;
mod holding;
mod kin;
mod provenance;
mod seed_length;
mod sentence;
mod stray;
mod verdict;
mod why;

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backup::Id;
use crate::backup::Method;
use crate::catalogue::{Catalogue, Looked, Role};
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{self, Answer, DirectoryTrace, List, Version};
use crate::image::Sectors;

use crate::text::short_id;
pub(crate) use seed_length::seed_length;
pub use verdict::{CardState, Verdict};

/// What a backup is worth; the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The device lists it and three copies are valid.
    Healthy,
    /// The device lists it with fewer valid copies, or by vote.
    Degraded,
    /// It is whole or proved, yet the device does not list it.
    Hidden,
    /// Copies remain and nothing is proved yet.
    Damaged,
    /// Only in deleted files, or carved.
    Deleted,
    /// The trace of one the device erased.
    Erased,
    /// Nothing of the seed remains.
    Lost,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Hidden => "hidden",
            Self::Damaged => "damaged",
            Self::Deleted => "deleted",
            Self::Erased => "erased",
            Self::Lost => "lost",
        })
    }
}

impl State {
    /// Whether the backup is gone by intent: it is no finding and counts for nothing.
    pub fn is_trace(self) -> bool {
        matches!(self, Self::Deleted | Self::Erased)
    }
}

/// Who put a backup on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Writer {
    /// A BitBox02.
    Device,
    /// A computer, by copying.
    Computer,
}

/// One generation of one wallet's backup.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The wallet's id.
    pub id: Option<Id>,
    /// Bytes of the seed.
    pub seed_length: Option<u32>,
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The device's name, as stored.
    pub name: Option<String>,
    /// When the wallet was made: seconds since 1970 UTC.
    pub birthdate: Option<u32>,
    /// The firmware that wrote it.
    pub generator: Option<String>,
    /// What it is worth.
    pub state: State,
    /// Who wrote it, where that can be told.
    pub written_by: Option<Writer>,
    /// What tells who wrote it.
    pub reasons: Vec<String>,
    /// How it was proved, where no copy is valid.
    pub repaired: Option<Method>,
    /// Whether live copies alone prove it.
    pub repaired_live: bool,
    /// The time of a newer backup that was begun in its folder and of which nothing was written: the
    /// outer value tells whether there is one, the inner its time where a file name says it.
    pub begun: Option<Option<u32>>,
    /// Its copies: indices in the catalogue, in directory order.
    pub copies: Vec<usize>,
    /// In short why the device does not show it: a clause, for a table and a sentence.
    pub cause: Option<String>,
    /// What on the card would make the device show it, where one step does.
    pub fix: Option<Advice>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// How a source was turned into a card for the device's eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is a card.
    Card,
    /// It is a folder; the device saw its files on an assumed fresh card.
    AssumedCard,
    /// It is a single file, which a device never sees.
    SingleFile,
}

/// Everything to be said of one source.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// What the device answers; `None` for a single file.
    pub answer: Option<Answer>,
    /// How it came to see anything.
    pub seen: Seen,
    /// How far was looked.
    pub looked: Looked,
    /// The rule by which the device fails or crashes.
    pub reason: Option<Rule>,
    /// What on the card would make the device list it, where one step does.
    pub fix: Option<Advice>,
    /// Every backup, the newest first.
    pub backups: Vec<Backup>,
    /// What is wrong with the card.
    pub findings: Vec<Finding>,
    /// What is said of it before all details.
    pub verdict: Verdict,
}

impl Assessment {
    /// Every finding: the card's, then each backup's.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .chain(self.backups.iter().flat_map(|backup| &backup.findings))
    }
}

/// Compares the two eyes. `sectors` gives the slack that tells who wrote a copy, for a card.
pub fn assess(
    catalogue: &Catalogue,
    answer: Option<Answer>,
    seen: Seen,
    sectors: Option<&Sectors<'_>>,
    version: Version,
) -> Assessment {
    let links = Links::new(catalogue, seen);
    let mut backups = generation::group(catalogue);
    let mut findings = card::findings(catalogue, answer.as_ref());
    let reason = answer
        .as_ref()
        .and_then(|answer| card::reason(catalogue, answer));
    if let Some(answer) = &answer {
        if let (Some(rule), List::Error(_) | List::Crash(_)) = (reason, &answer.list) {
            findings.insert(0, card::reason_finding(rule, catalogue, answer, &links));
        }
        findings.extend(stray::strays(catalogue, answer, &links));
    }
    for backup in &mut backups {
        generation::repair(catalogue, backup);
        let listed = answer
            .as_ref()
            .and_then(|answer| hidden::listed_by(backup, catalogue, answer, &links));
        backup.state = generation::state(catalogue, backup, listed);
        generation::health(catalogue, backup, listed);
        if let Some(answer) = &answer
            && listed.is_none()
            && !backup.state.is_trace()
        {
            hidden::explain(backup, catalogue, answer, &links, version);
        }
        if let Some(sectors) = sectors {
            provenance::tell(backup, catalogue, sectors);
        }
    }
    generation::same_id_two_lengths(&mut backups);
    generation::sort(&mut backups);
    only_deleted(&mut backups);
    if backups.iter().all(|backup| backup.state.is_trace())
        && let Some(Answer {
            list: List::Ok(_), ..
        }) = &answer
    {
        findings.push(card::no_backups());
    }
    if seen == Seen::AssumedCard {
        findings.push(card::assumed());
    }
    let fix = answer
        .as_ref()
        .and_then(|answer| card::fix(reason?, catalogue, answer, &links));
    let mut assessment = Assessment {
        answer,
        seen,
        looked: catalogue.looked,
        reason,
        fix,
        backups,
        findings,
        verdict: Verdict {
            state: CardState::Unsearched,
            looked: catalogue.looked,
            complete: catalogue.complete,
            next: Vec::new(),
            sentence: String::new(),
        },
    };
    let complete = catalogue.complete;
    let mut state = verdict::state(&assessment, complete);
    if state == CardState::Empty
        && let (Some(answer), Some(sectors)) = (&assessment.answer, sectors)
        && !firmware::preflight(sectors, answer, version).is_empty()
    {
        // It lists the card, and would make no backup on it.
        state = CardState::Unusable;
    }
    assessment.verdict.state = state;
    assessment.verdict.next = verdict::next(&assessment, state, complete);
    assessment.verdict.sentence = sentence::sentence(&assessment, catalogue, state, complete);
    assessment
}

/// A wallet of which only deleted or carved copies can be read is in danger twice: its owner does not
/// see the backup, and a finder can read it.
fn only_deleted(backups: &mut [Backup]) {
    let kept: Vec<_> = backups
        .iter()
        .filter(|backup| verdict::is_whole(backup))
        .map(|backup| backup.id)
        .collect();
    let mut told = Vec::new();
    for backup in backups
        .iter_mut()
        .filter(|one| verdict::is_recoverable(one))
    {
        let wallet = (backup.id, backup.seed_length);
        if kept.contains(&backup.id) || told.contains(&wallet) {
            continue;
        }
        told.push(wallet);
        let id = backup.id.map(|id| id.to_string()).unwrap_or_default();
        let message = format!(
            "the wallet {} can be read from deleted or lost copies only",
            short_id(&id)
        );
        let offset = backup.findings.first().and_then(|finding| finding.offset);
        let finding = Finding::new(Rule::OnlyDeleted, message, offset);
        backup.findings.insert(0, finding);
    }
}

/// From what the device's eye met to the nodes of the catalogue.
enum Links {
    /// On a card, by the place of the directory entry.
    Entries(HashMap<u64, usize>),
    /// On an assumed card, whose places mean nothing, by the path in lower case.
    Paths(HashMap<String, usize>),
}

impl Links {
    fn new(catalogue: &Catalogue, seen: Seen) -> Self {
        let nodes = catalogue
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.is_deleted());
        if seen == Seen::AssumedCard {
            return Self::Paths(
                nodes
                    .map(|(index, node)| (node.path.to_lowercase(), index))
                    .collect(),
            );
        }
        let is_copy = |index: &usize| {
            catalogue
                .nodes
                .get(*index)
                .is_some_and(|node| matches!(node.role, Role::Copy(_)))
        };
        let mut entries = HashMap::new();
        // Folders that share clusters show one entry under several paths: the first counts, and a
        // copy before anything else.
        for (index, node) in nodes {
            let Some(offset) = node.offset() else {
                continue;
            };
            let known = entries.entry(offset).or_insert(index);
            if is_copy(&index) && !is_copy(known) {
                *known = index;
            }
        }
        Self::Entries(entries)
    }

    /// The place of something the device met, where places mean anything.
    fn place(&self, offset: u64) -> Option<u64> {
        matches!(self, Self::Entries(_)).then_some(offset)
    }

    /// The name of a folder the device met, as far as our eye takes it for one.
    ///
    /// Never the device's own reading: a damaged link may make it take a copy's bytes for names.
    fn folder_name(&self, catalogue: &Catalogue, trace: &DirectoryTrace) -> String {
        self.name(catalogue, Some(trace.entry), &[&trace.name])
    }

    /// The name of an entry of a folder the device met.
    fn entry_name(&self, catalogue: &Catalogue, trace: &DirectoryTrace, entry: usize) -> String {
        trace
            .listing
            .names
            .get(entry)
            .map_or_else(String::new, |name| {
                self.name(catalogue, Some(name.entry), &[&trace.name, &name.bytes])
            })
    }

    fn name(&self, catalogue: &Catalogue, offset: Option<u64>, path: &[&[u8]]) -> String {
        let node = self
            .node(offset, path)
            .and_then(|node| catalogue.nodes.get(node));
        node.map_or_else(
            || format!("(entry at byte {})", offset.unwrap_or(0)),
            |node| node.name.clone(),
        )
    }

    /// The node of a directory entry the device met under this path.
    fn node(&self, offset: Option<u64>, path: &[&[u8]]) -> Option<usize> {
        match self {
            Self::Entries(entries) => entries.get(&offset?).copied(),
            Self::Paths(paths) => {
                let parts: Vec<_> = path
                    .iter()
                    .map(|part| String::from_utf8_lossy(part).to_lowercase())
                    .collect();
                paths
                    .get(&format!("/bitbox02/{}", parts.join("/")))
                    .copied()
            }
        }
    }
}
