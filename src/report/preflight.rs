//! Whether a BitBox02 would take a card for a new backup, why not, and what mends it.

use serde::{Deserialize, Serialize};

use super::{CardIdentity, Text, escape};
use crate::assess::{Assessment, State};
use crate::fat::codepage;
use crate::finding::Rule;
use crate::firmware::{Crash, ListObstacle, NotErasable, Obstacle, Refusal};

/// Below so many bytes a volume has too few clusters for FAT32, and the formatter chooses.
const FAT32_FROM: u64 = 64 << 20;

/// The answer of `inspect --preflight`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightReport {
    /// Whether the device would make a new backup of any wallet on this card, and list it.
    pub accepted: bool,
    /// Why not; none if it would.
    pub reasons: Vec<ReasonReport>,
    /// Commands that mend it, for the system this program runs on. **They erase the card** or change it;
    /// there are none for a card that holds a backup.
    pub commands: Vec<String>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonReport {
    /// Its stable name.
    pub reason: Text,
    /// What is wrong, escaped.
    pub message: String,
    /// What to do, escaped.
    pub advice: String,
    /// The only wallet it concerns; `None` if all.
    pub id: Option<String>,
    /// Where: bytes from the start of the card.
    pub offset: Option<u64>,
}

/// Whose commands are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// The one this program was built for; Linux's commands for any other Unix.
    pub const fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// The card as the system has it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its block device, if it is one; of an image nothing is formatted.
    pub device: Option<&'a str>,
    /// The block device of the volume on it that the BitBox uses, if the system tells.
    pub volume: Option<&'a str>,
    /// Bytes of it.
    pub size: u64,
    /// What is known of the card in it.
    pub identity: Option<&'a CardIdentity>,
    /// Whose commands are wanted.
    pub system: System,
}

impl PreflightReport {
    /// What is said of these obstacles.
    pub fn of(obstacles: &[Obstacle], assessment: &Assessment, place: &Place<'_>) -> Self {
        let mut reasons: Vec<_> = obstacles
            .iter()
            .map(|one| ReasonReport::of(one, assessment))
            .collect();
        if place.identity.and_then(|card| card.read_only) == Some(true) {
            reasons.insert(0, ReasonReport::write_protected());
        }
        // Whatever is left of a backup is worth more than a card.
        let mut backups = assessment.backups.iter();
        let empty = backups.all(|one| matches!(one.state, State::Erased | State::Lost));
        let commands = match obstacles.first() {
            Some(first) if empty => commands(first, place),
            _ => Vec::new(),
        };
        if !empty && !reasons.is_empty() {
            for reason in &mut reasons {
                reason.advice = format!(
                    "This card holds a backup: do not format it. Use another card. {}",
                    reason.advice
                );
            }
        }
        Self {
            accepted: reasons.is_empty(),
            reasons,
            commands,
        }
    }
}

impl ReasonReport {
    fn new(reason: &'static str, message: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self {
            reason: reason.into(),
            message: escape(message.as_ref()),
            advice: escape(advice.as_ref()),
            id: None,
            offset: None,
        }
    }

    fn of_rule(rule: Rule) -> Self {
        Self::new(rule.name(), rule.meaning(), rule.advice())
    }

    fn write_protected() -> Self {
        Self::new(
            "write-protected",
            "the card is write-protected: the system says so of it",
            "Slide the switch on the side of its adapter away from LOCK; a card without one that says so is \
             worn out.",
        )
    }

    fn of(obstacle: &Obstacle, assessment: &Assessment) -> Self {
        match obstacle {
            Obstacle::Mount(error) => match assessment.reason {
                Some(rule) => Self::of_rule(rule),
                None => Self::new("not-mounted", error.to_string(), FORMAT),
            },
            Obstacle::List(list) => listing(list, assessment),
            Obstacle::Directory { id, error } => Self {
                id: id.map(|id| id.to_string()),
                ..Self::new(
                    "directory-broken",
                    format!("a directory on the way cannot be gone through: {error}"),
                    FORMAT,
                )
            },
            Obstacle::FolderIsFile { entry } => Self {
                offset: Some(*entry),
                ..Self::new(
                    "folder-is-file",
                    "a file has the name \"bitbox02\", where the folder should be",
                    "Rename or remove that file.",
                )
            },
            Obstacle::DirectoryFull { id } => Self {
                id: id.map(|id| id.to_string()),
                ..Self::new(
                    "directory-full",
                    "a directory has no room for another entry",
                    "Remove files from it, or format the card.",
                )
            },
            Obstacle::NoRoom { needed, free } => Self::new(
                "no-room",
                format!("a new backup needs {needed} free clusters or more, and there are {free}"),
                "Remove files from the card, or use another.",
            ),
            Obstacle::FsInfo {
                needed,
                says,
                offset,
            } => Self {
                offset: Some(*offset),
                ..Self::new(
                    "fsinfo-free-count",
                    format!(
                        "the card's note of its free clusters says {says}, and {needed} are needed; the BitBox believes it"
                    ),
                    "Let the computer check and repair the card's file system, which counts them anew.",
                )
            },
            Obstacle::Cluster { cluster } => Self::new(
                "cluster-unusable",
                format!(
                    "cluster {cluster}, which the BitBox would write, cannot be used: it lies behind the end of the \
                     card, or the table says what cannot be"
                ),
                FORMAT,
            ),
            Obstacle::TooManyEntries => Self::new(
                "too-many-entries",
                "the folder bitbox02 has 200 entries or more: a new one would not be listed",
                "Use another card.",
            ),
            Obstacle::Unlisted { id } => Self {
                id: id.map(|id| id.to_string()),
                ..Self::new(
                    "unlisted-entries",
                    "a directory holds entries that the BitBox's listing does not reach",
                    FORMAT,
                )
            },
            Obstacle::NotErasable {
                id,
                name,
                why,
                entry,
            } => not_erasable(id.to_string(), name, *why, *entry),
        }
    }
}

const FORMAT: &str = "Format the card as FAT32, or use another.";

fn listing(list: &ListObstacle, assessment: &Assessment) -> ReasonReport {
    match (list, assessment.reason) {
        (_, Some(rule)) => ReasonReport::of_rule(rule),
        (ListObstacle::Crashes(Crash::AnswerSize { .. }), None) => ReasonReport::new(
            Rule::AnswerSize.name(),
            "with one more backup the list could become so long that the BitBox crashes",
            "Use another card.",
        ),
        (ListObstacle::Refused(Refusal::TooMany { limit }), None) => ReasonReport::new(
            Rule::TooMany.name(),
            format!("this firmware lists {limit} backups at most, and they are there"),
            "Use another card.",
        ),
        (ListObstacle::Refused(_) | ListObstacle::Crashes(_), None) => ReasonReport::new(
            "list-fails",
            "the BitBox cannot list what is on the card",
            FORMAT,
        ),
    }
}

fn not_erasable(id: String, name: &[u8], why: NotErasable, entry: u64) -> ReasonReport {
    let name = codepage::decode(name);
    let why = match why {
        NotErasable::ReadOnly => "it is marked read-only",
        NotErasable::Folder => "it is a folder",
        NotErasable::TooLarge => "it is larger than 1024 bytes",
        NotErasable::Chain => "its chain of clusters is broken",
        NotErasable::Unopenable => "it cannot be opened by its name",
    };
    ReasonReport {
        id: Some(id),
        offset: Some(entry),
        ..ReasonReport::new(
            "not-erasable",
            format!(
                "\"{name}\" in the wallet's folder cannot be erased by the BitBox ({why}): a new backup of this \
                 wallet would stay hidden"
            ),
            format!("Remove \"{name}\" if it is no copy of the backup."),
        )
    }
}

/// What mends the first obstacle, which stands before all others.
fn commands(obstacle: &Obstacle, place: &Place<'_>) -> Vec<String> {
    let plain = |path: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
        path.chars().all(plain)
    };
    let repair = matches!(obstacle, Obstacle::FsInfo { .. });
    let device = if repair { place.volume } else { place.device };
    let Some(device) = device.filter(plain) else {
        return Vec::new();
    };
    let fat32 = if place.size >= FAT32_FROM {
        " -F 32"
    } else {
        ""
    };
    vec![match (place.system, repair) {
        (System::Linux, true) => format!("sudo fsck.vfat -a {device}"),
        (System::Linux, false) => format!("sudo mkfs.vfat -I{fat32} -n BITBOX {device}"),
        (System::MacOs, true) => format!("sudo fsck_msdos -y {device}"),
        (System::MacOs, false) => format!("diskutil eraseDisk FAT32 BITBOX MBRFormat {device}"),
        (System::Windows, true) => "chkdsk X: /f".to_owned(),
        (System::Windows, false) => "format X: /FS:FAT32 /V:BITBOX".to_owned(),
    }]
}
