//! The wallets on a card, with the words they grow from: in memory only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bitbox_backup::assess::{CardState, State};
use bitbox_backup::backup::Words;
use bitbox_backup::backup::wallet::Root;
use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::NotRecoveredReport;
use bitbox_backup::recover::{Effort, Recovery, SearchEvent, recover_watched};
use bitbox_backup::report::{ListedReport, Source};
use bitbox_backup::text::{path_text, quoted};
use rayon::prelude::*;

use super::Args;
use crate::advice::{self, NewNames};
use crate::answers::Glance;
use crate::answers::words::Offer;
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

    /// How cards are read where no wallet is searched for long, and nothing can be said of that.
    pub(crate) fn quick(reading: &args::Reading, id: Option<&'a str>) -> Self {
        Self {
            options: reading.everything(),
            prefix: id.unwrap_or_default(),
            others: false,
            effort: Effort::QUICK,
            length: None,
            speaks: false,
        }
    }

    fn tells_of(&self, id: &str) -> bool {
        self.others || id.starts_with(self.prefix)
    }
}

/// A wallet recovered from a card.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) offer: Offer,
    words: Words,
}

/// What is said of a card before all details, as by `list`.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) state: CardState,
    pub(crate) sentence: String,
    /// The first step.
    pub(crate) step: Option<String>,
    backups: Vec<(Option<String>, Option<u32>, State)>,
}

impl Verdict {
    fn of(report: &Source) -> Self {
        let backups = report.backups.iter();
        let backups = backups.map(|one| (one.id.clone(), one.timestamp, one.state));
        Self {
            state: report.state,
            sentence: report.verdict.clone().unwrap_or_default(),
            step: report.next.first().map(|next| next.text.clone()),
            backups: backups.collect(),
        }
    }

    /// What the backup of a wallet of this time is worth.
    pub(crate) fn of_backup(&self, id: Option<&str>, timestamp: Option<u32>) -> Option<State> {
        let own = |one: &&(Option<String>, Option<u32>, State)| {
            one.0.as_deref() == id && one.1 == timestamp
        };
        let states = self.backups.iter().filter(own).map(|(.., state)| *state);
        states.min()
    }
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
    /// All wallets on it, and which one is meant.
    meant: Meant,
    /// What a BitBox lists on it.
    listed: Vec<ListedReport>,
    /// The command that recovers what is on it, where that is advised; of what is no card, that makes one.
    pub(crate) recover: Option<String>,
    /// Whether it is a card, rather than files from one.
    pub(crate) is_card: bool,
    /// What `list` says of it; `None` if it could not be read.
    pub(crate) verdict: Option<Verdict>,
    /// What was found on it.
    pub(crate) report: Box<Source>,
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

    /// The card at a glance.
    pub(crate) fn glance(&self) -> Glance<'_> {
        Glance::of(&self.report, self.failed.is_some())
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
    fn read(source: &Path, reading: &Reading<'_>, names: &NewNames) -> Self {
        let mut card = Self {
            source: path_text(source),
            failed: None,
            wallets: Vec::new(),
            missing: Vec::new(),
            meant: Meant::new(Some(reading.prefix)),
            listed: Vec::new(),
            recover: None,
            is_card: true,
            verdict: None,
            report: Box::new(Source::failed("", "", "")),
        };
        let stopped = Progress::stopped_by(interrupt::flag());
        let mut report = match examine::examine_watched(source, &reading.options, &stopped) {
            Ok(examined) => {
                match examined.report.left() {
                    // What was read of it may be a part, or of two cards.
                    Some((error, hint)) => card.failed = Some((error.to_owned(), hint.to_owned())),
                    None => card.bring_back(&examined, reading),
                }
                examined.report
            }
            Err(error) => {
                card.failed = Some((error.to_string(), error.hint_for(source)));
                Source::not_opened(source, &error)
            }
        };
        advice::word(&mut report, names);
        let mut steps = report.next.iter();
        card.recover =
            steps.find_map(|step| step.command.clone().filter(|_| step.action == "recover"));
        let is_copy = source.join("bitbox02").is_dir(); // what a card holds, on a computer
        card.is_card = card.failed.is_some() || is_copy || output_paths::is_card(&report);
        if let (false, Some(path)) = (card.is_card, quoted(&card.source)) {
            let new = names.name(&card.source, |stem| format!("recovered-{stem}.img"));
            card.recover = Some(format!("bitbox-backup recover {path} --card {new}"));
        }
        let view = report.device_view.as_ref();
        card.listed = view.map_or_else(Vec::new, |view| view.backups.clone());
        card.verdict = card.failed.is_none().then(|| Verdict::of(&report));
        *card.report = report;
        card
    }

    fn bring_back(&mut self, examined: &Examination, reading: &Reading<'_>) {
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
                search_run::announce_all(&format!("{}: ", self.source), &shares, &effort);
            }
            SearchEvent::Begins {
                backup,
                estimate: Some(estimate),
            } => {
                let name = format!("{}: {}", self.source, search_run::name(assessment, backup));
                let (most, before) = (progress.total(), 0);
                let asked = Asked {
                    most,
                    before,
                    by_owner: None,
                };
                let rate = || search_run::speed::of(estimate.target, &effort);
                search_run::announce(&name, estimate, asked, &rate);
            }
            _ => {}
        };
        let recovery = recover_watched(catalogue, assessment, &effort, &progress, &hear);
        self.meant = Meant::among(Some(reading.prefix), &recovery);
        let all = offer::wallets(&recovery);
        let wallets = all.iter().filter_map(|all| held(&recovery, all));
        self.wallets = wallets
            .filter(|held| reading.tells_of(&held.offer.id))
            .collect();
        let fits = |one: &NotRecoveredReport| {
            let id = one.id.as_deref();
            id.is_none_or(|id| reading.tells_of(id))
        };
        self.missing = offer::missing(&recovery, examined);
        self.missing.retain(fits);
    }

    /// The newest backup of a wallet that a BitBox lists on it.
    pub(crate) fn listed(&self, held: &Held) -> Option<&ListedReport> {
        let offer = &held.offer;
        let own = |one: &&ListedReport| {
            // A device lists an unknown time as 0.
            let mut times = offer.generations.iter().map(|time| time.unwrap_or(0));
            one.id == offer.id && times.any(|time| time == one.timestamp)
        };
        self.listed
            .iter()
            .filter(own)
            .max_by_key(|one| one.timestamp)
    }

    /// All wallets on these cards, one of which is meant.
    ///
    /// # Errors
    /// If the prefix is ambiguous.
    pub(crate) fn meant(cards: &[Self]) -> anyhow::Result<Meant> {
        let each = cards.iter().map(|card| card.meant.clone());
        let all = each.reduce(|mut all, one| {
            all.join(one);
            all
        });
        let all = all.unwrap_or_default();
        all.check()?;
        Ok(all)
    }
}

fn held(recovery: &Recovery, generations: &[usize]) -> Option<Held> {
    let one = recovery.recovered.get(*generations.first()?)?;
    Some(Held {
        offer: offer::without_fingerprint(recovery, generations)?,
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
