//! The words of every step that the library advises, and the command lines that do them.

mod new_names;
mod on_card;
mod preparing;

use std::collections::BTreeSet;

use bitbox_backup::assess::{CardState, State};
use bitbox_backup::backup::Method;
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::{Advice, Rest};
use bitbox_backup::report::{BackupReport, NextReport, Remedy, Source};
use bitbox_backup::text::{escape, plural, quoted};

pub(crate) use new_names::NewNames;
use on_card::{moving, moving_out, removing, renaming};
use preparing::{System, preparing};

/// Words what a report advises. One that was read back from an earlier run has its words already.
pub(crate) fn word(source: &mut Source, names: &NewNames) {
    if let Some(refusal) = source.refusal.clone() {
        let new = names.name(&source.source, |stem| refusal.new_name(stem));
        source.unpack_to(&new);
    }
    if source.advice.is_empty() && source.preflight.is_none() {
        return;
    }
    let about = About {
        source,
        path: quoted(&source.source),
        names,
        is_device: kind(source) == Some("block device"),
    };
    let next = source.advice.iter().map(|one| about.next(one)).collect();
    let preflight = source.preflight.as_ref();
    let commands = preflight.map(|report| about.preparing(report.remedy, report.volume.as_deref()));
    source.next = next;
    if let (Some(report), Some(commands)) = (&mut source.preflight, commands) {
        report.commands = commands;
    }
}

fn kind(source: &Source) -> Option<&str> {
    source.card.as_ref().map(|card| card.kind.as_ref())
}

/// A source, as far as words depend on it.
struct About<'a> {
    source: &'a Source,
    /// Its path as a shell takes it; `None` where it is not plain text.
    path: Option<String>,
    /// What new files are named.
    names: &'a NewNames,
    is_device: bool,
}

impl About<'_> {
    fn next(&self, advice: &Advice) -> NextReport {
        let (text, command) = self.words(advice);
        NextReport {
            action: advice.action().into(),
            text: escape(&text),
            command,
        }
    }

    /// A command of this program on the source.
    fn command(&self, command: &str, more: &str) -> Option<String> {
        let path = self.path.as_ref()?;
        // `image` copies all of the source, and unpacks what it may.
        let reads = command != "image";
        let part = self.source.part.filter(|_| reads);
        let part = part.map_or_else(String::new, |part| match (part.partition, part.offset) {
            (Some(number), _) => format!(" --partition {number}"),
            (None, Some(offset)) => format!(" --offset {offset}"),
            (None, None) => String::new(),
        });
        let only = self.source.only.as_ref().filter(|_| command == "recover");
        let only = only.map_or_else(String::new, |id| format!(" --id {id}"));
        let most = self.source.max_unpacked.filter(|_| reads);
        let most = most.map_or_else(String::new, |mib| format!(" --max-unpacked {mib}"));
        Some(format!(
            "bitbox-backup {command} {path}{part}{only}{most}{more}"
        ))
    }

    fn new_name(&self, before: &str, after: &str) -> String {
        let name = |stem: &str| format!("{before}{stem}{after}");
        self.names.name(&self.source.source, name)
    }

    /// The step that recovers what is on the card. What is proved up to the number of its words is not written before
    /// somebody gives that.
    fn recover(&self, text: &str, more: &str) -> (String, Option<String>) {
        let is_open = |backup: &&BackupReport| {
            backup.repaired_by == Some(Method::SeedById) && backup.words.is_none()
        };
        let command = self.command("recover", more);
        let left = self.source.backups.iter();
        let mut left = left.filter(|backup| !matches!(backup.state, State::Erased | State::Lost));
        if !left.clone().any(|backup| is_open(&backup)) {
            return (text.to_owned(), command);
        }
        if !left.all(|backup| is_open(&backup)) {
            let length = "Nothing says how many words one of the wallets has: give that with --length, 16 for 12 words, \
                          24 for 18, 32 for 24.";
            return (format!("{text} {length}"), command);
        }
        let way = match command {
            Some(command) => format!("`{command} --length 16`"),
            None => "`recover` and --length 16".to_owned(),
        };
        let text = format!(
            "{text} Nothing on the card proves how many words it has. Recover it with {way} if you wrote down 12 \
             words; give 24 instead of 16 for 18 words, 32 for 24."
        );
        (text, None)
    }

    fn words(&self, advice: &Advice) -> (String, Option<String>) {
        let plain = |text: &str| (text.to_owned(), None);
        match advice {
            Advice::Search => self.search(),
            Advice::EachImage => (
                "Examine each card in this folder as a source of its own.".to_owned(),
                self.command("audit", ""),
            ),
            Advice::ReadAgain => (
                "Put the card in, leave it there until the program ends, and run this again.".to_owned(),
                self.command("list", ""),
            ),
            Advice::Image => (
                "Make an image of the card first, and work on the image: every reading wears a dying card."
                    .to_owned(),
                self.command("image", &format!(" --to {}", self.new_name("", ".img"))),
            ),
            Advice::WholeImage if self.is_device => plain(
                "Read the card in another card reader: it ends here before its volume does.",
            ),
            Advice::WholeImage => (
                format!(
                    "Copy the card again: this image ends before the card does. Insert the card, and name the card reader \
                     in place of /dev/sdX: `bitbox-backup image /dev/sdX --to {}`",
                    self.new_name("", ".img")
                ),
                None,
            ),
            Advice::FinishImage => (self.finishing(), None),
            Advice::Recover if self.source.advice.first() == Some(&Advice::CreateFresh) => self.recover(
                self.pick(
                    "If no BitBox holds this wallet, recover the backup to another place. The wallet is written \
                     there in plain text.",
                    "If no BitBox holds one of these wallets, recover the backups to another place. The wallets are \
                     written there in plain text.",
                ),
                &format!(" --to {}", self.new_name("recovered-", "")),
            ),
            Advice::Recover => self.recover(
                self.pick(
                    "Recover the backup to another place. The wallet is written there in plain text.",
                    "Recover the backups to another place. The wallets are written there in plain text.",
                ),
                &format!(" --to {}", self.new_name("recovered-", "")),
            ),
            Advice::RecoverLoose => self.recover(
                "Make a card image in which the copies are where a BitBox reads them. It holds the wallet in plain \
                 text.",
                &format!(" --card {}", self.new_name("recovered-", ".img")),
            ),
            Advice::CreateFresh => (
                self.creating_fresh(),
                Some("bitbox-backup device create".to_owned()),
            ),
            Advice::CreateHere => (
                "Then a new backup can be made on this card.".to_owned(),
                Some("bitbox-backup device create".to_owned()),
            ),
            Advice::Remove(paths) => (removing(paths, kind(self.source) == Some("folder")), None),
            Advice::Rename(place) => (renaming(place), None),
            Advice::Move(place) => (moving(place), None),
            Advice::MoveOut(places) => (moving_out(places), None),
            Advice::Format => plain(
                "If nothing on this card is needed, format it as FAT32. This erases all that is on it.",
            ),
            Advice::SmallerCard => plain(
                "For a new backup use another card, an SDHC card of 4 GB to 32 GB: this one has more than 32 GiB, which the maker \
                 does not support.",
            ),
            Advice::Repair => plain("Have a computer repair the file system of the card."),
            Advice::OtherReader => plain(
                "Read the card in another card reader: a part of it could not be read.",
            ),
            Advice::Permit => plain(
                "Let the program read all files, and run this again: change their permissions, or run it as an administrator \
                 (with sudo).",
            ),
            Advice::OtherCard => plain(
                match self.source.state {
                    CardState::Empty | CardState::Unusable => {
                        "If a backup should be on this card, look for another card of the wallet: this one holds no BitBox02 backup."
                    }
                    CardState::Unsearched => "Look for another card of the wallet, too.",
                    _ => self.pick(
                        "Look for another card of the same wallet: what is damaged here may be intact there.",
                        "Look for other cards of the same wallets: what is damaged here may be intact there.",
                    ),
                },
            ),
            Advice::UnpackAt { offset, others, what, how } => {
                let others = match others {
                    0 => String::new(),
                    n => format!(" and at {}", plural(*n, "other place", "other places")),
                };
                (format!("Get out what lies at byte {offset}{others}, with a recovery program such as PhotoRec, on a computer that never goes online: it is {what}, and a backup may be in it. Then {how}."), None)
            }
            Advice::Unpack { path, what, how } => (
                format!("Copy \"{path}\" to a computer that never goes online: it is {what}, and a backup may be in it. There {how}."),
                None,
            ),
            Advice::FollowLinks => plain(
                "Name what the links in this folder lead to: links in a folder are not followed.",
            ),
            Advice::Download => (
                "Files of this folder are in iCloud and not on this computer. Download them (in the Finder: Control-click the \
                 folder, Download Now), and run this again."
                    .to_owned(),
                self.command("list", ""),
            ),
            Advice::Unlock { what, is_whole: true } if unpacker(what).is_some() => self.unpacking(what),
            Advice::Unlock { what, .. } => (
                format!("Keep this card: a volume on it holds {what}, and a backup may be in that. If you know what it was made with, and its password, open it with that on a computer that never goes online, and examine what is in it."),
                None,
            ),
            Advice::KeepBitBox01 { is_deleted: false } => plain(
                "Keep this card: it holds backups of a BitBox01, which this program cannot read. Restore them with a BitBox01.",
            ),
            Advice::KeepBitBox01 { is_deleted: true } => plain(
                "Keep this card, and write nothing to it: it holds deleted files of a BitBox01, which this program cannot \
                 read. If a backup should be among them, get them back with a recovery program such as PhotoRec, on a computer \
                 that never goes online, and restore it with a BitBox01.",
            ),
            Advice::KeepSafe(rest) => (self.keeping_safe(rest), None),
            Advice::Destroy => plain(self.pick(
                "If the wallet on this card is not wanted any more, destroy the card: whoever finds it can read \
                 the seed.",
                "If the wallets on this card are not wanted any more, destroy the card: whoever finds it can read \
                 their seeds.",
            )),
        }
    }

    /// What to do with a card that a finder could read and that holds something else, too.
    fn keeping_safe(&self, rest: &[Rest]) -> String {
        let what = match self.source.state {
            CardState::Attention => "what is deleted on it, too",
            _ => self.pick("the seed", "the seeds"),
        };
        let (this, it, holds) = match kind(self.source) {
            Some("folder" | "single file") => ("these files", "them", "they also hold"),
            _ => ("this card", "it", "it also holds"),
        };
        let keep = format!("Keep {this} as safe as a wallet: whoever finds {it} can read {what}.");
        match rest {
            [] => keep,
            rest => format!("{keep} Do not destroy {it}: {holds} {}.", Rest::list(rest)),
        }
    }

    /// How the copy that an image is can be finished.
    fn finishing(&self) -> String {
        let unfinished =
            "The copy in this file is not finished: parts of the card were never read.";
        match &self.path {
            // Nothing else can be continued.
            Some(path) if kind(self.source) == Some("raw image") => format!(
                "{unfinished} Insert the card, and finish the copy; name the card reader in place of /dev/sdX: \
                 `bitbox-backup image /dev/sdX --to {path}`"
            ),
            _ => format!("{unfinished} Copy the card again."),
        }
    }

    /// Words for one wallet, or for several.
    fn pick(&self, one: &'static str, several: &'static str) -> &'static str {
        let backups = self.source.backups.iter();
        let wallets: BTreeSet<_> = backups.filter_map(|backup| backup.id.as_ref()).collect();
        if wallets.len() > 1 { several } else { one }
    }

    fn creating_fresh(&self) -> String {
        let kept = match kind(self.source) {
            Some("folder" | "single file") => "these files",
            _ => "this card",
        };
        let text = match self.source.state {
            CardState::Damaged | CardState::Traces => self.pick(
                "If a BitBox still holds this wallet, make a new backup with it on a fresh card now.",
                "If a BitBox still holds one of these wallets, make a new backup with it on a fresh card now.",
            ),
            CardState::Attention => self.pick(
                "If a BitBox holds this wallet, make a new backup with it on a fresh card, and keep {kept} until that is \
                 checked.",
                "If a BitBox holds one of these wallets, make a new backup with it on a fresh card, and keep {kept} until \
                 that is checked.",
            ),
            _ => self.pick(
                "If a BitBox holds this wallet, make a new backup with it on a fresh card; keep {kept} until that is \
                 checked.",
                "If a BitBox holds one of these wallets, make a new backup with it on a fresh card; keep {kept} until \
                 that is checked.",
            ),
        };
        text.replace("{kept}", kept)
    }

    fn search(&self) -> (String, Option<String>) {
        if kind(self.source) == Some("folder") {
            let text = "Name the card reader or an image of the card instead of the folder: deleted files cannot \
                        be seen in a folder.";
            return (text.to_owned(), Some("bitbox-backup sources".to_owned()));
        }
        if self.source.part.is_some() {
            let path = self.path.as_ref();
            return (
                "Search the whole image, not only this part of it.".to_owned(),
                path.map(|path| format!("bitbox-backup list {path} --carve")),
            );
        }
        let text = match self.source.looked {
            Some(Looked::Surface) => "Read the card again and leave it in until the program ends.",
            _ => {
                "Search the whole card, including unallocated space, before anything is written to it."
            }
        };
        (text.to_owned(), self.command("list", " --carve"))
    }

    /// How what is an image of a compressed file system is unpacked.
    fn unpacking(&self, what: &str) -> (String, Option<String>) {
        let new = self.new_name("", "-files");
        let text = format!(
            "Unpack it on a computer that never goes online: it is {what}, which this program does not read, and a backup may \
             be in it. Then examine the new folder {new}."
        );
        let path = self.path.as_ref().filter(|_| !self.is_device);
        let command = path.zip(unpacker(what));
        let command = command.map(|(path, program)| format!("{program}{new} {path}"));
        (text, command)
    }

    fn preparing(&self, remedy: Option<Remedy>, volume: Option<&str>) -> Vec<String> {
        let (Some(remedy), true) = (remedy, self.is_device) else {
            return Vec::new();
        };
        let device = match remedy {
            Remedy::Format => self.path.as_deref(),
            Remedy::Repair => volume,
        };
        let plain = |path: &&str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
            path.chars().all(plain)
        };
        let size = self.source.card.as_ref().and_then(|card| card.size);
        let size = size.unwrap_or_default();
        let command = |device| preparing(remedy, device, size, System::here());
        device.filter(plain).map(command).into_iter().collect()
    }
}

/// What unpacks an image of a compressed file system, as far as the name of the new folder.
fn unpacker(what: &str) -> Option<&'static str> {
    match what {
        "SquashFS" => Some("unsquashfs -d "),
        "EROFS" => Some("fsck.erofs --extract="),
        "cramfs" => Some("fsck.cramfs --extract="),
        _ => None,
    }
}
