//! Which wallet `--id` means: one rule for every command that has it. And why no backup could be chosen.

use std::collections::BTreeMap;

use anyhow::anyhow;
use bitbox_backup::assess::Assessment;
use bitbox_backup::backup::{Words, root_fingerprint, words_of};
use bitbox_backup::recover::{ChoiceError, Recovery, Wanted};
use bitbox_backup::report::Source;
use bitbox_backup::text::{escape, made, short_id, unique_digits};
use serde_json::json;

use crate::answers::{Outcome, Status};
use crate::args::{Only, Searching};
use crate::exit::{self, Exit, Refused};
use crate::privacy;

/// Digits of an ID that are shown where it has to be told from others, at least.
const DIGITS: usize = 12;
const SHOWN: usize = 16;
const FINGERPRINT: usize = 8;

/// The wallets there are, and how the ID of the one that is meant begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meant {
    prefix: String,
    /// Their IDs, with the names of their backups, where they have one.
    ids: BTreeMap<String, Option<String>>,
    /// The wallet whose root fingerprint the prefix is.
    printed: Option<String>,
}

impl Meant {
    /// Which one is meant, where no wallet is known yet.
    pub(crate) fn new(prefix: Option<&str>) -> Self {
        Self {
            prefix: prefix.unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    /// The wallets on a card, by the names of its folders as well.
    pub(crate) fn on(prefix: Option<&str>, assessment: &Assessment) -> Self {
        let mut meant = Self::new(prefix);
        for backup in &assessment.backups {
            let id = backup.id.map(|id| id.to_string());
            let name = backup.name.as_deref().map(escape);
            meant.add(id.as_deref(), name.as_deref());
        }
        meant
    }

    /// The wallets of which something can be recovered, or cannot.
    pub(crate) fn among(prefix: Option<&str>, recovery: &Recovery) -> Self {
        let mut meant = Self::new(prefix);
        for one in &recovery.recovered {
            let name = one.name.as_deref().map(escape);
            meant.add(Some(&one.id.to_string()), name.as_deref());
        }
        for one in &recovery.not_recovered {
            meant.add(one.id.map(|id| id.to_string()).as_deref(), None);
        }
        if meant.prefix.len() == FINGERPRINT && meant.fitting().is_empty() {
            let mut all = recovery.recovered.iter();
            let printed = all.find(|one| {
                let print = Words::of(&one.seed).and_then(|words| root_fingerprint(&words, ""));
                print.is_some_and(|print| print.to_string() == meant.prefix)
            });
            meant.printed = printed.map(|one| one.id.to_string());
        }
        meant
    }

    /// The wallets on a card, of whose backups only those that are meant are left after that.
    pub(crate) fn keep(source: &mut Source, only: &Only) -> Self {
        let mut meant = Self::new(only.id.as_deref());
        let Some(prefix) = &only.id else {
            return meant;
        };
        for backup in &source.backups {
            meant.add(backup.id.as_deref(), backup.name.as_deref());
        }
        let fits = |id: &Option<String>| id.as_ref().is_some_and(|id| id.starts_with(prefix));
        source.backups.retain(|backup| fits(&backup.id));
        if privacy::is_on() {
            // No command says which wallet was asked for.
            source.only = None;
        }
        meant
    }

    fn add(&mut self, id: Option<&str>, name: Option<&str>) {
        let Some(id) = id else { return };
        let known = self.ids.entry(id.to_owned()).or_default();
        let name = name.filter(|name| !name.is_empty());
        *known = known.take().or(name.map(str::to_owned));
    }

    /// Adds the wallets on another card.
    pub(crate) fn join(&mut self, other: Self) {
        for (id, name) in other.ids {
            self.add(Some(&id), name.as_deref());
        }
        self.printed = self.printed.take().or(other.printed);
    }

    pub(crate) fn joined(mut self, other: Self) -> Self {
        self.join(other);
        self
    }

    fn fitting(&self) -> Vec<&str> {
        let ids = self.ids.keys().map(String::as_str);
        ids.filter(|id| id.starts_with(&self.prefix)).collect()
    }

    /// Refuses a prefix that several IDs have: which one is meant, nobody can know.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let ids = self.fitting();
        if self.prefix.is_empty() || ids.len() < 2 {
            return Ok(());
        }
        Err(anyhow!(
            "{}: ambiguous ID prefix, {} IDs begin with it\ngive more digits of one of these: {}",
            self.option(),
            ids.len(),
            self.list(&ids)
        ))
    }

    /// Why nothing is meant, where that is so.
    pub(crate) fn nothing(&self) -> Option<anyhow::Error> {
        if self.prefix.is_empty() || !self.fitting().is_empty() {
            return None;
        }
        let option = self.option();
        let what = format!("{option}: no backup that was found has an ID that begins with it");
        let all: Vec<_> = self.ids.keys().map(String::as_str).collect();
        let printed = self.printed.as_deref().map(short_id);
        Some(match printed {
            Some(id) => Refused::error(
                &format!("{what}; it is the root fingerprint of the wallet with the ID {id}"),
                "if it is a fingerprint that you compare, it is this wallet's without a passphrase; an ID has other \
                 digits",
            ),
            None if all.is_empty() => Refused::error(
                &what,
                "no ID is known here: run it without --id to see every backup",
            ),
            None => Refused::error(
                &what,
                &format!("compare its digits again; there are: {}", self.list(&all)),
            ),
        })
    }

    /// The same as the outcome of an answer in JSON of a command that ends so otherwise.
    pub(crate) fn outcome(&self, exit: Exit) -> Option<Outcome> {
        let error = self.nothing().filter(|_| exit != Exit::Impossible)?;
        let (error, hint) = Outcome::lines(&error);
        let hint = hint.map(|hint| privacy::text(&hint));
        let error = privacy::text(&error);
        Some(Outcome::because(Status::Refused, error, hint))
    }

    /// Says where nothing is meant, and how a command ends that would end so otherwise.
    pub(crate) fn end(&self, exit: Exit) -> Exit {
        let Some(error) = self.nothing().filter(|_| exit != Exit::Impossible) else {
            return exit;
        };
        match (exit::failed(&error), exit) {
            (refused, Exit::Done) => refused,
            (_, exit) => exit,
        }
    }

    /// The option as it was given; where answers are shared, without the digits that say which wallet.
    fn option(&self) -> String {
        match privacy::is_on() {
            true => "--id".to_owned(),
            false => format!("--id {}", self.prefix),
        }
    }

    /// IDs with as many digits as tell them apart, each with the name of its backup.
    pub(crate) fn list(&self, ids: &[&str]) -> String {
        let digits = unique_digits(ids.iter().copied()).max(DIGITS);
        let shown = ids.iter().take(SHOWN).map(|id| {
            let name = self.ids.get(*id).and_then(Option::as_deref);
            privacy::learn(&json!({ "id": id, "name": name }));
            let short = match id.get(..digits) {
                Some(short) if short.len() < id.len() => format!("{short}…"),
                _ => (*id).to_owned(),
            };
            name.map_or(short.clone(), |name| format!("{short} \"{name}\""))
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        match ids.len().saturating_sub(SHOWN) {
            0 => shown,
            more => format!("{shown}, and {more} more"),
        }
    }
}

/// What is to be chosen of all that is recovered.
pub(super) fn wanted(only: &Only, searching: &Searching) -> Wanted {
    let mut wanted = Wanted::default();
    wanted.id.clone_from(&only.id);
    wanted.timestamp = searching.timestamp;
    wanted.length = searching.length;
    wanted
}

/// Whether saying more on the command line would do, with everything else as it is.
pub(super) fn is_open(error: &ChoiceError) -> bool {
    matches!(
        error,
        ChoiceError::Ambiguous { .. } | ChoiceError::Several { .. } | ChoiceError::Lengths { .. }
    )
}

/// The error with advice on a second line.
pub(super) fn advised(error: &ChoiceError, recovery: &Recovery) -> anyhow::Error {
    let hint = match error {
        ChoiceError::NoSuchId { prefix, .. } | ChoiceError::Ambiguous { prefix, .. } => {
            let meant = Meant::among(Some(prefix), recovery);
            let said = meant.check().err().or_else(|| meant.nothing());
            return said.unwrap_or_else(|| anyhow!("{error}"));
        }
        ChoiceError::Several { ids } => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let ids = Meant::among(None, recovery).list(&ids);
            format!("choose one with --id and enough of its digits: {ids}")
        }
        ChoiceError::NoSuchTime { known, .. } => {
            let made = |time| made(time).unwrap_or_else(|| "unknown".to_owned());
            let times = known.iter().map(|time| format!("{time} ({})", made(*time)));
            match times.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => "leave --timestamp out".to_owned(),
                times => format!("there are: {times}"),
            }
        }
        ChoiceError::NoSuchLength { proved, .. } => match words_of(*proved) {
            Some(words) => format!("leave --length out: that it has {words} words is proved"),
            None => "leave --length out: its length is proved".to_owned(),
        },
        ChoiceError::Lengths { lengths, .. } => {
            let words = either(lengths.iter().filter_map(|length| words_of(*length)));
            let lengths = either(lengths.iter());
            format!("say --length {lengths} for {words} words, if you know how many you wrote down")
        }
        _ => "see what is there with `bitbox-backup list`".to_owned(),
    };
    anyhow!("{error}\n{hint}")
}

/// `16, 24 or 32`.
fn either(all: impl Iterator<Item = impl ToString>) -> String {
    let all: Vec<_> = all.map(|one| one.to_string()).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => all.concat(),
    }
}
