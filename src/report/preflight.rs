//! Whether a BitBox02 would make a new backup on a card, why not, and what would help.

use serde::{Deserialize, Serialize};

use super::form::Text;
use crate::assess::{Assessment, CardState, MOST_SDHC};
use crate::catalogue::Looked;
use crate::fat::codepage;
use crate::finding::{Rest, Rule};
use crate::firmware::{Crash, NotErasable, Obstacle, Refusal};
use crate::text::{escape, plural};

/// The answer of `inspect --preflight`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PreflightReport {
    /// Whether the device would make a new backup of any wallet on this card, and list it.
    pub accepted: bool,
    /// Why not; none if it would.
    pub reasons: Vec<ReasonReport>,
    /// What speaks against the card beside that.
    #[serde(default)]
    pub warnings: Vec<ReasonReport>,
    /// Whether a backup on the card can still be recovered, and a new one could overwrite it.
    #[serde(default)]
    pub recover_first: bool,
    /// Command lines that prepare the card, for the system this program runs on. **They erase the card**
    /// or change it; there are none for a card that may hold a backup. Whoever reports words them, by
    /// [`PreflightReport::remedy`].
    pub commands: Vec<String>,
    /// What a computer could do to the card.
    #[serde(skip)]
    pub remedy: Option<Remedy>,
    /// The block device of the volume on the card that the BitBox uses, if the system tells.
    #[serde(skip)]
    pub volume: Option<String>,
}

/// What a computer could do to a card so that the device takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Format it: all that is on it is gone.
    Format,
    /// Repair its file system.
    Repair,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

impl PreflightReport {
    /// What is said of these obstacles on a card of so many bytes that may be write-protected.
    pub fn of(
        obstacles: &[Obstacle],
        assessment: &Assessment,
        is_read_only: bool,
        size: u64,
    ) -> Self {
        let mut reasons: Vec<_> = once_each(obstacles)
            .map(|(one, more)| ReasonReport::of(one, assessment).and_more(more))
            .collect();
        if is_read_only {
            reasons.insert(0, ReasonReport::write_protected());
        }
        let remedy = obstacles.first().map(|first| match first {
            Obstacle::FsInfo { .. } => Remedy::Repair,
            _ => Remedy::Format,
        });
        // Whatever is left of a backup is worth more than a card.
        let first = match assessment.verdict.state {
            CardState::Empty | CardState::Unusable => None,
            CardState::Healthy | CardState::Attention => Some(
                "This card holds a backup: keep it as it is, and use another card for new backups.",
            ),
            CardState::Hidden | CardState::Damaged | CardState::Recoverable => Some(
                "This card holds a backup: recover it to another place first, and use another card for new \
                 backups.",
            ),
            CardState::Traces | CardState::Unsearched | CardState::Failed => Some(
                "This card may hold a backup: keep it as it is, and use another card for new backups.",
            ),
        };
        if let Some(first) = first {
            for reason in &mut reasons {
                reason.advice = first.to_owned();
            }
        }
        let is_extended = size > MOST_SDHC;
        if is_extended {
            let formatting = reasons.iter_mut().filter(|one| one.advice == FORMAT);
            formatting.for_each(|one| one.advice = OTHER_CARD.to_owned());
        }
        let recover_first = assessment.holds_more_than_listed();
        let rest = &assessment.verdict.rest;
        let mut warnings = Vec::from_iter(ReasonReport::bitbox01(rest));
        if recover_first {
            warnings.push(ReasonReport::recoverable());
        } else if !assessment.verdict.complete {
            warnings.push(ReasonReport::unsearched(assessment.looked));
        }
        if is_extended {
            warnings.push(ReasonReport::extended_capacity());
        }
        Self {
            accepted: reasons.is_empty(),
            recover_first,
            remedy: remedy.filter(|_| first.is_none() && rest.is_empty() && !is_extended),
            reasons,
            warnings,
            commands: Vec::new(),
            volume: None,
        }
    }

    /// What has to be done before a new backup is made on the card; none if nothing on it can be lost by that.
    pub fn first(&self) -> Option<&ReasonReport> {
        let mut warnings = self.warnings.iter();
        warnings.find(|warning| warning.reason != SDXC)
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

    /// The same where so many other files are as this one.
    fn and_more(mut self, more: usize) -> Self {
        if more > 0 {
            let files = plural(more, "other file", "other files");
            self.message = format!("{}; so are {files} of that folder", self.message);
        }
        self
    }

    fn of_rule(rule: Rule) -> Self {
        Self::new(rule.name(), rule.meaning(), rule.advice())
    }

    /// A card with a backup that the device does not list: what it writes could land on it.
    fn recoverable() -> Self {
        Self::new(
            "recoverable-backup",
            "a backup that the BitBox does not show can still be recovered from this card, and a new one could overwrite it",
            "Recover it to another place first, and use another card for new backups.",
        )
    }

    /// A card with backups of another device, which a new one could overwrite.
    fn bitbox01(rest: &[Rest]) -> Option<Self> {
        let message = match rest {
            _ if rest.contains(&Rest::BitBox01) => {
                "the card holds backups of a BitBox01, which only a BitBox01 restores"
            }
            _ if rest.contains(&Rest::DeletedBitBox01) => {
                "the card holds deleted files of a BitBox01, which a new backup could overwrite"
            }
            _ => return None,
        };
        Some(Self::new(
            "bitbox01-backups",
            message,
            "Keep this card, and use another one for new backups.",
        ))
    }

    /// A card on which no backup was found where was looked.
    fn unsearched(looked: Looked) -> Self {
        if looked == Looked::Surface {
            return Self::new(
                "not-searched",
                "not all that may hold a backup could be searched, and a new one could overwrite it",
                "See what `list --carve` says of this card first.",
            );
        }
        Self::new(
            "not-searched",
            "not all of the card was searched for deleted backups, which a new one could overwrite",
            "Search the whole card first: run this again with `--carve`.",
        )
    }

    /// A card of the kind that the maker does not support, whatever is on it.
    fn extended_capacity() -> Self {
        Self::new(
            SDXC,
            format!(
                "the card has more than 32 GiB, so it is an SDXC card, which the maker does not support: {SDXC_SOURCE}"
            ),
            "Use an SDHC card for new backups: one of 4 GB to 32 GB.",
        )
    }

    fn write_protected() -> Self {
        Self::new(
            "write-protected",
            "the card is write-protected: the system reports it",
            "Slide the switch on the side of its adapter away from LOCK. A card without a switch that reports this is worn \
             out: use another.",
        )
    }

    fn of(obstacle: &Obstacle, assessment: &Assessment) -> Self {
        let (id, offset) = match obstacle {
            Obstacle::Directory { id, .. }
            | Obstacle::DirectoryFull { id }
            | Obstacle::Unlisted { id } => (*id, None),
            Obstacle::FolderIsFile { entry } => (None, Some(*entry)),
            Obstacle::FsInfo { offset, .. } => (None, Some(*offset)),
            Obstacle::UpperCase { id, entry } => (Some(*id), Some(*entry)),
            Obstacle::NotErasable { id, entry, .. } => (Some(*id), Some(*entry)),
            _ => (None, None),
        };
        Self {
            id: id.map(|id| id.to_string()),
            offset,
            ..Self::about(obstacle, assessment)
        }
    }

    #[expect(clippy::too_many_lines, reason = "a flat table: one arm an obstacle")]
    fn about(obstacle: &Obstacle, assessment: &Assessment) -> Self {
        match obstacle {
            Obstacle::Mount(error) => match assessment.reason {
                Some(rule) => Self {
                    advice: FORMAT.to_owned(),
                    ..Self::of_rule(rule)
                },
                None => Self::new("not-mounted", error.to_string(), FORMAT),
            },
            Obstacle::Refused(_) | Obstacle::Crashes(_) => listing(obstacle, assessment),
            Obstacle::Directory { error, .. } => Self::new(
                "directory-broken",
                format!("a directory in the path cannot be read: {error}"),
                FORMAT,
            ),
            Obstacle::FolderIsFile { .. } => Self::new(
                "folder-is-file",
                "a file has the name \"bitbox02\", where the folder should be",
                "Give that file another name.",
            ),
            Obstacle::DirectoryFull { .. } => Self::new(
                "directory-full",
                "a directory has no room for another entry",
                OTHER_CARD,
            ),
            Obstacle::NoRoom { needed, free } => {
                let needed = usize::try_from(*needed).unwrap_or(usize::MAX);
                let needed = plural(needed, "free cluster", "free clusters");
                let are = if *free == 1 { "is" } else { "are" };
                Self::new(
                    "no-room",
                    format!("a new backup needs at least {needed}; {free} {are} free"),
                    "Use another card, or move files that are no backups off this one.",
                )
            }
            Obstacle::FsInfo { needed, says, .. } => Self::new(
                "fsinfo-free-count",
                format!(
                    "the card's free-space record says {says} free clusters; the BitBox needs {needed}, and believes the record"
                ),
                "Use another card, or let a computer repair the file system of this one, which counts them again.",
            ),
            Obstacle::Cluster { cluster } => Self::new(
                "cluster-unusable",
                format!(
                    "cluster {cluster}, which the BitBox would write, cannot be used: it is past the end of the \
                     card, or its entry in the FAT is impossible"
                ),
                FORMAT,
            ),
            Obstacle::TooManyEntries => Self::new(
                "too-many-entries",
                "the folder bitbox02 has 200 entries or more: a new one would not be listed",
                OTHER_CARD,
            ),
            Obstacle::Unlisted { .. } => Self::new(
                "unlisted-entries",
                "a directory holds entries that the BitBox's listing does not reach",
                FORMAT,
            ),
            Obstacle::UpperCase { .. } => Self::new(
                Rule::FolderUpperCase.name(),
                "the wallet's folder is named in upper case: the BitBox would make the backup in it, and \
                 never list it",
                "Use another card for the new backup.",
            ),
            Obstacle::NotErasable { name, why, .. } => not_erasable(name, *why),
        }
    }
}

/// Where the maker says that SDXC cards are not supported.
const SDXC_SOURCE: &str = "https://support.bitbox.swiss/en_US/microsd-karte-probleme-bitbox02";

const OTHER_CARD: &str = "Use another card.";

const FORMAT: &str =
    "Use another card. If nothing on this one is needed, it can be formatted as FAT32.";

/// The name of the warning about an SDXC card.
const SDXC: &str = "sdxc-card";

/// The obstacles, of files in one folder that cannot be erased for one reason only the first, with the number of the others.
fn once_each(obstacles: &[Obstacle]) -> impl Iterator<Item = (&Obstacle, usize)> {
    let kind = |one: &Obstacle| match one {
        Obstacle::NotErasable { id, why, .. } => Some((*id, *why)),
        _ => None,
    };
    obstacles.iter().enumerate().filter_map(move |(at, one)| {
        let Some(own) = kind(one) else {
            return Some((one, 0));
        };
        let is_same = |other: &&Obstacle| kind(other) == Some(own);
        let (before, after) = obstacles.split_at_checked(at)?;
        let is_first = !before.iter().any(|other| is_same(&other));
        is_first.then(|| (one, after.iter().filter(is_same).count().saturating_sub(1)))
    })
}

fn listing(list: &Obstacle, assessment: &Assessment) -> ReasonReport {
    match (list, assessment.reason) {
        (_, Some(rule)) => ReasonReport::of_rule(rule),
        (Obstacle::Crashes(Crash::AnswerSize { .. }), None) => ReasonReport::new(
            Rule::AnswerSize.name(),
            "with one more backup the list could become so long that the BitBox crashes",
            OTHER_CARD,
        ),
        (Obstacle::Refused(Refusal::TooMany { limit }), None) => ReasonReport::new(
            Rule::TooMany.name(),
            format!("this firmware lists {limit} backups at most, and the card has that many"),
            OTHER_CARD,
        ),
        (_, None) => ReasonReport::new(
            "list-fails",
            "the BitBox cannot list what is on the card",
            FORMAT,
        ),
    }
}

fn not_erasable(name: &[u8], why: NotErasable) -> ReasonReport {
    let name = codepage::decode(name);
    let why = match why {
        NotErasable::ReadOnly => "it is marked read-only",
        NotErasable::Folder => "it is a folder",
        NotErasable::TooLarge => "it is larger than 1024 bytes",
        NotErasable::Chain => "its cluster chain is damaged",
        NotErasable::Unopenable => "it cannot be opened by its name",
    };
    ReasonReport::new(
        "not-erasable",
        format!(
            "\"{name}\" in the wallet's folder cannot be erased by the BitBox ({why}): a new backup of this \
             wallet would stay hidden"
        ),
        "Use another card for the new backup.",
    )
}
