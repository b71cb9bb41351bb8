//! What `recover` answers: what was recovered and how it is proved, and what was not and why.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::choice::{Choice, PassedOver};
use super::not_recovered::{NotRecoveredReport, Reason, copies_of};
use super::proof::Proof;
use super::recovery::{Missing, NotRecovered, Recovered, Recovery};
use super::sources::SourceRun;
use super::warnings::warnings;
use super::why_not_recovered::{either, not_recovered};
use crate::assess::{Assessment, CardState, State};
use crate::backup::Method;
use crate::catalogue::Catalogue;
use crate::firmware::Version;
use crate::repair::ChangedBit;
use crate::report::{CopyReport, Text, basis};
use crate::text::plural;
use crate::text::{escape, rfc3339};

/// The answer of `recover`, and its report beside the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecoveryReport {
    /// The version of this program.
    pub tool: Text,
    /// Whose rules the files were held against.
    pub firmware: String,
    /// How these rules are known.
    pub basis: Text,
    /// As it was given, escaped; of several, the first.
    pub source: String,
    /// All sources, this one included, those that could not be read last.
    #[serde(default)]
    pub sources: Vec<SourceRun>,
    /// Most candidates tried for one backup.
    pub effort: u64,
    /// Whether it was told to stop before it had tried them.
    pub interrupted: bool,
    /// The state of the card; of several, of the first.
    pub state: CardState,
    /// All in a sentence.
    pub verdict: String,
    /// Whether what the owner gave fits a wallet that is proved; `None` if nothing was given, or nothing is proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fits_owner: Option<bool>,
    /// What somebody has to know of what is recovered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// One generation of each wallet.
    pub recovered: Vec<RecoveredReport>,
    /// Others that are proved too.
    pub not_chosen: Vec<NotChosenReport>,
    /// What is not proved.
    pub not_recovered: Vec<NotRecoveredReport>,
}

/// One backup recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecoveredReport {
    /// The wallet's id.
    pub id: String,
    /// The device's name, escaped; `None` if nothing tells.
    pub name: Option<String>,
    /// Seconds since 1970 UTC; `None` if nothing tells.
    pub timestamp: Option<u32>,
    /// The same in RFC 3339.
    pub created: Option<String>,
    /// How many recovery words.
    pub words: Option<u8>,
    /// Seconds since 1970 UTC; `None` if it is unknown.
    pub birthdate: Option<u32>,
    /// The firmware that wrote it, escaped, or `rebuilt`.
    pub generator: String,
    /// What it was worth on the card.
    pub state: Option<State>,
    /// Whether the files hold the very bytes of a copy on the card.
    pub original: bool,
    /// The paths of its three equal files.
    pub files: Vec<String>,
    /// SHA-256 of each of them.
    pub sha256: String,
    /// How it was recovered.
    pub method: Method,
    /// What proves each field.
    pub proof: Proof,
    /// How many bits no copy told, but trying did.
    pub changed_bits: u32,
    /// Where they lie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ChangedBit>,
    /// How many candidates were tried up to the right one, in the order of likelihood.
    pub rank: Option<u64>,
    /// The copies it was made from.
    pub copies: Vec<CopyReport>,
}

/// One backup that is proved and not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotChosenReport {
    /// The wallet's id.
    pub id: String,
    /// Seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The same in RFC 3339.
    pub created: Option<String>,
    /// How many recovery words.
    pub words: Option<u8>,
    /// Why it is not written.
    pub why: PassedOver,
    /// How it was recovered.
    pub method: Method,
    /// What proves each field.
    pub proof: Proof,
}

/// What was looked through, and how hard it was tried.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryRun<'a> {
    /// The source as it was given; of several, the first.
    pub source: &'a str,
    /// All of them.
    pub sources: &'a [SourceRun],
    /// Whose rules the files are held against.
    pub firmware: Version,
    /// Most candidates tried for one backup.
    pub effort: u64,
    /// Whether it was told to stop.
    pub interrupted: bool,
    /// The length of a seed that was asked for.
    pub length: Option<u32>,
    /// Whether what the owner gave fits a wallet that is proved; `None` if nothing was given, or nothing is proved.
    pub fits_owner: Option<bool>,
    /// Whether a passphrase was given with that.
    pub passphrase: bool,
}

impl RecoveryReport {
    /// What is said of a recovery and of what was chosen of it.
    pub fn of(
        tried: &RecoveryRun<'_>,
        recovery: &Recovery,
        choice: &Choice,
        assessment: &Assessment,
        catalogue: &Catalogue,
    ) -> Self {
        let chosen = choice.chosen.iter();
        let chosen: Vec<_> = chosen
            .filter_map(|index| recovery.recovered.get(*index))
            .collect();
        let passed_over = choice.passed_over.iter();
        let missing = choice.not_recovered.iter();
        let ids: Vec<_> = chosen.iter().map(|one| one.id).collect();
        let mut not_recovered: Vec<_> = missing
            .filter_map(|index| recovery.not_recovered.get(*index))
            .map(|one| NotRecoveredReport::of(one, &ids, assessment, catalogue))
            .collect();
        not_recovered.extend(refused(recovery, choice, catalogue));
        let mut report = Self {
            tool: env!("CARGO_PKG_VERSION").into(),
            firmware: tried.firmware.to_string(),
            basis: basis(tried.firmware).into(),
            source: escape(tried.source),
            sources: tried.sources.to_vec(),
            effort: tried.effort,
            interrupted: tried.interrupted,
            state: assessment.verdict.state,
            verdict: String::new(),
            fits_owner: tried.fits_owner,
            warnings: warnings(
                &chosen,
                tried.length,
                (tried.fits_owner, tried.passphrase),
                catalogue,
            ),
            recovered: chosen
                .iter()
                .map(|one| recovered(one, assessment, catalogue))
                .collect(),
            not_chosen: passed_over
                .filter_map(|(index, why)| {
                    let one = recovery.recovered.get(*index)?;
                    Some(not_chosen(one, *why))
                })
                .collect(),
            not_recovered,
        };
        report.verdict = escape(&report.sentence(assessment));
        report
    }

    /// Whether something is lost, nothing was recovered, or not what the owner looks for.
    pub fn needs_attention(&self) -> bool {
        self.recovered.is_empty()
            || self.fits_owner == Some(false)
            || self.not_recovered.iter().any(NotRecoveredReport::matters)
    }

    /// Whether there is neither a backup nor a trace of one.
    pub fn found_nothing(&self) -> bool {
        self.recovered.is_empty() && self.not_recovered.is_empty()
    }

    /// Whether there is nothing but somebody's word for the length of a seed.
    fn has_said_length(&self) -> bool {
        let mut recovered = self.recovered.iter();
        recovered.any(|one| !one.proof.proves_length())
    }

    /// Whether nothing is missing but the length of a seed.
    fn is_length_open(&self) -> bool {
        let mut lost = self.not_recovered.iter().filter(|one| one.matters());
        lost.all(|one| one.reason == Reason::Length)
    }

    fn sentence(&self, assessment: &Assessment) -> String {
        let missing = || self.not_recovered.iter().filter(|one| one.matters());
        let (lost, all) = (missing().count(), self.not_recovered.len());
        let is_stopped = missing().any(|one| one.reason == Reason::Stopped);
        let is_unread = missing().all(|one| one.reason == Reason::Unread);
        match (self.recovered.len(), lost) {
            (0, 0) if all > 0 => {
                "Nothing can be recovered: the BitBox erased what was here.".to_owned()
            }
            (0, 0) => format!("Nothing can be recovered. {}", assessment.verdict.sentence),
            (0, _) if self.is_length_open() => {
                "The seed is proved, but not how many words it has: nothing is written until you say it.".to_owned()
            }
            (0, 1) if is_unread => {
                "The files of the backup were not read here: they may be whole on the card.".to_owned()
            }
            (0, lost) if is_unread => {
                format!("The files of {lost} backups were not read here: they may be whole on the card.")
            }
            (0, 1) if is_stopped => {
                "The search was stopped: the backup is not recovered yet.".to_owned()
            }
            (0, lost) if is_stopped => {
                format!("The search was stopped: none of {lost} backups is recovered yet.")
            }
            (0, 1) => "The backup could not be recovered.".to_owned(),
            (0, lost) => format!("None of {lost} backups could be recovered."),
            (some, 0) => {
                let are = plural(some, "backup is", "backups are");
                format!("{are} recovered{}.", self.but())
            }
            (some, lost) => {
                let are = plural(some, "backup is", "backups are");
                match is_stopped {
                    true => format!("{are} recovered, {lost} not yet: the search was stopped."),
                    false => format!("{are} recovered, {lost} could not be{}.", self.but()),
                }
            }
        }
    }

    /// What keeps what is recovered from being what is wanted.
    fn but(&self) -> &'static str {
        let is_restored = self.recovered.iter().any(|one| one.words.is_some());
        match (self.fits_owner, is_restored) {
            (Some(false), _) => "; what you gave of a wallet fits none that is proved",
            (_, false) => "; no BitBox restores it",
            _ if self.has_said_length() => "; for a number of words there is only your word",
            (_, true) => "",
        }
    }
}

fn recovered(one: &Recovered, assessment: &Assessment, catalogue: &Catalogue) -> RecoveredReport {
    let backup = assessment.backups.get(one.backup);
    RecoveredReport {
        id: one.id.to_string(),
        name: one.name.as_deref().map(escape),
        timestamp: one.timestamp,
        created: one.timestamp.map(rfc3339),
        words: one.seed.words(),
        birthdate: one.birthdate,
        generator: escape(&one.generator),
        state: backup.map(|backup| match backup.id {
            // Found among the copies of another wallet.
            Some(id) if id != one.id && one.method != Method::Copy => State::Damaged,
            _ => backup.state,
        }),
        original: one.original,
        files: one.paths().into(),
        sha256: hex::encode(Sha256::digest(one.file.as_slice())),
        method: one.method,
        proof: one.proof,
        changed_bits: u32::try_from(one.changed.len()).unwrap_or(u32::MAX),
        changed: one.changed.clone(),
        rank: one.rank,
        copies: copies_of(&one.copies, catalogue),
    }
}

fn not_chosen(one: &Recovered, why: PassedOver) -> NotChosenReport {
    NotChosenReport {
        id: one.id.to_string(),
        timestamp: one.timestamp,
        created: one.timestamp.map(rfc3339),
        words: one.seed.words(),
        why,
        method: one.method,
        proof: one.proof,
    }
}

/// Ids that stand for several wallets, until one length is named.
fn refused(recovery: &Recovery, choice: &Choice, catalogue: &Catalogue) -> Vec<NotRecoveredReport> {
    let all = choice.refused.iter().map(|refused| {
        let generations = refused.generations.iter();
        let generations: Vec<_> = generations
            .filter_map(|index| recovery.recovered.get(*index))
            .collect();
        let one = NotRecovered {
            id: Some(refused.id),
            timestamp: None,
            missing: Missing::Length(refused.lengths.clone()),
            backup: 0,
            copies: generations
                .iter()
                .flat_map(|one| one.copies.clone())
                .collect(),
        };
        let mut report = not_recovered(&one, None, false);
        report.message = format!(
            "its ID stands for {}, of {} words: all are here, and only one can be in the folder of that id",
            plural(refused.lengths.len(), "wallet", "wallets"),
            either(&report.words, "and")
        );
        report.copies = copies_of(&one.copies, catalogue);
        report
    });
    all.collect()
}
