//! From the reports of all cards to what only shows across them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::cards::{Cards, Names};
use super::clones::{Alike, CloneGroup, Print};
use super::compare::compare;
use super::plan::Skipped;
use super::register::{Register, RegisterCounts};
use super::wallet::{Generation, Wallet, WalletState};
use crate::assess::{State, is_nearly};
use crate::catalogue::Origin;
use crate::finding::{Rule, Severity};
use crate::report::{BackupReport, Source, Status, Summary};
use crate::text::shorten;

/// Gathers what reports say, one after the other; keeps little of each.
#[derive(Debug)]
pub struct Audit {
    wanted: usize,
    register: Option<Register>,
    names: Vec<String>,
    prints: Vec<Option<Print>>,
    /// What the sources go by; only where a register may name them.
    called: Names,
    /// Sources that could not be examined.
    failed: BTreeSet<usize>,
    /// Sources that may be destroyed, by their verdict.
    destroyable: BTreeSet<usize>,
    /// Ids of which a source holds the trace of a backup that a device erased.
    erased: BTreeSet<(String, usize)>,
    found: BTreeMap<(String, Option<u8>), Found>,
    summary: Summary,
}

/// A wallet as far as it was gathered.
#[derive(Debug, Default)]
struct Found {
    generations: Vec<Generation>,
    /// Names with the times of their backups, and whether these are live.
    names: Vec<(bool, Option<u32>, String)>,
    /// Firmware, and whether the backup it wrote is live.
    generators: Vec<(bool, String)>,
}

/// What shows across cards only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Across {
    /// The wallets found and the wallets missed, by id and number of words.
    pub wallets: Vec<Wallet>,
    /// Cards that are copies of each other.
    pub clones: Vec<CloneGroup>,
    /// The counts of all sources; findings across cards are counted with those of cards.
    pub summary: Summary,
    /// The wallets by state.
    pub wallet_counts: WalletCounts,
    /// How they compare with the register, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterCounts>,
    /// What lies beside the cards in folders and is not examined, where that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// The reports that could not be written, or not all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_written: Vec<MissingReport>,
}

/// A report that could not be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MissingReport {
    /// Its file, escaped.
    pub file: String,
    /// Why.
    pub error: String,
    /// What to do.
    pub hint: Option<String>,
}

impl MissingReport {
    /// One that could not be written, with why and what to do.
    pub fn new(file: String, error: String, hint: Option<String>) -> Self {
        Self { file, error, hint }
    }
}

/// How many wallets are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WalletCounts {
    /// Safe.
    pub safe: usize,
    /// Attention.
    pub attention: usize,
    /// Danger.
    pub danger: usize,
    /// Missing.
    pub missing: usize,
}

impl Audit {
    /// An audit of no card yet. Each wallet should be on `wanted` cards; a register may expect more.
    pub fn new(wanted: usize, register: Option<Register>) -> Self {
        Self {
            wanted,
            register,
            names: Vec::new(),
            prints: Vec::new(),
            called: Names::default(),
            failed: BTreeSet::new(),
            destroyable: BTreeSet::new(),
            erased: BTreeSet::new(),
            found: BTreeMap::new(),
            summary: Summary::default(),
        }
    }

    /// Takes in the report of one more source.
    pub fn add(&mut self, source: &Source) {
        let card = self.names.len();
        self.names.push(source.source.clone());
        self.prints.push(Print::of(source));
        if self.register.is_some() {
            self.called.add(card, source);
        }
        if source.status == Status::Failed {
            self.failed.insert(card);
        }
        if source.may_be_destroyed() {
            self.destroyable.insert(card);
        }
        self.summary.add(source);
        for backup in &source.backups {
            self.add_backup(card, backup);
        }
    }

    fn add_backup(&mut self, card: usize, backup: &BackupReport) {
        let Some(id) = &backup.id else {
            return;
        };
        if backup.state == State::Erased {
            self.erased.insert((id.clone(), card));
            return;
        }
        let found = self.found.entry((id.clone(), backup.words)).or_default();
        let valid = backup.copies.iter().filter(|copy| copy.is_intact_file());
        let cause = backup.cause.as_ref();
        let cause = cause.filter(|_| backup.state == State::Deleted);
        found.generations.push(Generation {
            source: card,
            state: backup.state,
            origin: origin(backup),
            timestamp: backup.timestamp,
            valid_copies: valid.count(),
            restores: backup.restores(),
            cause: cause.cloned(),
        });
        let is_live = origin(backup) == Origin::Live;
        let name = backup.name.clone().filter(|name| !name.is_empty());
        let name = name.map(|name| (is_live, backup.timestamp, name));
        found.names.extend(name);
        let generator = backup.generator.clone();
        found.generators.extend(generator.map(|one| (is_live, one)));
    }

    /// The counts so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Compares all cards taken in so far.
    pub fn across(&self) -> Across {
        let alike = Alike::new(&self.prints);
        let cards = Cards {
            names: &self.names,
            called: &self.called,
            failed: &self.failed,
            destroyable: &self.destroyable,
            erased: &self.erased,
            alike: &alike,
            wanted: self.wanted,
        };
        let mut wallets: Vec<_> = self.wallets();
        for wallet in &mut wallets {
            wallet.judge(&cards);
        }
        Self::two_lengths(&mut wallets);
        let register = self.register.as_ref();
        let register = register.map(|register| compare(register, &mut wallets, &cards));
        wallets.iter_mut().for_each(Wallet::conclude);
        wallets.sort_by(|a, b| (&a.id, a.words).cmp(&(&b.id, b.words)));
        let mut summary = self.summary;
        let mut wallet_counts = WalletCounts::default();
        for wallet in &wallets {
            match wallet.state {
                WalletState::Safe => wallet_counts.safe += 1,
                WalletState::Attention => wallet_counts.attention += 1,
                WalletState::Danger => wallet_counts.danger += 1,
                WalletState::Missing => wallet_counts.missing += 1,
            }
            for finding in &wallet.findings {
                summary.findings.add(finding.severity);
            }
        }
        Across {
            wallets,
            clones: alike.clones,
            summary,
            wallet_counts,
            register,
            skipped: Vec::new(),
            not_written: Vec::new(),
        }
    }

    /// The ID of what was found: where its length is not known, nothing proves it, and one with a few other digits that
    /// is proved is the wallet's.
    fn proved_id<'a>(&'a self, id: &'a str, words: Option<u8>) -> &'a str {
        if words.is_some() {
            return id;
        }
        let mut known = self.found.keys().filter(|(_, words)| words.is_some());
        let near = known.find(|(own, _)| is_nearly(id, own));
        near.map_or(id, |(own, _)| own)
    }

    /// The wallets found; what has an id and no length belongs to the only length of that id.
    fn wallets(&self) -> Vec<Wallet> {
        let mut merged: BTreeMap<(&str, Option<u8>), Vec<&Found>> = BTreeMap::new();
        for ((id, words), found) in &self.found {
            let id = self.proved_id(id, *words);
            let lengths: Vec<_> = self
                .found
                .range((id.to_owned(), Some(0))..=(id.to_owned(), Some(u8::MAX)))
                .map(|((_, words), _)| *words)
                .collect();
            let words = match (words, lengths.as_slice()) {
                (None, [only]) => *only,
                _ => *words,
            };
            merged.entry((id, words)).or_default().push(found);
        }
        let merged = merged.into_iter();
        let wallets = merged.map(|((id, words), found)| self.wallet(id, words, &found));
        wallets.collect()
    }

    fn wallet(&self, id: &str, words: Option<u8>, found: &[&Found]) -> Wallet {
        let generations = found.iter().flat_map(|found| &found.generations);
        let mut generations: Vec<Generation> = generations.cloned().collect();
        generations.sort_by_key(|generation| generation.source);
        // What was deleted says something only where nothing else is left.
        let is_live = generations.iter().any(Generation::is_live);
        let counts = |live: bool| live == is_live;
        let on = |live: bool| {
            let on = generations.iter().filter(move |one| one.is_live() == live);
            on.map(|one| one.source).collect::<BTreeSet<_>>()
        };
        let live = on(true);
        let called = |on: BTreeSet<usize>| -> Vec<String> {
            let names = on.iter().filter_map(|card| self.names.get(*card));
            names.cloned().collect()
        };
        let times = || {
            let counting = generations.iter().filter(|one| counts(one.is_live()));
            counting.filter_map(|one| one.timestamp)
        };
        let mut dated: Vec<_> = found.iter().flat_map(|found| &found.names).collect();
        dated.sort_by(|(_, a, first), (_, b, second)| b.cmp(a).then(first.cmp(second)));
        let mut seen = HashSet::new();
        let mut names: Vec<String> = Vec::new();
        for (live, _, name) in dated {
            if counts(*live) && seen.insert(name) {
                names.push(name.clone());
            }
        }
        let generators = found.iter().flat_map(|found| &found.generators);
        let generators: BTreeSet<_> = generators
            .filter(|(live, _)| counts(*live))
            .map(|(_, generator)| generator)
            .collect();
        Wallet {
            id: id.to_owned(),
            words,
            state: WalletState::Safe,
            names,
            origin: generations.iter().map(|one| one.origin).min(),
            deleted_on: called(on(false).difference(&live).copied().collect()),
            cards: called(live),
            valid_copies: generations.iter().map(|one| one.valid_copies).sum(),
            newest: times().max(),
            oldest: times().min(),
            generators: generators.into_iter().cloned().collect(),
            generations,
            ..Wallet::default()
        }
    }

    fn two_lengths(wallets: &mut [Wallet]) {
        let mut lengths: HashMap<String, BTreeSet<u8>> = HashMap::new();
        for wallet in wallets.iter() {
            let all = lengths.entry(wallet.id.clone()).or_default();
            all.extend(wallet.words);
        }
        for wallet in wallets {
            let Some(all) = lengths.get(&wallet.id).filter(|all| all.len() > 1) else {
                continue;
            };
            let words: Vec<_> = all.iter().map(u8::to_string).collect();
            let message = format!(
                "the ID {} stands for wallets of {} words",
                shorten(&wallet.id),
                words.join(" and ")
            );
            wallet.find(Rule::SameIdTwoLengths, message);
        }
    }
}

/// How the bytes of a backup were found: of one without live copies by the better of the others.
fn origin(backup: &BackupReport) -> Origin {
    if !backup.state.is_trace() {
        return Origin::Live;
    }
    let origins = backup.copies.iter().map(|copy| copy.origin);
    origins
        .filter(|origin| *origin != Origin::Live)
        .min()
        .unwrap_or(Origin::Deleted)
}

impl Across {
    /// Whether a finding on any card or across cards is an error.
    pub fn has_errors(&self) -> bool {
        self.summary.findings.error > 0
    }

    /// The worst of the findings across cards.
    pub fn worst(&self) -> Option<Severity> {
        self.wallets.iter().filter_map(Wallet::worst).min()
    }
}
