//! The wallets on a card, with the words they grow from: in memory only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bitbox_backup::assess::State;
use bitbox_backup::backup::Words;
use bitbox_backup::backup::wallet::Root;
use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{Effort, NotRecoveredReport, Recovered, SearchEvent, recover_watched};
use bitbox_backup::report::{ListedReport, Source};
use bitbox_backup::text::{path_text, quoted};
use rayon::prelude::*;

use super::Args;
use crate::advice::{self, NewNames};
use crate::answers::words::Offer;
use crate::answers::{Glance, Outcome, SourceAnswer};
use crate::args::{self, Global};
use crate::commands::wallet_selection::Meant;
use crate::commands::words::offer;
use crate::search_run::{self, Asked};
use crate::terminal::Unanswered;
use crate::{evidence, interrupt, output_paths, privacy, render};

/// How cards are read, and how hard it is tried to recover backups.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) options: Options,
    /// How the IDs begin for which a search is made; empty for all.
    pub(crate) prefix: &'a str,
    /// Whether wallets with other IDs are named too, as far as that takes no search.
    pub(crate) others: bool,
    pub(crate) effort: u64,
    pub(crate) length: Option<u32>,
    /// Whether it is said what a search is up against.
    pub(crate) speaks: bool,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(args: &'a Args, global: &Global) -> Self {
        Self {
            options: args.reading.everything(),
            prefix: args.only.id.as_deref().unwrap_or_default(),
            others: false,
            effort: args.effort,
            length: args.length,
            speaks: !global.quiet,
        }
    }

    /// How cards are read where no wallet is searched for long, and nothing can be said of that, and all are named.
    pub(crate) fn quick(reading: &args::Reading, id: Option<&'a str>) -> Self {
        Self {
            options: reading.everything(),
            prefix: id.unwrap_or_default(),
            others: true,
            effort: Effort::QUICK,
            length: None,
            speaks: false,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) offer: Offer,
    words: Words,
}

impl Held {
    pub(crate) fn key(&self) -> Key {
        (self.offer.id.clone(), self.offer.words)
    }
}

#[derive(Debug)]
pub(crate) struct Card {
    /// As it was given, escaped.
    pub(crate) source: String,
    /// Why it could not be read, and what to do.
    pub(crate) failed: Option<(String, String)>,
    pub(crate) wallets: Vec<Held>,
    pub(crate) missing: Vec<NotRecoveredReport>,
    /// All wallets on it, and which one is meant.
    meant: Meant,
    /// The command that recovers what is on it, where that is advised; of what is no card, that makes one.
    pub(crate) recover: Option<String>,
    /// Whether it is a card, rather than files from one.
    pub(crate) is_card: bool,
    /// What was found on it, as `list` says it; without much meaning if it could not be read.
    pub(crate) report: Source,
}

/// How a command over many cards answers in JSON: each card that could not be read says so itself.
pub(crate) fn outcome(cards: &[Card]) -> Outcome {
    match cards.iter().all(|card| card.failed.is_some()) {
        true => Outcome::no_source(),
        false => Outcome::DONE,
    }
}

impl Card {
    /// Notes in the log what was found, and makes its names known where they are redacted.
    fn note(&self) -> anyhow::Result<()> {
        self.wallets
            .iter()
            .for_each(|held| privacy::learn(&held.offer));
        privacy::learn_inside(&self.report);
        evidence::source(&self.report)
    }

    pub(crate) fn answer(&self) -> SourceAnswer<'_> {
        let failed = self.failed.as_ref();
        SourceAnswer {
            source: &self.source,
            error: failed.map(|(error, _)| error.as_str()),
            hint: failed.map(|(_, hint)| hint.as_str()),
            glance: Glance::of(&self.report, failed.is_some()),
        }
    }

    /// What the backup of a wallet of this time is worth.
    pub(crate) fn state_of(&self, id: Option<&str>, timestamp: Option<u32>) -> Option<State> {
        let backups = self.report.backups.iter();
        let own = backups.filter(|one| one.id.as_deref() == id && one.timestamp == timestamp);
        own.map(|one| one.state).min()
    }

    /// Reads many sources side by side, and notes in the log what was found, in their order.
    pub(crate) fn read_all(
        sources: &[PathBuf],
        reading: &Reading<'_>,
        global: &Global,
    ) -> anyhow::Result<Vec<Self>> {
        let stopped = Progress::stopped_by(interrupt::flag());
        let sources: Vec<_> = sources
            .iter()
            .flat_map(|path| examine::sources_at(path, &reading.options, &stopped).sources)
            .collect();
        privacy::learn_sources(&sources);
        let names = NewNames::of(sources.iter().map(|path| path_text(path)));
        let progress = render::text::progress(sources.len(), global);
        let read = |source: &PathBuf| {
            let card = (!interrupt::stopped()).then(|| Self::read(source, reading, &names));
            progress.inc(1);
            card
        };
        let cards: Option<Vec<_>> = sources.par_iter().map(read).collect();
        progress.finish_and_clear();
        let Some(cards) = cards.filter(|_| !interrupt::stopped()) else {
            return Err(Unanswered::Interrupted.into());
        };
        cards.iter().try_for_each(Self::note)?;
        Ok(cards)
    }

    /// Reads a source and recovers what can be proved.
    fn read(path: &Path, reading: &Reading<'_>, names: &NewNames) -> Self {
        let source = path_text(path);
        let stopped = Progress::stopped_by(interrupt::flag());
        let mut found = None;
        let (mut report, failed) = match examine::examine_watched(path, &reading.options, &stopped)
        {
            Ok(examined) => {
                let left = examined.report.left();
                // What was read of it may be a part, or of two cards.
                let left = left.map(|(error, hint)| (error.to_owned(), hint.to_owned()));
                if left.is_none() {
                    found = Some(Found::on(&source, &examined, reading));
                }
                (examined.report, left)
            }
            Err(error) => {
                let failed = (error.to_string(), error.hint_for(path));
                (Source::not_opened(path, &error), Some(failed))
            }
        };
        advice::word(&mut report, names);
        let is_copy = path.join("bitbox02").is_dir(); // what a card holds, on a computer
        let is_card = failed.is_some() || is_copy || output_paths::is_card(&report);
        let mut steps = report.next.iter();
        let recover = match quoted(&source).filter(|_| !is_card) {
            Some(path) => {
                let new = names.name(&source, |stem| format!("recovered-{stem}.img"));
                Some(format!("bitbox-backup recover {path} --card {new}"))
            }
            None => {
                steps.find_map(|step| step.command.clone().filter(|_| step.action == "recover"))
            }
        };
        let found = found.unwrap_or_else(|| Found {
            meant: Meant::new(Some(reading.prefix)),
            wallets: Vec::new(),
            missing: Vec::new(),
        });
        Self {
            source,
            failed,
            wallets: found.wallets,
            missing: found.missing,
            meant: found.meant,
            recover,
            is_card,
            report,
        }
    }

    /// The newest backup of a wallet that a BitBox lists on it.
    pub(crate) fn listed(&self, held: &Held) -> Option<&ListedReport> {
        let offer = &held.offer;
        let own = |one: &&ListedReport| {
            // A device lists an unknown time as 0.
            let mut times = offer.generations.iter().map(|time| time.unwrap_or(0));
            one.id == offer.id && times.any(|time| time == one.timestamp)
        };
        let listed = self
            .report
            .device_view
            .iter()
            .flat_map(|view| &view.backups);
        listed.filter(own).max_by_key(|one| one.timestamp)
    }

    /// All wallets on these cards, one of which is meant.
    ///
    /// # Errors
    /// If the prefix is ambiguous.
    pub(crate) fn meant(cards: &[Self]) -> anyhow::Result<Meant> {
        let each = cards.iter().map(|card| card.meant.clone());
        let all = each.reduce(Meant::joined).unwrap_or_default();
        all.check()?;
        Ok(all)
    }
}

struct Found {
    meant: Meant,
    wallets: Vec<Held>,
    missing: Vec<NotRecoveredReport>,
}

impl Found {
    fn on(source: &str, examined: &Examination, reading: &Reading<'_>) -> Self {
        let (assessment, catalogue) = (&examined.assessment, &examined.catalogue);
        let id = reading.prefix.parse().ok();
        let mut effort = Effort::new(reading.effort);
        // Of less than a whole id nothing can be proved.
        effort.ids = id.into_iter().collect();
        effort.length = reading.length;
        effort.wanted = (!reading.prefix.is_empty()).then(|| reading.prefix.to_owned());
        let progress = Progress::stopped_by(interrupt::flag());
        // No bar, as cards are read side by side.
        let hear = |event: SearchEvent<'_>| match event {
            _ if !reading.speaks => {}
            SearchEvent::Shares(shares) => {
                search_run::announce_all(&format!("{source}: "), &shares, &effort);
            }
            SearchEvent::Begins {
                backup,
                estimate: Some(estimate),
            } => {
                let name = format!("{source}: {}", search_run::name(assessment, backup));
                let asked = Asked {
                    most: progress.total(),
                    before: 0,
                    by_owner: None,
                };
                search_run::announce(&name, estimate, asked, &effort);
            }
            _ => {}
        };
        let recovery = recover_watched(catalogue, assessment, &effort, &progress, &hear);
        let held = |generations: Vec<&Recovered>| {
            Some(Held {
                offer: offer::offer(&generations)?,
                words: Words::of(&generations.first()?.seed)?,
            })
        };
        let tells_of = |id: &str| reading.others || id.starts_with(reading.prefix);
        let wallets = offer::wallets(&recovery).into_iter().filter_map(held);
        let missing = offer::missing(&recovery, examined).into_iter();
        Self {
            meant: Meant::among(Some(reading.prefix), &recovery),
            wallets: wallets.filter(|held| tells_of(&held.offer.id)).collect(),
            missing: missing
                .filter(|one| one.id.as_deref().is_none_or(tells_of))
                .collect(),
        }
    }
}

/// A wallet: its id, and how many words, which the id does not tell.
type Key = (String, u8);

/// The roots of all wallets: one a wallet, on however many cards it is.
#[derive(Debug)]
pub(crate) struct Roots(BTreeMap<Key, Root>);

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
        Self(roots.collect())
    }

    /// The root of a wallet; `None` for one in 2^127.
    pub(crate) fn root(&self, held: &Held) -> Option<&Root> {
        self.0.get(&held.key())
    }

    pub(crate) fn each(&self) -> impl ParallelIterator<Item = (&Key, &Root)> {
        self.0.par_iter()
    }
}
