//! Which wallet `--id` means: one rule for every command that has it.

use std::collections::BTreeMap;

use anyhow::anyhow;
use bitbox_backup::assess::Assessment;
use bitbox_backup::backup::{Words, root_fingerprint};
use bitbox_backup::recover::Recovery;
use bitbox_backup::report::Source;
use bitbox_backup::text::{escape, short_id, unique_digits};
use serde_json::json;

use crate::answers::{Outcome, Status};
use crate::args::Only;
use crate::exit::{self, Exit, Refused};
use crate::privacy;

/// Digits of an ID that are shown where it has to be told from others, at least.
const DIGITS: usize = 12;
/// Most IDs that are listed.
const SHOWN: usize = 16;
/// Hex digits of a fingerprint.
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
        let what = format!(
            "{}: no backup that was found has an ID that begins with it",
            self.option()
        );
        let all: Vec<_> = self.ids.keys().map(String::as_str).collect();
        Some(match &self.printed {
            Some(id) => Refused::error(
                &format!(
                    "{what}; it is the root fingerprint of the wallet with the ID {}",
                    short_id(id)
                ),
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
        Some(Outcome::because(
            Status::Refused,
            privacy::text(&error),
            hint,
        ))
    }

    /// Says where nothing is meant, and how a command ends that would end so otherwise.
    pub(crate) fn end(&self, exit: Exit) -> Exit {
        let nothing = self.nothing().filter(|_| exit != Exit::Impossible);
        match (nothing, exit) {
            (Some(error), Exit::Done) => exit::failed(&error),
            (Some(error), exit) => {
                exit::failed(&error);
                exit
            }
            (None, exit) => exit,
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
