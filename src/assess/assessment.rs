//! Everything to be said of one source, the verdict before all details.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::backup::{Backup, State};
use super::hidden_cause;
use crate::catalogue::Looked;
use crate::finding::{Advice, Finding, Rest, Rule, Severity};
use crate::firmware::Answer;

/// The state of a card; the first that fits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CardState {
    /// It could not be examined.
    Failed,
    /// The device lists every backup on it, each with three whole copies, and nothing is wrong.
    Healthy,
    /// The device lists all that is whole, and something needs attention.
    Attention,
    /// A whole or proved live backup is on it that the device does not list.
    Hidden,
    /// Live copies are on it, and nothing is proved yet.
    Damaged,
    /// Nothing is live; deleted, lost or carved copies are whole or proved.
    Recoverable,
    /// Only remains without proof.
    Traces,
    /// Nothing, the whole card was searched, and the device accepts it.
    Empty,
    /// The same, and the device refuses it.
    Unusable,
    /// Nothing so far, and not everything was searched.
    #[default]
    Unsearched,
}

impl CardState {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Healthy => "healthy",
            Self::Attention => "attention",
            Self::Hidden => "hidden",
            Self::Damaged => "damaged",
            Self::Recoverable => "recoverable",
            Self::Traces => "traces",
            Self::Empty => "empty",
            Self::Unusable => "unusable",
            Self::Unsearched => "unsearched",
        }
    }

    /// How much it matters; `None` if all is well.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Healthy => None,
            Self::Empty => Some(Severity::Info),
            Self::Attention | Self::Unsearched => Some(Severity::Warning),
            Self::Failed | Self::Hidden | Self::Damaged => Some(Severity::Error),
            Self::Recoverable | Self::Traces | Self::Unusable => Some(Severity::Error),
        }
    }
}

impl fmt::Display for CardState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is said of a source before all details.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The state of the card.
    pub state: CardState,
    /// Whether everything there is was searched, and could be read.
    pub complete: bool,
    /// What to do, in this order. Nothing where all is well.
    pub next: Vec<Advice>,
    /// What is on the card beside the backups that can be proved.
    pub rest: Vec<Rest>,
    /// All in a sentence or two for a person, names as stored.
    pub sentence: String,
}

/// How a source was turned into a card for the device view.
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
#[non_exhaustive]
pub struct Assessment {
    /// What the device answers; `None` for a single file.
    pub answer: Option<Answer>,
    /// How it came to see anything.
    pub seen: Seen,
    /// How far was looked.
    pub looked: Looked,
    /// The rule by which the device fails or crashes.
    pub reason: Option<Rule>,
    /// What on the card would make the device list it, where such steps do.
    pub fixes: Vec<Advice>,
    /// Whether the device asked for what nobody has read.
    pub untold: bool,
    /// Every backup, the newest first.
    pub backups: Vec<Backup>,
    /// How many more were found that nobody asked for.
    pub others: usize,
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

    pub(super) fn has(&self, rule: Rule) -> bool {
        self.all_findings().any(|finding| finding.rule == rule)
    }

    /// Whether what the device shows of the card cannot be told: the image or folder does not have what it reads, and
    /// nothing else hides a backup. What it shows of others is known.
    pub fn is_untold(&self) -> bool {
        let is_untold = |one: &Backup| hidden_cause::is_untold(one.cause.as_deref());
        let is_cut = self.answer.as_ref().and_then(|answer| answer.cut_short);
        let shows = self.backups.iter().any(Backup::is_whole);
        self.backups.iter().any(is_untold) || self.untold && (is_cut.is_some() || !shows)
    }

    /// Whether the image ends before the card does.
    pub(super) fn is_cut_short(&self) -> bool {
        let cut_short = |finding: &Finding| {
            finding.rule == Rule::VolumePastEnd && finding.severity != Severity::Info
        };
        self.findings.iter().any(cut_short)
    }

    /// Whether a backup could be recovered from the card that the device does not list, of a wallet of which it lists none
    /// or from live files.
    pub fn holds_more_than_listed(&self) -> bool {
        let is_listed = |one: &Backup| {
            let mut backups = self.backups.iter();
            one.id.is_some() && backups.any(|other| other.is_listed() && other.id == one.id)
        };
        self.backups.iter().any(|backup| match backup.state {
            State::Hidden | State::Damaged => true,
            State::Deleted => !is_listed(backup),
            State::Healthy | State::Degraded | State::Erased | State::Lost => false,
        })
    }
}
