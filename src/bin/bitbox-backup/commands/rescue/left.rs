//! What is left to do by hand when the steps are done.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bitbox_backup::files::{OwnFile, Sources};
use bitbox_backup::image::free_name;
use bitbox_backup::recover::{NotRecoveredReport, Reason, RecoveryReport};
use bitbox_backup::text::{path_text, short_id, stem};

use super::came::Came;
use super::plan::{Plan, Step, card_image, words};
use crate::render::phrase::{each_wallet, to_new_card};
use crate::render::text::recovery::kept_for;

const OTHERS: &str = "Look for other cards of this wallet, and for its recovery words on paper: each of them restores it alone.";

const OTHERS_OF_LOST: &str = "Look for other cards of what could not be recovered, and for recovery words on paper: each of \
     them restores its wallet alone.";

const ERASE: &str = "Deleting files is not enough on a disk that others may get: erase the disk.";

const MAX_REPORT: u64 = 16 << 20;
const MOST_NAMED: usize = 100;

impl Plan {
    pub(super) fn left(&self, came: &Came) -> Vec<String> {
        let made = self.made();
        let has_none = came.has_none && came.by_hand.is_empty();
        if let Some(newest) = made.last() {
            let report = match newest.1 == self.saved {
                true => came.report.clone(),
                false => report_in(&newest.0),
            };
            self.to_restore(newest, &made, report.as_ref(), came)
        } else if has_none {
            vec!["No backup is on this card.".to_owned(), OTHERS.to_owned()]
        } else if came.report.is_none() && self.search().exists() {
            let searched = "Nothing is recovered: a search of an earlier run proved nothing. Only if that was stopped, run the \
                            same command again, and do its last step: it continues where it stopped.";
            let mut left = self.not_recovered();
            left.insert(0, searched.to_owned());
            left
        } else if came.skipped {
            vec![
                "Nothing is recovered yet. Run the same command again, and do the steps that were skipped.".to_owned(),
                self.to_keep(),
            ]
        } else {
            let report = came.report.as_ref();
            let by_length = report.and_then(|report| self.by_length(report));
            let longer = report.and_then(|report| self.longer(report));
            let further = by_length.into_iter().chain(longer);
            further.chain(self.not_recovered()).collect()
        }
    }

    pub(super) fn left_of_healthy(&self) -> Vec<String> {
        let recover = self.recovering();
        let mut left = vec![
            "Nothing needs to be recovered: every backup on this card is complete, and a BitBox lists it.".to_owned(),
            "Put the card into a BitBox02, and check the backup there; or restore the wallet from the card.\n\
             bitbox-backup device check"
                .to_owned(),
            format!(
                "Keep the card as safe as the money. Only if it is lost, or no BitBox reads it, make another one, with \
                 this command. What it writes is the wallet in plain text.\n{}",
                recover.line()
            ),
        ];
        let mut copies = self.copies(&self.made());
        copies.splice(..0, self.copied());
        if !copies.is_empty() {
            left.push(format!(
                "Destroy these copies, unless you need them. {ERASE}\n{}",
                copies.join("\n")
            ));
        }
        left
    }

    fn made(&self) -> Vec<(PathBuf, PathBuf)> {
        let newest = (self.recovered.clone(), self.saved.clone());
        let mut made = self.earlier.clone();
        made.push(newest);
        made.retain(|(recovered, saved)| recovered.exists() || saved.exists());
        made
    }

    /// The copy of a card in a reader, if it is there.
    fn copied(&self) -> Option<String> {
        let copy = card_image(&self.folder);
        copy.exists().then(|| path_text(&copy))
    }

    /// All that was written and holds wallets in plain text, but for the copy of the card.
    fn copies(&self, made: &[(PathBuf, PathBuf)]) -> Vec<String> {
        let made = made.iter().flat_map(|(folder, card)| [folder, card]);
        let copies = made.filter(|place| place.exists());
        copies.map(|place| path_text(place)).collect()
    }

    fn to_restore(
        &self,
        (recovered, saved): &(PathBuf, PathBuf),
        made: &[(PathBuf, PathBuf)],
        report: Option<&RecoveryReport>,
        came: &Came,
    ) -> Vec<String> {
        let (how, new) = match saved.exists() {
            true => (to_new_card(saved), "the card that the image was written to"),
            false => to_copy(recovered, report),
        };
        let mut left = vec![how];
        left.extend(restoring(report));
        let old = if !came.is_off_card && (came.has_looked || self.is_reader) {
            "the old card".to_owned()
        } else {
            path_text(&self.source)
        };
        let is_lost = |report: &RecoveryReport| {
            let mut missing = report.not_recovered.iter();
            missing.any(NotRecoveredReport::matters)
        };
        let is_lost = report.is_some_and(is_lost);
        let is_unsure = !is_lost && (report.is_none() || came.may_hold_more());
        let why = match is_unsure {
            true => Some("perhaps more than was recovered".to_owned()),
            false => kept_for(is_lost, &came.rest()),
        };
        let mut copies = self.copies(made);
        let Some(why) = why else {
            copies.splice(..0, self.copied());
            left.push(self.to_destroy(&old, new, copies, came));
            return left;
        };
        left.extend(report.and_then(|report| self.by_length(report)));
        left.extend(report.and_then(|report| self.longer(report)));
        if is_lost || is_unsure {
            left.push(OTHERS_OF_LOST.to_owned());
        }
        let kept = match self.copied() {
            Some(copy) => format!("Keep {old} and {copy}: they hold {why}."),
            None => format!("Keep {old}: it holds {why}."),
        };
        left.push(format!(
            "{kept} Whoever reads that can take all the money. When all of this has worked, destroy {new}, and these \
             copies. {ERASE}\n{}",
            copies.join("\n")
        ));
        left
    }

    /// What to destroy where nothing is lost: of a folder only what holds copies.
    fn to_destroy(&self, old: &str, new: &str, mut copies: Vec<String>, came: &Came) -> String {
        let mut sources = String::new();
        if came.is_off_card {
            let files = came.files.as_ref().map(|files| named(files, &self.source));
            sources = match files.filter(|files| !files.is_empty()) {
                Some(files) => {
                    copies.extend(files);
                    " If one of them holds anything else that you need, save that first.".to_owned()
                }
                None => {
                    format!(" Of {old} destroy the files that hold copies, and nothing else there.")
                }
            };
        }
        format!(
            "Keep {old} until all of this has worked. Then destroy {new}, and every copy.{sources} {ERASE}\n{}",
            copies.join("\n")
        )
    }

    /// The command for a backup that needs nothing but the number of its words.
    fn by_length(&self, report: &RecoveryReport) -> Option<String> {
        let mut missing = report.not_recovered.iter();
        let one = missing.find(|one| one.matters() && one.reason == Reason::Length)?;
        let length = |words: &u8| u16::from(*words).saturating_mul(4) / 3;
        let (first, others) = one.words.split_first()?;
        let others = others.iter();
        let others = others.map(|words| format!("; for {words} words give {}", length(words)));
        Some(format!(
            "Count the recovery words that you wrote down: nothing else is missing to recover {}. This command is for {first} \
             words{}. Then run this rescue again, and skip its steps.\n{}",
            named_or("the backup", one),
            others.collect::<String>(),
            self.recovering_one(report, one, ["--length", &length(first).to_string()])
        ))
    }

    /// The command for a longer search, where that may prove what is missing.
    fn longer(&self, report: &RecoveryReport) -> Option<String> {
        let missing = report.not_recovered.iter().filter(|one| one.matters());
        let longer = missing.filter_map(|one| Some((one.longer_effort()?, one)));
        let (effort, one) = longer.max_by_key(|(effort, _)| *effort)?;
        Some(format!(
            "A longer search may recover {}. It says first how long it takes; stopped with Ctrl-C, it continues with \
             the same command. When it has recovered something, run this rescue again, and skip its steps.\n{}",
            named_or("what is missing", one),
            self.recovering_one(report, one, ["--effort", &effort.to_string()])
        ))
    }

    /// The command that recovers what is missing with an option more. Others would have a part of the effort, or are here
    /// already.
    fn recovering_one(
        &self,
        report: &RecoveryReport,
        one: &NotRecoveredReport,
        option: [&str; 2],
    ) -> String {
        let mut more = option.to_vec();
        let is_alone = report.recovered.is_empty() && report.not_recovered.len() == 1;
        let id = one.id.as_deref().and_then(|id| id.get(..8));
        if let Some(id) = id.filter(|_| !is_alone) {
            more.extend(["--id", id]);
        }
        let again = Self::new(&self.source, &self.folder);
        again.recovering().line_with(&more)
    }

    pub(super) fn to_finish_copy(&self) -> String {
        let how = if self.is_reader {
            "Run the same command again, and do its first step"
        } else {
            "Finish the copy of the card first, as it is said above"
        };
        let copy = path_text(&self.copy);
        format!("{how}: parts of the card were never read into {copy}.")
    }

    pub(super) fn to_copy_again(&self) -> String {
        let copy = path_text(&self.copy);
        let ends = format!("{copy} ends before the card does.");
        if self.is_reader {
            return format!("Read the card in another card reader: {ends}");
        }
        let to = free_name(&stem(&copy), |stem| format!("{stem}.img"), |_| false);
        format!(
            "Copy the card again, and rescue the new copy: {ends} Name the card reader in place of /dev/sdX.\n\
             bitbox-backup image /dev/sdX --to {to}"
        )
    }

    fn not_recovered(&self) -> Vec<String> {
        vec![
            self.to_keep(),
            OTHERS.to_owned(),
            format!(
                "If somebody helps you, send the answer of this command, and never the card or a copy of it.\n{}",
                Step::quoted(&words("list", &self.copy, &[], &["--carve", "--redact"]))
            ),
        ]
    }

    fn to_keep(&self) -> String {
        let card = if self.is_reader {
            format!("the card and {}", path_text(&self.copy))
        } else {
            path_text(&self.source)
        };
        format!(
            "Keep {card}, and write nothing to the card: it may hold more than could be proved. Whoever reads it \
             can take all the money."
        )
    }
}

fn named_or(unnamed: &str, one: &NotRecoveredReport) -> String {
    let id = one.id.as_deref().map(short_id);
    id.map_or_else(|| unnamed.to_owned(), |id| format!("the backup {id}"))
}

/// What an earlier run recovered.
fn report_in(recovered: &Path) -> Option<RecoveryReport> {
    let place = recovered.join("recovery-report.json");
    let (_, bytes) = OwnFile::open(&place, &Sources::none(), MAX_REPORT).ok()?;
    serde_json::from_slice(&bytes?).ok()
}

/// How what was recovered gets onto cards where there is no image of one, and what these cards are called.
fn to_copy(recovered: &Path, report: Option<&RecoveryReport>) -> (String, &'static str) {
    let folder = path_text(&recovered.join("bitbox02"));
    match report.and_then(each_wallet) {
        None => (
            format!(
                "Copy the folder {folder} to the top of a new, empty card with FAT32, never to the old one."
            ),
            "the card that the folder was copied to",
        ),
        Some(_) => (
            format!(
                "Copy each folder in {folder} to a new card of its own, an empty one with FAT32, into a new folder bitbox02 \
                 at its top, never to the old one: a BitBox02 cannot list all of these on one card."
            ),
            "the cards that the folders were copied to",
        ),
    }
}

/// How what was saved comes back to a BitBox, one wallet after the other.
fn restoring(report: Option<&RecoveryReport>) -> [String; 2] {
    match report.and_then(each_wallet) {
        None => [
            "Put the new card into a BitBox02 that holds no other wallet, restore the wallet from it, and check that your \
             accounts are there."
                .to_owned(),
            "Insert another new card, have the BitBox make a fresh backup on it, and check that.\n\
             bitbox-backup device check"
                .to_owned(),
        ],
        Some(each) => [
            format!(
                "Do this step and the next for {each}. Put the new card into a BitBox02, restore the wallet from it, and \
                 check that its accounts are there."
            ),
            "Insert another new card, have the BitBox make a fresh backup of this wallet on it, and check that. Only then \
             reset the BitBox for the next wallet: it holds one at a time.\n\
             bitbox-backup device check"
                .to_owned(),
        ],
    }
}

/// The files that hold copies, or the folders that hold nothing else.
fn named(files: &BTreeSet<PathBuf>, source: &Path) -> Vec<String> {
    let mut places = files.clone();
    let holds_nothing_else = |folder: &&Path, places: &BTreeSet<PathBuf>| {
        let mut entries = std::fs::read_dir(folder).into_iter().flatten();
        folder.starts_with(source)
            && entries.all(|entry| entry.is_ok_and(|entry| places.contains(&entry.path())))
    };
    loop {
        let mut folders = places.iter().filter_map(|place| place.parent());
        let Some(folder) = folders.find(|folder| holds_nothing_else(folder, &places)) else {
            break;
        };
        let folder = folder.to_owned();
        places.retain(|place| place.parent() != Some(&folder));
        places.insert(folder);
    }
    let more = places.len().saturating_sub(MOST_NAMED);
    let named = places.iter().take(MOST_NAMED).map(|place| path_text(place));
    let more =
        (more > 0).then(|| format!("and {more} more files with copies in {}", path_text(source)));
    named.chain(more).collect()
}
