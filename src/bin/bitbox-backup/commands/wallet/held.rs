//! The wallets on a card, with the words they grow from: in memory only.

use std::collections::BTreeMap;
use std::path::Path;

use bitbox_backup::assess::Assessment;
use bitbox_backup::backup::Words;
use bitbox_backup::backup::wallet::Root;
use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::recover::NotRecoveredReport;
use bitbox_backup::recover::{Effort, Progress, Recovery, recover};
use bitbox_backup::repair::SearchEstimate;
use bitbox_backup::text::path_text;
use rayon::prelude::*;

use crate::args::{self, Global};
use crate::commands::words::offer::{self, Offer};
use crate::effort::{self, Asked};
use crate::interrupt;

/// How cards are read, and how hard it is tried to bring backups back.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) options: Options,
    /// How the ids wanted begin.
    pub(crate) prefix: &'a str,
    pub(crate) effort: u64,
    pub(crate) length: Option<u32>,
    /// Whether it is said what a search is up against.
    pub(crate) speaks: bool,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(args: &'a args::Wallet, global: &Global) -> Self {
        Self {
            options: args.reading.everything(),
            prefix: args.only.id.as_deref().unwrap_or_default(),
            effort: args.effort,
            length: args.length,
            speaks: !global.quiet,
        }
    }
}

/// A wallet brought back from a card.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) offer: Offer,
    words: Words,
}

/// What a source holds.
#[derive(Debug)]
pub(crate) struct Card {
    /// As it was given, escaped.
    pub(crate) source: String,
    /// Why it could not be read, and what to do.
    pub(crate) failed: Option<(String, String)>,
    pub(crate) wallets: Vec<Held>,
    pub(crate) missing: Vec<NotRecoveredReport>,
}

impl Card {
    /// Reads a source and brings back what can be proved.
    pub(crate) fn read(source: &Path, reading: &Reading<'_>) -> Self {
        let mut card = Self {
            source: path_text(source),
            failed: None,
            wallets: Vec::new(),
            missing: Vec::new(),
        };
        match examine::examine(source, &reading.options) {
            Ok(examined) => match examined.report.left() {
                // What was read of it may be a part, or of two cards.
                Some((error, hint)) => card.failed = Some((error.to_owned(), hint.to_owned())),
                None => card.bring_back(&examined, reading),
            },
            Err(error) => card.failed = Some((error.to_string(), error.hint_for(source))),
        }
        card
    }

    fn bring_back(&mut self, examined: &Examination, reading: &Reading<'_>) {
        let (assessment, catalogue) = (&examined.assessment, &examined.catalogue);
        let id = reading.prefix.parse().ok();
        let effort = Effort {
            candidates: reading.effort,
            // Of less than a whole id nothing can be proved.
            ids: id.into_iter().collect(),
            length: reading.length,
        };
        let watch = UntilStopped {
            source: &self.source,
            assessment,
            speaks: reading.speaks,
            prefix: reading.prefix,
        };
        let recovery = recover(catalogue, assessment, &effort, &watch);
        let all = offer::wallets(&recovery);
        let wallets = all.iter().filter_map(|all| held(&recovery, all));
        self.wallets = wallets
            .filter(|held| held.offer.id.starts_with(reading.prefix))
            .collect();
        let ids: Vec<_> = recovery.recovered.iter().map(|one| one.id).collect();
        let missing = recovery.not_recovered.iter();
        let missing = missing.map(|one| NotRecoveredReport::of(one, &ids, assessment, catalogue));
        let wordless = recovery.recovered.iter();
        let wordless = wordless.filter(|one| one.seed.words().is_none());
        let wordless = wordless.map(|one| NotRecoveredReport::wordless(one, assessment, catalogue));
        let fits = |one: &NotRecoveredReport| {
            let id = one.id.as_deref();
            id.is_none_or(|id| id.starts_with(reading.prefix))
        };
        self.missing = missing.chain(wordless).filter(fits).collect();
    }

    pub(crate) fn has_wallets(&self) -> bool {
        !self.wallets.is_empty()
    }
}

fn held(recovery: &Recovery, generations: &[usize]) -> Option<Held> {
    let one = recovery.recovered.get(*generations.first()?)?;
    Some(Held {
        offer: Offer::without_fingerprint(recovery, generations)?,
        words: Words::of(&one.seed)?,
    })
}

/// A wallet: its id, and how many words, which the id does not tell.
type Key = (String, u8);

/// The roots of all wallets: one a wallet, on however many cards it is.
#[derive(Debug)]
pub(crate) struct Roots {
    roots: BTreeMap<Key, Root>,
}

impl Roots {
    /// Derives them, in parallel, and notes their fingerprints. With a passphrase they are those of the
    /// wallets it makes.
    pub(crate) fn of(cards: &mut [Card], passphrase: Option<&str>) -> Self {
        let all = cards.iter().flat_map(|card| &card.wallets);
        let one_each: BTreeMap<Key, &Words> = all.map(|held| (held.key(), &held.words)).collect();
        let derived = one_each.into_par_iter().filter_map(|(key, words)| {
            let plain = Root::of(words, "")?;
            let fingerprint = plain.fingerprint().to_string();
            let root = match passphrase {
                Some(passphrase) => Root::of(words, passphrase)?,
                None => plain,
            };
            Some((key, (fingerprint, root)))
        });
        let derived: BTreeMap<Key, (String, Root)> = derived.collect();
        for held in cards.iter_mut().flat_map(|card| &mut card.wallets) {
            if let Some((fingerprint, root)) = derived.get(&held.key()) {
                let with = passphrase.map(|_| root.fingerprint().to_string());
                held.offer.fingerprint = Some(fingerprint.clone());
                held.offer.fingerprint_with_passphrase = with;
            }
        }
        let roots = derived.into_iter().map(|(key, (_, root))| (key, root));
        Self {
            roots: roots.collect(),
        }
    }

    /// The root of a wallet; `None` for one in 2^127.
    pub(crate) fn root(&self, held: &Held) -> Option<&Root> {
        self.roots.get(&held.key())
    }

    /// Every wallet once.
    pub(crate) fn each(&self) -> impl ParallelIterator<Item = (&Key, &Root)> {
        self.roots.par_iter()
    }
}

impl Held {
    /// Which wallet it is.
    pub(crate) fn key(&self) -> Key {
        (self.offer.id.clone(), self.offer.words)
    }
}

/// No bar, as cards are read side by side; but it says what it begins, and somebody may end it.
struct UntilStopped<'a> {
    source: &'a str,
    assessment: &'a Assessment,
    speaks: bool,
    /// The first digits of the only ID that is wanted; empty for all.
    prefix: &'a str,
}

impl Progress for UntilStopped<'_> {
    fn begins(&self, backup: usize, estimate: &SearchEstimate, most: u64) {
        if self.speaks {
            let name = format!("{}: {}", self.source, effort::name(self.assessment, backup));
            effort::announce(&name, estimate, Asked { most, before: 0 });
        }
    }

    fn wanted(&self) -> Option<&str> {
        (!self.prefix.is_empty()).then_some(self.prefix)
    }

    fn tried(&self, _: usize, _: u64, _: u64) {}

    fn is_stopped(&self) -> bool {
        interrupt::stopped()
    }

    fn tried_before(&self, _: usize) -> u64 {
        0
    }
}
