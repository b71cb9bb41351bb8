//! What changed, and which way it goes.

use serde::{Deserialize, Serialize};

use crate::report::Text;

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Less can be restored, or from fewer cards or copies.
    Worse,
    /// More can.
    Better,
    /// Neither.
    Neutral,
}

impl Effect {
    pub(super) fn worse_if(is_worse: bool) -> Self {
        match is_worse {
            true => Self::Worse,
            false => Self::Neutral,
        }
    }

    /// Of something there is more or less of.
    pub(super) fn of_count<T: Ord>(before: T, now: T) -> Self {
        match now.cmp(&before) {
            std::cmp::Ordering::Less => Self::Worse,
            std::cmp::Ordering::Greater => Self::Better,
            std::cmp::Ordering::Equal => Self::Neutral,
        }
    }
}

/// What became of a card or a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It was not there before.
    Added,
    /// It is there no more.
    Gone,
    /// It has another name, and may have changed too.
    Moved,
    /// It is not as it was.
    Changed,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// A whole card or wallet came, with what is on it.
    Added,
    /// A whole card or wallet went.
    Gone,
    /// A card's name.
    Moved,
    /// Whether a card can be read.
    Status,
    /// What the device answers when asked for its backups.
    DeviceView,
    /// A backup that was not there before.
    BackupAdded,
    /// A backup that is there no more.
    BackupGone,
    /// A backup in the place of an older one.
    BackupRenewed,
    /// What a backup or a wallet is worth.
    State,
    /// The number of valid copies of a backup or a wallet.
    ValidCopies,
    /// The name of a backup.
    Name,
    /// A finding that was not there before.
    FindingAdded,
    /// A finding that is there no more.
    FindingGone,
    /// The serial number of a volume.
    Serial,
    /// The hash of a whole source.
    Hash,
    /// What was read of a card, where nothing else tells the difference.
    Contents,
    /// The cards a wallet is on.
    Cards,
    /// From how many cards a wallet would be restored.
    SeparateCards,
    /// The time of a wallet's newest backup.
    Newest,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// What it is about.
    pub what: What,
    /// Which way it goes.
    pub effect: Effect,
    /// All in plain words.
    pub text: String,
    /// The id of the backup it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The rule of the finding it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Text>,
}

impl Change {
    pub(super) fn new(what: What, effect: Effect, text: impl Into<String>) -> Self {
        Self {
            what,
            effect,
            text: text.into(),
            id: None,
            rule: None,
        }
    }
}

/// A card that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CardChange {
    /// Its name; of a card that is gone the one it had.
    pub source: String,
    /// The name it had, where it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The worst of its changes.
    pub effect: Effect,
    /// What changed, the worst first.
    pub changes: Vec<Change>,
}

/// A wallet that is not backed up as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WalletChange {
    /// Its id.
    pub id: String,
    /// How many recovery words.
    pub words: Option<u8>,
    /// The name of its newest backup.
    pub name: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The worst of its changes.
    pub effect: Effect,
    /// What changed, the worst first.
    pub changes: Vec<Change>,
}

/// How many there were and are, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fates {
    /// How many there were.
    pub before: usize,
    /// How many there are.
    pub now: usize,
    /// Number added.
    pub added: usize,
    /// Number removed.
    pub gone: usize,
    /// Have another name.
    pub moved: usize,
    /// Are not as they were.
    pub changed: usize,
    /// Are as they were.
    pub unchanged: usize,
}

/// The counts of a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DifferenceSummary {
    /// The cards.
    pub cards: Fates,
    /// The wallets.
    pub wallets: Fates,
    /// Changes for the worse.
    pub worse: usize,
    /// Changes for the better.
    pub better: usize,
    /// Other changes.
    pub neutral: usize,
}

/// What changed between two audits, the worst first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// The cards that changed.
    pub cards: Vec<CardChange>,
    /// The wallets that changed.
    pub wallets: Vec<WalletChange>,
    /// The counts.
    pub summary: DifferenceSummary,
}

/// How many became what, of so many before and now.
pub(super) fn fates(before: usize, now: usize, fates: impl Iterator<Item = Fate>) -> Fates {
    let mut counts = Fates {
        before,
        now,
        ..Fates::default()
    };
    for fate in fates {
        match fate {
            Fate::Added => counts.added += 1,
            Fate::Gone => counts.gone += 1,
            Fate::Moved => counts.moved += 1,
            Fate::Changed => counts.changed += 1,
        }
    }
    let known = counts.added + counts.moved + counts.changed;
    counts.unchanged = now.saturating_sub(known);
    counts
}

/// The worst of some changes, which are put in order.
pub(super) fn worst_first(changes: &mut [Change]) -> Effect {
    changes.sort_by_key(|change| change.effect);
    changes
        .first()
        .map_or(Effect::Neutral, |change| change.effect)
}
